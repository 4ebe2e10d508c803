"""Time as a dependency, so that deadlines and orders can be tested without waiting."""

import time
from typing import Protocol


class Clock(Protocol):
    """What the program asks about time."""

    def monotonic(self) -> float:
        """Return seconds that only ever grow: for deadlines and durations."""
        ...

    def now_ms(self) -> int:
        """Return milliseconds since 1970 in UTC: for what is shown and stored."""
        ...


class SystemClock:
    """The computer's clock."""

    def monotonic(self) -> float:
        """Return seconds that only ever grow."""
        return time.monotonic()

    def now_ms(self) -> int:
        """Return milliseconds since 1970 in UTC."""
        return time.time_ns() // 1_000_000
