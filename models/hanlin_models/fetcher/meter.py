"""How far and how fast: progress is told at most ten times a second."""

import time
from collections.abc import Callable, Mapping
from typing import Final

_PERIOD: Final = 0.1
_SMOOTHING: Final = 0.3
_READ_SECONDS: Final = 0.05
_SMALLEST_READ: Final = 1 << 12
_LARGEST_READ: Final = 1 << 20


class Meter:
    """Counts the bytes of one file for one thread."""

    def __init__(
        self, report: Callable[[Mapping[str, object]], None], name: str, size: int
    ) -> None:
        self._report = report
        self._name = name
        self._size = size
        self._told = 0.0
        self._count = 0
        self._since = time.monotonic()
        self._speed = 0.0

    @property
    def read_size(self) -> int:
        """How much to read at once: as much as comes in a twentieth of a second."""
        wished = int(self._speed * _READ_SECONDS)
        return min(max(wished, _SMALLEST_READ), _LARGEST_READ)

    def moved(self, at: int, count: int) -> None:
        """Hear that ``count`` bytes came, up to byte ``at``."""
        self._count += count
        now = time.monotonic()
        if now - self._told < _PERIOD:
            return
        passed = now - self._since
        speed = self._count / passed if passed > 0 else 0.0
        self._speed = speed if not self._speed else self._speed + _SMOOTHING * (speed - self._speed)
        self._since, self._count = now, 0
        self._tell(at, now)

    def now(self, at: int) -> None:
        """Tell at once."""
        self._tell(at, time.monotonic())

    def checked(self, count: int) -> None:
        """Hear that ``count`` bytes have been read back."""
        now = time.monotonic()
        if now - self._told >= _PERIOD:
            self._told = now
            self._report({"event": "checked", "file": self._name, "done": count})

    def _tell(self, at: int, now: float) -> None:
        self._told = now
        self._report(
            {
                "event": "progress",
                "file": self._name,
                "done": at,
                "total": self._size,
                "speed": round(self._speed),
            }
        )
