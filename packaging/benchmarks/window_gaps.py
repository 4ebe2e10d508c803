"""The time between two turns of an event loop: shared by the idle and the streaming process."""

import statistics
import time

from PySide6.QtCore import Qt, QTimer

SECONDS = 8.0


class Gaps:
    """Collects gaps in milliseconds from a timer of one millisecond."""

    def __init__(self) -> None:
        self._gaps: list[float] = []
        self._last = 0.0
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._turn)

    def start(self) -> None:
        """Begin to collect."""
        self._last = time.monotonic()
        self._timer.start(1)

    def stop(self) -> dict[str, float]:
        """Return the 99th percentile and the longest gap."""
        self._timer.stop()
        return {
            "p99": statistics.quantiles(self._gaps, n=100)[98],
            "longest": max(self._gaps),
        }

    def _turn(self) -> None:
        now = time.monotonic()
        self._gaps.append((now - self._last) * 1000)
        self._last = now
