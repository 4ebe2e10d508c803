"""The calculator: one line of arithmetic, exact where it can be, and never more than a moment.

The text is parsed, never evaluated: only what ``_OPERATORS`` and ``_FUNCTIONS`` name is known.
"""

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Final

Number = Fraction | float

LONGEST: Final = 1_000
"""Characters of an expression."""
_MOST_BITS: Final = 20_000
_MOST_DIGITS: Final = 60
_DEEPEST: Final = 60
_PRECISION: Final = 15
_LARGEST_FACTORIAL: Final = 1_000

_WIDE: Final = "０１２３４５６７８９．＋－＊／（）％＾，"
_SIGNS: Final = {
    **dict(zip(_WIDE, "0123456789.+-*/()%^,", strict=True)),
    "×": "*",
    "⋅": "*",
    "·": "*",
    "÷": "/",
    "∕": "/",
    "−": "-",
    "–": "-",
    "π": "pi",
    "√": "sqrt",
    "[": "(",
    "]": ")",
    "²": "**2",
    "³": "**3",
    "^": "**",
}
_WRITTEN: Final = str.maketrans(_SIGNS)
_CALLS: Final = re.compile(r"[a-z]\s*\(")
_THOUSANDS: Final = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])")
_PERCENT: Final = re.compile(r"(\d+(?:\.\d+)?)\s*%(?!\s*[\w(.])")
_ROOT: Final = re.compile(r"sqrt\s*(\d+(?:\.\d+)?)")
_FACTORIAL: Final = re.compile(r"(\d+)\s*!")


class CalculationError(Exception):
    """The expression cannot be calculated; the text says why, to a model."""


def calculate(expression: str) -> str:
    """Return the value of ``expression`` as it is written. Raises CalculationError."""
    if len(expression) > LONGEST:
        raise CalculationError("the expression is too long")
    text = expression.translate(_WRITTEN).strip().removesuffix("=").strip()
    if not _CALLS.search(text):  # there a comma separates arguments
        text = _THOUSANDS.sub(lambda found: found[0].replace(",", ""), text)
    text = _PERCENT.sub(r"(\1/100)", text)
    text = _FACTORIAL.sub(r"factorial(\1)", _ROOT.sub(r"sqrt(\1)", text))
    try:
        return _shown(_value(ast.parse(text, mode="eval").body, 0))
    except ZeroDivisionError:
        raise CalculationError("division by zero") from None
    except OverflowError:
        raise CalculationError("the result is too large") from None
    except (SyntaxError, ValueError, MemoryError, RecursionError, TypeError):
        raise CalculationError("this is no expression that can be calculated") from None


def _value(node: ast.expr, depth: int) -> Number:
    if depth > _DEEPEST:
        raise CalculationError("the expression is nested too deeply")
    depth += 1
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return _exact(str(value))
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
            inner = _value(operand, depth)
            return -inner if isinstance(sign, ast.USub) else inner
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return _power(_value(left, depth), _value(right, depth))
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _OPERATORS:
            return _bounded(_OPERATORS[type(sign)](_value(left, depth), _value(right, depth)))
        case ast.Name(id=name) if name in _CONSTANTS:
            return _CONSTANTS[name]
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in _FUNCTIONS:
            values = [_value(argument, depth) for argument in arguments]
            return _bounded(_FUNCTIONS[name](*values))
    name = getattr(getattr(node, "func", node), "id", "")
    if name:
        raise CalculationError(f"“{name[:40]}” is not known")
    raise CalculationError("only numbers, signs and functions can be calculated")


def _exact(text: str) -> Number:
    return Fraction(text)  # 1e400 is inf by now, and refused here


def _bounded(value: Number) -> Number:
    if isinstance(value, Fraction) and _bits(value) > _MOST_BITS:
        raise OverflowError
    return value


def _bits(value: Fraction) -> int:
    return max(value.numerator.bit_length(), value.denominator.bit_length())


def _power(base: Number, exponent: Number) -> Number:
    if isinstance(base, Fraction) and isinstance(exponent, Fraction) and exponent.denominator == 1:
        if _bits(base) * abs(exponent.numerator) > _MOST_BITS and abs(base) != 1:
            raise OverflowError
        return Fraction(base**exponent.numerator)
    result: float | complex = float(base) ** float(exponent)
    if isinstance(result, complex):
        raise CalculationError("the result is no real number")
    return result


def _factorial(value: Number) -> Number:
    if value > _LARGEST_FACTORIAL:
        raise OverflowError
    return Fraction(math.factorial(int(value) if value == int(value) else -1))


def _sqrt(value: Number) -> Number:
    if value < 0:
        raise CalculationError("the root of a negative number is no real number")
    if isinstance(value, Fraction):
        top, bottom = math.isqrt(value.numerator), math.isqrt(value.denominator)
        if top * top == value.numerator and bottom * bottom == value.denominator:
            return Fraction(top, bottom)
    return math.sqrt(value)


def _round(value: Number, digits: Number = Fraction(0)) -> Number:
    return Fraction(round(Fraction(value), max(-50, min(50, int(digits)))))


_OPERATORS: Final[Mapping[type[ast.operator], Callable[[Number, Number], Number]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: lambda a, b: Fraction(a // b),
    ast.Mod: operator.mod,
}
_CONSTANTS: Final[Mapping[str, Number]] = {"pi": math.pi, "e": math.e}
_FUNCTIONS: Final[Mapping[str, Callable[..., Number]]] = {
    **{name: getattr(math, name) for name in ("sin", "cos", "tan", "asin", "acos", "atan")},
    **{name: getattr(math, name) for name in ("exp", "log", "log2", "log10", "degrees", "radians")},
    "ln": math.log,
    "lg": math.log10,
    "hypot": math.hypot,
    "sqrt": _sqrt,
    "abs": abs,
    "round": _round,
    "factorial": _factorial,
    "pow": _power,
    "floor": lambda value: Fraction(math.floor(value)),
    "ceil": lambda value: Fraction(math.ceil(value)),
    "min": min,
    "max": max,
}


def _shown(value: Number) -> str:
    """Write a number as people do: no trailing zeros, and not more digits than are known."""
    if isinstance(value, float):
        if not math.isfinite(value):
            raise OverflowError
        return f"{value:.{_PRECISION}g}" if value % 1 or abs(value) >= 1e15 else str(int(value))  # noqa: PLR2004
    if value.denominator == 1:
        digits = str(value.numerator) if _bits(value) < 4 * _MOST_DIGITS else ""
        return digits or _approximately(value)
    places = _places(value.denominator)
    if places is not None and places <= _PRECISION:
        scaled = abs(value.numerator) * 10**places // value.denominator
        whole, part = divmod(scaled, 10**places)
        return f"{'-' if value < 0 else ''}{whole}.{part:0{places}}"
    return _approximately(value)


def _places(denominator: int) -> int | None:
    """Return how many decimal places a fraction needs, None when it never ends."""
    twos = fives = 0
    while denominator % 2 == 0:
        denominator, twos = denominator // 2, twos + 1
    while denominator % 5 == 0:
        denominator, fives = denominator // 5, fives + 1
    return max(twos, fives) if denominator == 1 else None


def _approximately(value: Fraction) -> str:
    exponent = 0
    while abs(value) >= 10**300:  # beyond a float
        value, exponent = value / 10**100, exponent + 100
    text = f"{float(value):.{_PRECISION}g}"
    if not exponent:
        return text
    mantissa, _e, power = f"{float(value):.{_PRECISION - 1}e}".partition("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e+{int(power) + exponent}"
