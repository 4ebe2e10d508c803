"""Pairs of tags around words (bold, a link, a run of Word's): taken off a sentence, put on again.

A model that does not copy marks translates the bare sentence, so that what it writes makes
sense; then the words that a pair enclosed are looked for in the translation. Where they are
not found a link or a tag goes to about the same place, and a run's style is left out: the
words then look as those around them. Items that stand alone are ``masking``'s business.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Final

from hanlin.domain.glossary import places
from hanlin.domain.translation import Sentence
from hanlin.services.translation import masking

_TAG: Final = re.compile(r"<(/?)([A-Za-z][\w:.-]*)[^<>]*?(/?)>")
_CODE: Final = re.compile(r"\{\\([bius])([01])\}")
"""What SubStation switches a style on and off with."""
_RUN: Final = re.compile(r"</?r(\d+)>")
_WORD: Final = re.compile(r"[\u3005\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff]|\w+(?:['’-]\w+)*|\S")
_LEADS: Final = re.compile(r"(?:an?|the)\s+", re.IGNORECASE)
_ENDS: Final = " \t\n.,;:!?。，、；：！？…"
_ALIKE: Final = 0.75
"""Words that resemble each other so much are inflections of one."""

Render = Callable[[str], str]
"""Returns the translation of some words alone, "" when there is none."""


@dataclass(frozen=True, slots=True)
class Span:
    """A pair of tags, and where its words stand in the bare text."""

    opening: str
    closing: str
    start: int
    end: int

    @property
    def may_go(self) -> bool:
        """Whether it is a run's style, which a file has without these tags, too."""
        return bool(_RUN.fullmatch(self.opening))


@dataclass(frozen=True, slots=True)
class Bare:
    """A sentence without its pairs of tags."""

    text: str
    spans: tuple[Span, ...]

    def is_around(self, span: Span) -> bool:
        """Tell whether ``span`` encloses all of the words there are."""
        inside = self.text[span.start : span.end]
        outside = self.text[: span.start] + self.text[span.end :]
        return any(map(str.isalnum, inside)) and not any(map(str.isalnum, outside))


def bare(text: str) -> Bare:
    """Return ``text`` without its pairs of tags; one without a partner stays in the text."""
    found = list(masking.items(text))
    partners = _partners([item.group() for item in found])
    kept: list[str] = []
    length = place = 0
    opened: dict[int, int] = {}
    spans: list[Span] = []
    for number, item in enumerate(found):
        head = text[place : item.start()]
        place = item.end()
        if number not in partners:
            head += item.group()
        kept.append(head)
        length += len(head)
        if number in partners:
            first = partners[number]
            if first == number:
                opened[number] = length
            else:
                pair = (found[first].group(), item.group())
                spans.append(Span(*pair, opened[first], length))
    kept.append(text[place:])
    spans.sort(key=lambda span: (span.start, -span.end))
    return Bare("".join(kept), tuple(spans))


def _partners(items: Sequence[str]) -> dict[int, int]:
    """Return, for both items of each pair, the number of the one that opens."""
    found: dict[int, int] = {}
    waiting: list[tuple[int, str]] = []
    for number, item in enumerate(items):
        opens, closes = _kinds(item)
        if closes and waiting and waiting[-1][1] == closes:
            first, _kind = waiting.pop()
            found |= {first: first, number: first}
        elif opens:
            waiting.append((number, opens))
    return found


def _kinds(item: str) -> tuple[str, str]:
    """Return what an item opens and what it closes, each "" when it does not."""
    if item in ("**", "~~"):
        return item, item
    if item.endswith("["):
        return "[", ""
    if item.startswith("]("):
        return "", "["
    if code := _CODE.fullmatch(item):
        return (code.group(1), "") if code.group(2) == "1" else ("", code.group(1))
    tag = _TAG.fullmatch(item)
    if tag is None or tag.group(3):
        return "", ""
    return ("", tag.group(2)) if tag.group(1) else (tag.group(2), "")


def closed(sentences: Iterable[Sentence]) -> list[Sentence]:
    """Return the sentences, with a run that goes over several of them opened in each anew."""
    found: list[Sentence] = []
    now = ""
    for sentence in sentences:
        text = f"<r{now}>{sentence.text}" if now else sentence.text
        for tag in _RUN.finditer(sentence.text):
            now = "" if tag.group().startswith("</") else tag.group(1)
        found.append(replace(sentence, text=f"{text}</r{now}>" if now else text))
    return found


def joined(source: str, target: str) -> int:
    """Return how many runs of ``source`` have no words of their own in ``target``."""
    return len(_runs(source) - _runs(target))


def _runs(text: str) -> set[str]:
    return {found.group(1) for found in _RUN.finditer(text)}


def dressed(source: Bare, target: str, render: Render, *, spaced: bool) -> str:
    """Return ``target`` with the tags of ``source`` around the words they belong to.

    ``render`` is asked for the words of each pair. ``spaced`` tells whether the language of
    ``target`` has spaces between words.
    """
    room = {(0, len(source.text)): (0, len(target))}
    taken: list[tuple[Span, tuple[int, int]]] = []
    for span in source.spans:
        outer = _around(span, [one for one, _ in taken])
        within = room[outer.start, outer.end] if outer else (0, len(target))
        others = [place for one, place in taken if one.end <= span.start or one.start >= span.end]
        same = outer is not None and (outer.start, outer.end) == (span.start, span.end)
        if same or source.is_around(span):
            place: tuple[int, int] | None = within
        else:
            place = _found(source, span, target, within, others, render)
            if place is None and not span.may_go:
                place = _about(source, span, target, within, others, spaced=spaced)
        if place is not None:
            room[span.start, span.end] = place
            taken.append((span, place))
    return _woven(target, taken)


def _around(span: Span, others: Iterable[Span]) -> Span | None:
    """Return the narrowest of ``others`` that encloses ``span``."""
    outer = [one for one in others if one.start <= span.start and span.end <= one.end]
    return min(outer, key=lambda one: one.end - one.start, default=None)


def _found(
    source: Bare,
    span: Span,
    target: str,
    within: tuple[int, int],
    others: Sequence[tuple[int, int]],
    render: Render,
) -> tuple[int, int] | None:
    """Return where the words of ``span`` stand in ``target``, None when that is not known."""
    words = source.text[span.start : span.end].strip(_ENDS)
    if not words:
        return None
    expected = span.start / max(1, len(source.text)) * len(target)
    for candidate in (words, render(words)):
        core = candidate.strip(_ENDS)
        core = core[match.end() :] if (match := _LEADS.match(core)) else core
        if any(map(str.isalnum, core)):
            spots = places(core, target) or _similar(core, target)
            free = [one for one in spots if _is_free(one, within, others)]
            if free:
                return min(free, key=lambda one: abs(one[0] - expected))
    return None


def _similar(words: str, target: str) -> list[tuple[int, int]]:
    """Return the places of ``target`` that read much like ``words``."""
    tokens = [match.span() for match in _WORD.finditer(target)]
    count = len(_WORD.findall(words))
    found: list[tuple[float, tuple[int, int]]] = []
    for size in range(max(1, count - 1), count + 2):
        for first in range(len(tokens) - size + 1):
            place = tokens[first][0], tokens[first + size - 1][1]
            matcher = SequenceMatcher(None, words.lower(), target[slice(*place)].lower(), False)  # noqa: FBT003 - difflib's own way
            ratio = matcher.ratio()
            if ratio >= _ALIKE:
                found.append((ratio, place))
    best = max((ratio for ratio, _ in found), default=0.0)
    return [place for ratio, place in found if ratio == best]


def _is_free(
    place: tuple[int, int], within: tuple[int, int], others: Iterable[tuple[int, int]]
) -> bool:
    start, end = place
    apart = all(end <= first or last <= start for first, last in others)
    return apart and within[0] <= start and end <= within[1]


def _about(
    source: Bare,
    span: Span,
    target: str,
    within: tuple[int, int],
    others: Sequence[tuple[int, int]],
    *,
    spaced: bool,
) -> tuple[int, int]:
    """Return a place of whole words at about the same part of the sentence."""
    scale = len(target) / max(1, len(source.text))
    start, end = span.start * scale, span.end * scale
    cuts = sorted({*within, *(cut for one in _atoms(target) for cut in one)})
    cuts = [cut for cut in cuts if within[0] <= cut <= within[1]]
    cuts = [cut for cut in cuts if not any(first < cut < last for first, last in others)]
    first = min(cuts, key=lambda cut: abs(cut - start))
    last = min((cut for cut in cuts if cut >= first), key=lambda cut: abs(cut - end))
    if span.end > span.start and last == first:
        last = next((cut for cut in cuts if cut > first), first)
    if spaced:  # a blank at either end is nobody's word
        inside = target[first:last]
        first += len(inside) - len(inside.lstrip())
        last = max(first, last - (len(inside) - len(inside.rstrip())))
    return (first, last) if _is_free((first, last), within, others) else (first, first)


def _atoms(target: str) -> list[tuple[int, int]]:
    """Return the words and items of ``target``, none of which may be cut."""
    found: list[tuple[int, int]] = []
    place = 0
    for item in [*masking.items(target), None]:
        end = item.start() if item else len(target)
        found += [match.span() for match in _WORD.finditer(target, place, end)]
        if item:
            found.append(item.span())
            place = item.end()
    return found


def _woven(target: str, taken: Sequence[tuple[Span, tuple[int, int]]]) -> str:
    """Return ``target`` with the pairs at their places; outer ones come first in ``taken``."""
    starts: dict[int, str] = {}
    ends: dict[int, str] = {}
    for span, (start, end) in taken:
        if start == end:
            starts[start] = starts.get(start, "") + span.opening + span.closing
            continue
        starts[start] = starts.get(start, "") + span.opening
        ends[end] = span.closing + ends.get(end, "")
    letters = [
        ends.get(place, "") + starts.get(place, "") + target[place : place + 1]
        for place in range(len(target) + 1)
    ]
    return "".join(letters)
