"""Small Python functions: written on request, explained, and filled in the middle."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random

from starter import asking
from starter.chat import Completion, Turn
from starter.grammar import DATA, chance, expand
from starter.items import Item
from starter.translation import hashed

HELD_SHARE = 20
LETTERS = "abcdefghijklmnopqrstuvwxyz"
WORDS = ("compute", "calc", "my", "get", "find", "make", "do", "run", "check", "solve", "value", "list", "text", "num", "item", "result", "func", "work", "data", "new", "best", "fast", "test")  # fmt: skip


@dataclass(frozen=True)
class Function:
    """One function of the stock, its descriptions, explanations and test."""

    name: str
    zh: Sequence[str]
    en: Sequence[str]
    explained: tuple[str, str]
    test: str
    code: str

    def renamed(self, name: str) -> str:
        return re.sub(rf"\b{self.name}\b", name, self.code)


@lru_cache(maxsize=1)
def functions() -> tuple[Function, ...]:
    text = (DATA / "functions.txt").read_text(encoding="utf-8")
    found: list[Function] = []
    for block in re.split(r"^\[(?=\w+\]$)", text, flags=re.M)[1:]:
        name, _, body = block.partition("]\n")
        heads: dict[str, list[str]] = {}
        code: list[str] = []
        for line in body.rstrip("\n").split("\n"):
            key, _, rest = line.partition(" ")
            if not code and key in ("zh", "en", "xz", "xe", "t"):
                heads.setdefault(key, []).append(rest)
            else:
                code.append(line)
        explained = (heads["xz"][0], heads["xe"][0])
        found.append(
            Function(name, heads["zh"], heads["en"], explained, heads["t"][0], "\n".join(code))
        )
    return tuple(found)


def fenced(code: str) -> str:
    return f"```python\n{code}\n```"


def invented_name(rng: Random) -> str:
    """A function name as people ask for one."""
    if chance(rng, 0.3):
        return "".join(rng.choice(LETTERS) for _ in range(rng.randint(1, 6)))
    return "_".join(rng.sample(WORDS, rng.randint(1, 3)))


def write_request(
    function: Function, chinese: bool, rng: Random, held: bool = False
) -> tuple[str, str]:
    """A request for a function and its name (sometimes a requested one)."""
    described = expand(rng.choice(function.zh if chinese else function.en), rng)
    language = "zh" if chinese else "en"
    section = f"write.{language}.held" if held else f"write.{language}"
    text = asking.framed(section, rng, d=described)
    name = function.name
    if chance(rng, 0.25):
        name = invented_name(rng)
        text += asking.framed(f"named.{language}", rng, f=name)
    return text, name


def held_out(text: str) -> bool:
    return hashed("code " + text) % HELD_SHARE == 0


def make(rng: Random) -> Item:
    """A function on request, or an explanation of one."""
    function, chinese = rng.choice(functions()), chance(rng, 0.55)
    if chance(rng, 0.3):
        return explain(function, chinese, rng)
    while True:
        text, name = write_request(function, chinese, rng)
        if not held_out(text):
            break
    text = asking.politely(asking.slips(text, rng), chinese, rng)
    answer = fenced(function.renamed(name))
    if chance(rng, 0.06):
        text, chinese = f"{text}{'，并解释' if chinese else ', and explain it'}", chinese
        answer += "\n" + function.explained[0 if chinese else 1]
    thought = "写一个 Python 函数。" if chinese else "Write a Python function."
    return Item("code", [Turn(text, answer, thought)], chinese, label=function.name)


def explain(function: Function, chinese: bool, rng: Random) -> Item:
    name = invented_name(rng) if chance(rng, 0.35) else function.name
    code = function.renamed(name)
    if chance(rng, 0.6):
        code = fenced(code)
    text = asking.framed("explain.zh" if chinese else "explain.en", rng, c=code)
    thought = "用户要我解释代码。" if chinese else "The user wants the code explained."
    return Item(
        "explain",
        [Turn(text, function.explained[0 if chinese else 1], thought)],
        chinese,
        label=function.name,
    )


def completion(rng: Random) -> Completion:
    """A function with a piece cut out, at line or character borders."""
    function = rng.choice(functions())
    code = function.renamed(invented_name(rng)) if chance(rng, 0.3) else function.code
    if chance(rng, 0.25):
        code = f"{code}\n\n\n{rng.choice(functions()).code}"
    if chance(rng, 0.3):
        comment = expand(rng.choice(function.en), rng)
        code = f"# {comment}\n{code}"
    code += "\n"
    rows = code.split("\n")
    style = rng.random()
    if style < 0.45:
        # From somewhere in a line to its end: what an editor asks for most.
        row = rng.randrange(1 if len(rows) > 2 else 0, len(rows) - 1)
        start = sum(len(r) + 1 for r in rows[:row])
        line = rows[row]
        at = (
            start + rng.randint(len(line) - len(line.lstrip()), max(len(line) - 1, 0))
            if line
            else start
        )
        end = start + len(line)
    elif style < 0.75:
        first = rng.randrange(1, len(rows))
        at = sum(len(r) + 1 for r in rows[:first]) - rng.randint(0, 1)
        end = (
            len(code)
            if chance(rng, 0.5)
            else min(len(code), sum(len(r) + 1 for r in rows[: first + rng.randint(1, 3)]) - 1)
        )
    else:
        at, end = sorted((rng.randint(0, len(code)), rng.randint(0, len(code))))
    at, end = min(at, end), max(at, end)
    return Completion(code[:at], code[end:], code[at:end])
