"""How long an event loop lets a timer wait; run alone, that of a process that does nothing else.

``window_stream.py`` starts it so beside the window, to know what the computer itself
does to an event loop at the same time. It begins with the first line on its input, and
prints what it found when the input ends.
"""

import json
import sys
import time

from PySide6.QtCore import QCoreApplication, QElapsedTimer, QObject, QSocketNotifier, Qt, QTimer

TICK_MS = 2


class Gaps(QObject):
    """Measures how long the event loop lets a timer wait."""

    def __init__(self) -> None:
        super().__init__()
        self._found: list[float] = []
        self._work: list[float] = []
        self._worked = 0.0
        self._watch = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_tick)

    def start(self) -> None:
        """Begin anew."""
        self._found.clear()
        self._work.clear()
        self._worked = time.thread_time()
        self._watch.start()
        self._timer.start(TICK_MS)

    def stop(self) -> dict[str, float]:
        """Return the 99th percentile and the longest in milliseconds.

        ``work`` is the processor time of the window's thread between two ticks: what the
        gap would be on a computer that does nothing else.
        """
        self._timer.stop()
        found, work = sorted(self._found), sorted(self._work)
        return {
            "p99_ms": round(found[int(len(found) * 0.99)], 1),
            "longest_ms": round(found[-1], 1),
            "work_p99_ms": round(work[int(len(work) * 0.99)], 1),
            "work_longest_ms": round(work[-1], 1),
        }

    def _on_tick(self) -> None:
        self._found.append(self._watch.nsecsElapsed() / 1e6)
        self._watch.restart()
        worked = time.thread_time()
        self._work.append(1000 * (worked - self._worked))
        self._worked = worked


def main() -> int:
    """Idle from the first line of the input to its end."""
    application = QCoreApplication([])
    gaps = Gaps()
    heard = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read)

    def hear() -> None:
        if sys.stdin.readline():
            gaps.start()
        else:
            application.quit()

    heard.activated.connect(hear)
    application.exec()
    sys.stdout.write(json.dumps(gaps.stop()) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
