"""What a hub offers: pure values."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A file of a repository, as listed there."""

    name: str
    size: int
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Offer:
    """One model of a repository: all its parts as one item. ``bytes`` is their sum."""

    label: str
    quantisation: str
    files: tuple[ListedFile, ...]
    complete: bool = True

    @property
    def bytes(self) -> int:
        """How much there is to fetch."""
        return sum(file.size for file in self.files)


@dataclass(frozen=True, slots=True)
class FoundRepository:
    """A repository that was found. Texts come from its owner: show them as plain text."""

    name: str
    downloads: int
    likes: int
    gated: bool
    updated: str
    licence: str
    architecture: str
    context: int | None
    tags: tuple[str, ...] = ()
    task: str = ""
    """What it is for, in the Hub's word, such as ``image-text-to-text``; "" when nobody says."""
    billions: float = 0.0
    """Its parameters as its name has them, 0 when it does not say."""
    problem: str = ""
    """Why none of its models can be used here, "" when they can as far as one can tell."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A repository's models, smallest first, at one commit. ``source`` says who told."""

    repository: str
    commit: str
    source: str
    gated: bool
    licence: str
    offers: tuple[Offer, ...]
    projector: ListedFile | None
    draft: ListedFile | None = None
    """A small model that others draft with; the engine guesses ahead without one."""
