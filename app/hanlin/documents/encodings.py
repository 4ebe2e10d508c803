"""Text in whatever encoding: found out, read, and written back the same way."""

import codecs
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LOOKED_AT: Final = 65_536
_ZEROS: Final = 0.3


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, the encoding it was in, and the bytes that stood before it."""

    text: str
    encoding: str

    def encode(self, text: str) -> bytes:
        """Return ``text`` in the same encoding, in UTF-8 where that has not its letters."""
        try:
            return text.encode(self.encoding)
        except UnicodeEncodeError:
            return text.encode("utf-8-sig" if self.encoding.startswith("utf") else "utf-8")


def decode(content: bytes) -> Decoded:
    """Return the text of ``content``; what no encoding explains is replaced."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return Decoded(content.decode(encoding, "replace"), encoding)
    if (wide := _without_mark(content[:_LOOKED_AT])) is not None:
        return Decoded(content.decode(wide, "replace"), wide)
    try:
        return Decoded(content.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        pass
    scores: dict[str, float] = {}
    for encoding, likely in _CANDIDATES:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        foreign = [letter for letter in text[:_LOOKED_AT] if letter > "\x7f"]
        scores[encoding] = sum(likely(letter) for letter in foreign) / max(1, len(foreign))
    best = max(scores, key=lambda name: scores[name], default="latin-1")
    return Decoded(content.decode(best, "replace"), best)


def text_of(content: bytes) -> str | None:
    """Return the text of ``content``, or None where it looks like no text at all."""
    head = content[:_LOOKED_AT]
    marked = head.startswith(tuple(mark for mark, _encoding in _MARKS))
    if b"\0" in head and not marked and _without_mark(head) is None:
        return None
    return decode(content).text


def _without_mark(head: bytes) -> str | None:
    """Tell UTF-16 without a mark by its zeros."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    half = max(1, len(head) // 2)
    if odd > _ZEROS * half and not even:
        return "utf-16-le"
    if even > _ZEROS * half and not odd:
        return "utf-16-be"
    return None


_GB_COMMON: Final = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年"
    "过发后作里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心"
)
_BIG5_COMMON: Final = frozenset(
    "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年"
    "過發後作裡用道行所然家種事成方多經麼去法學如都同現當沒動面起看定天分還進好小部其些主樣理心"
)


_KOREAN_COMMON: Final = frozenset("이다는을를의가에고하지한로서도사은대기리나인아어시자해그일")


def _among(common: frozenset[str]) -> Callable[[str], float]:
    def likely(letter: str) -> float:
        if letter in common:
            return 1.0
        if letter in "，。！？、：；“”（）《》":
            return 0.8
        return 0.35 if "\u4e00" <= letter <= "\u9fff" else 0.0

    return likely


def _japanese(letter: str) -> float:
    if "\uff61" <= letter <= "\uff9f":  # half-width kana: what other encodings look like
        return 0.0
    return 0.9 if "\u3040" <= letter <= "\u30ff" or letter in "、。" else 0.3


def _korean(letter: str) -> float:
    if letter in _KOREAN_COMMON:
        return 0.95
    return 0.3 if "\uac00" <= letter <= "\ud7a3" else 0.1


def _cyrillic(letter: str) -> float:
    return 0.7 if "а" <= letter <= "я" else 0.3 if "А" <= letter <= "Я" else 0.0


def _western(letter: str) -> float:
    return 0.45 if letter in "äöüßéèàçñóíáúêâôîëïœæøåÄÖÜÉ’“”–«»€" else 0.05


_CANDIDATES: Final[tuple[tuple[str, Callable[[str], float]], ...]] = (
    ("gb18030", _among(_GB_COMMON)),
    ("big5hkscs", _among(_BIG5_COMMON)),
    ("cp932", _japanese),
    ("euc_kr", _korean),
    ("cp1251", _cyrillic),
    ("cp1252", _western),
    ("latin-1", lambda _letter: 0.01),
)
