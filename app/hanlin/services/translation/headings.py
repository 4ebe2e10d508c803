"""Headings for a model that knows whole sentences alone.

Asked for 我们的花园 it makes up a sentence about the garden. Asked for 这是我们的花园。 it says
“This is our garden.”, and the heading stands in there. When that is tried, and when the answer
is believed, is the translator's business.
"""

import re
from collections.abc import Mapping
from typing import Final

from hanlin.services.translation.masking import STOPS

_FRAMES: Final[Mapping[str, tuple[str, str]]] = {"zh": ("这是", "。"), "en": ("This is ", ".")}
_SAID: Final = re.compile(r"[^\W_]")


def is_expanded(text: str, answer: str) -> bool:
    """Tell whether a sentence was made of what is none."""
    return not text.rstrip().endswith(STOPS) and answer.rstrip().endswith(STOPS)


def framed(text: str, language: str) -> str:
    """Return a sentence with a heading in it; "" where none is known."""
    if language not in _FRAMES:
        return ""
    before, after = _FRAMES[language]
    words = text.strip()
    if language == "en" and words[1:2].islower():
        words = words[:1].lower() + words[1:]
    return f"{before}{words}{after}"


def taken_out(sentence: str, language: str) -> str:
    """Return the heading in a translated sentence, "" where it is not of that form."""
    before, after = _FRAMES.get(language, ("", ""))
    said = sentence.strip()
    if not before or not said.startswith(before) or not said.endswith(after):
        return ""
    words = said[len(before) : -len(after)].strip()
    return words[:1].upper() + words[1:]


def says_the_same(one: str, other: str) -> bool:
    """Tell whether two sentences have the same letters in the same order."""
    return _SAID.findall(one.casefold()) == _SAID.findall(other.casefold())
