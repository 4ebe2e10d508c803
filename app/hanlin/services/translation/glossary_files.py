"""Glossaries as CSV files: read with whatever separator and encoding, written for spreadsheets."""

import csv
import io
from collections.abc import Sequence
from typing import Final

from hanlin.documents.encodings import decode
from hanlin.domain.glossary import RowProblem, Term, checked
from hanlin.domain.languages import find_language
from hanlin.domain.translation import Direction
from hanlin.kernel.errors import KnownError
from hanlin.kernel.i18n import _

_HEADS: Final = frozenset(
    "source target src tgt term translation note 原文 译文 术语 翻译 备注 源语 目标语".split()  # noqa: SIM905
)
_SEPARATORS: Final = "\t,;，"
_LARGEST: Final = 20 * 2**20


def read(content: bytes, name: str) -> tuple[tuple[Term, ...], tuple[RowProblem, ...]]:
    """Return the terms of a CSV file and what is wrong with its other rows.

    A first row of headings or language names is left out. Raises KnownError when it is no CSV.
    """
    if len(content) > _LARGEST:
        raise _no_glossary(name)
    text = decode(content).text
    if "\0" in text:
        raise _no_glossary(name)
    lines = [line for line in text.splitlines() if line.strip()]
    separator = max(
        _SEPARATORS, key=lambda one: (sum(one in line for line in lines[:50]), one == ",")
    )
    rows = list(csv.reader(io.StringIO(text), delimiter=separator))
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    if rows and _is_heading(rows[0]):
        rows = rows[1:]
    if not any(len(row) > 1 for row in rows):
        raise _no_glossary(name)
    return checked(
        Term(row[0], row[1] if len(row) > 1 else "", row[2] if len(row) > 2 else "")  # noqa: PLR2004
        for row in rows
    )


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


def _no_glossary(name: str) -> KnownError:
    return KnownError(
        _("This is no glossary"),
        _("{name} has no rows of two columns.").format(name=name),
        _("A glossary is a CSV file: a term, its translation, and perhaps a note in each row."),
    )
