"""How much of a prompt is read in one step, so that whoever wants something waits briefly.

A step that gives way to others between two steps lasts a tenth of a second. One that can be
stopped in its midst is stopped between two operations of the model, so it is its longest
operation that counts: on a slow computer a large model reads less at a time. Pure
reckoning; what is read belongs to ``session``.
"""

from typing import Final

CHUNK: Final = 512
"""Tokens read in one step, at the most."""
_LEAST: Final = 16
_SHORTEST: Final = 0.001
_GIVES_WAY_SECONDS: Final = 0.1
_OPERATION_SECONDS: Final = 0.1
_OPERATIONS: Final = 4
"""As if each layer were so many equal ones: the feed-forward takes most, in three."""
_LARGE: Final = 2_000_000_000
"""Parameters; where there are fewer the first step need not be a careful one."""
_FIRST_OF_LARGE: Final = 64


class Pace:
    """The size of the next step, by how long those before it took."""

    def __init__(self, seconds: float, first: int) -> None:
        self._seconds = seconds
        self.size = first
        """Tokens to read next."""

    def learn(self, count: int, seconds: float) -> None:
        """Hear how long ``count`` tokens took to be read."""
        wanted = int(count * self._seconds / max(seconds, _SHORTEST)) // _LEAST * _LEAST
        self.size = max(_LEAST, min(CHUNK, wanted))


def giving_way() -> Pace:
    """Return the pace of reading that others go before."""
    return Pace(_GIVES_WAY_SECONDS, _LEAST)


def stoppable(layers: int, parameters: int) -> Pace:
    """Return the pace of reading that can be stopped within a step."""
    first = CHUNK if parameters < _LARGE else _FIRST_OF_LARGE
    return Pace(_OPERATION_SECONDS * _OPERATIONS * max(layers, 1), first)
