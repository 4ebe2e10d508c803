"""Which fonts the window asks for, so that Chinese is drawn with Chinese glyphs.

Without a named family, fontconfig may answer a Chinese character with a
Japanese face (Han unification) or with an empty box. No font is bundled: the
packages recommend one and ``hanlin doctor`` looks for it.
"""

import sys
from typing import Final

from PySide6.QtGui import QFont, QFontMetrics

_CHINESE = {
    "darwin": ("PingFang SC", "Hiragino Sans GB"),
    "win32": ("Microsoft YaHei UI", "Microsoft YaHei", "SimSun"),
}
_CHINESE_ELSEWHERE = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Noto Sans SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
)
_MONOSPACE = {
    "darwin": ("SF Mono", "Menlo"),
    "win32": ("Cascadia Mono", "Consolas"),
}
_MONOSPACE_ELSEWHERE = ("DejaVu Sans Mono", "Noto Sans Mono", "Liberation Mono")
# What Qt reports on Linux when nobody chose a font: its Latin does not go with Noto's Chinese.
_NOT_A_CHOICE = ("", "Sans Serif", "Sans", "DejaVu Sans", "sans-serif")
_SMALLEST_POINTS = 10.5


def interface_font(system: QFont, chosen: str = "", percent: int = 100) -> QFont:
    """Return the font of the interface: the system's, with Chinese families behind it.

    ``chosen`` is a family that the person prefers, ``percent`` how large it is to be.
    """
    chinese = _CHINESE.get(sys.platform, _CHINESE_ELSEWHERE)
    family = system.family()
    families = [*chinese, family] if family in _NOT_A_CHOICE else [family, *chinese]
    font = QFont(system)
    font.setFamilies([name for name in (chosen, *families) if name])
    font.setPointSizeF(max(system.pointSizeF(), _SMALLEST_POINTS) * percent / 100)
    return font


def code_font(interface: QFont) -> QFont:
    """Return the fixed-width font that goes with ``interface``."""
    font = QFont(interface)
    font.setFamilies(
        [
            *_MONOSPACE.get(sys.platform, _MONOSPACE_ELSEWHERE),
            *_CHINESE.get(sys.platform, _CHINESE_ELSEWHERE),
        ]
    )
    font.setStyleHint(QFont.StyleHint.Monospace)
    font.setFixedPitch(True)
    font.setPointSizeF(interface.pointSizeF() * 0.95)
    return font


NO_CHINESE: Final = (
    "Chinese text appears as empty boxes: this computer has no Chinese font. On Debian and Ubuntu:"
    " sudo apt-get install fonts-noto-cjk, then start Hanlin again."
)
"""In English in every language: where it is true, Chinese cannot be read."""


def draws_chinese(font: QFont) -> bool:
    """Tell whether ``font``, with its substitutes, has a glyph for 你."""
    return QFontMetrics(font).inFontUcs4(ord("你"))
