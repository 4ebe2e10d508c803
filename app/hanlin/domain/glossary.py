"""Glossaries as values: which term must be rendered how. Where they are kept is the store's."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Term:
    """``source`` must be rendered as ``target``."""

    source: str
    target: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Glossary:
    """Terms for one direction. ``project`` is a person's own word for what it belongs to."""

    id: str
    name: str
    source: str
    target: str
    terms: tuple[Term, ...] = ()
    project: str = ""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row of a glossary that is not used, or that contradicts an earlier one."""

    row: int
    kind: str
    """``empty``, ``double`` or ``contradiction``."""
    term: str


_SPACED: Final = re.compile(r"[A-Za-z0-9À-ɏͰ-ϿЀ-ӿ]")


def checked(rows: Iterable[Term]) -> tuple[tuple[Term, ...], tuple[RowProblem, ...]]:
    """Return the usable terms, and what is wrong with the other rows, counted from 1.

    Of two rows that contradict each other the first one holds.
    """
    kept: dict[str, Term] = {}
    problems: list[RowProblem] = []
    for number, row in enumerate(rows, 1):
        term = Term(row.source.strip(), row.target.strip(), row.note.strip())
        if not term.source or not term.target:
            problems.append(RowProblem(number, "empty", term.source or term.target))
            continue
        before = kept.get(term.source.casefold())
        if before is None:
            kept[term.source.casefold()] = term
        elif before.target == term.target:
            problems.append(RowProblem(number, "double", term.source))
        else:
            problems.append(RowProblem(number, "contradiction", term.source))
    return tuple(kept.values()), tuple(problems)


def occurring(terms: Sequence[Term], text: str) -> tuple[Term, ...]:
    """Return the terms that occur in ``text``, longest first.

    A term inside a longer one that is also there counts only where it stands by itself.
    """
    taken = [False] * len(text)
    found: list[Term] = []
    for term in sorted(terms, key=lambda term: len(term.source), reverse=True):
        free = [
            match
            for match in _pattern(term.source).finditer(text)
            if not any(taken[match.start() : match.end()])
        ]
        if free:
            found.append(term)
            for match in free:
                taken[match.start() : match.end()] = [True] * (match.end() - match.start())
    return tuple(found)


def missing(terms: Iterable[Term], translation: str) -> tuple[Term, ...]:
    """Return the terms whose rendering does not occur in ``translation``; case does not count."""
    return tuple(
        term for term in terms if not _pattern(term.target, inflected=True).search(translation)
    )


def places(words: str, text: str, *, inflected: bool = True) -> list[tuple[int, int]]:
    """Return where ``words`` stand in ``text``, as pairs of start and end.

    Not ``inflected`` they stand there as they are, or in the plural.
    """
    return [match.span() for match in _pattern(words, inflected=inflected).finditer(text)]


def _pattern(words: str, *, inflected: bool = False) -> "re.Pattern[str]":
    """Return what finds a term: whole words where its script has them.

    A plural or another ending after a word of a script with spaces is the same word, both in a
    source and, where ``inflected``, in a translation.
    """
    pattern = r"\s+".join(re.escape(word) for word in words.split())
    before = r"(?<![^\W_])" if _SPACED.match(words[0]) else ""
    after = ""
    if _SPACED.match(words[-1]):
        after = r"\w{0,3}(?![^\W_])" if inflected else r"(?:e?s|'s|’s)?(?![^\W_])"
        # Between a Latin word and Chinese characters there need not be a space.
        after = after.replace("[^\\W_]", "[A-Za-zÀ-ɏͰ-ϿЀ-ӿ0-9]").replace(r"\w", "[A-Za-zÀ-ɏ’']")
        before = before.replace("[^\\W_]", "[A-Za-zÀ-ɏͰ-ϿЀ-ӿ0-9]")
    return re.compile(before + pattern + after, re.IGNORECASE)
