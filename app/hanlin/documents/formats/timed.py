"""Subtitles: SubRip, WebVTT and (Advanced) SubStation Alpha. Times and styles stay."""

import re
from collections.abc import Sequence
from typing import Final

from hanlin.documents.splicing import Edit, Found, Unit, has_words, simple

_TIMES: Final = re.compile(
    r"^[ \t]*(?:\d+:)?\d{1,2}:\d{2}[.,]\d{1,3}[ \t]*-->[ \t]*(?:\d+:)?\d{1,2}:\d{2}[.,]\d{1,3}.*$",
    re.MULTILINE,
)
_CUE_END: Final = re.compile(r"\r?\n[ \t]*(?:\r?\n|\Z)|\Z")
_EVENT: Final = re.compile(r"^Dialogue:[ \t]*((?:[^,\n]*,){9})([^\r\n]*)", re.MULTILINE)
_WIDE_LINE, _LINE = 20, 42


def cues(source: str) -> Found:
    """Find the cues of SubRip and WebVTT."""
    found = Found(source)
    for times in _TIMES.finditer(source):
        start = times.end()
        start += 2 if source.startswith("\r\n", start) else 1
        end_match = _CUE_END.search(source, min(start, len(source)))
        end = end_match.start() if end_match else len(source)
        raw = source[start:end]
        if start < end and has_words(raw):
            found.units.append(_cue(start, end, raw))
    return found


def events(source: str) -> Found:
    """Find the dialogue of a SubStation file; its codes are masked by the translator."""
    found = Found(source)
    for match in _EVENT.finditer(source):
        if has_words(match.group(2)) and "{\\p1}" not in match.group(2):
            found.units.append(simple(*match.span(2), match.group(2), "\\N"))
    return found


def _cue(start: int, end: int, raw: str) -> Unit:
    newline = "\r\n" if "\r\n" in raw else "\n"
    lines = raw.splitlines()
    wide = raw[-1] > "\u2e80"
    dialogue = len(lines) > 1 and all(line.lstrip().startswith(("-", "–", "—")) for line in lines)
    text = "\n".join(lines) if dialogue else ("" if wide else " ").join(map(str.strip, lines))

    def write(target: str, *, bilingual: bool) -> Sequence[Edit]:
        shown = target if dialogue else wrapped(target, len(lines))
        shown = shown.replace("\n", newline)
        return (Edit(start, end, f"{raw}{newline}{shown}" if bilingual else shown),)

    return Unit(text, write)


def wrapped(text: str, lines: int) -> str:
    """Return ``text`` in as many lines of about the same length as the source had."""
    wide = sum(letter > "\u2e80" for letter in text) > len(text) // 2
    if lines < 2 or len(text) <= (_WIDE_LINE if wide else _LINE) // 2:  # noqa: PLR2004
        return text
    goal, pieces, rest = len(text) / lines, [], text
    for _ in range(lines - 1):
        spots = [
            at
            for at in range(1, len(rest))
            if (rest[at - 1] in "，、。；：！？" if wide else rest[at] == " ")
        ] or ([round(goal)] if wide else [])
        if not spots or "<" in rest:
            break
        cut = min(spots, key=lambda at: abs(at - goal))
        pieces.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return "\n".join([*pieces, rest])
