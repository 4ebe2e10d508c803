"""Colours for code, looked for on a thread: a lexer's first use takes most of a second.

The thread knows only text and numbers, and ends when it has nothing to do. What
it found comes back on the GUI thread and is shown there in small slices.
"""

import logging
import queue
import re
import threading
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import shiboken6
from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal, Slot

from hanlin_ui.chat.markdown import highlight

Runs = Sequence[tuple[int, int, str]]
"""Position, length and kind of each coloured run of UTF-16 units, which Qt counts, in order."""

_WIDE: Final = re.compile("[\U00010000-\U0010ffff]")
_IDLE_SECONDS: Final = 0.5
_log = logging.getLogger(__name__)


def find_colours(owner: QObject, language: str, text: str, found: Callable[[Runs], None]) -> None:
    """Look for the colours of ``text``; call ``found`` on the GUI thread while ``owner`` lives."""
    global _hub  # noqa: PLW0603 - one thread for the application, and to look for it takes 10 ms
    if _hub is None or not shiboken6.isValid(_hub):
        _hub = _Hub(QCoreApplication.instance())
    _hub.look(_Job(owner, language, text, found))


@dataclass(frozen=True, slots=True)
class _Job:
    owner: QObject
    language: str
    text: str
    found: Callable[[Runs], None]


class _Hub(QObject):
    """Lives as long as the application, so that the thread never tells a widget that is gone."""

    _found = Signal(object, object)

    def __init__(self, parent: QObject | None) -> None:
        super().__init__(parent)
        self._jobs: queue.SimpleQueue[_Job] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._running = False
        self._found.connect(self._on_found, Qt.ConnectionType.QueuedConnection)

    def look(self, job: _Job) -> None:
        """Queue the job, and have a thread for it."""
        with self._lock:
            self._jobs.put(job)
            if self._running:
                return
            self._running = True
        threading.Thread(target=self._work, name="code colours", daemon=True).start()

    def _work(self) -> None:
        while (job := self._next()) is not None:
            try:
                runs: Runs = list(_in_units(highlight.runs(job.language, job.text), job.text))
            except Exception:  # noqa: BLE001 - a lexer's mistake costs the colours, nothing else
                _log.exception("no colours for %s", job.language)
                runs = ()
            self._found.emit(job, runs)

    def _next(self) -> _Job | None:
        try:
            return self._jobs.get(timeout=_IDLE_SECONDS)
        except queue.Empty:
            with self._lock:
                self._running = not self._jobs.empty()
                return self._jobs.get() if self._running else None

    @Slot(object, object)
    def _on_found(self, job: _Job, runs: Runs) -> None:
        if shiboken6.isValid(job.owner):
            job.found(runs)


_hub: _Hub | None = None


def _in_units(runs: Iterable[tuple[int, int, str]], text: str) -> Iterator[tuple[int, int, str]]:
    """Return ``runs`` of characters as runs of UTF-16 units: an emoji is two of them."""
    wide = [found.start() for found in _WIDE.finditer(text)]
    for position, length, kind in runs:
        before, within = bisect_left(wide, position), bisect_left(wide, position + length)
        yield position + before, length + within - before, kind
