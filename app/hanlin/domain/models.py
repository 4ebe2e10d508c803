"""What the program knows of a model on this computer: pure values."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from hanlin.domain.generation import Sampling


class Origin(StrEnum):
    """How a model came here."""

    STARTER = "starter"
    """Bundled with the program."""
    ADDED = "added"
    """A file the person added; it stays where it is."""


@dataclass(frozen=True, slots=True)
class Model:
    """A model that can be chosen.

    ``trained_context`` is the number of tokens beyond which its answers are not to be
    trusted, where that is less than the file says; ``sampling`` is its maker's
    recommendation, where one is known.
    """

    id: str
    name: str
    path: Path
    origin: Origin
    bytes: int
    architecture: str = ""
    context_length: int | None = None
    trained_context: int | None = None
    sampling: Sampling | None = None
    missing: bool = False
