"""What was translated before: what a translator asks of a memory, and one that lasts a run.

The one that stays is the store's (``store.translations``).
"""

from collections.abc import Iterable
from typing import Protocol

from hanlin.domain.translation import Direction, Entry, Match, Tone


class Memory(Protocol):
    """What was translated before."""

    def exact(self, direction: Direction, text: str, model: str, tone: Tone) -> str | None:
        """Return the translation of exactly this sentence: a person's, else this model's."""
        ...

    def similar(self, direction: Direction, text: str) -> Match | None:
        """Return the closest entry that resembles the sentence."""
        ...

    def learn(self, direction: Direction, text: str, target: str, model: str, tone: Tone) -> None:
        """Keep what a model wrote."""
        ...


class RunMemory:
    """What one run of a command has translated, where there is no database."""

    def __init__(self) -> None:
        self._known: dict[tuple[Direction, str, str, Tone], str] = {}
        self._taught: dict[tuple[Direction, str], str] = {}

    def teach(self, entries: Iterable[Entry]) -> None:
        """Take over what persons wrote: it counts for every model."""
        self._taught |= {(entry.direction, entry.source): entry.target for entry in entries}

    def exact(self, direction: Direction, text: str, model: str, tone: Tone) -> str | None:
        """Return what was given or written for exactly this sentence."""
        taught = self._taught.get((direction, text))
        return self._known.get((direction, text, model, tone)) if taught is None else taught

    def similar(self, _direction: Direction, _text: str) -> Match | None:
        """Nothing is looked for that is only similar."""
        return None

    def learn(self, direction: Direction, text: str, target: str, model: str, tone: Tone) -> None:
        """Keep it until the end."""
        self._known[direction, text, model, tone] = target
