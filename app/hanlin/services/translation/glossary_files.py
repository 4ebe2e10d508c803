"""Glossaries as CSV files: read with whatever separator and encoding, written for spreadsheets."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hanlin.documents.encodings import decode
from hanlin.domain.glossary import RowProblem, Term, checked
from hanlin.domain.languages import find_language, related
from hanlin.domain.translation import Direction
from hanlin.kernel.errors import KnownError
from hanlin.kernel.i18n import _
from hanlin.services.translation import detecting

_HEADS: Final = frozenset(
    {
        "source", "target", "src", "tgt", "term", "translation", "note",
        "原文", "译文", "术语", "翻译", "备注", "源语", "目标语",
    }
)  # fmt: skip
_SEPARATORS: Final = "\t,;，"
_LARGEST: Final = 20 * 2**20
_CELLS: Final = 3
"""Term, translation, note."""


@dataclass(frozen=True, slots=True)
class GlossaryFile:
    """What stands in a file: its terms, what is wrong with its other rows, and its direction."""

    terms: tuple[Term, ...]
    problems: tuple[RowProblem, ...] = ()
    direction: Direction | None = None
    """None where no heading names the languages."""

    def own(self, likely: Direction) -> Direction:
        """Return the direction of the terms: the heading's, else the likely one or its reverse.

        It is the reverse where both columns look like the other one's language.
        """
        if self.direction is not None:
            return self.direction
        columns = [one.source for one in self.terms], [one.target for one in self.terms]
        source, target = (detecting.detect("\n".join(column)) for column in columns)
        turned = Direction(target, source)
        return likely.reversed() if _same(turned, likely) else likely

    def towards(self, direction: Direction) -> tuple[Term, ...] | None:
        """Return the terms for a direction, turned round where that is the other way.

        None where the file is about other languages.
        """
        own = self.own(direction)
        if _same(own, direction):
            return self.terms
        if not _same(own.reversed(), direction):
            return None
        return checked(Term(one.target, one.source, one.note) for one in self.terms)[0]


def read(content: bytes, name: str) -> GlossaryFile:
    """Read a CSV file. Raises KnownError when it is none.

    A first row of headings is left out; two names of languages in it are the direction.
    """
    if len(content) > _LARGEST:
        raise _no_glossary(name)
    text = decode(content).text
    if "\0" in text:
        raise _no_glossary(name)
    rows = rows_of(text)
    if rows is None:
        raise _no_glossary(name)
    direction = None
    if rows and _is_heading(rows[0]):
        direction = _direction(rows[0])
        rows = rows[1:]
    if not any(len(row) > 1 for row in rows):
        raise _no_glossary(name)
    terms, problems = checked(term_of(row) for row in rows)
    return GlossaryFile(terms, problems, direction)


def rows_of(text: str) -> list[list[str]] | None:
    """Return the rows of cells of a table as text: CSV, or what a spreadsheet copies.

    Empty rows are left out; None where it is no table.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    separator = max(
        _SEPARATORS, key=lambda one: (sum(one in line for line in lines[:50]), one == ",")
    )
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error:  # a cell of megabytes, for one
        return None
    return [row for row in rows if any(cell.strip() for cell in row)]


def term_of(row: Sequence[str]) -> Term:
    """Return the term of a row: its first cells, with nothing for those it lacks."""
    return Term(*(*row[:_CELLS], *([""] * (_CELLS - len(row)))))


def write(terms: Sequence[Term], direction: Direction) -> bytes:
    """Return the terms as CSV, with the mark that spreadsheets want before UTF-8."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow((direction.source, direction.target, "note"))
    writer.writerows((term.source, term.target, term.note) for term in terms)
    return file.getvalue().encode("utf-8-sig")


def _is_heading(row: Sequence[str]) -> bool:
    cells = [cell.strip().casefold() for cell in row[:2]]
    return all(cell in _HEADS or find_language(cell) is not None for cell in cells if cell)


def _direction(heading: Sequence[str]) -> Direction | None:
    found = [find_language(cell) for cell in heading[:2]]
    if len(found) < 2 or found[0] is None or found[1] is None or found[0] == found[1]:  # noqa: PLR2004 - a pair
        return None
    return Direction(found[0].code, found[1].code)


def _same(one: Direction, other: Direction) -> bool:
    return related(one.source, other.source) and related(one.target, other.target)


def _no_glossary(name: str) -> KnownError:
    return KnownError(
        _("This is no glossary"),
        _("{name} has no rows of two columns.").format(name=name),
        _("A glossary is a CSV file: a term, its translation, and perhaps a note in each row."),
    )
