"""Generated answers that change files, applied and undone: wrong files must be none.

``.venv/bin/python packaging/benchmarks/diffs.py [COUNT] [SEED]`` prints one JSON line. Every
answer is made by dice from a file and what it should become: unified diffs as git writes them and
as models do, blocks of SEARCH and REPLACE, whole files; lines that moved, CRLF, mixed ends, no
newline at the end, Chinese names, two files at once. Some must be refused: files changed
meanwhile, links, names that lead out, bytes that are no UTF-8.
"""

import json
import os
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Final

from hanlin.kernel.errors import KnownError
from hanlin.services.workspace import changes
from hanlin.services.workspace.changes import Shown
from hanlin.services.workspace.files import Folder

NAMES: Final = ("main.py", "src/app.py", "源码/主程序.py", "a b/c d.py", "数据.py", "tests/é.py")
WORDS: Final = ("alpha", "beta", "数值", "total", "item", "结果", "left", "right", "名字")
EXPECTED: Final = 0.9
"""Share of the answers that can be applied that must be."""


@dataclass(frozen=True)
class Case:
    """An answer, the tree before it, and the files after it; ``after`` None must be refused."""

    kind: str
    answer: str
    before: dict[str, bytes]
    after: dict[str, bytes] | None
    meanwhile: dict[str, bytes]
    bare: bool = False


def main() -> int:
    """Print the figures; return the exit status."""
    count, seed = (int(word) for word in [*sys.argv[1:], "200", "1"][:2])
    found = measure(count, seed)
    print(json.dumps(found, ensure_ascii=False))
    return bool(found["wrong"])


def measure(count: int, seed: int) -> dict[str, object]:
    """Return what came of ``count`` answers."""
    dice = random.Random(seed)  # noqa: S311 - seeded, so that a failure can be repeated
    came: Counter[str] = Counter()
    wrong: list[str] = []
    for number in range(count):
        case = make(dice)
        with tempfile.TemporaryDirectory() as folder:
            came_out = run(case, Path(folder).resolve())
        came[came_out] += 1
        if came_out not in {"applied", "refused"}:
            wrong.append(f"{number} {case.kind}: {came_out}")
        elif case.after is not None:
            came["could be applied"] += 1
    share = came["applied"] / max(1, came["could be applied"])
    if share < EXPECTED:
        wrong.append(f"only {share:.2f} of those that fit were applied")
    return {"answers": count, "seed": seed, **came, "share": round(share, 3), "wrong": wrong}


def run(case: Case, root: Path) -> str:
    """Apply and undo ``case`` in ``root``; return "applied", "refused", or what went wrong."""
    for name, data in case.before.items():
        place = root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    if os.name == "posix":
        (root / "link.py").symlink_to("/etc/hostname")
    folder = Folder(root)
    shown = {name: Shown(folder.read(name).fingerprint) for name in case.before}
    for name, data in case.meanwhile.items():
        (root / name).write_bytes(data)
    was = _tree(root)
    proposal = changes.propose(case.answer, folder, shown, bare=case.bare)
    if _tree(root) != was:
        return "written before it was allowed"
    if proposal.refusals or not proposal.changes:
        named = all(one.path.split("/")[-1] in one.reason for one in proposal.refusals if one.path)
        return "refused" if named else f"refused without a name: {proposal.refusals}"
    if case.after is None:
        return "should have been refused"
    try:
        applied = changes.apply(folder, proposal.changes)
    except KnownError as error:
        return f"not written: {error}"
    wanted = dict(was)
    for name, data in case.after.items():
        wanted[str(root / name)] = data, was[str(root / name)][1]
    if _tree(root) != wanted:
        return "wrong file"
    changes.undo(folder, applied)
    return "applied" if _tree(root) == was else "undo left another file"


def make(dice: random.Random) -> Case:
    """Return one case."""
    kind, maker = dice.choice(tuple(KINDS.items()))
    return maker(dice, kind)


def _diff_case(dice: random.Random, kind: str) -> Case:
    end, bare = dice.choice((("\n", False), ("\r\n", False), ("\n", True), ("\r\n", True)))
    names = dice.sample(NAMES, 2 if kind == "two files" else 1)
    before, after, parts = {}, {}, []
    for name in names:
        old = _lines(dice, end, mixed=kind == "mixed ends")
        new = _moved(dice, old) if kind == "moved lines" else _edited(dice, old, end)
        old, new = _ended(old, bare=bare), _ended(new, bare=bare and dice.choice((True, False)))
        before[name], after[name] = _data(old), _data(new)
        shift = dice.randint(-4, 9) if kind == "wrong numbers" else 0
        quoted = kind == "quoted name"
        parts.append(_unified(old, new, name, shift=shift, quoted=quoted))
    text = "\n".join(parts)
    if kind == "as models write":
        # Without the blanks of empty lines, and without carriage returns.
        text = "\n".join(
            line.rstrip("\r").rstrip(" ") if line == " " else line.rstrip("\r")
            for line in text.split("\n")
        )
    fence = f"改好了：\n\n```diff\n{text}```\n\n就这样。"
    return Case(kind, fence, before, after, {})


def _meanwhile_case(dice: random.Random, kind: str) -> Case:
    case = _diff_case(dice, "plain diff")
    other = {name: data + b"# changed\n" for name, data in case.before.items()}
    return Case(kind, case.answer, case.before, None, other)


def _block_case(dice: random.Random, kind: str) -> Case:
    end = dice.choice(("\n", "\r\n"))
    name = dice.choice(NAMES)
    old = _lines(dice, end)
    at = dice.randrange(len(old))
    stop = min(len(old), at + dice.randint(1, 4))
    new_part = [
        f"    {dice.choice(WORDS)} = {dice.random()}{end}" for _n in range(dice.randint(0, 4))
    ]
    new = [*old[:at], *new_part, *old[stop:]]
    searched = "".join(old[at:stop]).replace("\r", "")
    written = "".join(new_part).replace("\r", "")
    body = f"<<<<<<< SEARCH\n{searched}=======\n{written}>>>>>>> REPLACE\n"
    whole = {name: _data(old)}
    found = _count(old, old[at:stop])
    answer = f"{name}\n```python\n{body}```\n"
    return Case(kind, answer, whole, {name: _data(new)} if found == 1 else None, {})


def _whole_case(dice: random.Random, kind: str) -> Case:
    end, bare = dice.choice((("\n", False), ("\r\n", False), ("\r\n", True)))
    name = dice.choice(NAMES)
    old = _ended(_lines(dice, end), bare=bare)
    new = _ended(_edited(dice, _ended(old, bare=False, end=end), end), bare=bare)
    text = "".join(new).replace("\r", "")
    text = text if text.endswith("\n") else text + "\n"
    answer = f"```python\n{text}```\n错在第一行。"
    return Case(kind, answer, {name: _data(old)}, {name: _data(new)}, {}, bare=True)


def _refused_case(dice: random.Random, kind: str) -> Case:
    old = _lines(dice, "\n")
    new = _edited(dice, old, "\n")
    name, data = "main.py", _data(old)
    target = {
        "leads up": "../other.py",
        "link": "link.py",
        "version control": ".git/config.py",
        "absolute": "/etc/hostname.py",
    }.get(kind, name)
    if kind == "gb 18030":
        data = "".join(["数值 = 1\n", *old]).encode("gb18030")
    elif kind == "binary":
        data = b"\0\1" + data
    answer = f"```diff\n{_unified(old, new, target)}```"
    if kind == "deleted":
        head = "diff --git a/main.py b/main.py\ndeleted file mode 100644\n"
        answer = f"```diff\n{head}{_unified(old, [], name)}```"
    return Case(kind, answer, {name: data}, None, {})


Maker = Callable[[random.Random, str], Case]
KINDS: Final[dict[str, Maker]] = {
    **dict.fromkeys(
        ("plain diff", "moved lines", "mixed ends", "wrong numbers", "quoted name", "two files"),
        _diff_case,
    ),
    "as models write": _diff_case,
    "changed meanwhile": _meanwhile_case,
    "block": _block_case,
    "whole file": _whole_case,
    **dict.fromkeys(
        ("leads up", "link", "version control", "absolute", "gb 18030", "binary", "deleted"),
        _refused_case,
    ),
}


def _lines(dice: random.Random, end: str, *, mixed: bool = False) -> list[str]:
    lines = []
    for number in range(dice.randint(3, 60)):
        text = dice.choice(
            (
                "",
                "",
                "    return None",
                f"def f{number}({dice.choice(WORDS)}):",
                f"    {dice.choice(WORDS)} = {dice.choice(WORDS)} + {number % 7}",
                "-- dashes",
                "+ plus",
                "  \ttabs",
            )
        )
        lines.append(text + (dice.choice(("\n", "\r\n")) if mixed else end))
    return lines


def _edited(dice: random.Random, old: Sequence[str], end: str) -> list[str]:
    new = list(old)
    for _n in range(dice.randint(1, 3)):
        at = dice.randrange(len(new) + 1)
        line = f"    {dice.choice(WORDS)} = {dice.randint(100, 10**6)}{end}"
        new[at : at + dice.randint(0, 2)] = [line] * dice.randint(0, 2) or [line]
    return new


def _moved(dice: random.Random, old: Sequence[str]) -> list[str]:
    new = list(old)
    at = dice.randrange(len(new))
    block = new[at : at + dice.randint(1, 4)]
    del new[at : at + len(block)]
    to = dice.randrange(len(new) + 1)
    new[to:to] = block
    return new if new != list(old) else [*new, f"moved{old[-1][-1]}" if old else "moved\n"]


def _ended(lines: Sequence[str], *, bare: bool, end: str = "") -> list[str]:
    """Return ``lines`` with or without an end of the last one."""
    if not lines:
        return []
    last = lines[-1]
    if bare:
        last = last.rstrip("\r\n") or "end"
    elif end and not last.endswith("\n"):
        last += end
    return [*lines[:-1], last]


def _data(lines: Sequence[str]) -> bytes:
    return "".join(lines).encode()


def _count(lines: Sequence[str], part: Sequence[str]) -> int:
    """Return how often ``part`` stands in ``lines``, blanks at the ends not looked at."""
    return sum(list(lines[at : at + len(part)]) == list(part) for at in range(len(lines)))


def _unified(
    old: Sequence[str], new: Sequence[str], name: str, *, shift: int = 0, quoted: bool = False
) -> str:
    """Return the difference as git writes it."""
    shown = [f"a/{name}", f"b/{name}"]
    if quoted:
        shown = [_quoted(one) for one in shown]
    text = f"--- {shown[0]}\n+++ {shown[1] if new else '/dev/null'}\n"
    matcher = SequenceMatcher(None, list(old), list(new), autojunk=False)
    for group in matcher.get_grouped_opcodes(3):
        start, stop, begin, end = group[0][1], group[-1][2], group[0][3], group[-1][4]
        heads = [_range(start + shift, stop + shift), _range(begin + shift, end + shift)]
        text += f"@@ -{heads[0]} +{heads[1]} @@\n"
        for kind, i1, i2, j1, j2 in group:
            if kind == "equal":
                text += "".join(_marked(" ", line) for line in old[i1:i2])
            else:
                text += "".join(_marked("-", line) for line in old[i1:i2])
                text += "".join(_marked("+", line) for line in new[j1:j2])
    return text


def _range(start: int, stop: int) -> str:
    first = max(0, start) + (stop > start)
    return f"{first},{stop - start}"


def _marked(sign: str, line: str) -> str:
    if line.endswith("\n"):
        return sign + line
    return f"{sign}{line}\n\\ No newline at end of file\n"


def _quoted(name: str) -> str:
    octal = "".join(chr(byte) if chr(byte).isascii() else f"\\{byte:03o}" for byte in name.encode())
    return f'"{octal}"'


def _tree(root: Path) -> dict[str, tuple[bytes, int]]:
    """Return every file's bytes, and who may do what with it, by its place."""
    return {
        str(place): (place.read_bytes(), place.stat().st_mode)
        for place in sorted(root.rglob("*"))
        if place.is_file() and not place.is_symlink()
    }


if __name__ == "__main__":
    sys.exit(main())
