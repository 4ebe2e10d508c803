"""The words of a text as the search index keeps them, and a person's query as it asks for them.

Chinese has no blanks, so each two neighbouring characters are a word. Case, accents, width and
traditional characters make no difference. Pure functions; the tables are the search's.
"""

import functools
import itertools
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from hanlin.chinese import LETTERS, UNREAD, characters, sounds

LONGEST_TEXT: Final = 1_000_000
"""Characters of one message that are searched."""
_LONGEST_WORD: Final = 64
_MOST_TERMS: Final = 12
_MOST_READINGS: Final = 8
_LONGEST_READING: Final = 48
_LONGEST_TITLE: Final = 400
_LEAST_INITIALS: Final = 3
_LEAST_BEGUN: Final = 3
_ALIKE: Final = 3
"""Letters of a run whose sounds are compared before the run is read."""
_PIECE: Final = re.compile(f"([{LETTERS}]+)|([^\\W_{LETTERS}]+)")
_RUN: Final = re.compile(f"[{LETTERS}]+")
_TERM: Final = re.compile(r'[“"]([^“”"]+)[”"]?|([^\s“”"]+)')
_LATIN: Final = re.compile("[a-z']+")

Marks = tuple[tuple[int, int], ...]


class _Folding(dict[int, int]):
    """One character for each, so that places in the text stay what they are."""

    def __missing__(self, code: int) -> int:
        plain = unicodedata.normalize("NFKD", chr(code))[:1].lower()[:1] or chr(code)
        plain = plain if plain.isalnum() else chr(code)
        folded = self[code] = ord(characters().simplified.get(plain, plain))
        return folded


_FOLDING: Final = _Folding()


def composed(text: str) -> str:
    """Return ``text`` with accents on their letters, as the functions here want it."""
    return unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """Return composed ``text`` without what makes no difference, character for character."""
    return text.translate(_FOLDING)


@dataclass(frozen=True, slots=True)
class IndexedText:
    """A text's words, readings and initials, with blanks between them."""

    words: str
    readings: str
    initials: str


def indexed(text: str) -> IndexedText:
    """Return what the index keeps of ``text``."""
    words: list[str] = []
    readings: list[str] = []
    initials: list[str] = []
    read = characters().read
    for piece in _PIECE.finditer(fold(composed(text[:LONGEST_TEXT]))):
        run, word = piece.groups()
        if word is not None:
            words.append(word[:_LONGEST_WORD])
            continue
        words += map("".join, itertools.pairwise(run))
        words.append(run[-1])
        syllables = read(run)
        readings += pairs(syllables)
        letters = "".join(syllable[0] for syllable in syllables)
        initials += [letters[start : start + 3] for start in range(len(letters))]
    return IndexedText(" ".join(words), " ".join(readings), " ".join(initials))


def pairs(syllables: Sequence[str]) -> list[str]:
    """Return each two neighbouring syllables as a word of the index, and the last one alone.

    Single syllables would stand in nearly every message.
    """
    joined = map(f"{{}}{UNREAD}{{}}".format, syllables, syllables[1:])
    return [*joined, syllables[-1]]


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a query, or several in quotes."""

    pieces: tuple[str, ...]
    """Folded, as they follow each other."""
    is_quoted: bool = False

    def words(self, *, begun: bool) -> str:
        """Return the phrase of the index for the term; its last word may be only ``begun``."""
        found: list[str] = []
        for number, piece in enumerate(self.pieces):
            if not _is_run(piece):
                found.append(piece[:_LONGEST_WORD])
                continue
            found += map("".join, itertools.pairwise(piece))
            if len(piece) == 1 or number < len(self.pieces) - 1:
                found.append(piece[-1])
        last = self.pieces[-1]
        least = 1 if _is_run(last) else _LEAST_BEGUN
        open_ended = len(last) == 1 if _is_run(last) else not self.is_quoted
        return _phrase(found, begun=begun and open_ended and len(last) >= least)

    @property
    def latin(self) -> str:
        """Return the term if it may be pinyin, else ""."""
        return self.pieces[0] if len(self.pieces) == 1 and _LATIN.fullmatch(self.pieces[0]) else ""

    @property
    def readings(self) -> tuple[tuple[str, ...], ...]:
        """Return the syllables that the term may be; the last one may be only begun."""
        return () if self.is_quoted else _readings(self.latin)

    def initials(self, least: int = _LEAST_INITIALS) -> str:
        """Return the phrase of the index for the term as initials; "" when it has too few."""
        letters = "" if self.is_quoted else self.latin
        if len(letters) < least:
            return ""
        parts = [letters[start : start + 3] for start in range(max(len(letters) - 2, 1))]
        return _phrase(parts, begun=len(letters) < _LEAST_INITIALS)


@dataclass(frozen=True, slots=True)
class Query:
    """What a person looks for: every term has to be there."""

    terms: tuple[Term, ...]

    def questions(self, *, titles: bool) -> list[str]:
        """Return what to ask the index, one after the other, until enough is found.

        What is written so comes first, then what begins so, what sounds so, and what has
        these initials. A whole word is found much faster than all that begin with it. One
        syllable or two initials say too little to look for them in messages.
        """
        if not self.terms:
            return []
        syllables, initials = (1, 2) if titles else (2, _LEAST_INITIALS)

        def sounding(*, begun: bool) -> Callable[[Term], list[str]]:
            return lambda term: [
                f"readings : {_phrase(pairs(one)[: max(len(one) - 1, 1)], begun=begun)}"
                for one in term.readings
                if len(one) >= syllables
            ]

        def beginning(term: Term) -> list[str]:
            phrase = term.initials(initials)
            return [f"initials : {phrase}"] if phrase else []

        whole = " AND ".join(f"words : {term.words(begun=False)}" for term in self.terms)
        begun = " AND ".join(f"words : {term.words(begun=True)}" for term in self.terms)
        others = (sounding(begun=False), sounding(begun=True), beginning)
        asked = [whole, begun, *(self._either(other) for other in others)]
        return [question for question in dict.fromkeys(asked) if question]

    def _either(self, others: Callable[[Term], list[str]]) -> str:
        """Return the question in which each term may also be one of ``others``; "" if none is."""
        asked, any_other = [], False
        for term in self.terms:
            found = others(term)
            any_other = any_other or bool(found)
            asked.append("(" + " OR ".join([f"words : {term.words(begun=True)}", *found]) + ")")
        return " AND ".join(asked) if any_other else ""

    def first(self, text: str) -> int:
        """Return where the first of the terms stands in composed ``text``, 0 if none does."""
        folded = fold(text)
        found = (next(_marks(term, folded), None) for term in self.terms)
        return min((mark[0] for mark in found if mark is not None), default=0)

    def marks(self, text: str) -> Marks:
        """Return where the terms stand in composed ``text``, in order, without overlaps."""
        folded = fold(text)
        found = [mark for term in self.terms for mark in _marks(term, folded)]
        merged: list[tuple[int, int]] = []
        for start, end in sorted(found):
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        return tuple(merged)


def parse(text: str) -> Query:
    """Return the query that a person wrote."""
    terms = []
    for found in _TERM.finditer(composed(text)):
        quoted, plain = found.groups()
        pieces = tuple(piece.group() for piece in _PIECE.finditer(fold(quoted or plain)))
        if pieces:
            terms.append(Term(pieces, quoted is not None))
    return Query(tuple(terms[:_MOST_TERMS]))


def _is_run(piece: str) -> bool:
    """Tell whether the piece is of a script without blanks."""
    return _RUN.match(piece) is not None


def _phrase(words: Sequence[str], *, begun: bool) -> str:
    return f'"{" ".join(words)}"' + (" *" if begun else "")


@functools.lru_cache(maxsize=64)
def _readings(letters: str) -> tuple[tuple[str, ...], ...]:
    """Return the ways to take ``letters`` apart into syllables, the likeliest first."""
    if not letters or len(letters) > _LONGEST_READING:
        return ()
    found: list[tuple[str, ...]] = []
    _take_apart(letters, (), found)
    # Few syllables before many; whole ones before one that is only begun.
    known = characters().syllables
    found.sort(key=lambda one: (one[-1] not in known, len(one)))
    return tuple(found[:_MOST_READINGS])


@functools.cache
def _begun_syllables() -> frozenset[str]:
    """Return the syllables, and all that they begin with."""
    known = characters().syllables
    return frozenset(one[:length] for one in known for length in range(1, len(one) + 1))


def _take_apart(rest: str, before: tuple[str, ...], found: list[tuple[str, ...]]) -> None:
    known = characters().syllables
    if len(found) >= 4 * _MOST_READINGS:
        return
    if before and rest in _begun_syllables():
        found.append((*before, rest))
    elif rest in known:
        found.append((rest,))
    for length in range(min(6, len(rest) - 1), 0, -1):
        if rest[:length] in known:
            _take_apart(rest[length:], (*before, rest[:length]), found)


@functools.lru_cache(maxsize=64)
def _pattern(pieces: tuple[str, ...]) -> re.Pattern[str]:
    """Return what the pieces look like in a folded text."""
    pattern = r"[\W_]*".join(re.escape(piece) for piece in pieces)
    # A word is found where it begins, not in the middle of another one.
    begins = "" if _is_run(pieces[0]) else f"(?<![^\\W_{LETTERS}])"
    return re.compile(begins + pattern)


def _marks(term: Term, folded: str) -> Iterator[tuple[int, int]]:
    written = False
    for found in _pattern(term.pieces).finditer(folded):
        written = True
        yield found.span()
    letters = term.latin
    if written or not letters:
        return
    wanted = [one for one in term.readings if len(one) > 1 or len(folded) < _LONGEST_TITLE]
    signs, alike = sounds(), _alike(letters)
    for run in _RUN.finditer(folded):
        if alike.search(run.group().translate(signs)):
            syllables = characters().read(run.group())
            for start, end in _spelled(syllables, wanted, letters):
                yield run.start() + start, run.start() + end


@functools.lru_cache(maxsize=64)
def _alike(letters: str) -> re.Pattern[str]:
    """Return what the signs of a run have in them that may sound so, or has these initials.

    It tells of the first few only, which is enough: few runs are then read in vain.
    """
    known = sounds()
    spelled = [[*map(known.of, one[:-1]), known.beginning(one[-1])] for one in _readings(letters)]
    spelled.append([*map(known.beginning, letters[:_ALIKE])])
    ways = ["".join(f"[{signs}]" for signs in one[:_ALIKE]) for one in spelled if all(one)]
    return re.compile("|".join(dict.fromkeys(ways)) or "(?!)")


def _spelled(
    syllables: Sequence[str], wanted: Sequence[Sequence[str]], letters: str
) -> Iterator[tuple[int, int]]:
    """Yield where the syllables, or their initials, are those that are looked for."""
    spoken = " " + " ".join(syllables)
    for spelled in wanted:
        phrase = " " + " ".join(spelled)
        place = spoken.find(phrase)
        while place >= 0:
            start = spoken.count(" ", 0, place)
            yield start, start + len(spelled)
            place = spoken.find(phrase, place + 1)
    initials = "".join(syllable[0] for syllable in syllables)
    start = initials.find(letters) if len(letters) > 1 else -1
    while start >= 0:
        yield start, start + len(letters)
        start = initials.find(letters, start + 1)
