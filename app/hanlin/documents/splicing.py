"""Texts inside a file, and the file with other texts in their place: everything else stays.

A format finds its texts and says how a new one is written; nothing else of the file is ever
parsed into something and written anew, so nothing that is not understood gets lost.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol


class UnreadableError(Exception):
    """The file cannot be read. ``code``: damaged, protected, unknown, too-large."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class Write(Protocol):
    """Returns the edits for a translation; ``bilingual`` keeps the source beside it."""

    def __call__(self, target: str, /, *, bilingual: bool) -> "Sequence[Edit]":
        """Return them."""
        ...


@dataclass(frozen=True, slots=True)
class Edit:
    """``text`` in the place of what stands from ``start`` to ``end``."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Unit:
    """A text of the file: a paragraph, a cell, a subtitle."""

    text: str
    write: Write


@dataclass(slots=True)
class Found:
    """The units of one source."""

    source: str
    units: list[Unit] = field(default_factory=list)

    def build(self, targets: Sequence[str | None], *, bilingual: bool) -> str:
        """Return the source with ``targets`` in the units' places; None leaves one alone."""
        edits = [
            edit
            for unit, target in zip(self.units, targets, strict=True)
            if target is not None
            for edit in unit.write(target, bilingual=bilingual)
        ]
        return spliced(self.source, edits)


def spliced(source: str, edits: Sequence[Edit]) -> str:
    """Return ``source`` with all edits made; they must not overlap."""
    pieces: list[str] = []
    place = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        pieces += [source[place : edit.start], edit.text]
        place = edit.end
    return "".join([*pieces, source[place:]])


def simple(start: int, end: int, text: str, joint: str = "\n") -> Unit:
    """Return the unit of a text that stands there as it is; ``joint`` parts the two languages."""

    def write(target: str, *, bilingual: bool) -> Sequence[Edit]:
        return (Edit(start, end, f"{text}{joint}{target}" if bilingual else target),)

    return Unit(text, write)


def has_words(text: str) -> bool:
    """Tell whether there is anything to translate."""
    return any(letter.isalpha() for letter in text)
