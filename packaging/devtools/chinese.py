"""The table of Chinese characters that ships: made from OpenCC's and pypinyin's data.

Runs inside .venv by hand, ``.venv/bin/python packaging/devtools/chinese.py``, when one of
the two has new data. The program itself imports neither: pypinyin alone takes 0.3 s
to import and reads 64,000 characters a second, a twentieth of what an index needs.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import opencc
from pypinyin import Style, lazy_pinyin
from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

FOLDER: Final = Path(__file__).resolve().parents[2] / "resources/hanlin_resources/chinese"
_RANGES: Final = ((0x3400, 0xA000), (0xF900, 0xFB00), (0x20000, 0x323B0))
_READ: Final = ((0x3007, 0x3008), (0x3400, 0x4DC0), (0x4E00, 0xA000))
_LONGEST: Final = 4


def table() -> dict[str, object]:
    """Return what ``hanlin.chinese`` reads."""
    simplified = _simplified()
    to_traditional = opencc.OpenCC("s2t")
    readings = _readings()
    return {
        "about": "Made by packaging/devtools/chinese.py from OpenCC (Apache-2.0) and pypinyin "
        "(MIT). Characters with the simplified ones that replace them; characters that only "
        "simplified or only traditional texts have; readings; words that are read otherwise.",
        "traditional": "".join(simplified),
        "simplified": "".join(simplified.values()),
        # What the other region's own character set has too proves nothing.
        "only_traditional": "".join(one for one in simplified if not _is_in(one, "gb2312")),
        "only_simplified": "".join(
            one
            for one in _letters(((0x4E00, 0xA000),))
            if to_traditional.convert(one) != one and not _is_in(one, "big5")
        ),
        "readings": _by_syllable(readings),
        "words": _words(readings, simplified, Style.NORMAL),
    }


def tones() -> dict[str, object]:
    """Return what ``hanlin.chinese`` shows a person: readings with their tones."""
    common = {
        letter: lazy_pinyin(letter, style=Style.TONE)[0]
        for letter in _readings()
        if _is_in(letter, "gb18030") and (_is_in(letter, "gb2312") or _is_in(letter, "big5"))
    }
    return {
        "about": "Made by packaging/devtools/chinese.py from pypinyin (MIT): common characters by "
        "their reading with its tone; words that are read otherwise.",
        "readings": _by_syllable(common),
        "words": _words(common, _simplified(), Style.TONE),
    }


def _by_syllable(readings: dict[str, str]) -> dict[str, str]:
    found = defaultdict(list)
    for letter, syllable in readings.items():
        found[syllable].append(letter)
    return {syllable: "".join(letters) for syllable, letters in sorted(found.items())}


def _simplified() -> dict[str, str]:
    convert = opencc.OpenCC("t2s").convert
    found = {}
    for letter in _letters(_RANGES):
        other = convert(convert(letter))
        if other != letter and len(other) == 1:
            found[letter] = other
    return found


def _readings() -> dict[str, str]:
    return {
        letter: syllable
        for letter in _letters(_READ)
        if ord(letter) in PINYIN_DICT
        if (syllable := lazy_pinyin(letter)[0]).isascii() and syllable.isalpha()
    }


def _words(readings: dict[str, str], simplified: dict[str, str], style: Style) -> dict[str, str]:
    """Return the words whose readings their single characters do not tell."""
    found = {}
    for word in PHRASES_DICT:
        if len(word) > _LONGEST or any(letter in simplified for letter in word):
            continue
        syllables = lazy_pinyin(word, style=style)
        plain = [readings.get(letter) for letter in word]
        if len(syllables) == len(word) and syllables != plain and None not in plain:
            found[word] = " ".join(syllables)
    return dict(sorted(found.items()))


def _letters(ranges: tuple[tuple[int, int], ...]) -> Iterator[str]:
    for first, end in ranges:
        yield from map(chr, range(first, end))


def _is_in(letter: str, encoding: str) -> bool:
    try:
        letter.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, content in (("characters.json", table()), ("tones.json", tones())):
        file = FOLDER / name
        file.write_text(json.dumps(content, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
        sys.stdout.write(f"{file}: {file.stat().st_size} bytes\n")
