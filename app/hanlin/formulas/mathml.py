"""A formula as MathML: a tree of pure values, which child and parent agree on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element

_DEEPEST: Final = 60
_MOST_NODES: Final = 4_000
_KEPT: Final = frozenset(
    ("columnalign", "fence", "form", "linethickness", "mathvariant", "notation", "width")
)
"""The attributes that say more than how something is usually set."""


class NoFormulaError(Exception):
    """It is no formula, or too large a one."""


@dataclass(frozen=True, slots=True)
class Node:
    """One element, by the name that MathML has for it."""

    name: str
    text: str
    attributes: Mapping[str, str]
    children: tuple["Node", ...] = ()


def to_wire(element: Element, depth: int = 0) -> list[object]:
    """Return ``element`` as JSON has it. Raises NoFormulaError."""
    if depth > _DEEPEST:
        raise NoFormulaError
    return [
        element.tag.rpartition("}")[2],
        element.text or "",
        {name: value for name, value in element.attrib.items() if name in _KEPT},
        [to_wire(child, depth + 1) for child in element],
    ]


def from_wire(message: object) -> Node:
    """Return what a child sent. Raises NoFormulaError for anything but a sane tree."""
    left = _MOST_NODES

    def read(value: object, depth: int) -> Node:
        nonlocal left
        left -= 1
        if depth > _DEEPEST or left < 0:
            raise NoFormulaError
        match value:
            case [str(name), str(text), dict(attributes), list(children)]:
                known = {str(key): str(said) for key, said in attributes.items() if key in _KEPT}
                return Node(name, text, known, tuple(read(one, depth + 1) for one in children))
        raise NoFormulaError

    return read(message, 0)
