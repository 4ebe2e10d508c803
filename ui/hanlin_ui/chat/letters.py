"""Letters that were never shown before: their fonts are looked for a few at a time.

The first letter of each script costs Qt up to tens of milliseconds, while it goes through the
fonts of the system, in prose and in code. An answer in fifty scripts would hold the window up
for a second; in the languages that a person reads nothing of this is ever noticed.
"""

import functools
import re
import time
from collections.abc import Iterator
from itertools import islice, pairwise
from typing import Final

from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication

from hanlin_ui.chat.undrawn import is_undrawn
from hanlin_ui.theme.fonts import code_font

_PAGE: Final = 7
"""Bits: letters of the same 128 are of one script, nearly always."""
_USUAL_PAGES: Final = 6
"""New scripts in one answer that are found on the way."""
_UNUSUAL: Final = re.compile(
    "[^\0-\u052f\u2000-\u2bff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\ufe30-\uffff"
    "\U0001f300-\U0001faff\U00020000-\U0003ffff]"
)
RESTLESS: Final = 60
"""Changes between unusual scripts in one text, from which it is no language any more."""
_LOOKED_AT: Final = 20_000
"""Letters at the beginning of a text."""
Sought = tuple[str, bool]
"""A letter, and whether it is one of code."""
_shown: set[int] = set()


def of_new_scripts(text: str) -> list[Sought]:
    """Return one letter of each script in ``text`` that was not shown yet, in prose and in code.

    For a few of them it is [], unless one has no font: nothing is looked for longer.
    """
    new = {ord(letter) >> _PAGE: letter for letter in set(_UNUSUAL.findall(text))}
    for page in _shown:
        new.pop(page, None)
    if len(new) <= _USUAL_PAGES and not any(map(is_undrawn, new.values())):
        _shown.update(new)
        return []
    return [(letter, is_code) for letter in new.values() for is_code in (True, False)]


def find_fonts(letters: list[Sought], seconds: float) -> None:
    """Take letters from the end of ``letters`` and find fonts for them, for about ``seconds``."""
    prose, code = _metrics(QApplication.font().key())
    end = time.monotonic() + seconds
    while letters and time.monotonic() < end:
        letter, is_code = letters.pop()
        (code if is_code else prose).horizontalAdvance(letter)
        if is_code:  # it comes second
            _shown.add(ord(letter) >> _PAGE)


@functools.lru_cache(maxsize=1)
def _metrics(_font: str) -> tuple[QFontMetrics, QFontMetrics]:
    """Return what measures prose and code. Without it Qt forgets what it found for code."""
    prose = QApplication.font()
    return QFontMetrics(prose), QFontMetrics(code_font(prose))


def changes(text: str) -> Iterator[int]:
    """Yield where ``text`` goes from script to script: each costs a layout of its own."""
    for one, other in pairwise(_UNUSUAL.finditer(text, 0, _LOOKED_AT)):
        if ord(one[0]) >> _PAGE != ord(other[0]) >> _PAGE:
            yield other.start()


def restless_from(text: str, most: int = RESTLESS) -> int | None:
    """Return where ``text`` changes its script for the ``most``-th time, None if never."""
    return next(islice(changes(text), most - 1, None), None)


def forget() -> None:
    """Know no script any more, as at the program's start."""
    _shown.clear()
