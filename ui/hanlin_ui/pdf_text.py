"""What is read out of a PDF of Qt's: by who copies from it, searches in it or has it read aloud.

For each glyph Qt names the first character that a font draws with it. In fonts for Chinese
that is a radical of KangXi's dictionary for 一, 人 or 文, and a tab for a space. No length
changes, so that every place in the file stays where it is.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

_KANGXI: Final = (0x2329, 0x232A, 0x2E9F, 0x2EF3, *range(0x2F00, 0x2FD6))
"""Brackets among them: Unicode itself says what these are."""
_OTHERS: Final = (
    "⺂乛 ⺃乚 ⺅亻 ⺉刂 ⺋㔾 ⺏尣 ⺐尢 ⺒巳 ⺓幺 ⺔彑 ⺕彐 ⺖忄 ⺘扌 ⺙攵 ⺛旡 ⺞歺 ⺠民 "
    "⺡氵 ⺣灬 ⺤爫 ⺦丬 ⺨犭 ⺭礻 ⺯糹 ⺰纟 ⺱罓 ⺳㓁 ⺹耂 ⺺肀 ⺾艹 ⻂衤 ⻅见 ⻆角 ⻈讠 "
    "⻉贝 ⻋车 ⻌辶 ⻐钅 ⻑長 ⻒镸 ⻓长 ⻔门 ⻖阝 ⻘青 ⻙韦 ⻚页 ⻛风 ⻜飞 ⻝食 ⻟飠 ⻠饣 "
    "⻢马 ⻣骨 ⻤鬼 ⻥鱼 ⻦鸟 ⻧卤 ⻨麦 ⻩黄 ⻪黾 ⻫斉 ⻬齐 ⻮齿 ⻯竜 ⻰龙 ⻱龜 ⻲亀 ⼾户"
)
"""Radicals of which it does not, or a traditional one, with what Chinese fonts draw alike."""
_MEANT: Final[Mapping[bytes, bytes]] = {
    b"<%04X>" % ord(said): b"<%04X>" % ord(meant)
    for said, meant in (
        ("\t", " "),
        *((chr(code), unicodedata.normalize("NFKC", chr(code))) for code in _KANGXI),
        *_OTHERS.split(),
    )
}
_MAP: Final = re.compile(rb"begincmap\n.*?\nendcmap", re.DOTALL)
_CHARACTERS: Final = re.compile(rb"\[[^\]]*\]|(?<=> )<[0-9A-F]{4}>(?=\n)")
"""The right side of a line: what its glyphs stand for, one by one or in a row."""
_CODE: Final = re.compile(rb"<[0-9A-F]{4}>")


def readable(data: bytes) -> bytes:
    """Return the PDF ``data`` with the characters that are meant."""
    return _MAP.sub(lambda found: _CHARACTERS.sub(_mended, found.group()), data)


def _mended(characters: re.Match[bytes]) -> bytes:
    return _CODE.sub(lambda one: _MEANT.get(one.group(), one.group()), characters.group())
