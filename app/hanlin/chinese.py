"""What the program knows about Chinese characters: simplified ones, readings, which text is which.

The table ships with the program (``packaging/devtools/chinese.py`` makes it) and is
read when it is first asked for, in some milliseconds. Where words end is not known here.
"""

import functools
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
_HAN: Final = re.compile("[\u3400-\u9fff]")
_LONGEST_WORD: Final = 4
_SHORTEST_WORD: Final = 2


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
    _words: Mapping[str, Sequence[str]]
    _beginnings: re.Pattern[str]

    def read(self, letters: str) -> list[str]:
        """Return one syllable for each of the simplified ``letters``, going by their words."""
        return _read(letters, self.readings, self._words, self._beginnings, UNREAD)


def _read(
    letters: str,
    readings: Mapping[str, str],
    words: Mapping[str, Sequence[str]],
    beginnings: re.Pattern[str],
    unread: str,
) -> list[str]:
    found = [readings.get(letter, unread) for letter in letters]
    end = 0
    for beginning in beginnings.finditer(letters):
        index = beginning.start()
        if index < end:
            continue
        for length in range(_LONGEST_WORD, _SHORTEST_WORD - 1, -1):
            word = words.get(letters[index : index + length])
            if word is not None:
                end = index + len(word)
                found[index:end] = word
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
def _tones() -> tuple[Mapping[str, str], Mapping[str, Sequence[str]], re.Pattern[str]]:
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


def _words_of(table: Mapping[str, Any]) -> dict[str, Sequence[str]]:
    return {word: tuple(reading.split()) for word, reading in table["words"].items()}


def _beginnings_of(words: Mapping[str, Sequence[str]]) -> re.Pattern[str]:
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
