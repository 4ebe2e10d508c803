"""What every kind of opened file can be asked for, and how it refuses."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from hanlin.documents.splicing import UnreadableError
from hanlin.domain.attachments import Encoded


@dataclass(frozen=True, slots=True)
class View:
    """How a picture is wanted.

    ``side`` is the most pixels of its longer side, ``turn`` quarter turns clockwise, ``crop``
    left, top, right and bottom as shares of the turned picture, ``page`` that of a document.
    """

    side: int
    turn: int = 0
    crop: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)
    page: int = 1


@dataclass(frozen=True, slots=True)
class Raw:
    """Rows of red, green and blue bytes."""

    width: int
    height: int
    rgb: bytes


class Opened(Protocol):
    """An opened file. Whatever it cannot give raises UnreadableError("unknown")."""

    def facts(self) -> dict[str, object]:
        """Return ``kind``, ``mime`` and the sizes that this kind has."""
        ...

    def texts(self, first: int, last: int) -> Sequence[str]:
        """Return the texts of pages ``first`` to ``last``, counted from 1."""
        ...

    def drawn(self, pages: Sequence[int]) -> list[int]:
        """Return those of the pages that show anything."""
        ...

    def picture(self, view: View) -> Raw:
        """Return what is seen."""
        ...

    def encoded(self, view: View) -> Encoded:
        """Return what is seen as a file of pixels only."""
        ...

    def samples(self, rate: int) -> bytes:
        """Return what is heard: one channel of 32-bit floats, ``rate`` of them a second."""
        ...


class Refusing:
    """Refuses everything; a kind of file overrides what it can."""

    def texts(self, first: int, last: int) -> Sequence[str]:
        """Refuse."""
        raise UnreadableError("unknown", f"no text: {first}-{last}")

    def drawn(self, pages: Sequence[int]) -> list[int]:
        """Return none of them: no other kind of file than PDF has pictures for pages."""
        del pages
        return []

    def picture(self, view: View) -> Raw:
        """Refuse."""
        raise UnreadableError("unknown", f"no picture: {view}")

    def encoded(self, view: View) -> Encoded:
        """Refuse."""
        raise UnreadableError("unknown", f"no picture: {view}")

    def samples(self, rate: int) -> bytes:
        """Refuse."""
        raise UnreadableError("unknown", f"no sound: {rate}")
