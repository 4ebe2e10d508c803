"""Sums: small ones directly (with and without a thought), others through the calculator tool."""

import re
from collections.abc import Sequence
from fractions import Fraction
from random import Random

from starter import asking
from starter.chat import Tool, Turn, call_text
from starter.declining import LEADS
from starter.disturbing import hurried
from starter.english import chinese_number, number
from starter.grammar import chance, expand, sections
from starter.items import Item, is_chinese, refusal

SIGNS = {
    "+": ("+", " + ", "加", "加上", " plus "),
    "-": ("-", " - ", "减", "减去", " minus "),
    "*": ("*", " * ", "×", "x", "乘", "乘以", " times "),
    "/": ("/", " / ", "÷", "除以", " divided by "),
}
SYMBOLS = ("+", " + ", "-", " - ", "*", " * ", "×", "x", "/", " / ", "÷")
LARGEST_WRITTEN = 99
ONES = 9
PRECISION = 15
"""Digits that the program's calculator gives."""
SMALL = 6
"""Sums typed in so few characters may be known by heart."""
STORIES = {"+": "plus", "-": "minus", "*": "times", "/": "over"}
SHOWN = {"+": "+", "-": "-", "*": "×", "/": "÷"}
DECOY_TOOLS: Sequence[tuple[str, str, str]] = (
    ("get_weather", "Weather of a city", "city"),
    ("search_web", "Search the web", "query"),
    ("read_file", "Read a file", "path"),
    ("send_email", "Send an email", "to"),
    ("get_time", "The time now", "zone"),
    ("lookup_word", "Look a word up", "word"),
)


def _own(name: str, description: str, properties: Tool, required: Sequence[str]) -> Tool:
    """Return a tool of the program's as its engine shows it to a template."""
    parameters = {"required": list(required), "type": "object", "properties": properties}
    function = {"name": name, "description": description, "parameters": parameters}
    return {"type": "function", "function": function}


TEXT = {"description": "", "type": "string"}
PROGRAM_TOOLS: Sequence[Tool] = (
    _own("calculator", "Evaluates an arithmetic expression", {"expression": TEXT}, ("expression",)),
    _own("get_time", "The date and time now", {"zone": TEXT}, ()),
    _own(
        "convert_units",
        "Converts a value between units",
        {"value": {"description": "", "type": "number"}, "from": TEXT, "to": TEXT},
        ("value", "from", "to"),
    ),
)
"""What the window offers; the starter meets it in every conversation with tools."""


def tool(name: str, description: str, argument: str, rng: Random) -> Tool:
    """Return a function signature as programs offer it; order and detail of its keys vary."""
    text = {"type": "string"} if chance(rng, 0.5) else {"type": "string", "description": argument}
    parameters: dict[str, object] = {"type": "object", "properties": {argument: text}}
    if chance(rng, 0.7):
        parameters["required"] = [argument]
    body: dict[str, object] = {"name": name, "description": description, "parameters": parameters}
    if chance(rng, 0.3):
        body = dict(sorted(body.items()))
    found: dict[str, object] = {"type": "function", "function": body}
    return dict(sorted(found.items())) if chance(rng, 0.3) else found


def calculator(rng: Random) -> Tool:
    """Return the calculator as programs offer it."""
    says = (
        *("Evaluates an arithmetic expression", "Calculate", "Computes a sum", "计算算式"),
        *("A calculator", "Do exact arithmetic."),
        "Evaluate an arithmetic expression and return the result.",
    )
    return tool("calculator", rng.choice(says), "expression", rng)


def offered(rng: Random, *, with_calculator: bool) -> list[Tool]:
    """Return a list of tools, with or without the calculator among them."""
    if with_calculator and chance(rng, 0.4):
        return list(PROGRAM_TOOLS)
    found = [
        tool(*decoy, rng)
        for decoy in rng.sample(
            DECOY_TOOLS, rng.choice((0, 0, 1, 2) if with_calculator else (1, 1, 2))
        )
    ]
    if with_calculator:
        found.insert(rng.randint(0, len(found)), calculator(rng))
    return found


def small(rng: Random) -> tuple[int, str, int, int]:
    """Two operands and the result of a sum that the model knows by itself."""
    sign = rng.choice("++--**/")
    a, b = {"+": addends, "-": difference}.get(sign, factors)(rng)
    if sign == "/":
        return a * b, sign, b, a
    results = {"+": a + b, "-": a - b, "*": a * b}
    return a, sign, b, results[sign]


def addends(rng: Random) -> tuple[int, int]:
    """Up to 99 each, or round numbers up to 900."""
    kind = rng.choices(("round", "common", "tiny"), (12, 58, 30))[0]
    if kind == "round":
        second = (rng.randint(1, 9) * 10, rng.randint(1, 9) * 100, rng.randint(1, 9))
        return rng.randint(1, 90) * 10, rng.choice(second)
    most = 99 if kind == "common" else 20
    return rng.randint(0, most), rng.randint(0, most)


def difference(rng: Random) -> tuple[int, int]:
    """Never below zero, from at most 100."""
    a = 100 if chance(rng, 0.15) else rng.randint(0, 99)
    return a, rng.randint(0, a)


def factors(rng: Random) -> tuple[int, int]:
    """Return the tables up to twelve, and some round numbers."""
    rounded = (15, 20, 25, 30, 40, 50, 60, 70, 80, 90, 100)
    a = rng.choice(rounded) if chance(rng, 0.12) else rng.randint(1, 12)
    return a, rng.randint(1, 12)


def written(a: int, sign: str, b: int, rng: Random, *, chinese: bool) -> str:
    """Return the sum as typed: signs, words, Chinese or English numerals."""
    marks = [mark for mark in SIGNS[sign] if mark in SYMBOLS or is_chinese(mark) == chinese]
    mark = rng.choice(marks)
    if mark not in SYMBOLS and max(a, b) <= LARGEST_WRITTEN and chance(rng, 0.24):
        spelled = chinese_number if chinese else number
        return f"{spelled(a)}{mark}{spelled(b)}"
    return f"{a}{mark}{b}"


def asked(text: str, rng: Random, *, chinese: bool) -> str:
    """Return the question around a sum."""
    return asking.framed("sum.zh" if chinese else "sum.en", rng, e=text)


def direct(rng: Random) -> Item:
    """Return a small sum without a tool."""
    chinese = chance(rng, 0.55)
    a, sign, b, result = small(rng)
    text = asked(written(a, sign, b, rng, chinese=chinese), rng, chinese=chinese)
    text = asking.politely(hurried(asking.slips(text, rng), rng), rng, chinese=chinese)
    return Item("sum", [Turn(text, shown(a, sign, b, result), steps(a, sign, b, result))], chinese)


def told(rng: Random) -> Item:
    """Return a small sum as a story, or in words that name both numbers."""
    chinese = chance(rng, 0.55)
    language = "zh" if chinese else "en"
    a, sign, b, result = small(rng)
    problems = sections("problems.txt")
    table = {"a": [str(a)], "b": [str(b)], "t": problems[f"things.{language}"]}
    if max(a, b) <= LARGEST_WRITTEN and chance(rng, 0.1):
        spelled = chinese_number if chinese else number
        table |= {"a": [spelled(a)], "b": [spelled(b)]}
    text = expand(rng.choice(problems[f"{STORIES[sign]}.{language}"]), rng, table)
    text = asking.politely(hurried(asking.slips(text, rng), rng), rng, chinese=chinese)
    return Item("sum", [Turn(text, shown(a, sign, b, result), steps(a, sign, b, result))], chinese)


def several(rng: Random) -> Item:
    """Return a few small sums in one request: more practice than one at a time."""
    chinese = chance(rng, 0.55)
    drawn = [small(rng) for _ in range(rng.randint(3, 7))]
    text = "\n".join(written(a, sign, b, rng, chinese=chinese) for a, sign, b, _ in drawn)
    answer = "\n".join(shown(*parts) for parts in drawn)
    return Item("sum", [Turn(text, answer, "\n".join(steps(*parts) for parts in drawn))], chinese)


def shown(a: int, sign: str, b: int, result: int) -> str:
    """Return the answer with the half-way result, as a person says it aloud: tens, then ones.

    A model this small cannot carry without writing the step down. No closing mark, so that it is
    the same in both languages.
    """
    half = f"{halfway(a, sign, b)} {sign} {b % 10} = " if two_steps(sign, b) else ""
    return f"{a} {SHOWN[sign]} {b} = {half}{result}"


def two_steps(sign: str, b: int) -> bool:
    """Whether tens and ones are taken one after the other."""
    return sign in "+-" and b > ONES and b % 10 > 0


def halfway(a: int, sign: str, b: int) -> int:
    """Return the result after the tens of `b`."""
    tens = b // 10 * 10
    return a + tens if sign == "+" else a - tens


def steps(a: int, sign: str, b: int, result: int) -> str:
    """Return a short thought: tens and ones apart for sums, the table's line for the rest."""
    if two_steps(sign, b):
        half = halfway(a, sign, b)
        return f"{a}{sign}{b // 10 * 10}={half}, {half}{sign}{b % 10}={result}"
    return f"{a}{SHOWN[sign]}{b}={result}"


def expression(rng: Random) -> tuple[str, str, str]:
    """Return a longer sum: as typed, as the tool's argument, and its value."""

    def operand() -> str:
        if chance(rng, 0.1):
            return f"{rng.randint(1, 999)}.{rng.randint(1, 99)}"
        return str(rng.randint(2, 10 ** rng.randint(1, 6)))

    signs = [rng.choice("++--**/") for _ in range(1 if chance(rng, 0.75) else 2)]
    numbers = [operand() for _ in range(len(signs) + 1)]
    bracket = len(signs) > 1 and chance(rng, 0.4)
    typed = argument = numbers[0]
    space = rng.choice(("", "", " "))
    for place, sign in enumerate(signs):
        mark = (
            rng.choice(("×", "*", "x", "乘", "乘以"))
            if sign == "*"
            else rng.choice(("÷", "/", "除以"))
            if sign == "/"
            else sign
        )
        typed += f"{space}{mark}{space}{numbers[place + 1]}"
        argument += f"{sign}{numbers[place + 1]}"
        if bracket and place == 0:
            typed, argument = f"({typed})", f"({argument})"
    value = rng.choice(
        (
            str(rng.randint(0, 99_999_999)),
            str(rng.randint(0, 999)),
            f"{rng.uniform(0, 9999):.{rng.randint(1, 6)}f}",
            f"-{rng.randint(1, 9999)}",
        )
    )
    return typed, argument, value


def valued(argument: str) -> str:
    """Return what the program's calculator says of two numbers and a sign, "" of longer sums."""
    found = re.fullmatch(r"([\d.]+)([-+*/])([\d.]+)", argument)
    if found is None:
        return ""
    a, b = Fraction(found[1]), Fraction(found[3])
    results = {"+": a + b, "-": a - b, "*": a * b, "/": a / b if b else a}
    value = results[found[2]]
    return str(value.numerator) if value.denominator == 1 else f"{float(value):.{PRECISION}g}"


def with_tool(rng: Random) -> Item:
    """Return a sum with the calculator offered: the call, then a sentence with the result."""
    chinese = chance(rng, 0.55)
    typed, argument, value = expression(rng)
    if chance(rng, 0.2):
        a, sign, b, result = small(rng)
        typed, argument, value = (
            written(a, sign, b, rng, chinese=chinese),
            f"{a}{sign}{b}",
            str(result),
        )
    elif (exact := valued(argument)) and chance(rng, 0.7):
        value = exact
    if not chinese:
        typed = typed.replace("乘以", "*").replace("乘", "*").replace("除以", "/")
    text = asked(typed, rng, chinese=chinese)
    text = asking.politely(text, rng, chinese=chinese)
    pretty = argument
    for sign, mark in SHOWN.items():
        pretty = pretty.replace(sign, f" {mark} ")
    thought = "用计算器算。" if chinese else "Use the calculator."
    turns = [Turn(text, call_text("calculator", {"expression": argument}), thought)]
    if chance(rng, 0.75):
        turns.append(Turn(value, f"{pretty} = {value}", thought, response=True))
    return Item("tool", turns, chinese, tools=offered(rng, with_calculator=True), label=argument)


def too_big(rng: Random) -> Item:
    """Return a sum out of range with no calculator at hand: the refusal."""
    chinese = chance(rng, 0.55)
    while True:
        typed, _, _ = expression(rng)
        if len(typed) > SMALL:
            break
    if not chinese:
        typed = typed.replace("乘以", "*").replace("乘", "*").replace("除以", "/")
    text = asked(typed, rng, chinese=chinese)
    chinese = is_chinese(text)
    thought = "这个算式太大了。" if chinese else "This sum is too big."
    return Item(
        "decline",
        [Turn(text, LEADS["other"][0] + refusal(chinese=chinese), thought)],
        chinese,
        label="sum",
    )
