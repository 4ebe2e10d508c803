"""Small Python functions: written on request, explained, and filled in the middle."""

import keyword
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random

from starter import asking
from starter.chat import Completion, Turn
from starter.disturbing import PLACE, disturbed, hurried
from starter.grammar import DATA, chance, expand
from starter.items import Item
from starter.lexicon import unambiguous
from starter.translation import hashed

HELD_SHARE = 20
LETTERS = "abcdefghijklmnopqrstuvwxyz"
WORDS = (
    *("compute", "calc", "my", "get", "find", "make", "do", "run", "check", "solve", "value"),
    *("list", "text", "num", "item", "result", "func", "work", "data", "new", "best", "test"),
)

PARAMETERS = {
    "a": ("a", "x", "m", "first"), "b": ("b", "y", "k", "second"), "n": ("n", "x", "num", "number"),
    "text": ("s", "text", "string", "word"), "numbers": ("nums", "numbers", "lst", "values"),
    "items": ("items", "lst", "arr", "seq"), "width": ("w", "width", "a"),
    "height": ("h", "height", "b"), "x": ("x", "n", "value", "num"),
    "c": ("c", "celsius", "temp", "degrees"), "f": ("f", "fahrenheit", "temp", "degrees"),
    "r": ("r", "radius", "rad"), "target": ("target", "goal", "wanted"),
    "letter": ("ch", "letter", "char", "c"), "item": ("item", "value", "thing"),
}  # fmt: skip


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
        """Return the code under another name."""
        return re.sub(rf"\b{self.name}\b", name, self.code)


@lru_cache(maxsize=1)
def functions() -> tuple[Function, ...]:
    """Return the stock, read once."""
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
    """Code as it stands in an answer."""
    return f"```python\n{code}\n```"


def invented_name(rng: Random) -> str:
    """Return a function name as people ask for one."""
    kind = rng.choices(("letters", "stock", "words", "known"), (20, 25, 40, 15))[0]
    if kind == "letters":
        name = "".join(rng.choice(LETTERS) for _ in range(rng.randint(1, 6)))
        return f"{name}_of" if keyword.iskeyword(name) else name
    if kind == "stock":
        return "_".join(rng.sample(WORDS, rng.randint(1, 3)))
    if kind == "known":
        # Parts of real names in new company: what tempts the model to write the whole known name.
        parts = [part for one in functions() for part in one.name.split("_")]
    else:
        parts = [en for _, en in unambiguous() if en.isalpha() and en.isascii()]
    name = "_".join(part.lower() for part in rng.sample(parts, rng.randint(1, 3)))
    return f"{name}_of" if keyword.iskeyword(name) else name


def parameter(known: str, rng: Random) -> str:
    """Return another name for a parameter."""
    if chance(rng, 0.25):
        return rng.choice(LETTERS)
    return rng.choice(PARAMETERS.get(known, (known,)))


def write_request(
    function: Function, rng: Random, *, chinese: bool, held: bool = False
) -> tuple[str, str]:
    """Return a request for a function and its name (sometimes a requested one)."""
    described = expand(rng.choice(function.zh if chinese else function.en), rng)
    language = "zh" if chinese else "en"
    section = f"write.{language}.held" if held else f"write.{language}"
    text = asking.framed(section, rng, d=PLACE)
    if not held:
        text = hurried(text, rng)
        text = disturbed(text, rng) if chance(rng, 0.15) else text
    text = text.replace(PLACE, described)
    name = function.name
    if chance(rng, 0.25):
        name = invented_name(rng)
        while re.search(rf"\b{name}\b", function.code):
            name = invented_name(rng)
        text += asking.framed(f"named.{language}", rng, f=name)
    return text, name


def signed_request(function: Function, rng: Random, *, chinese: bool) -> tuple[str, str]:
    """Return a request that gives the name, mostly with parameters, and the function with these."""
    described = expand(rng.choice(function.zh if chinese else function.en), rng)
    name = function.name if chance(rng, 0.3) else invented_name(rng)
    if re.search(rf"\b{name}\b", function.code):
        name = function.name
    code = function.renamed(name)
    head = code.index("def ") + len("def ")
    parameters = code[code.index("(", head) + 1 : code.index(")", head)]
    bare = chance(rng, 0.3)
    for known in [] if bare or not parameters else parameters.split(", "):
        other = parameter(known, rng)
        if not re.search(rf"\b{other}\b", code):
            code = re.sub(rf"\b{known}\b", other, code)
    signature = name if bare else code[head : code.index(":", head)]
    section = "signed.zh" if chinese else "signed.en"
    text = hurried(asking.framed(section, rng, d=described, g=PLACE), rng)
    return text.replace(PLACE, signature), code


def held_out(text: str) -> bool:
    """Whether a request is kept out of the training data."""
    return hashed("code " + text) % HELD_SHARE == 0


def make(rng: Random) -> Item:
    """Return a function on request, or an explanation of one."""
    function, chinese = rng.choice(functions()), chance(rng, 0.55)
    if chance(rng, 0.3):
        return explain(function, rng, chinese=chinese)
    if chance(rng, 0.5):
        text, code = signed_request(function, rng, chinese=chinese)
    else:
        while True:
            text, name = write_request(function, rng, chinese=chinese)
            if not held_out(text):
                break
        text, code = asking.slips(text, rng), function.renamed(name)
    text = asking.politely(text, rng, chinese=chinese)
    answer = fenced(code)
    if chance(rng, 0.06):
        text += "，并解释" if chinese else ", and explain it"
        answer += "\n" + function.explained[0 if chinese else 1]
    thought = "写一个 Python 函数。" if chinese else "Write a Python function."
    return Item("code", [Turn(text, answer, thought)], chinese, label=function.name)


def explain(function: Function, rng: Random, *, chinese: bool) -> Item:
    """Return a request to explain a function, and the explanation."""
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
    """Return a function with a piece cut out: the rest of a line, whole lines, or anything."""
    function = rng.choice(functions())
    code = function.renamed(invented_name(rng)) if chance(rng, 0.3) else function.code
    if chance(rng, 0.25):
        code = f"{code}\n\n\n{rng.choice(functions()).code}"
    if chance(rng, 0.3):
        code = f"# {expand(rng.choice(function.en), rng)}\n{code}"
    code += "\n"
    cut = rng.choices((rest_of_line, whole_lines, anywhere), (45, 30, 25))[0]
    start, end = sorted(cut(code, rng))
    return Completion(code[:start], code[end:], code[start:end])


def rest_of_line(code: str, rng: Random) -> tuple[int, int]:
    """From somewhere in a line to its end: what an editor asks for most."""
    starts = line_starts(code)
    start = rng.choice(starts[1:] or starts)
    end = code.index("\n", start)
    line = code[start:end]
    indent = len(line) - len(line.lstrip())
    return start + rng.randint(indent, max(len(line) - 1, indent)), end


def whole_lines(code: str, rng: Random) -> tuple[int, int]:
    """One to three lines, or all that follows."""
    starts = line_starts(code)
    row = rng.randrange(len(starts))
    start = max(starts[row] - rng.randint(0, 1), 0)
    later = starts[row + 1 : row + 4]
    if chance(rng, 0.5) or not later:
        return start, len(code)
    return start, rng.choice(later) - 1


def anywhere(code: str, rng: Random) -> tuple[int, int]:
    """Any two places."""
    return rng.randint(0, len(code)), rng.randint(0, len(code))


def line_starts(code: str) -> list[int]:
    """Where each line begins."""
    return [0, *(place + 1 for place, mark in enumerate(code[:-1]) if mark == "\n")]
