"""How long everything in a conversation may work together before the event loop has its turn.

A conversation has many texts, each of which reads and builds in slices: that all of them take a
short slice at the same time would be a long one. What is done in a slice is not known here.
"""

import time
from typing import Final

import shiboken6
from PySide6.QtCore import QCoreApplication, QObject, QTimer

_SLICE_SECONDS: Final = 0.008


class _Turn(QObject):
    """Knows when the present slice ends; a new one begins when the event loop has been there."""

    def __init__(self, parent: QObject | None) -> None:
        super().__init__(parent)
        self._until = 0.0
        self._passing = QTimer(self)
        self._passing.setSingleShot(True)
        self._passing.timeout.connect(self._on_passed)

    def has_time(self) -> bool:
        now = time.monotonic()
        if not self._until:
            self._until = now + _SLICE_SECONDS
            self._passing.start(0)
        return now < self._until

    def _on_passed(self) -> None:
        self._until = 0.0


_turns: list[_Turn] = []


def has_time() -> bool:
    """Tell whether more may be done now; who is refused tries again from a timer."""
    if not _turns or not shiboken6.isValid(_turns[0]):
        _turns[:] = [_Turn(QCoreApplication.instance())]
    return _turns[0].has_time()
