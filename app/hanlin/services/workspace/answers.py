"""What a model's answer wants changed: read leniently, because models write as they like.

Three ways are understood: blocks of SEARCH and REPLACE, unified diffs, and whole files. What
is read here is only a wish; whether it fits a file is seen in ``changes``.
"""

import itertools
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto
from typing import Final

from hanlin.services.workspace.languages import language_of
from hanlin.services.workspace.lines import Hunk


class Act(StrEnum):
    """What is wanted of a file."""

    EDIT = "edit"
    """Change what the hunks say; a file that is not there is made."""
    WHOLE = "whole"
    """Be ``text`` from now on."""
    REMOVE = "remove"
    RENAME = "rename"
    BINARY = "binary"
    UNCLEAR = "unclear"
    """The answer contradicts itself."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted of one file. ``name`` is as the model wrote it, "" for a nameless block."""

    act: Act
    name: str
    hunks: tuple[Hunk, ...] = ()
    text: str = ""
    language: str = ""
    new_file: bool = False


@dataclass(slots=True)
class _Fence:
    info: str
    before: str
    """The last line with anything before it."""
    body: list[str] = field(default_factory=list)


_FENCE: Final = re.compile(r"^ {0,3}(`{3,}|~{3,})[ \t]*([^`\n]*?)\s*$")
_SEARCH: Final = re.compile(r"^<{5,9} ?(SEARCH|ORIGINAL)\b.*$")
_DIVIDER: Final = re.compile(r"^={5,9}\s*$")
_REPLACE: Final = re.compile(r"^>{5,9} ?(REPLACE|UPDATED)\b.*$")
_TITLE: Final = re.compile(r"^(?:title|path|file|filename)=")
_HUNK: Final = re.compile(r"^@@ ?(?:-(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))?)? ?@*")
_NAME: Final = re.compile(r"^[^\s:*?\"<>|`]+$")
_LABEL: Final = re.compile(
    r"^(?:new |新建)?(?:file(?: ?name)?|path|文件|文件名|路径)\s*[:：]\s*", re.IGNORECASE
)
_COMMENT: Final = re.compile(r"^\s*(?:#|//|--|/\*|<!--|;|%)+!?\s*(.*?)\s*(?:\*/|-->)?\s*$")
_DIFFS: Final = frozenset({"diff", "patch", "udiff"})
_OCTAL: Final = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_ESCAPES: Final = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f"}
_NOWHERE: Final = "/dev/null"


def read(answer: str, known: Collection[str] = ()) -> list[Wish]:
    """Return what ``answer`` wants changed, in its order; nothing is looked up.

    ``known`` are names of files that may be meant, besides those that look like code.
    """
    return _Reader(frozenset(known)).read(answer)


class _Reader:
    """Reads one answer, knowing which names are files."""

    def __init__(self, known: frozenset[str]) -> None:
        self._known = known

    def read(self, answer: str) -> list[Wish]:
        found: list[Wish] = []
        name = ""
        for fence in _fences(answer):
            name = self._named(fence) or name
            found += self._of_fence(fence, name)
        if not found:
            lines = answer.split("\n")
            if _has_blocks(lines):
                found = list(self._blocks(lines, ""))
            elif _is_diff(lines):
                found = list(_Diff(lines, "").wishes())
        return found

    def _is_name(self, text: str) -> bool:
        if text in self._known:
            return True
        # A way out of the folder is a name, so that it is refused by its name.
        hidden = text.startswith(".") and not text.startswith("../")
        return bool(_NAME.match(text) and language_of(text) and not hidden)

    def _of_fence(self, fence: _Fence, name: str) -> list[Wish]:
        if _has_blocks(fence.body):
            return list(self._blocks(fence.body, name))
        language = fence.info.split()[0].lower().split(":")[0] if fence.info else ""
        if language in _DIFFS or _is_diff(fence.body):
            return list(_Diff(fence.body, name).wishes())
        own = self._named(fence)
        body = fence.body
        if own and own == self._commented(body) and own != self._outside(fence):
            body = body[1:]  # the line was written to say the name
        text = "".join(f"{line}\n" for line in body)
        return [Wish(Act.WHOLE, own, text=text, language=language)]

    def _named(self, fence: _Fence) -> str:
        """Return the name of the file that a block is said to be, "" when nothing says it."""
        return self._outside(fence) or self._commented(fence.body)

    def _outside(self, fence: _Fence) -> str:
        """Return the name in the words behind the fence, or in the line before it."""
        for word in reversed(fence.info.split()):
            bare = _TITLE.sub("", word).strip("\"'{}")
            for name in (bare, bare.partition(":")[2]):
                if self._is_name(name):
                    return name
        name = _clean(fence.before)
        return name if self._is_name(name) else ""

    def _commented(self, body: Sequence[str]) -> str:
        """Return the name in a comment of the first line: of a known file, or with its folder."""
        found = _COMMENT.match(body[0]) if body else None
        name = _clean(found[1]) if found else ""
        return name if name in self._known or ("/" in name and self._is_name(name)) else ""

    def _blocks(self, lines: Sequence[str], name: str) -> Iterator[Wish]:
        """Return the blocks of SEARCH and REPLACE in ``lines``."""
        old: list[str] = []
        new: list[str] = []
        state = _Place.OUTSIDE
        unclear = False
        for raw in lines:
            line = raw.removesuffix("\r")
            if state is _Place.OUTSIDE:
                if _SEARCH.match(line):
                    state, old, new, unclear = _Place.OLD, [], [], False
                elif self._is_name(_clean(line)):
                    name = _clean(line)
            elif _SEARCH.match(line):
                unclear, state = True, _Place.OLD
            elif _DIVIDER.match(line):
                unclear = unclear or state is _Place.NEW
                state = _Place.NEW
            elif _REPLACE.match(line):
                yield (
                    Wish(Act.UNCLEAR, name)
                    if unclear or state is _Place.OLD
                    else _replacing(name, old, new)
                )
                state = _Place.OUTSIDE
            else:
                (old if state is _Place.OLD else new).append(line)
        if state is not _Place.OUTSIDE:
            yield Wish(Act.UNCLEAR, name)


class _Place(Enum):
    """Where in a block of SEARCH and REPLACE a line stands."""

    OUTSIDE = auto()
    OLD = auto()
    NEW = auto()


def _replacing(name: str, old: Sequence[str], new: Sequence[str]) -> Wish:
    made = not any(map(str.strip, old))
    return Wish(Act.EDIT, name, (Hunk(tuple(old), tuple(new)),), new_file=made)


def _fences(answer: str) -> Iterator[_Fence]:
    fence: _Fence | None = None
    mark = before = ""
    for line in answer.split("\n"):
        found = _FENCE.match(line.removesuffix("\r"))
        if fence is None:
            if found:
                mark, fence = found[1], _Fence(found[2], before)
            elif line.strip():
                before = line.strip()
        elif found and not found[2] and found[1].startswith(mark):
            yield fence
            fence, before = None, ""
        else:
            fence.body.append(line)
    # A block without an end is an answer that was broken off: nothing of it is taken.


def _has_blocks(lines: Sequence[str]) -> bool:
    return any(map(_SEARCH.match, lines)) and any(map(_REPLACE.match, lines))


def _clean(text: str) -> str:
    """Return ``text`` without what Markdown puts around a name."""
    bare = text.strip().strip("#*").strip().rstrip(":：").strip("*`\"' ")
    return _LABEL.sub("", bare).strip("*`\"' ")


def _is_diff(lines: Sequence[str]) -> bool:
    heads = itertools.pairwise(lines)
    return any(a.startswith("--- ") and b.startswith("+++ ") for a, b in heads) or any(
        line.startswith(("diff --git ", "@@ -")) for line in lines
    )


class _Diff:
    """Reads diffs line by line."""

    def __init__(self, lines: Sequence[str], name: str) -> None:
        self._lines = lines
        self._at = 0
        self._name = name

    def wishes(self) -> Iterator[Wish]:
        """Return what is wanted of one file after the other."""
        while self._at < len(self._lines):
            line = self._line()
            if line.startswith("diff --git "):
                yield from self._git(line)
            elif self._is_head():
                yield self._file()
            elif line.startswith("@@") and self._name:
                yield self._edit(self._name)
            else:
                self._at += 1

    def _line(self) -> str:
        return self._lines[self._at].removesuffix("\r")

    def _is_head(self, at: int | None = None) -> bool:
        first = self._at if at is None else at
        pair = self._lines[first : first + 2]
        return len(pair) > 1 and pair[0].startswith("--- ") and pair[1].startswith("+++ ")

    def _git(self, head: str) -> Iterator[Wish]:
        """Read the lines of git's own before a file's hunks."""
        self._at += 1
        act: Act | None = None
        name = _git_name(head)
        made = False
        while self._at < len(self._lines) and not self._is_head():
            line = self._line()
            if line.startswith(("rename from ", "copy from ")):
                act, name = Act.RENAME, _unquoted(line.split(" from ", 1)[1])
            elif line.startswith("deleted file mode"):
                act = Act.REMOVE
            elif line.startswith("new file mode"):
                made = True
            elif line.startswith(("Binary files ", "GIT binary patch")):
                act = Act.BINARY
            elif line.startswith(("diff --git ", "@@")):
                break
            self._at += 1
        if act is not None:
            self._skip_file()
            yield Wish(act, name)
        elif made and not self._is_head():
            yield Wish(Act.EDIT, name, new_file=True)

    def _skip_file(self) -> None:
        while self._at < len(self._lines) and not self._lines[self._at].startswith("diff --git "):
            self._at += 1

    def _file(self) -> Wish:
        old = _diff_name(self._lines[self._at][4:])
        new = _diff_name(self._lines[self._at + 1][4:])
        self._at += 2
        if new == _NOWHERE:
            self._edit(old)
            return Wish(Act.REMOVE, _without_side(old, old, "a/"))
        if old == _NOWHERE:
            return self._edit(_without_side(new, "a/b/", "b/"), new_file=True)
        old_name, new_name = _without_side(old, new, "a/"), _without_side(new, old, "b/")
        wish = self._edit(new_name)
        return wish if old_name == new_name else Wish(Act.RENAME, old_name)

    def _edit(self, name: str, *, new_file: bool = False) -> Wish:
        hunks: list[Hunk] = []
        while self._at < len(self._lines):
            line = self._line()
            if line.startswith("diff --git ") or self._is_head():
                break
            head = _HUNK.match(line)
            if head:
                self._at += 1
                hunks.append(self._hunk(head))
            elif not hunks and line[:1] in {"+", "-", " "}:
                hunks.append(self._hunk(None))
            else:
                self._at += 1
        act = Act.EDIT if hunks or new_file else Act.UNCLEAR
        return Wish(act, name, tuple(hunks), new_file=new_file)

    def _hunk(self, head: re.Match[str] | None) -> Hunk:
        start = None if head is None or head[1] is None else max(0, int(head[1]) - 1)
        counts = None
        if head is not None and head[1] is not None:
            counts = int(head[2] or 1), int(head[4] or 1)
        body = (self._counted(*counts) if counts else None) or self._open_ended()
        self._at += len(body)
        return _hunk_of(body, start)

    def _counted(self, old: int, new: int) -> list[str] | None:
        """Return the lines of a hunk by the counts of its head, None when those are wrong."""
        body: list[str] = []
        at = self._at
        while (old > 0 or new > 0) and at < len(self._lines):
            line = self._lines[at]
            sign = line[:1]
            if sign not in {" ", "+", "-", "\\", ""} or (sign == "" and at + 1 == len(self._lines)):
                return None
            old -= sign in {" ", "-", ""}
            new -= sign in {" ", "+", ""}
            body.append(line)
            at += 1
        while at < len(self._lines) and self._lines[at].startswith("\\"):
            body.append(self._lines[at])
            at += 1
        rest = self._lines[at] if at < len(self._lines) else ""
        more = rest[:1] in {" ", "+", "-"} and not self._is_head(at)
        return None if old or new or more else body

    def _open_ended(self) -> list[str]:
        """Return the lines up to the next head."""
        body: list[str] = []
        at = self._at
        while at < len(self._lines):
            line = self._lines[at]
            if line.startswith(("@@", "diff --git ")) or self._is_head(at):
                break
            body.append(line)
            at += 1
        while body and not body[-1].strip():
            body.pop()
        return body


def _hunk_of(body: Sequence[str], start: int | None) -> Hunk:
    old: list[str] = []
    new: list[str] = []
    old_bare = new_bare = False
    marked = False
    last = ""
    for line in body:
        sign, text = line[:1], line[1:]
        if sign == "\\":
            marked = True
            old_bare = old_bare or last in {" ", "-"}
            new_bare = new_bare or last in {" ", "+"}
            continue
        if sign == "-":
            old.append(text)
        elif sign == "+":
            new.append(text)
        else:
            # Models leave out the blank before a line that stays.
            text = text if sign == " " else line
            sign = " "
            old.append(text)
            new.append(text)
        last = sign
    if not marked:
        return Hunk(tuple(old), tuple(new), start)
    return Hunk(tuple(old), tuple(new), start, old_bare, new_bare)


def _diff_name(text: str) -> str:
    return _unquoted(text.removesuffix("\r").partition("\t")[0].rstrip(" "))


def _without_side(name: str, other: str, side: str) -> str:
    """Return ``name`` without git's a/ or b/, if both names have theirs."""
    sided = other.startswith(("a/", "b/")) and name.startswith(side)
    return name[len(side) :] if sided else name


def _git_name(head: str) -> str:
    """Return the file of a ``diff --git`` line, whose two names are alike but for the side."""
    rest = head.removeprefix("diff --git ")
    if rest.startswith('"'):
        return _unquoted(rest.partition('" ')[0] + '"').removeprefix("a/")
    middle = len(rest) // 2
    return rest[:middle].strip().removeprefix("a/")


def _unquoted(name: str) -> str:
    """Return a name as git quotes it: with octal bytes for what is not plain."""
    if not (name.startswith('"') and name.endswith('"') and len(name) > 1):
        return name
    data = _OCTAL.sub(_unescape, name[1:-1].encode())
    return data.decode("utf-8", "replace")


def _unescape(found: re.Match[bytes]) -> bytes:
    code = found[1]
    if code.isdigit():
        return bytes([int(code, 8) & 0xFF])
    return _ESCAPES.get(code, code)
