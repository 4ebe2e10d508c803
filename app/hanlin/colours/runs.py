"""What is known of how a piece of code is coloured: numbers, which child and parent agree on."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

KINDS: Final = (
    "Comment",
    "String",
    "Number",
    "Keyword",
    "Name.Function",
    "Name.Class",
    "Name.Builtin",
)
FIELDS: Final = 3
"""Numbers of one run: its place, its length, and its kind's place in KINDS."""


class NoColoursError(Exception):
    """What was sent is nothing of the kind."""


@dataclass(frozen=True, slots=True)
class Colours:
    """What is known of a piece of code."""

    numbers: "array[int]" = field(default_factory=lambda: array("I"))
    ending: str = ""
    """How the name of such a file ends, "" for a language that is not known."""

    def runs(self) -> Iterator[tuple[int, int, str]]:
        """Yield place, length and kind of the coloured words, in order.

        They are counted in UTF-16 units, as Qt counts; the kind is one of :data:`KINDS`.
        """
        numbers = iter(self.numbers)
        for place, length, kind in zip(numbers, numbers, numbers, strict=True):
            yield place, length, KINDS[kind]


def from_wire(payload: bytes, ending: object) -> Colours:
    """Return what a child sent. Raises NoColoursError for anything but sane numbers."""
    numbers = array("I")
    if len(payload) % (FIELDS * numbers.itemsize):
        raise NoColoursError
    numbers.frombytes(payload)
    if max(numbers[FIELDS - 1 :: FIELDS], default=0) >= len(KINDS):
        raise NoColoursError
    name = str(ending)
    if name and not (name[0] == "." and name[1:].isalnum()):
        raise NoColoursError
    return Colours(numbers, name)
