"""Required terms that a model left out twice, put in the place of what it wrote for them.

Only where it is clear which words those are: a near spelling of the term, or what the model
itself calls the source's words. What was put in is told, for a person to look at.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from difflib import SequenceMatcher
from typing import Final

from hanlin.domain.glossary import Term, missing, places
from hanlin.domain.translation import Problem, Translation
from hanlin.services.translation import masking, styles

_WORD: Final = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_LEADS: Final = re.compile(r"(?:an?|the)\s+", re.IGNORECASE)
_ENDS: Final = " \t\n.,;:!?。，、；：！？…"
_ALIKE: Final = 0.75
_SHORTEST: Final = 4
"""Letters of a word whose near spellings can be told from other words."""
_ARTICLE: Final = re.compile(r"\b([Aa])n?(?=\s+$)")
_VOWELS: Final = "aeiou"


def put_in(one: Translation, own: Callable[[Term], str]) -> Translation:
    """Return ``one`` with the terms it misses in it, as far as their places are known.

    ``own`` says what the model calls a term's source when it stands alone.
    """
    for term in one.missed:
        target = mended(one.target, term, own(term))
        if target is None:
            continue
        missed = missing(one.terms, styles.bare(target).text)
        if set(missed) < set(one.missed):  # no term at the cost of another
            one = replace(one, target=target, missed=missed, mended=(*one.mended, term))
    if not one.mended:
        return one
    rest = (problem for problem in one.problems if problem is not Problem.TERMS or one.missed)
    return replace(one, problems=(*rest, Problem.MENDED))


def mended(target: str, term: Term, own: str) -> str | None:
    """Return ``target`` with ``term`` in it, None where its place is not known.

    ``own`` is what the model calls the term's source when it stands alone.
    """
    core = _core(own)
    found = [(term.target, place) for place in _spelt_nearly(term.target, target)]
    if any(map(str.isalnum, core)):
        found += [(core, place) for place in places(core, target, inflected=False)]
    items = [item.span() for item in masking.items(target)]
    for old, place in found:
        if any(place[0] < end and start < place[1] for start, end in items):
            continue  # a tag's or an address's own word
        made = _placed(target, place, old, term.target)
        if not missing((term,), made):
            return made
    return None


def _spelt_nearly(words: str, target: str) -> Iterator[tuple[int, int]]:
    """Yield the word that is most like a term of one Latin word."""
    if not words.isascii() or not _WORD.fullmatch(words) or len(words) < _SHORTEST:
        return
    best, place = _ALIKE, None
    for found in _WORD.finditer(target):
        matcher = SequenceMatcher(None, words.lower(), found.group().lower(), autojunk=False)
        if matcher.ratio() >= best:
            best, place = matcher.ratio(), found.span()
    if place is not None:
        yield place


def _core(own: str) -> str:
    """Return the model's own words without an article and marks."""
    core = own.strip(_ENDS)
    return core[match.end() :] if (match := _LEADS.match(core)) else core


def _placed(target: str, place: tuple[int, int], old: str, words: str) -> str:
    """Return ``target`` with ``words`` there: plural, article and capital as they stood.

    ``old`` is what stands there in its plain form.
    """
    before, found, after = target[: place[0]], target[slice(*place)], target[place[1] :]
    plural = found.lower() != old.lower() and found.endswith("s") and not words.endswith("s")
    if plural and words[-1:].isascii() and words[-1:].isalpha():
        words += "s"
    if found[:1].isupper() and not before.strip():
        words = words[:1].upper() + words[1:]
    article = "n" if words[:1].lower() in _VOWELS else ""
    return _ARTICLE.sub(lambda match: match.group(1) + article, before) + words + after
