"""LaTeX to outlines and to MathML by ziamath: the only module that imports it, in the child.

ziamath was chosen among the libraries that need neither a browser nor TeX: matplotlib's
mathtext, by its documentation, knows no matrices, cases or aligned equations, and needs
numpy; ziamath sets OpenType's own mathematical tables, is pure Python and MIT, weighs 4 MB
with its fonts, and drew 39 of 41 typical formulas when it was tried.
"""

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from ziamath.config import config
from ziamath.tex import tex2mml
from ziamath.zmath import Latex

from hanlin.formulas.shape import ARITY, MOST_NUMBERS, Letter, Shape

_SIZE = 24.0
_STAND_IN = "▩"
"""A sign as wide as a Chinese one, with an outline that nothing else has."""
_NARROWER = 0.93
"""As much narrower than its size is a stand-in's advance."""
_STAND_IN_BOX = (0.046, 0.84, 0.162)
"""Its left edge, its width, and how far it reaches below the base line."""
_FOREIGN = re.compile(
    r"[\u1100-\u11ff\u2e80-\u312f\u3130-\u318f\u31c0-\ua4cf\uac00-\ud7ff\uf900-\ufaff"
    r"\ufe30-\ufe4f\uff00-\uffef\U0001f000-\U0003ffff]"
)
_STEP = re.compile(r"([MLQCZ])([^MLQCZ]*)")
_STAND_IN_STEPS = 100
_PASSED_OVER = re.compile(
    r"\\(?:tag\*?\{[^{}]*\}|label\{[^{}]*\}|nonumber|notag|displaystyle|hline)"
)
_RAISED = re.compile(r"(\\begin\{(\w+\*?)\}.*?\\end\{\2\})(?=\s*[\^_])", re.DOTALL)
"""A matrix with an exponent, which the library wants in braces."""
_ENVIRONMENTS = (("align*", "aligned"), ("align", "aligned"), ("gather*", "gathered"))


class BrokenFormula(ValueError):
    """It cannot be drawn."""


def draw(source: str, *, display: bool) -> Shape:
    """Return the outlines of the LaTeX ``source``. Raises BrokenFormula."""
    text = _understood(source)
    foreign = [one for one in text if _FOREIGN.match(one)]
    if _STAND_IN in text or any(unicodedata.category(one) == "Cs" for one in text):
        raise BrokenFormula("a character that cannot be drawn")
    with _broken():
        config.svg2 = False
        formula = Latex(_FOREIGN.sub(_STAND_IN, text), size=_SIZE, inline=not display)
        _refuse_unknown(formula.mathmlstr())
        return _shape(formula.svgxml(), foreign)


def mathml(source: str, *, display: bool) -> Element:
    """Return the LaTeX ``source`` as MathML. Raises BrokenFormula."""
    with _broken():
        written = tex2mml(_understood(source), inline=not display)
        _refuse_unknown(written)
        return ET.fromstring(written)  # noqa: S314 - in a process without anything to lose


def _understood(source: str) -> str:
    """Return LaTeX that means the same, in words that the library knows."""
    text = _PASSED_OVER.sub(" ", source)
    for name in ("equation*", "equation", "displaymath", "math"):
        text = text.replace(f"\\begin{{{name}}}", "").replace(f"\\end{{{name}}}", "")
    for name, other in _ENVIRONMENTS:
        text = text.replace(f"{{{name}}}", f"{{{other}}}")
    return _RAISED.sub(r"{\1}", text)


def _refuse_unknown(written: str) -> None:
    if "\\" in written:
        raise BrokenFormula("an unknown command")


@contextmanager
def _broken() -> Iterator[None]:
    """Turn whatever the library says about foreign text into BrokenFormula."""
    try:
        yield
    except BrokenFormula:
        raise
    except RecursionError as error:
        raise BrokenFormula("too deep") from error
    except Exception as error:
        raise BrokenFormula(f"{type(error).__name__}: {error}"[:200]) from error


def _shape(root: Element, foreign: list[str]) -> Shape:
    left, top, width, height = (float(n) for n in root.attrib["viewBox"].split())
    outline: list[tuple[str, tuple[float, ...]]] = []
    letters: list[Letter] = []
    count = 0
    for element in root.iter():
        name = element.tag.rpartition("}")[2]
        if name == "path":
            steps = list(_steps(element.attrib["d"]))
            if len(steps) > _STAND_IN_STEPS and _is_stand_in(steps) and len(letters) < len(foreign):
                letters.append(_letter(foreign[len(letters)], steps))
                continue
        elif name == "rect":
            steps = list(_box(element))
        elif name == "line":
            steps = list(_line(element))
        elif name in ("svg", "g"):
            continue
        else:
            raise BrokenFormula(f"drawn with {name}")
        outline.extend(steps)
        count += sum(len(numbers) for _command, numbers in steps)
        if count > MOST_NUMBERS:
            raise BrokenFormula("too long")
    if len(letters) != len(foreign):
        raise BrokenFormula("a character got lost")
    scaled = tuple((command, tuple(n / _SIZE for n in numbers)) for command, numbers in outline)
    shifted = tuple((command, _from(left / _SIZE, numbers)) for command, numbers in scaled)
    return Shape(
        width / _SIZE,
        -top / _SIZE,
        (height + top) / _SIZE,
        shifted,
        tuple(
            Letter(one.text, (one.left - left) / _SIZE, one.base / _SIZE, one.size / _SIZE)
            for one in letters
        ),
    )


def _from(left: float, numbers: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(n - left if place % 2 == 0 else n for place, n in enumerate(numbers))


def _steps(path: str) -> Iterator[tuple[str, tuple[float, ...]]]:
    for command, rest in _STEP.findall(path):
        numbers = tuple(float(n) for n in rest.split())
        if len(numbers) != ARITY[command]:
            raise BrokenFormula("an outline that is none")
        yield command, numbers


def _is_stand_in(steps: list[tuple[str, tuple[float, ...]]]) -> bool:
    """Tell whether the outline is the stand-in's: only straight lines, in many pieces."""
    return all(command in "MLZ" for command, _numbers in steps)


def _letter(text: str, steps: list[tuple[str, tuple[float, ...]]]) -> Letter:
    xs = [n for _command, numbers in steps for n in numbers[::2]]
    ys = [n for _command, numbers in steps for n in numbers[1::2]]
    before, wide, below = _STAND_IN_BOX
    size = (max(xs) - min(xs)) / wide * _NARROWER
    return Letter(text, min(xs) - before * size, max(ys) - below * size, size)


def _box(element: Element) -> Iterator[tuple[str, tuple[float, ...]]]:
    x, y, width, height = (
        float(element.attrib.get(key, 0)) for key in ("x", "y", "width", "height")
    )
    if element.attrib.get("fill") != "none":
        yield from _filled(x, y, width, height)
        return
    pen = float(element.attrib.get("stroke-width", 1) or 1)
    for bar in (
        (x, y, width, pen),
        (x, y + height - pen, width, pen),
        (x, y, pen, height),
        (x + width - pen, y, pen, height),
    ):
        yield from _filled(*bar)


def _filled(
    x: float, y: float, width: float, height: float
) -> Iterator[tuple[str, tuple[float, ...]]]:
    yield "M", (x, y)
    yield "L", (x + width, y)
    yield "L", (x + width, y + height)
    yield "L", (x, y + height)
    yield "Z", ()


def _line(element: Element) -> Iterator[tuple[str, tuple[float, ...]]]:
    x1, y1, x2, y2 = (float(element.attrib[key]) for key in ("x1", "y1", "x2", "y2"))
    pen = float(element.attrib.get("stroke-width", 1) or 1) / 2
    length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5 or 1.0
    across, down = pen * (y2 - y1) / length, pen * (x2 - x1) / length
    yield "M", (x1 - across, y1 + down)
    yield "L", (x2 - across, y2 + down)
    yield "L", (x2 + across, y2 - down)
    yield "L", (x1 + across, y1 - down)
    yield "Z", ()
