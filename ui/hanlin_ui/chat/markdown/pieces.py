"""Blocks of any size as pieces that are each drawn in a few milliseconds.

Qt lays a paragraph, and a table, out as a whole. Nothing is left out of what is finished:
an endless paragraph goes on in the next one, a large table repeats its header.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from hanlin_ui.chat import letters
from hanlin_ui.chat.markdown.blocks import Block, Paragraph, Span, Table, cells

LONGEST_PARAGRAPH: Final = 3_000
"""Characters of one paragraph that are laid out together."""
LONGEST_RESTLESS: Final = 200
"""Of one that goes from script to script: each change is laid out by itself."""
_MOST_CELLS: Final = 160
"""Cells of one table that are laid out together."""


def pieces(block: Block) -> Iterator[Block]:
    """Yield the finished ``block``, cut where it is too large to be drawn at once."""
    if isinstance(block, Paragraph):
        yield from _paragraphs(block)
    elif isinstance(block, Table):
        yield from _tables(block)
    else:
        yield block


def longest_of(text: str) -> int:
    """Return how many characters of a paragraph like ``text`` are laid out together."""
    return LONGEST_PARAGRAPH if letters.restless_from(text) is None else LONGEST_RESTLESS


def end_of(block: Block) -> Block:
    """Return what is drawn of ``block`` while it still grows: of a large table, its end."""
    if not isinstance(block, Table) or cells(block) <= _MOST_CELLS:
        return block
    return Table((block.rows[0], *block.rows[-rows_together(block) :]), block.alignments)


def _paragraphs(block: Paragraph) -> Iterator[Paragraph]:
    piece: list[Span] = []
    longest = min((longest_of(span.text) for span in block.spans), default=LONGEST_PARAGRAPH)
    room = longest
    for span in block.spans:
        if span.math:  # a formula is one thing
            piece.append(span)
            continue
        for start in range(0, len(span.text), longest):
            text = span.text[start : start + longest]
            if len(text) > room:
                yield Paragraph(tuple(piece))
                piece, room = [], longest
            piece.append(replace(span, text=text))
            room -= len(text)
    yield Paragraph(tuple(piece))


def _tables(block: Table) -> Iterator[Table]:
    if cells(block) <= _MOST_CELLS:
        yield block
        return
    header, rows, most = block.rows[0], block.rows[1:], rows_together(block)
    for start in range(0, len(rows), most):
        yield Table((header, *rows[start : start + most]), block.alignments)


def rows_together(block: Table) -> int:
    """Return how many rows of a large table are drawn together, besides the header."""
    columns = max(len(row) for row in block.rows)
    return max(1, _MOST_CELLS // columns - 1)
