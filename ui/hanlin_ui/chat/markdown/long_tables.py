"""A table of any length, read in stretches: what follows is parsed under the header again.

To parse a thousand rows at once would stop the window. The rows are cut where the table is
drawn in pieces anyway, so that nobody sees how it was read.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from hanlin_ui.chat.markdown.blocks import Placed, Table
from hanlin_ui.chat.markdown.parse import parse
from hanlin_ui.chat.markdown.pieces import rows_together

_LONGEST_HEADER: Final = 1_500
"""Letters: it is parsed once more for each stretch."""


def parse_under(header: str, source: str) -> list[Placed]:
    """Return the blocks of ``source``, which goes on with the table of ``header``, if any."""
    if header:
        first, *others = parse(header + source)
        if isinstance(first.block, Table):
            rest = [replace(one, offset=one.offset - len(header)) for one in others]
            return [first, *rest] if len(first.block.rows) > 1 else rest
    return parse(source)


def cut(placed: Sequence[Placed], source: str, header: str) -> tuple[Sequence[Placed], str]:
    """Return ``placed``, as read from ``source`` under ``header``, with a long last table in two.

    And the lines that are the header of the second part, "" where nothing was cut. Its last row
    may still grow.
    """
    table = placed[-1].block if placed else None
    if not isinstance(table, Table):
        return placed, ""
    most = rows_together(table)
    rows = (len(table.rows) - 2) // most * most
    if rows <= 0:
        return placed, ""
    place = placed[-1].offset
    if place or not header:
        behind = source.index("\n", source.index("\n", place) + 1) + 1
        header, place = source[place:behind], behind
    if len(header) > _LONGEST_HEADER:
        return placed, ""
    for _row in range(rows):
        place = source.index("\n", place) + 1
    first, second = table.rows[: rows + 1], (table.rows[0], *table.rows[rows + 1 :])
    parts = (
        replace(placed[-1], block=replace(table, rows=first)),
        Placed(replace(table, rows=second), place),
    )
    return (*placed[:-1], *parts), header
