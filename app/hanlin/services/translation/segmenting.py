"""Sentences of a text, with every character kept: joined again they are the text.

Rules of our own: ``pysbd`` rests since 2021 and rewrites the text, ``sentence-splitter`` is
LGPL, ``blingfire`` brings 40 MB; none of them knows Chinese quotes.
"""

import re
from collections.abc import Iterator
from typing import Final

from hanlin.domain.translation import Sentence

_QUOTES: Final = re.escape("\"'”’」』）)】》〉]｝}»")
_END: Final = re.compile(
    rf"(?:[。！？!?｡။។༎।۔؟]+|…{{1,2}}(?=[{_QUOTES}\s]|$)|\.{{1,6}})"
    rf"(?:[{_QUOTES}]|</[A-Za-z][\w:.-]*>)*"
)
_WIDE: Final = frozenset("。！？｡။។༎।…")
_SHORT: Final = frozenset(
    {
        "mr", "mrs", "ms", "dr", "prof", "sr", "jr", "st", "gen", "col", "capt", "lt", "sgt",
        "rev", "hon", "pres", "gov", "sen", "rep", "vs", "etc", "eg", "ie", "cf", "al",
        "approx", "dept", "est", "fig", "figs", "no", "nos", "vol", "vols", "pp", "ch", "chap",
        "sec", "eq", "inc", "ltd", "co", "corp", "bros", "jan", "feb", "mar", "apr", "jun",
        "jul", "aug", "sep", "sept", "oct", "nov", "dec", "mon", "tue", "wed", "thu", "fri",
        "sat", "sun", "am", "pm", "u.s", "u.k", "e.g", "i.e", "a.m", "p.m", "ph.d", "bzw",
        "usw", "ca", "vgl", "nr", "str", "bspw", "evtl", "ggf", "inkl", "mme", "mlle", "env",
        "sra", "srta", "ud", "uds", "г", "ул", "им", "тыс", "млн",
    }
)  # fmt: skip
_GOING_ON: Final = ("，", ",", "、", "的", "地", "；", "：", ")", "）", "と", "って")
_FIRST_WIDE: Final = 0x2E80
_LIST_NUMBER: Final = re.compile(r"\s*(?:\d{1,3}|[ivxIVX]{1,4})")
_LINE: Final = re.compile(r"[^\n]*\n?")
_MANY: Final = 1_500
"""Characters beyond which a sentence is broken at a comma, so that it fits small contexts."""
_SOFT: Final = re.compile(r"[，,、；;：:]\s*")


def sentences(text: str, longest: int = _MANY) -> list[Sentence]:
    """Return the sentences of ``text``; what is between them belongs to one of them."""
    found: list[Sentence] = []
    for line in _LINE.findall(text):
        for part in _parts(line):
            for piece in _broken(part, longest):
                _add(found, piece)
    return found


def joined(found: list[Sentence]) -> str:
    """Return the text that the sentences came from."""
    return "".join(one.before + one.text + one.after for one in found)


def _add(found: list[Sentence], piece: str) -> None:
    core = piece.strip()
    if not core:
        if piece and found:
            last = found.pop()
            piece = last.after + piece
            found.append(Sentence(last.text, last.before, piece))
        elif piece:
            found.append(Sentence("", piece))
        return
    start = piece.index(core)
    before, after = piece[:start], piece[start + len(core) :]
    if found and not found[-1].text:  # white space at the very beginning
        blank = found.pop()
        before = blank.before + blank.after + before
    found.append(Sentence(core, before, after))


def _parts(line: str) -> Iterator[str]:
    begin = 0
    for match in _END.finditer(line):
        if match.start() < begin:
            continue
        if _ends(line, match):
            end = match.end()
            while end < len(line) and line[end] in " \t\u3000":
                end += 1
            yield line[begin:end]
            begin = end
    if begin < len(line):
        yield line[begin:]


def _ends(line: str, match: "re.Match[str]") -> bool:
    """Tell whether a mark ends a sentence, and not an abbreviation or a number."""
    marks, before, following = match.group(), line[: match.start()], line[match.end() :]
    if not before:
        return False
    if _WIDE & set(marks):
        # A quote with a full stop inside may be the middle of a sentence.
        return not following.startswith(_GOING_ON)
    if following and not following[0].isspace():
        # Chinese follows without a space; anything else is a name, a number or an address.
        wide = ord(following[0]) > _FIRST_WIDE
        return wide and (marks[0] != "." or before[-1].isalpha())
    after = following.lstrip()
    if not after:
        return True
    if after[0].islower() or (marks[0] == "." and _is_short(before)):
        return False
    return marks != "." or not _LIST_NUMBER.fullmatch(before)


def _is_short(before: str) -> bool:
    word = re.split(r"[\s(（\"“'‘/]", before)[-1].casefold()
    return word in _SHORT or (bool(re.fullmatch(r"(?:[^\W\d_]\.)*[^\W\d_]", word)) and word != "i")


def _broken(part: str, longest: int) -> Iterator[str]:
    while len(part) > longest:
        cut = max((match.end() for match in _SOFT.finditer(part, 0, longest)), default=0)
        if cut < longest // 4:
            cut = part.rfind(" ", 0, longest) + 1 or longest
        yield part[:cut]
        part = part[cut:]
    if part:
        yield part
