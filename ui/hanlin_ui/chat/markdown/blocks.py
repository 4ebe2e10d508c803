"""What a model's text is made of once its Markdown is understood: pure values.

How text becomes blocks is in :mod:`parse`, how blocks look in :mod:`render`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Align(StrEnum):
    """How a table's column is aligned."""

    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text in one style. ``link`` is an address, never followed by itself.

    ``image`` marks the description of a picture, which is not loaded.
    """

    text: str
    bold: bool = False
    italic: bool = False
    strike: bool = False
    code: bool = False
    image: bool = False
    link: str = ""
    raised: bool = False
    """The mark of a footnote."""
    math: bool = False
    """``text`` is a formula in LaTeX; ``display``: one that stands by itself."""
    display: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; ``level`` is 1 to 6."""

    level: int
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Code:
    """A block of code, verbatim, without the last line's end."""

    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Footnote:
    """What a footnote says, where it is written."""

    label: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across."""


@dataclass(frozen=True, slots=True)
class Quote:
    """Something quoted."""

    blocks: tuple["Block", ...]


@dataclass(frozen=True, slots=True)
class ListItem:
    """One item of a list; ``number`` is None in a list of points."""

    number: int | None
    blocks: tuple["Block", ...]
    done: bool | None = None
    """Of an item of a list of tasks: whether its box is ticked."""


@dataclass(frozen=True, slots=True)
class ListBlock:
    """A list inside another block. A list at the top arrives as its single items."""

    items: tuple[ListItem, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table: the first row is the header."""

    rows: tuple[tuple[tuple[Span, ...], ...], ...]
    alignments: tuple[Align, ...]


Block = Paragraph | Heading | Footnote | Code | Rule | Quote | ListItem | ListBlock | Table


def texts(block: Block) -> Iterator[str]:
    """Yield what ``block`` says, each text that begins a line of its own."""
    match block:
        case Paragraph(spans) | Heading(_, spans) | Footnote(_, spans):
            yield _joined(spans)
        case Code(_, text):
            yield from text.split("\n")
        case Rule():
            yield ""
        case Quote(blocks) | ListItem(_, blocks) | ListBlock(blocks):
            for inner in blocks:
                yield from texts(inner)
        case Table(rows):
            for row in rows:
                yield " ".join(_joined(cell) for cell in row)


def cells(block: Block) -> int:
    """Return how many cells of tables ``block`` has."""
    match block:
        case Table(rows):
            return sum(len(row) for row in rows)
        case Quote(blocks) | ListItem(_, blocks) | ListBlock(blocks):
            return sum(cells(inner) for inner in blocks)
        case _:
            return 0


def _joined(spans: Sequence[Span]) -> str:
    return "".join(span.text for span in spans)


@dataclass(frozen=True, slots=True)
class Placed:
    """A top-level block and where in the source it begins."""

    block: Block
    offset: int
