"""The terms of a long file found so far, so that its later sentences use the same words.

They are suggestions: they go along with the request, but nothing is checked against them, for
a glossary alone says what must be. Two things are learnt: what a short unit (a heading, a cell)
was translated as, and what two sentences with the same name have in common on the other side.
"""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Final

from hanlin.domain.glossary import Term, occurring
from hanlin.domain.translation import Direction
from hanlin.services.translation.assembling import is_spaced

_MOST: Final = 8
"""Suggestions for one sentence."""
_KEPT: Final = 6
"""Sentences that are remembered for each name."""
_KNOWN: Final = 2_000
_SHORT_WORDS: Final = 4
_SHORT_LETTERS: Final = 8
_LEAST: Final = 2
"""Characters of a name in a script without spaces."""
_END: Final = re.compile(r"[.!?;:,。！？；：，…]")
_NAME: Final = re.compile(r"(?<=[^\W\d_,;] )[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)*")
"""Capital letters in the middle of a sentence."""
_WIDE: Final = re.compile(r"[\u3005\u3041-\u30ff\u3400-\u9fff\uac00-\ud7af]+")


class Consistency:
    """What one file has taught; for one thread."""

    def __init__(self, direction: Direction) -> None:
        self._spaced_source = is_spaced(direction.source)
        self._spaced_target = is_spaced(direction.target)
        self._terms: dict[str, Term] = {}
        self._seen: dict[str, list[str]] = {}
        """For each name, the sentences of the other language that stood beside it."""
        self._others: list[str] = []
        """The last sentences of the language without names in capitals."""

    def suggestions(self, text: str) -> tuple[Term, ...]:
        """Return the terms found so far that occur in ``text``."""
        return occurring(tuple(self._terms.values()), text)[:_MOST]

    def learn(self, source: str, target: str) -> None:
        """Take what a finished sentence teaches."""
        if source == target or len(self._terms) > _KNOWN:
            return
        if _is_short(source, spaced=self._spaced_source):
            self._terms.setdefault(source, Term(source, target))
            return
        if self._spaced_source == self._spaced_target:
            return
        named, other = (source, target) if self._spaced_source else (target, source)
        self._others = [*self._others, other][-_KNOWN:]
        for name in dict.fromkeys(_NAME.findall(named)):
            before = self._seen.setdefault(name, [])
            before.append(other)
            del before[:-_KEPT]
            self._name(name, before)

    def _name(self, name: str, sentences: list[str]) -> None:
        """Find what all sentences with a name share, and others have not."""
        common = _common(sentences)
        elsewhere = sum(common in other for other in self._others) if common else 0
        if len(sentences) < _LEAST or not common or elsewhere > len(sentences):
            return
        pair = (name, common) if self._spaced_source else (common, name)
        self._terms[pair[0]] = Term(*pair)


def _common(sentences: list[str]) -> str:
    """Return the longest text in a script without spaces that all sentences share."""
    shared = sentences[0]
    for other in sentences[1:]:
        match = SequenceMatcher(None, shared, other, autojunk=False).find_longest_match()
        shared = shared[match.a : match.a + match.size]
    return max((one for one in _WIDE.findall(shared) if len(one) >= _LEAST), key=len, default="")


def _is_short(text: str, *, spaced: bool) -> bool:
    """Tell whether a text is a term rather than a sentence."""
    if _END.search(text) or not any(letter.isalpha() for letter in text) or "⟦" in text:
        return False
    return len(text.split()) <= _SHORT_WORDS if spaced else _LEAST <= len(text) <= _SHORT_LETTERS


def together(required: Iterable[Term], suggested: Iterable[Term]) -> tuple[Term, ...]:
    """Return what is asked for: the required terms, and suggestions that do not contradict."""
    found = {term.source.casefold(): term for term in required}
    for term in suggested:
        found.setdefault(term.source.casefold(), term)
    return tuple(found.values())
