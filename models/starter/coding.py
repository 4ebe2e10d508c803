"""Small Python functions: written on request, explained, and filled in the middle."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random

from starter import asking
from starter.chat import Completion, Turn
from starter.grammar import DATA, expand
from starter.items import Item
from starter.translation import hashed

HELD_SHARE = 20
WRITE_ZH = (
    "(请|帮我|)(写|编写|写出|编|给我|给我写|实现|用Python写|用 Python 写|用python写)一个(Python|python|)(函数|方法|小函数)(，|：|来|用来|){d}",
    "(用Python|用python|用 Python|Python|python)(怎么|如何){d}", "(写|给出)(一段|)(代码|Python代码|python代码|程序)(，|：|来|){d}",
    "{d}的(Python|python|)(函数|代码|程序)(怎么写|)", "(写|给我)一个(函数|Python函数)，(要求|功能是|能|它能|可以){d}", "(Python|python)(：|:| ){d}",
    "(怎么|如何)(用代码|用程序|用函数|写函数){d}", "(帮我|请)(用Python|用python){d}", "def：{d}", "我(需要|想要)一个{d}的(函数|Python函数)",
)  # fmt: skip
WRITE_ZH_HELD = ("来段 Python，功能：{d}", "作业题：编程{d}")
WRITE_EN = (
    "(please |can you |could you |)(write|create|give me|make|show me|implement|code) (a|a small|a simple|a short|me a) (Python |python |)(function|method|program) (that|which) {d}",
    "(a|Python|python) (function|code) that {d}", "(write|give me|show me) (some |)(Python |python |)code that {d}", "I need a (Python |)function that {d}",
    "I want (code|a function|Python code) that {d}", "(Python|python): a function that {d}", "how do I write a (Python |)function that {d}", "def: {d}",
)  # fmt: skip
WRITE_EN_HELD = ("Kindly code something in Python which {d}", "exercise: produce a routine that {d}")
NAMED_ZH = ("，(名字叫|函数名(是|为|叫)|命名为|叫|叫做|取名){f}", "，函数名用 {f}")
NAMED_EN = (", (call it|name it|named|called) {f}", ", the (name|function name) is {f}")
EXPLAIN_ZH = ("(解释|说明|讲解|解释一下|说说)(这段代码|下面的代码|这个函数|以下代码|代码|一下这个函数)(：|:|)\n{c}", "(这段代码|这个函数|下面的函数)(是做什么的|是什么意思|干什么用|做了什么|有什么用)(？|)\n{c}",
              "{c}\n(这是什么意思|解释一下|这段代码做什么|是干什么的|这个函数有什么用)", "看(一下|)这段代码：\n{c}\n它做什么")  # fmt: skip
EXPLAIN_EN = ("(explain|describe|please explain|what is the meaning of) (this|the following) (code|function|Python code)(:|)\n{c}", "what does (this|the following) (code|function) do(?|:|)\n{c}",
              "{c}\n(what does this do|explain this|what is this|explain|what does it do)", "(can you |)explain this function(?|:|)\n{c}")  # fmt: skip
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
        found.append(Function(name, heads["zh"], heads["en"], explained, heads["t"][0], "\n".join(code)))
    return tuple(found)


def fenced(code: str) -> str:
    return f"```python\n{code}\n```"


def invented_name(rng: Random) -> str:
    """A function name as people ask for one."""
    if rng.random() < 0.3:
        return "".join(rng.choice(LETTERS) for _ in range(rng.randint(1, 6)))
    return "_".join(rng.sample(WORDS, rng.randint(1, 3)))


def write_request(function: Function, chinese: bool, rng: Random, held: bool = False) -> tuple[str, str]:
    """A request for a function and its name (sometimes a requested one)."""
    described = expand(rng.choice(function.zh if chinese else function.en), rng)
    known, unseen = (WRITE_ZH, WRITE_ZH_HELD) if chinese else (WRITE_EN, WRITE_EN_HELD)
    text = expand(rng.choice(unseen if held else known), rng).replace("{d}", described)
    if not chinese:
        text = text.replace("that returns that", "that")
    name = function.name
    if rng.random() < 0.25:
        name = invented_name(rng)
        text += expand(rng.choice(NAMED_ZH if chinese else NAMED_EN), rng).replace("{f}", name)
    return text, name


def held_out(text: str) -> bool:
    return hashed("code " + text) % HELD_SHARE == 0


def make(rng: Random) -> Item:
    """A function on request, or an explanation of one."""
    function, chinese = rng.choice(functions()), rng.random() < 0.55
    if rng.random() < 0.3:
        return explain(function, chinese, rng)
    while True:
        text, name = write_request(function, chinese, rng)
        if not held_out(text):
            break
    text = asking.politely(asking.slips(text, rng), chinese, rng)
    answer = fenced(function.renamed(name))
    if rng.random() < 0.06:
        text, chinese = f"{text}{'，并解释' if chinese else ', and explain it'}", chinese
        answer += "\n" + function.explained[0 if chinese else 1]
    thought = "写一个 Python 函数。" if chinese else "Write a Python function."
    return Item("code", [Turn(text, answer, thought)], chinese, label=function.name)


def explain(function: Function, chinese: bool, rng: Random) -> Item:
    name = invented_name(rng) if rng.random() < 0.35 else function.name
    code = function.renamed(name)
    if rng.random() < 0.6:
        code = fenced(code)
    text = expand(rng.choice(EXPLAIN_ZH if chinese else EXPLAIN_EN), rng).replace("{c}", code)
    thought = "用户要我解释代码。" if chinese else "The user wants the code explained."
    return Item("explain", [Turn(text, function.explained[0 if chinese else 1], thought)], chinese, label=function.name)


def completion(rng: Random) -> Completion:
    """A function with a piece cut out, at line or character borders."""
    function = rng.choice(functions())
    code = function.renamed(invented_name(rng)) if rng.random() < 0.3 else function.code
    if rng.random() < 0.25:
        code = f"{code}\n\n\n{rng.choice(functions()).code}"
    if rng.random() < 0.3:
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
        at = start + rng.randint(len(line) - len(line.lstrip()), max(len(line) - 1, 0)) if line else start
        end = start + len(line)
    elif style < 0.75:
        first = rng.randrange(1, len(rows))
        at = sum(len(r) + 1 for r in rows[:first]) - rng.randint(0, 1)
        end = len(code) if rng.random() < 0.5 else min(len(code), sum(len(r) + 1 for r in rows[: first + rng.randint(1, 3)]) - 1)
    else:
        at, end = sorted((rng.randint(0, len(code)), rng.randint(0, len(code))))
    at, end = min(at, end), max(at, end)
    return Completion(code[:at], code[end:], code[at:end])


