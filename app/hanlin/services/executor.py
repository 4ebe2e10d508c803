"""One background thread that runs small jobs in order, now or a little later.

The services hand it what engine threads report, so that neither the engine nor
the window ever waits for a disk. Long computations do not belong on it.
"""

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable

Job = Callable[[], None]
_log = logging.getLogger(__name__)


class SerialExecutor:
    """Runs posted jobs one after the other, those of the same moment in the order of posting."""

    def __init__(self, name: str) -> None:
        self._wake = threading.Condition()
        self._jobs: list[tuple[float, int, Job]] = []
        self._order = itertools.count()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def post(self, job: Job, delay: float = 0.0) -> None:
        """Run ``job`` on the thread, ``delay`` seconds from now at the earliest.

        After :meth:`close` jobs are dropped silently.
        """
        with self._wake:
            if not self._closing:
                heapq.heappush(self._jobs, (time.monotonic() + delay, next(self._order), job))
                self._wake.notify()

    def close(self) -> None:
        """Run what is due, drop what lies in the future, end the thread and wait for it."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _run(self) -> None:
        while (job := self._next()) is not None:
            try:
                job()
            except Exception:  # noqa: BLE001 - one failed job must not end the thread that saves answers
                _log.exception("a background job failed")

    def _next(self) -> Job | None:
        with self._wake:
            while True:
                now = time.monotonic()
                if self._jobs and self._jobs[0][0] <= now:
                    return heapq.heappop(self._jobs)[2]
                if self._closing:
                    return None
                self._wake.wait(self._jobs[0][0] - now if self._jobs else None)
