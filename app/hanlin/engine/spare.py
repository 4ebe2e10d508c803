"""When a process that waits to be the next worker is started: some quiet seconds after a load.

Starting Python and importing the worker's modules is a third of a switch to a small model,
and of being ready again after a crash. Before the quiet it would take a processor from the
first answer. The process itself belongs to ``connection``.
"""

from collections.abc import Callable
from typing import Final

from hanlin.kernel.clock import Clock

QUIET_SECONDS: Final = 3.0
_LEAST_FREE: Final = 2**30
"""Bytes; with less free, the twenty megabytes that one takes are better left to the model."""


class SpareTimer:
    """To be asked by the one thread that starts workers; without ``seconds`` it is never time."""

    def __init__(self, clock: Clock, seconds: float | None, free_memory: Callable[[], int]) -> None:
        self._clock = clock
        self._seconds = seconds
        self._free_memory = free_memory
        self.deadline: float | None = None
        """When to call ``due``, on the clock's monotonic scale."""

    def rests(self, *, loaded: bool) -> None:
        """Hear that the worker has a model and nothing to do, or that this is over."""
        wanted = loaded and self._seconds is not None
        self.deadline = self._clock.monotonic() + (self._seconds or 0.0) if wanted else None

    def due(self) -> bool:
        """Return whether to start one now; once in each rest."""
        if self.deadline is None or self._clock.monotonic() < self.deadline:
            return False
        self.deadline = None
        return self._free_memory() >= _LEAST_FREE
