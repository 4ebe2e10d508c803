"""Writing that no font of this computer has.

Qt looks for such a script in font after font, once for each size: a twentieth of a second and
more, each time. What is done about it is decided by who shows the text.
"""

import functools
import re
from typing import Final

from PySide6.QtGui import QFontDatabase

_System = QFontDatabase.WritingSystem
_SYSTEMS: Final = {
    0x70: _System.Syriac,
    0x78: _System.Thaana,
    0x90: _System.Devanagari,
    0x98: _System.Bengali,
    0xA0: _System.Gurmukhi,
    0xA8: _System.Gujarati,
    0xB0: _System.Oriya,
    0xB8: _System.Tamil,
    0xC0: _System.Telugu,
    0xC8: _System.Kannada,
    0xD0: _System.Malayalam,
    0xD8: _System.Sinhala,
    0x178: _System.Khmer,
}
"""By the first code point of their 128, divided by 16: those that have to be shaped."""
_SHAPED: Final = re.compile("[\u0700-\u074f\u0780-\u07bf\u0900-\u0dff\u1780-\u17ff]")


def second_script(text: str) -> int | None:
    """Return the place where a second script begins that no font has, None if there is none."""
    met: set[int] = set()
    for letter in _SHAPED.finditer(text):
        script = _script(letter[0])
        if script not in met and script in _unknown():
            met.add(script)
            if len(met) > 1:
                return letter.start()
    return None


def is_undrawn(letter: str) -> bool:
    """Tell whether ``letter`` is of a script that no font has."""
    return _script(letter) in _unknown()


def _script(letter: str) -> int:
    return ord(letter) >> 7 << 3


@functools.cache
def _unknown() -> frozenset[int]:
    """Return the scripts that no font has. Fonts installed later count after a new start."""
    return frozenset(
        script for script, system in _SYSTEMS.items() if not QFontDatabase.families(system)
    )
