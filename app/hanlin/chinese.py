"""What the program knows about Chinese characters: simplified ones, readings, which text is which.

The table ships with the program (``packaging/devtools/chinese.py`` makes it) and is
read when it is first asked for, in some milliseconds. Where words end is not known here.
"""

import functools
import itertools
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import hanlin_resources

LETTERS: Final = (
    "\u3005-\u3007\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U000323af"
)
"""For a pattern's brackets: letters of scripts that put no blanks between words."""
UNREAD: Final = "0"
"""In place of the reading of a letter that has none."""
_SIGNS: Final = range(0xE000, 0xF900)
"""Characters for private use: no letter of a script is one."""
_HAN: Final = re.compile("[\u3400-\u9fff]")
_SHORTEST_WORD: Final = 2

_Words = Mapping[str, Sequence[tuple[str, Sequence[str]]]]
"""Words and their syllables by how they begin, the longest first."""


@dataclass(frozen=True, slots=True)
class Characters:
    """The table. Safe to use from any thread."""

    simplified: Mapping[str, str]
    """Traditional characters and variants, and what simplified texts have instead."""
    only_traditional: frozenset[str]
    only_simplified: frozenset[str]
    readings: Mapping[str, str]
    """Simplified characters and their most common reading in pinyin, without tones."""
    syllables: frozenset[str]
    _words: _Words
    _beginnings: re.Pattern[str]

    def read(self, letters: str) -> list[str]:
        """Return one syllable for each of the simplified ``letters``, going by their words."""
        return _read(letters, self.readings, self._words, self._beginnings, UNREAD)

    def varying(self) -> dict[str, set[str]]:
        """Return the letters whose reading goes by the word, and all readings of each."""
        found: dict[str, set[str]] = {}
        for word, syllables in itertools.chain.from_iterable(self._words.values()):
            for letter, syllable in zip(word, syllables, strict=True):
                if syllable != (usual := self.readings.get(letter, UNREAD)):
                    found.setdefault(letter, {usual}).add(syllable)
        return found


class Sounds(dict[int, str]):
    """For ``str.translate``: a sign for the reading of each letter.

    They tell faster than ``Characters.read`` that a text cannot sound like something. The
    sign of a letter whose reading goes by the word is the letter itself.
    """

    def __init__(self, table: Characters) -> None:
        super().__init__()
        self._readings = table.readings
        said = sorted(set(table.readings.values()))
        self._signs = dict(zip(said, map(chr, _SIGNS), strict=False))
        self._alike = dict(self._signs)
        for letter, ways in table.varying().items():
            self[ord(letter)] = letter
            for way in ways & self._alike.keys():
                self._alike[way] += letter

    def __missing__(self, code: int) -> str:
        sign = self[code] = self._signs.get(self._readings.get(chr(code), ""), chr(code))
        return sign

    def of(self, reading: str) -> str:
        """Return the signs of the letters that may be read so."""
        return self._alike.get(reading, "")

    def beginning(self, letters: str) -> str:
        """Return the signs of the letters whose reading may begin so."""
        return "".join(signs for said, signs in self._alike.items() if said.startswith(letters))


@functools.cache
def sounds() -> Sounds:
    """Return the signs, which are made at the first call."""
    return Sounds(characters())


def _read(
    letters: str,
    readings: Mapping[str, str],
    words: _Words,
    beginnings: re.Pattern[str],
    unread: str,
) -> list[str]:
    found = [readings.get(letter, unread) for letter in letters]
    end = 0
    for beginning in beginnings.finditer(letters):
        index = beginning.start()
        if index < end:
            continue
        for word, syllables in words.get(letters[index : index + _SHORTEST_WORD], ()):
            if letters.startswith(word, index):
                end = index + len(word)
                found[index:end] = syllables
                break
    return found


@functools.cache
def characters() -> Characters:
    """Return the table, which is read at the first call."""
    table = _table("characters.json")
    words = _words_of(table)
    return Characters(
        simplified=dict(zip(table["traditional"], table["simplified"], strict=True)),
        only_traditional=frozenset(table["only_traditional"]),
        only_simplified=frozenset(table["only_simplified"]),
        readings=_readings_of(table),
        syllables=frozenset(one for one in table["readings"] if set(one) & set("aeiouv")),
        _words=words,
        _beginnings=_beginnings_of(words),
    )


def pinyin(text: str) -> str:
    """Return how Chinese ``text`` is read, with tones; "" when nothing of it is Chinese."""
    if not _HAN.search(text):
        return ""
    readings, words, beginnings = _tones()
    known = characters().simplified
    letters = "".join(known.get(letter, letter) for letter in text)
    syllables = _read(letters, readings, words, beginnings, "")
    # What has no reading stands as it is: Latin letters, marks.
    pairs = zip(letters, syllables, strict=True)
    spaced = "".join(f" {syllable} " if syllable else letter for letter, syllable in pairs)
    return " ".join(spaced.split())


@functools.cache
def _tones() -> tuple[Mapping[str, str], _Words, re.Pattern[str]]:
    table = _table("tones.json")
    words = _words_of(table)
    return _readings_of(table), words, _beginnings_of(words)


def _table(name: str) -> dict[str, Any]:
    file = hanlin_resources.folder("chinese") / name
    table: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return table


def _readings_of(table: Mapping[str, Any]) -> dict[str, str]:
    return {
        letter: syllable for syllable, letters in table["readings"].items() for letter in letters
    }


def _words_of(table: Mapping[str, Any]) -> _Words:
    found: dict[str, list[tuple[str, Sequence[str]]]] = {}
    for word in sorted(table["words"], key=len, reverse=True):
        reading = tuple(table["words"][word].split())
        found.setdefault(word[:_SHORTEST_WORD], []).append((word, reading))
    return found


def _beginnings_of(words: _Words) -> re.Pattern[str]:
    return re.compile("[" + "".join({word[0] for word in words}) + "]")


def script_of(text: str) -> str:
    """Return ``zh_CN``, ``zh_TW``, ``zh`` for Chinese that could be either, or ""."""
    if _HAN.search(text) is None:
        return ""
    table = characters()
    simplified = sum(letter in table.only_simplified for letter in text)
    traditional = sum(letter in table.only_traditional for letter in text)
    if simplified == traditional:
        return "zh"
    return "zh_CN" if simplified > traditional else "zh_TW"
