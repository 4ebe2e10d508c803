"""What is shown of a single word beside its translation: how it is read and written.

There is no dictionary in the box: meanings come from the model, and are the page's business.
"""

import re
from dataclasses import dataclass
from typing import Final

from hanlin import chinese
from hanlin.domain.languages import CHINESE, LANGUAGES
from hanlin.domain.translation import Direction
from hanlin.services.translation import converting

_MOST_WIDE: Final = 6
_MOST_WORDS: Final = 2
_MOST_LETTERS: Final = 40
_WORD: Final = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it is written, read, and written in the other characters; "" where not known."""

    text: str
    reading: str = ""
    other: str = ""


def is_word(text: str, language: str) -> bool:
    """Tell whether ``text`` is a word (or two) rather than a sentence."""
    words = text.strip().split()
    if not words or len(words) > _MOST_WORDS or len(text) > _MOST_LETTERS:
        return False
    if not all(_WORD.fullmatch(word) for word in words):
        return False
    spaced = language not in LANGUAGES or LANGUAGES[language].spaced
    return spaced or len("".join(words)) <= _MOST_WIDE


def word(text: str, language: str) -> Word:
    """Return what is known of a word of ``language``."""
    text = text.strip()
    if language not in CHINESE:
        return Word(text)
    reading = "" if language == "yue" else chinese.pinyin(text)
    return Word(text, reading, _otherwise(text, language))


def _otherwise(text: str, language: str) -> str:
    """Return the word in traditional characters, or in simplified ones."""
    way = Direction("zh", "zh-Hant") if language == "zh" else Direction("zh-Hant", "zh")
    other = converting.converted(text, way)
    return other if other != text else ""
