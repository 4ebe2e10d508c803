"""What Python itself would do to the smoothness of the window, kept short or put off.

Not for the widgets' own work. Python's own collecting of garbage is off from the launcher's
first import on (see ``hanlin.preparing``) and stays off: it would begin in whichever thread
happens to make an object, and a widget that is ended outside the GUI thread takes the program
with it. :class:`Collector` collects on the GUI thread alone.
"""

import gc
import sys
import time
from typing import Final

from PySide6.QtCore import QAbstractEventDispatcher, QObject, QTimer, Slot

_SWITCH_SECONDS: Final = 0.0001
_YOUNG: Final = 700
"""So many new objects, Python's own measure, are worth a look at the youngest."""
_MANY: Final = 10 * _YOUNG
_ROUNDS: Final = 10
"""After many new objects, or so many looks at the youngest, the middle-aged are looked at, too."""
_CALM_MS: Final = 5_000
"""After the last piece of an answer."""
_EVERY_MS: Final = 60_000
_LONGEST_SECONDS: Final = 300.0
"""Without a calm moment."""


def shorten() -> None:
    """Make the pauses of the interpreter short; changes the whole process.

    A full garbage collection walks over all objects: 40 ms and more once everything is
    imported. What is there now stays, so the collector need not look at it again.
    A thread that computes lets others in every 5 ms, and the window's thread waits so
    long at each of the many calls in which Qt has let the interpreter go.
    """
    sys.setswitchinterval(_SWITCH_SECONDS)
    gc.disable()
    gc.freeze()


class Collector(QObject):
    """Collects young garbage between two turns of the event loop, old when no answer streams.

    A look at what is young takes as long as there is much of it, so it must not be put off.
    """

    def __init__(self, parent: QObject, calm_ms: int = _CALM_MS) -> None:
        super().__init__(parent)
        self._calm_ms = calm_ms
        self._last = time.monotonic()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._collect)
        self._timer.start(_EVERY_MS)
        QAbstractEventDispatcher.instance().awake.connect(self._collect_young)

    @Slot()
    def put_off(self) -> None:
        """Wait until it is calm again: a piece of an answer came."""
        if time.monotonic() - self._last < _LONGEST_SECONDS:
            self._timer.start(self._calm_ms)

    def _collect(self) -> None:
        gc.collect()
        self._last = time.monotonic()
        self._timer.start(_EVERY_MS)

    @Slot()
    def _collect_young(self) -> None:
        made, rounds, _ = gc.get_count()
        if made > _YOUNG:
            gc.collect(1 if made > _MANY or rounds >= _ROUNDS else 0)
