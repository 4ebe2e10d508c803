"""Which turns of a conversation still fit the context: pure logic.

The oldest exchanges go first, a question together with its answers; what the
system said and the last question stay.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from hanlin.domain.conversation import Role
from hanlin.domain.generation import Turn

_USUAL_RESERVE: Final = 512
_LAST_RESERVE: Final = 64
"""Room for an answer when the question alone fills most of the context."""


@dataclass(slots=True)
class Fitting:
    """Chooses the turns of one request; ``drop`` until the worker accepts the prompt.

    ``max_tokens`` is the answer's limit, if it has one.
    """

    turns: Sequence[Turn]
    context: int
    max_tokens: int | None = None
    _dropped: int = field(default=0, init=False)

    @property
    def kept(self) -> list[Turn]:
        """The turns to render now."""
        system = [turn for turn in self.turns if turn.role is Role.SYSTEM]
        exchanges = self._exchanges()
        return system + [turn for exchange in exchanges[self._dropped :] for turn in exchange]

    @property
    def dropped_turns(self) -> int:
        """How many turns are left out."""
        return sum(len(exchange) for exchange in self._exchanges()[: self._dropped])

    @property
    def reserve(self) -> int:
        """Tokens to keep free for the answer."""
        if self.only_the_last:
            return min(_LAST_RESERVE, self.max_tokens or _LAST_RESERVE)
        if self.max_tokens is None:
            return min(_USUAL_RESERVE, self.context // 4)
        return min(self.max_tokens, self.context // 2)

    @property
    def only_the_last(self) -> bool:
        """Whether nothing more can be dropped."""
        return self._dropped >= len(self._exchanges()) - 1

    def drop_one(self) -> None:
        """Leave out the oldest exchange; not to be called when only the last is left."""
        self._dropped += 1

    def drop(self, tokens: int, counts: Sequence[int]) -> None:
        """Leave out as many exchanges as needed, at least one.

        ``tokens`` is the size of the prompt that did not fit, ``counts`` the sizes of
        the texts of ``kept``, whose order it has.
        """
        kept = self.kept
        frame = max(tokens - sum(counts), 0) / max(len(kept), 1)
        system = sum(1 for turn in kept if turn.role is Role.SYSTEM)
        sizes = iter(counts[system:])
        excess = tokens + self.reserve - self.context
        for exchange in self._exchanges()[self._dropped : -1]:
            self._dropped += 1
            excess -= int(sum(next(sizes) + frame for _turn in exchange))
            if excess <= 0:
                return

    def _exchanges(self) -> list[list[Turn]]:
        found: list[list[Turn]] = []
        for turn in self.turns:
            if turn.role is Role.SYSTEM:
                continue
            if turn.role is Role.USER or not found:
                found.append([])
            found[-1].append(turn)
        return found
