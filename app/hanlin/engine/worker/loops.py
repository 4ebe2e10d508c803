"""Noticing that an answer goes round in circles. Pure logic over tokens."""

from typing import Final

_LOOK_EVERY: Final = 16
_LONGEST: Final = 128
"""Tokens of the longest circle that is looked for."""
_ROUNDS: Final = 3
"""How often a circle came again, at least."""
_SHORTEST_SPAN: Final = 96
"""Tokens that repeat what was before, at least: a row of dashes is no circle."""


class LoopWatch:
    """Looks at one answer as it grows."""

    def __init__(self) -> None:
        self._found = False
        self._looked = 0

    def noticed(self, tokens: list[int]) -> bool:
        """Return True once: when the end of ``tokens`` repeats what stood before it."""
        if self._found or len(tokens) - self._looked < _LOOK_EVERY:
            return False
        self._looked = len(tokens)
        before = tokens[-2 : -2 - _LONGEST : -1]
        if tokens and tokens[-1] in before:
            self._found = any(
                token == tokens[-1] and _repeats(tokens, length)
                for length, token in enumerate(before, 1)
            )
        return self._found


def _repeats(tokens: list[int], length: int) -> bool:
    span = max(_ROUNDS * length, _SHORTEST_SPAN)
    if len(tokens) < span + length:
        return False
    return tokens[-span:] == tokens[-span - length : -length]
