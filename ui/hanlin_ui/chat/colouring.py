"""Colours for code on screen: asked of a child on a thread, shown on the GUI thread.

Child and thread are there while there is code to colour. The kinds of words come from the
child, which format each has is decided here.
"""

import itertools
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QColor, QTextCharFormat

from hanlin.colours.client import ColourClient
from hanlin.colours.runs import Colours
from hanlin_ui.theme.palette import Theme

_IDLE_SECONDS: Final = 30.0
"""A child that was not needed for so long is ended."""


@dataclass(frozen=True, slots=True)
class _Job:
    number: int
    language: str
    text: str


class ColourHub(QObject):
    """Lives as long as the window, so that the thread never tells a widget that is gone.

    The thread knows numbers in place of widgets: what it let go of last, it would end.
    """

    _found = Signal(int, object)

    def __init__(self, make: Callable[[], ColourClient], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._make = make
        self._numbers = itertools.count()
        self._waiting: dict[int, tuple[QObject, Callable[[Colours], None]]] = {}
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._found.connect(self._on_found, Qt.ConnectionType.QueuedConnection)

    def find(
        self, owner: QObject, language: str, text: str, found: Callable[[Colours], None]
    ) -> None:
        """Look for the colours of ``text``; call ``found`` while ``owner`` lives."""
        number = next(self._numbers)
        self._waiting[number] = owner, found
        with self._lock:
            self._jobs.put(_Job(number, language, text))
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="code colours", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Leave no thread and no process."""
        with self._lock:
            thread = self._thread
            while not self._jobs.empty():
                self._jobs.get()
            self._jobs.put(None)
        if thread is not None:
            thread.join()

    def _work(self) -> None:
        client = self._make()
        while (job := self._next()) is not None:
            self._found.emit(job.number, client.find(job.language, job.text))
        client.close()

    def _next(self) -> _Job | None:
        try:
            return self._jobs.get(timeout=_IDLE_SECONDS)
        except queue.Empty:
            with self._lock:
                if not self._jobs.empty():
                    return self._jobs.get()
                self._thread = None
                return None

    @Slot(int, object)
    def _on_found(self, number: int, colours: Colours) -> None:
        owner, found = self._waiting.pop(number)
        if shiboken6.isValid(owner):
            found(colours)


_hubs: list[ColourHub] = []


def use(hub: ColourHub | None) -> None:
    """Have code coloured by ``hub`` from now on; None leaves it plain."""
    _hubs[:] = [hub] if hub is not None else []


def find_colours(
    owner: QObject, language: str, text: str, found: Callable[[Colours], None]
) -> None:
    """Look for the colours of ``text``; call ``found`` on the GUI thread while ``owner`` lives."""
    for hub in _hubs:
        hub.find(owner, language, text, found)


def formats(theme: Theme) -> dict[str, QTextCharFormat]:
    """Return the format of each kind in the colours of ``theme``.

    None is slanted: comments are often Chinese, whose letters no font has but upright.
    """
    colours = {
        "Comment": theme.comment,
        "String": theme.string,
        "Number": theme.number,
        "Keyword": theme.keyword,
        "Name.Function": theme.function,
        "Name.Class": theme.function,
        "Name.Builtin": theme.function,
    }
    result = {}
    for kind, colour in colours.items():
        style = QTextCharFormat()
        style.setForeground(QColor(colour))
        result[kind] = style
    return result
