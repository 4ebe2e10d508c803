"""How commands talk: text for people, or one JSON object per line for programs."""

import json
import sys
import unicodedata
from collections.abc import Mapping
from typing import TextIO

from hanlin.kernel.errors import HanlinError
from hanlin.kernel.i18n import _
from hanlin.kernel.units import size

_BAR = 24
"""Columns."""


class Console:
    """Standard output and standard error of one command."""

    def __init__(
        self, *, json_lines: bool, out: TextIO | None = None, err: TextIO | None = None
    ) -> None:
        self.json_lines = json_lines
        self._out = out or sys.stdout
        self._err = err or sys.stderr
        self._open_line = False
        self._status_width = 0

    def write(self, text: str) -> None:
        """Print text as it streams, without ending the line."""
        self.clear_status()
        self._out.write(_harmless(text, self._out))
        self._out.flush()
        if text:
            self._open_line = not text.endswith("\n")

    def line(self, text: str = "") -> None:
        """Print a whole line."""
        self.end_line()
        self.write(text + "\n")

    def end_line(self) -> None:
        """End a line that streaming left open."""
        if self._open_line:
            self.write("\n")

    def event(self, event: Mapping[str, object]) -> None:
        """Print one JSON object on a line of its own."""
        self.value(event)

    def value(self, value: object) -> None:
        """Print any JSON value on a line of its own."""
        self._out.write(json.dumps(value, ensure_ascii=False) + "\n")
        self._out.flush()

    def status(self, text: str) -> None:
        """Show what goes on in place of the last status, on a terminal only."""
        if self.json_lines or not self._err.isatty():
            return
        text = _harmless(text, self._err)
        width = _columns(text)
        self._err.write("\r" + text + " " * (self._status_width - width))
        self._err.flush()
        self._status_width = width

    def clear_status(self) -> None:
        """Remove the status line."""
        if self._status_width:
            self._err.write("\r" + " " * self._status_width + "\r")
            self._err.flush()
            self._status_width = 0

    def note(self, text: str) -> None:
        """Say something beside the result, on standard error."""
        self.clear_status()
        if not self.json_lines:
            self.end_line()
            self._err.write(_harmless(text, self._err) + "\n")
            self._err.flush()

    def error(self, error: HanlinError) -> None:
        """Say what went wrong and what to do, on standard error or as a JSON object."""
        self.clear_status()
        if self.json_lines:
            self.event(
                {
                    "event": "error",
                    "title": error.title,
                    "message": error.message,
                    "hint": error.hint,
                }
            )
            return
        self.end_line()
        words = _("{title}: {sentence}").format(title=error.title, sentence=error)
        self._err.write(_harmless(words, self._err) + "\n")
        self._err.flush()


def bar(done: int, total: int) -> str:
    """Return how far something is, for a status; of what has no end only how much it was."""
    if not total:
        return size(done)
    share = min(done / total, 1.0)
    return f"[{'#' * round(share * _BAR):<{_BAR}}] {share:4.0%} {size(done)}"


_TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Embeddings, overrides and isolates: what comes behind them is shown in another order."""
_CONTROLS = dict.fromkeys(
    (*range(0x20), *range(0x7F, 0xA0), *map(ord, _TURNING)), "\N{REPLACEMENT CHARACTER}"
)
del _CONTROLS[ord("\n")], _CONTROLS[ord("\t")]


def _harmless(text: str, stream: TextIO) -> str:
    """Return ``text`` without what a terminal obeys: models and files wrote it, not we.

    A terminal's control sequences retitle it, fill the clipboard and hide what was said; what
    turns the direction lets gnp.exe look like exe.png.
    What goes to a file or another program stays as it is.
    """
    return text.translate(_CONTROLS) if stream.isatty() else text


def _columns(text: str) -> int:
    """Return how many columns of a terminal ``text`` takes: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
