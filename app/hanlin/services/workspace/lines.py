"""Lines of a file with their own ends, and where a change belongs among them.

A change is placed only where there is one place for it; whatever is doubtful is refused. Which
file it is, and reading and writing, do not belong here.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Final

LF: Final = "\n"
CRLF: Final = "\r\n"


@dataclass(frozen=True, slots=True)
class Line:
    """One line. ``end`` is "" for a last line that nothing ends."""

    text: str
    end: str


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines that stand for others. ``line`` is where the old ones are said to begin, from 0.

    ``old_bare`` and ``new_bare``: whether the last line is said to have no end; None when
    nothing is said.
    """

    old: tuple[str, ...]
    new: tuple[str, ...]
    line: int | None = None
    old_bare: bool | None = None
    new_bare: bool | None = None


class NoPlaceError(Exception):
    """A hunk has no place; ``several`` when it has more than one."""

    def __init__(self, *, several: bool) -> None:
        super().__init__()
        self.several = several


def split(text: str) -> list[Line]:
    """Return the lines of ``text``; joined again they are ``text``."""
    *whole, last = text.split(LF)
    lines = [Line(one[:-1], CRLF) if one.endswith("\r") else Line(one, LF) for one in whole]
    return [*lines, Line(last, "")] if last else lines


def join(lines: Sequence[Line]) -> str:
    """Return the text of ``lines``."""
    return "".join(line.text + line.end for line in lines)


def usual_end(lines: Sequence[Line]) -> str:
    """Return how most lines end."""
    windows = sum(line.end == CRLF for line in lines)
    return CRLF if windows > sum(line.end == LF for line in lines) else LF


def apply(lines: Sequence[Line], hunks: Sequence[Hunk]) -> list[Line]:
    """Return ``lines`` with every hunk in its place. Raises NoPlaceError, and nothing is half done.

    Every hunk is looked for in ``lines`` as they are; two that overlap have no place.
    """
    end = usual_end(lines)
    drift = 0
    placed: list[tuple[int, int, list[Line], Hunk]] = []
    for hunk in hunks:
        start, fitted, exact = _place(lines, hunk, drift)
        if hunk.line is not None:
            drift = start - hunk.line
        stop = start + len(fitted.old)
        placed.append((start, stop, _fill(lines[start:stop], fitted, end, exact=exact), hunk))
    placed.sort(key=lambda one: one[:2])
    result: list[Line] = []
    done = 0
    for start, stop, made, _hunk in placed:
        if start < done:
            raise NoPlaceError(several=False)
        result += [*lines[done:start], *made]
        done = stop
    result += lines[done:]
    bare = bool(lines) and not lines[-1].end
    if placed and placed[-1][1] == len(lines) and placed[-1][3].new_bare is not None:
        bare = placed[-1][3].new_bare
    whole = [line if line.end else replace(line, end=end) for line in result]
    if whole and bare:
        whole[-1] = replace(whole[-1], end="")
    return whole


def rewrite(lines: Sequence[Line], text: str) -> list[Line]:
    """Return ``text`` as lines: those that stay keep their ends, new ones end as most do."""
    new = [line.text for line in split(text)]
    end = usual_end(lines)
    made = _fill(lines, Hunk(tuple(line.text for line in lines), tuple(new)), end, exact=False)
    whole = [line if line.end else replace(line, end=end) for line in made]
    if whole and lines and not lines[-1].end:
        whole[-1] = replace(whole[-1], end="")
    return whole


def _place(lines: Sequence[Line], hunk: Hunk, drift: int) -> tuple[int, Hunk, bool]:
    """Return where ``hunk`` belongs, the hunk as it fits there, and whether it fits to the byte."""
    if not hunk.old:
        if lines:
            raise NoPlaceError(several=True)  # nothing says where
        return 0, hunk, False
    raw = [line.text + "\r" if line.end == CRLF else line.text for line in lines]
    plain = [line.text for line in lines]
    bare = replace(hunk, old=_plain(hunk.old), new=_plain(hunk.new))
    steps: tuple[tuple[Hunk, Sequence[str], Callable[[str], str], bool], ...] = (
        (hunk, raw, str, True),
        (bare, plain, str, False),
        (bare, plain, str.rstrip, False),
    )
    for wanted, there, seen, exact in steps:
        found = list(
            _places(lines, [seen(one) for one in there], tuple(map(seen, wanted.old)), hunk)
        )
        if found:
            return _choose(found, hunk, drift), wanted, exact
    return _place_shifted(plain, bare)


def _places(
    lines: Sequence[Line], there: Sequence[str], old: tuple[str, ...], hunk: Hunk
) -> Iterator[int]:
    first, length = old[0], len(old)
    for start in range(len(there) - length + 1):
        if there[start] == first and tuple(there[start : start + length]) == old:
            last = start + length == len(lines)
            if hunk.old_bare and not (last and not lines[-1].end):
                continue
            if hunk.new_bare and not last:
                continue
            yield start


def _choose(found: Sequence[int], hunk: Hunk, drift: int) -> int:
    if len(found) == 1:
        return found[0]
    if hunk.line is not None and hunk.line + drift in found:
        return hunk.line + drift
    raise NoPlaceError(several=True)


def _place_shifted(plain: Sequence[str], hunk: Hunk) -> tuple[int, Hunk, bool]:
    """Place a hunk that was written without the blanks that all its lines begin with."""
    least = _indent(hunk.old)
    old = tuple(one[len(least) :].rstrip() for one in hunk.old)
    found: list[tuple[int, str]] = []
    for start in range(len(plain) - len(old) + 1):
        window = plain[start : start + len(old)]
        there = _indent(window)
        if there != least and old == tuple(one[len(there) :].rstrip() for one in window):
            found.append((start, there))
    if len(found) != 1:
        raise NoPlaceError(several=bool(found))
    start, there = found[0]
    if any(one.strip() and not one.startswith(least) for one in hunk.new):
        raise NoPlaceError(several=False)
    new = tuple(there + one[len(least) :] if one.strip() else one for one in hunk.new)
    old_here = tuple(plain[start : start + len(old)])
    return start, replace(hunk, old=old_here, new=new), False


def _indent(texts: Sequence[str]) -> str:
    """Return the blanks that all lines with anything begin with."""
    blanks = [one[: len(one) - len(one.lstrip(" \t"))] for one in texts if one.strip()]
    if not blanks:
        return ""
    least, most = min(blanks), max(blanks)
    same = next((n for n, (a, b) in enumerate(zip(least, most, strict=False)) if a != b), None)
    return least[: len(least) if same is None else same]


def _plain(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(one.removesuffix("\r") for one in texts)


def _fill(old: Sequence[Line], hunk: Hunk, end: str, *, exact: bool) -> list[Line]:
    """Return the new lines; one that stays is the very line that was there."""
    if exact:
        return [Line(one[:-1], CRLF) if one.endswith("\r") else Line(one, LF) for one in hunk.new]
    made: list[Line] = []
    matcher = SequenceMatcher(None, list(hunk.old), list(hunk.new), autojunk=False)
    for kind, start, stop, begin, last in matcher.get_opcodes():
        if kind == "equal":
            made += old[start:stop]
        else:
            made += [Line(one, end) for one in hunk.new[begin:last]]
    return made
