"""A function, class or the like in a source file: a pure value."""

from dataclasses import dataclass

LANGUAGES = frozenset({"python", "javascript", "typescript", "tsx", "java", "go", "rust", "c"})
"""The languages whose definitions are found."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """A definition. ``first`` and ``last`` are lines from 0; ``depth`` 1 lies in another one."""

    name: str
    kind: str
    first: int
    last: int
    depth: int = 0
