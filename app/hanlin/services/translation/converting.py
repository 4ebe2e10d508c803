"""Chinese characters from simplified to traditional and back, with the words of the regions.

No model is needed: OpenCC knows 软件 as 軟體. Cantonese is a language of its own.
"""

from functools import cache
from typing import Final

from opencc import OpenCC

from hanlin.domain.translation import Direction

_WAYS: Final = {("zh", "zh-Hant"): "s2twp", ("zh-Hant", "zh"): "tw2sp"}


def converts(direction: Direction) -> bool:
    """Tell whether the direction is a matter of characters and words alone."""
    return (direction.source, direction.target) in _WAYS


def converted(text: str, direction: Direction) -> str:
    """Return ``text`` in the other characters."""
    return str(_converter(_WAYS[direction.source, direction.target]).convert(text))


@cache
def _converter(name: str) -> OpenCC:
    return OpenCC(name)
