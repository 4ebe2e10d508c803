"""Answers made to do harm, by dice, and decoys that tell whether a picture in one was fetched.

Nesting, tables, lines of 500 kB, broken formulas, SVG, pictures of other computers and shares,
half characters, marks that turn the direction round. Who draws them is ``nasty.py``.
"""

import ctypes
import os
import random
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Final

LONG: Final = 500_000
MOST: Final = 400
"""How many times something is nested or repeated, at most."""
WORDS: Final = (
    "a", "字", "😀", "\u202e", "\u0301", "\0", "\ud83d", "\u200b", "<b>", "&amp;",
)  # fmt: skip
_IN_OPEN: Final = 0x20


class Decoys:
    """A file and a port that pictures name. ``touched`` counts who came for them."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "picture.png"
        self.path.write_bytes(b"nothing")
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._watch = self._libc.inotify_init1(os.O_NONBLOCK)
        self._libc.inotify_add_watch(self._watch, os.fsencode(self.path), _IN_OPEN)
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(0)
        self.port = int(self._server.getsockname()[1])

    def touched(self) -> int:
        """Return how often the file was opened and the port connected to."""
        count = 0
        for take in (lambda: os.read(self._watch, 4096), self._server.accept):
            try:
                while take():
                    count += 1
            except BlockingIOError:
                continue
        return count

    def prove(self) -> None:
        """See to it that the decoys tell."""
        self.path.read_bytes()
        socket.create_connection(("127.0.0.1", self.port)).close()
        assert self.touched() > 1, "the decoys do not tell"  # noqa: S101 - a benchmark


def makers(
    dice: random.Random, decoys: Decoys, *, largest: bool = False
) -> dict[str, Callable[[], str]]:
    """Return what makes each kind of nastiness, by a name."""
    number = MOST if largest else dice.randint(1, MOST)
    word = dice.choice(WORDS)

    def up_to(most: int, least: int = 1) -> int:
        return most if largest else dice.randint(least, most)

    table = "|" + "a|" * number + "\n|" + "-|" * number + "\n" + ("|" + "b|" * number + "\n") * 20
    pictures = (
        f"![p](file://{decoys.path}) ![u](//server/share/{number}.png)"
        f" ![h](http://127.0.0.1:{decoys.port}/x)"
    )
    formula = f"$\\frac{{{'{' * number}$ $$\\left({'(' * number}$$ $\\input{{/etc/passwd}}$"
    return {
        "quote": lambda: "> " * number + "quoted",
        "list": lambda: "\n".join("  " * depth + "- item" for depth in range(number // 4)),
        "brackets": lambda: "[" * number * 5 + "x" + "]" * number * 5,
        "stars": lambda: "*" * number * 20 + "x" + "_" * number * 20,
        "table": lambda: table,
        "line": lambda: word * up_to(LONG // len(word.encode("utf-8", "replace"))),
        "svg": lambda: f"```svg\n<svg onload='x'><image href='file://{decoys.path}'/></svg>\n```",
        "pictures": lambda: pictures,
        "html": lambda: (
            f"<img src='\\\\\\\\server\\\\share'><img src='file://{decoys.path}'>"
            f"<table>{'<tr><td>' * number}"
        ),
        "formula": lambda: formula,
        "dollars": lambda: "$" * number + "x" + "$" * up_to(9, 0),
        "escapes": lambda: "\\(" * number + "x" + "\\)" * number,
        "ticks": lambda: "`" * number + "code" + "`" * up_to(number, 0),
        "footnotes": lambda: "[^1]" * number + "\n\n[^1]: " + "[^1]" * number,
        "code": lambda: f"```{word * 9}\n{word * up_to(40_000)}\n",
        "numbers": lambda: "\n".join(f"{n}. {word}" for n in range(number)),
        "any": lambda: "".join(chr(dice.randrange(0x20, 0x2FFFF)) for _n in range(number * 9)),
    }


def nasty(dice: random.Random, decoys: Decoys, only: str) -> tuple[str, list[str]]:
    """Return one answer, and of which kinds it is."""
    known = makers(dice, decoys, largest=bool(only))
    kinds = [only] if only else [dice.choice(list(known)) for _part in range(dice.randint(1, 3))]
    return "\n\n".join(known[kind]() for kind in kinds), kinds
