"""What Python itself would do to the smoothness of the window, kept short or put off.

Not for the widgets' own work. The collector of garbage rests from the launcher's first import
on (see ``hanlin.preparing``).
"""

import gc
import sys
import time
from typing import Final

from PySide6.QtCore import QObject, QTimer, Slot

_SWITCH_SECONDS: Final = 0.0001
_CALM_MS: Final = 5_000
"""After the last piece of an answer."""
_EVERY_MS: Final = 60_000
_LONGEST_SECONDS: Final = 300.0
"""Without a calm moment."""
_NEVER: Final = 1_000_000


def shorten() -> None:
    """Make the pauses of the interpreter short; changes the whole process.

    A full garbage collection walks over all objects: 40 ms and more once everything is
    imported. What is there now stays, so the collector need not look at it again, and what
    comes is looked at as a whole in a calm moment alone (:class:`Collector`).
    A thread that computes lets others in every 5 ms, and the window's thread waits so
    long at each of the many calls in which Qt has let the interpreter go.
    """
    sys.setswitchinterval(_SWITCH_SECONDS)
    gc.freeze()
    young, middle, _old = gc.get_threshold()
    gc.set_threshold(young, middle, _NEVER)
    gc.enable()


class Collector(QObject):
    """Collects garbage that has grown old, when no answer is streaming."""

    def __init__(self, parent: QObject, calm_ms: int = _CALM_MS) -> None:
        super().__init__(parent)
        self._calm_ms = calm_ms
        self._last = time.monotonic()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._collect)
        self._timer.start(_EVERY_MS)

    @Slot()
    def put_off(self) -> None:
        """Wait until it is calm again: a piece of an answer came."""
        if time.monotonic() - self._last < _LONGEST_SECONDS:
            self._timer.start(self._calm_ms)

    def _collect(self) -> None:
        gc.collect()
        self._last = time.monotonic()
        self._timer.start(_EVERY_MS)
