"""A clock that a test turns by hand."""


class FakeClock:
    """Stands still until it is moved, and may be moved backwards."""

    def __init__(self, now_ms: int = 1_800_000_000_000) -> None:
        self._now_ms = now_ms
        self._monotonic = 0.0

    def monotonic(self) -> float:
        """Return the seconds moved forwards so far."""
        return self._monotonic

    def now_ms(self) -> int:
        """Return the milliseconds since 1970 that the test wants it to be."""
        return self._now_ms

    def move(self, milliseconds: int) -> None:
        """Let time pass, or jump back: only the calendar does that."""
        self._now_ms += milliseconds
        self._monotonic += max(milliseconds, 0) / 1000
