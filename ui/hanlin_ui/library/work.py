"""Work with whole models, which takes minutes: its progress on the strip, its end on a click."""

import threading
import time
from collections.abc import Callable
from typing import Final, TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot

from hanlin.kernel.errors import HanlinError, KnownError, UserCancelled
from hanlin.kernel.i18n import _
from hanlin_ui.library.services import LibraryDesk
from hanlin_ui.library.window import WorkStrip

T = TypeVar("T")
Progress = Callable[[int, int], None]
_BETWEEN: Final = 0.1
"""Seconds from one news of progress to the next."""


class DiskWork(QObject):
    """One piece of work at a time."""

    _progressed = Signal(object, object)
    """Bytes done, and of how many: as objects, because Qt's own numbers end at 2 GB."""

    def __init__(self, strip: WorkStrip, library: LibraryDesk, parent: QObject) -> None:
        super().__init__(parent)
        self._strip = strip
        self._library = library
        self._stop = threading.Event()
        self._busy = False
        strip.cancelled.connect(self._stop.set)
        self._progressed.connect(self._on_progressed, Qt.ConnectionType.QueuedConnection)

    def run(self, words: str, work: Callable[[Progress], T], then: Callable[[T], object]) -> None:
        """Do ``work`` in the background and ``then`` with its result, unless it was stopped.

        ``work`` is given what it has to tell its progress; that raises UserCancelled when
        the person stopped it.
        """
        if self._busy:
            self._library.report(
                KnownError(
                    _("Something is being done already"),
                    _("Only one piece of work with whole models goes on at a time."),
                    _("Wait for it, or cancel it below."),
                )
            )
            return
        self._busy = True
        self._stop.clear()
        self._strip.begin(words)
        told = [0.0]

        def progressed(done: int, total: int) -> None:
            if self._stop.is_set():
                raise UserCancelled
            if time.monotonic() - told[0] > _BETWEEN:
                told[0] = time.monotonic()
                self._progressed.emit(done, total)

        def attempt() -> list[T]:
            try:
                return [work(progressed)]
            except UserCancelled:
                return []

        task = self._library.disk.run(self, attempt)
        task.on_success(lambda results: self._ended(results, then)).on_failure(self._failed)

    def stop(self) -> None:
        """Have it end soon."""
        self._stop.set()

    @Slot(object, object)
    def _on_progressed(self, done: int, total: int) -> None:
        if self._busy:
            self._strip.set_progress(done, total)

    def _ended(self, results: list[T], then: Callable[[T], object]) -> None:
        self._busy = False
        self._strip.end()
        for result in results:
            then(result)

    def _failed(self, error: HanlinError) -> None:
        self._busy = False
        self._strip.end()
        self._library.report(error)
