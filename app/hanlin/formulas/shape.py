"""What a drawn formula is: pure values, in units of the font's size."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

MOST_NUMBERS: Final = 60_000
_FARTHEST: Final = 2_000.0
"""Font sizes from the beginning of the base line: a formula reaches no farther."""
ARITY: Final = {"M": 2, "L": 2, "Q": 4, "C": 6, "Z": 0}
"""How many numbers follow each command of an outline."""


class NoShapeError(Exception):
    """What was sent is no drawing of a formula."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A character that the formulas' font lacks, such as a Chinese one: the window draws it.

    ``left`` and ``base`` are where it begins on its base line.
    """

    text: str
    left: float
    base: float
    size: float


@dataclass(frozen=True, slots=True)
class Shape:
    """One formula. ``outline`` is filled; y grows downwards from the base line."""

    width: float
    ascent: float
    descent: float
    outline: tuple[tuple[str, tuple[float, ...]], ...]
    letters: tuple[Letter, ...] = ()


def to_wire(shape: Shape) -> dict[str, object]:
    """Return ``shape`` as JSON has it."""
    return {
        "box": [shape.width, shape.ascent, shape.descent],
        "commands": "".join(command for command, _numbers in shape.outline),
        "numbers": [round(n, 4) for _command, numbers in shape.outline for n in numbers],
        "letters": [[one.text, one.left, one.base, one.size] for one in shape.letters],
    }


def from_wire(message: object) -> Shape:
    """Return the shape that a child sent. Raises NoShapeError for anything but a sane one."""
    try:
        fields: dict[str, Any] = dict(message)  # type: ignore[call-overload]  # anything may come
        width, ascent, descent = _numbers(fields["box"], 3)
        commands, numbers = str(fields["commands"]), _numbers(fields["numbers"])
        outline: list[tuple[str, tuple[float, ...]]] = []
        position = 0
        for command in commands:
            end = position + ARITY[command]
            outline.append((command, tuple(numbers[position:end])))
            position = end
        if position != len(numbers):
            outline.clear()
        letters = tuple(
            Letter(str(text)[:2], *_numbers(place, 3)) for text, *place in fields["letters"]
        )
    except (KeyError, TypeError, IndexError, ValueError) as error:
        raise NoShapeError from error
    return Shape(width, ascent, descent, tuple(outline), letters)


def _numbers(values: object, count: int | None = None) -> Sequence[float]:
    if not isinstance(values, list) or len(values) > MOST_NUMBERS:
        raise TypeError
    numbers = [float(value) for value in values]
    if count is not None and len(numbers) != count:
        raise TypeError
    if not all(math.isfinite(number) and abs(number) <= _FARTHEST for number in numbers):
        raise ValueError("a number out of bounds")
    return numbers
