"""What the program may change while a job runs: stop it, or slow it down."""

import threading
import time
from collections.abc import Callable

from hanlin_models.fetcher.faults import StoppedError


class Control:
    """Set by the thread that reads the pipe, asked by those that work."""

    def __init__(self, limit: int = 0) -> None:
        self._stopped = threading.Event()
        self._on_stop: Callable[[], None] | None = None
        self.limit = limit
        """Bytes per second, 0 for none."""
        self._allowance = 0.0
        self._counted = time.monotonic()

    def when_stopped(self, action: Callable[[], None]) -> None:
        """Have ``action`` called by ``stop``."""
        self._on_stop = action

    def stop(self) -> None:
        """Have the job end soon."""
        self._stopped.set()
        if self._on_stop is not None:
            self._on_stop()

    @property
    def stopped(self) -> bool:
        """Whether the job is to end."""
        return self._stopped.is_set()

    def check(self) -> None:
        """Raise StoppedError after ``stop``."""
        if self._stopped.is_set():
            raise StoppedError

    def sleep(self, seconds: float) -> None:
        """Wait, unless stopped: then raise StoppedError."""
        if self._stopped.wait(seconds):
            raise StoppedError

    def pace(self, count: int) -> None:
        """Account for ``count`` bytes that came, and wait when they came too fast."""
        self.check()
        now = time.monotonic()
        if not self.limit:
            self._counted = now
            self._allowance = 0.0
            return
        self._allowance = min(self._allowance + (now - self._counted) * self.limit, self.limit)
        self._counted = now
        self._allowance -= count
        if self._allowance < 0:
            self.sleep(-self._allowance / self.limit)
