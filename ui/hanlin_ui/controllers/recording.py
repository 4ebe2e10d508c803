"""Recording for the next message: the microphone's thread, and the bar that shows it."""

import threading
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, Qt, Signal

from hanlin.kernel.errors import HanlinError, KnownError
from hanlin.recording.microphone import LONGEST_SECONDS, Heard, Microphone
from hanlin_ui.bridges.tasks import Tasks
from hanlin_ui.chat.attachments.recording_bar import RecordingBar

_EVERY: Final = 0.06
"""Seconds between two levels."""
_STILL_LOOKS: Final = 80
"""Looks without a sample, some five seconds: the microphone was taken away."""
_MILLISECONDS: Final = 1_000


class RecordingController(QObject):
    """One recording at a time. Lives on the GUI thread."""

    recorded = Signal(bytes)
    """A sound file."""
    failed = Signal(object)
    """A HanlinError."""
    _heard = Signal(float, int)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.bar = RecordingBar()
        self.bar.finished.connect(self.finish)
        self.bar.cancelled.connect(self.cancel)
        self.microphone: Callable[[], Microphone] = Microphone
        """What is recorded with."""
        self._work: Tasks | None = None
        self._end = threading.Event()
        self._wanted = False
        self._heard.connect(self._on_heard, Qt.ConnectionType.QueuedConnection)

    def is_recording(self) -> bool:
        """Tell whether one is under way."""
        return not self.bar.isHidden()

    def begin(self, advice: str = "") -> None:
        """Record, unless that goes on already."""
        if self.is_recording():
            return
        if self._work is None:
            self._work = Tasks(self)
        self._end = end = threading.Event()
        self._wanted = True
        self.bar.begin(advice)
        make = self.microphone
        task = self._work.run(self, lambda: _record(make(), end, self._heard.emit))
        task.on_success(self._on_recorded).on_failure(self._on_failed)

    def finish(self) -> None:
        """Stop, and hand over what was heard."""
        self._end.set()

    def cancel(self) -> None:
        """Stop, and forget it."""
        self._wanted = False
        self._end.set()
        self.bar.hide()

    def close(self) -> None:
        """Record no more."""
        self.cancel()
        if self._work is not None:
            self._work.close()

    def _on_heard(self, level: float, milliseconds: int) -> None:
        if self._wanted:
            self.bar.show_heard(level, milliseconds)

    def _on_recorded(self, content: bytes) -> None:
        self.bar.hide()
        if self._wanted:
            self.recorded.emit(content)

    def _on_failed(self, error: HanlinError) -> None:
        self.bar.hide()
        if self._wanted:
            self.failed.emit(error)


def _record(
    microphone: Microphone, end: threading.Event, tell: Callable[[float, int], object]
) -> bytes:
    """Record until ``end``; return a sound file. Raises KnownError."""
    try:
        microphone.begin()
        before, still = 0, 0
        while not end.wait(_EVERY):
            try:
                heard = microphone.take()
            except KnownError:
                break  # finish says it, or keeps what there is
            still = still + 1 if heard.milliseconds == before else 0
            before = heard.milliseconds
            if still >= _STILL_LOOKS or before >= LONGEST_SECONDS * _MILLISECONDS:
                break
            _tell(heard, tell)
        return microphone.finish()
    finally:
        microphone.close()


def _tell(heard: Heard, tell: Callable[[float, int], object]) -> None:
    if heard.milliseconds:
        tell(heard.level, heard.milliseconds)
