"""Where the sentences of a translation stand in the two texts, and what is marked in them.

Nothing is drawn here: the panes do that.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from hanlin.domain.glossary import places
from hanlin.domain.translation import Sentence, Translation
from hanlin.services.translation.assembling import gaps
from hanlin_ui.translate.panes import Mark, units

Done = Sequence[tuple[Sentence, Translation]]
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Placed:
    """A translation's text, and places in both texts, in Qt's units."""

    text: str
    spans: tuple[Span, ...]
    marks: tuple[Mark, ...]
    source_spans: tuple[Span, ...]
    source_marks: tuple[Mark, ...]
    read: int
    """Where the part of the source ends that is translated."""


def placed(done: Done, target: str) -> Placed:
    """Return where everything of a translation into ``target`` stands."""
    texts: list[str] = []
    spans: list[Span] = []
    source_spans: list[Span] = []
    marks: list[Mark] = []
    source_marks: list[Mark] = []
    place = source_place = 0
    for (sentence, one), (before, after) in zip(done, gaps(done, target), strict=True):
        start = place + units(before)
        spans.append((start, start + units(one.target)))
        marks += _marks(one, start)
        texts += [before, one.target, after]
        place = spans[-1][1] + units(after)
        begin = source_place + units(sentence.before)
        source_spans.append((begin, begin + units(sentence.text)))
        source_marks += _source_marks(one, begin)
        source_place = source_spans[-1][1] + units(sentence.after)
    return Placed(
        "".join(texts), tuple(spans), tuple(marks), tuple(source_spans), tuple(source_marks),
        source_place,
    )  # fmt: skip


def _marks(one: Translation, start: int) -> list[Mark]:
    if set(one.problems) and not one.missed:
        return [Mark(start, start + units(one.target), "careful")]
    return [
        Mark(start + units(one.target[:begin]), start + units(one.target[:end]), "good")
        for term in one.terms
        if term not in one.missed
        for begin, end in places(term.target, one.target)
    ]


def _source_marks(one: Translation, start: int) -> list[Mark]:
    return [
        Mark(
            start + units(one.source[:begin]),
            start + units(one.source[:end]),
            "careful" if term in one.missed else "good",
        )
        for term in one.terms
        for begin, end in places(term.source, one.source)
    ]
