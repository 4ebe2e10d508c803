"""How long an event loop lets a timer wait; run alone, that of a process that does nothing else.

``window_stream.py`` starts it so beside the window, to know what the computer itself
does to an event loop at the same time. It begins with the first line on its input, and
prints what it found when the input ends.
"""

import faulthandler
import json
import os
import resource
import sys
import threading
import time
from dataclasses import asdict, dataclass
from typing import TextIO

from PySide6.QtCore import QCoreApplication, QElapsedTimer, QObject, QSocketNotifier, Qt, QTimer

TICK_MS = 2
SHOWN = 5
_LATE_SECONDS = 0.035
"""A tick that is later than this has its reason written down, where that is asked for."""


@dataclass(frozen=True, slots=True)
class Gap:
    """The time between two ticks, in milliseconds, and what the thread did with it."""

    ms: float
    at_s: float
    """Since the beginning."""
    work_ms: float
    """Processor time of the thread: what the gap would be on a computer without anything else."""
    queued_ms: float
    """It could have run, and no processor was free."""
    slept: int
    """How often it waited: for a lock, the interpreter, the disk, or the next event."""
    faults: int
    """Pages that had to be read from the disk."""


class Gaps(QObject):
    """Measures how long the event loop lets a timer wait. For the thread it is made on."""

    def __init__(self, stacks: TextIO | None = None) -> None:
        """Write to ``stacks`` what every thread is doing when a tick is late."""
        super().__init__()
        self._stacks = stacks
        self._found: list[Gap] = []
        self._worked = self._queued = 0.0
        self._slept = self._faults = 0
        self._began = 0.0
        self._statistics = -1
        """The kernel's, of this thread; Linux alone has them."""
        path = f"/proc/self/task/{threading.get_native_id()}/schedstat"
        if os.path.exists(path):  # noqa: PTH110 - also on systems without such paths
            self._statistics = os.open(path, os.O_RDONLY)
        self._watch = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_tick)

    def start(self) -> None:
        """Begin anew."""
        self._found.clear()
        self._began = time.monotonic()
        self._take()
        self._watch.start()
        self._timer.start(TICK_MS)

    def stop(self) -> dict[str, object]:
        """Return the 99th percentile and the longest in milliseconds, and the longest gaps."""
        self._timer.stop()
        if self._stacks is not None:
            faulthandler.cancel_dump_traceback_later()
        found = sorted(self._found, key=lambda gap: gap.ms)
        work = sorted(gap.work_ms for gap in self._found)
        return {
            "p99_ms": found[int(len(found) * 0.99)].ms,
            "longest_ms": found[-1].ms,
            "work_p99_ms": work[int(len(work) * 0.99)],
            "work_longest_ms": work[-1],
            "longest": [asdict(gap) for gap in found[: -SHOWN - 1 : -1]],
        }

    def _take(self) -> tuple[float, float, int, int]:
        """Return what the thread did since the last time: work, queued, slept, faults."""
        worked, queued = time.thread_time(), 0.0
        if self._statistics >= 0:
            queued = float(os.pread(self._statistics, 100, 0).split()[1]) / 1e9
        used = resource.getrusage(resource.RUSAGE_THREAD)
        result = (
            1000 * (worked - self._worked),
            1000 * (queued - self._queued),
            used.ru_nvcsw - self._slept,
            used.ru_majflt - self._faults,
        )
        self._worked, self._queued = worked, queued
        self._slept, self._faults = used.ru_nvcsw, used.ru_majflt
        return result

    def _on_tick(self) -> None:
        took = self._watch.nsecsElapsed() / 1e6
        self._watch.restart()
        at = time.monotonic() - self._began
        work, queued, slept, faults = self._take()
        self._found.append(
            Gap(round(took, 1), round(at, 2), round(work, 1), round(queued, 1), slept, faults)
        )
        if self._stacks is not None:
            if took > 1000 * _LATE_SECONDS:
                self._stacks.write(f"--- above: {took:.0f} ms at {at:.2f} s\n")
                self._stacks.flush()
            faulthandler.dump_traceback_later(_LATE_SECONDS, file=self._stacks)


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
