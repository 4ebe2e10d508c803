r"""Phrases with alternatives: ``(how do I|how to) {what}``. The one notation of all data files.

``(a|b|)`` picks one branch, ``{name}`` is filled from a table of lists, whose entries may hold
alternatives themselves; a name that the table lacks stays as it is. ``\(`` is a plain bracket.
Nothing here knows a topic.
"""

import random
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TypeAlias

DATA = Path(__file__).parent / "data"

Node: TypeAlias = "str | Choice | Slot"


class Slot(str):
    """The name of a table that fills this place."""


class Choice(tuple[tuple["Node", ...], ...]):
    """Branches of which one is taken."""


@cache
def parse(text: str) -> tuple[Node, ...]:
    """Return the phrase as a tree; a bracket that never closes raises ValueError."""
    nodes, rest = _sequence(text, 0, inside=False)
    if rest != len(text):
        raise ValueError(f"unbalanced bracket in {text!r}")
    return nodes


def _sequence(text: str, at: int, *, inside: bool) -> tuple[tuple[Node, ...], int]:
    nodes: list[Node] = []
    plain = ""
    while at < len(text):
        mark = text[at]
        if mark == "\\" and at + 1 < len(text) and text[at + 1] in "(|){}":
            plain += text[at + 1]
            at += 2
            continue
        if inside and mark in "|)":
            break
        if mark == "(":
            nodes, plain = _flush(nodes, plain), ""
            branches: list[tuple[Node, ...]] = []
            at += 1
            while True:
                branch, at = _sequence(text, at, inside=True)
                branches.append(branch)
                if at >= len(text):
                    raise ValueError(f"bracket never closed in {text!r}")
                at += 1
                if text[at - 1] == ")":
                    break
            nodes.append(Choice(branches))
            continue
        if mark == "{" and (end := text.find("}", at)) > 0 and text[at + 1 : end].isidentifier():
            nodes, plain = _flush(nodes, plain), ""
            nodes.append(Slot(text[at + 1 : end]))
            at = end + 1
            continue
        plain += mark
        at += 1
    return tuple(_flush(nodes, plain)), at


def _flush(nodes: list[Node], plain: str) -> list[Node]:
    return [*nodes, plain] if plain else nodes


def chance(rng: random.Random, share: float) -> bool:
    """Return true in `share` of the draws."""
    return rng.random() < share


def expand(text: str, rng: random.Random, table: Mapping[str, Sequence[str]] | None = None) -> str:
    """One phrase of the notation; equal rng states give equal phrases."""
    return _render(parse(text), rng, table or {})


def _render(nodes: Sequence[Node], rng: random.Random, table: Mapping[str, Sequence[str]]) -> str:
    parts: list[str] = []
    for node in nodes:
        if isinstance(node, Choice):
            parts.append(_render(rng.choice(node), rng, table))
        elif isinstance(node, Slot):
            known = table.get(node)
            parts.append(expand(rng.choice(known), rng, table) if known else f"{{{node}}}")
        else:
            parts.append(node)
    return "".join(parts)


def lines(name: str) -> list[str]:
    """Return the meaningful lines of a data file; ``#`` starts a comment line."""
    text = (DATA / name).read_text(encoding="utf-8")
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]


@cache
def sections(name: str) -> dict[str, list[str]]:
    """Return a data file whose lines stand under ``[title]`` headings."""
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in lines(name):
        if line.startswith("[") and line.endswith("]"):
            current = found.setdefault(line[1:-1], [])
        else:
            current.append(line)
    return found
