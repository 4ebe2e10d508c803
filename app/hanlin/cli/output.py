"""How commands talk: text for people, or one JSON object per line for programs."""

import json
import sys
import unicodedata
from collections.abc import Mapping
from typing import TextIO

from hanlin.kernel.errors import HanlinError


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
        self._out.write(text)
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
            self._err.write(text + "\n")
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
        self._err.write(f"{error.title}: {error}\n")
        self._err.flush()


def _columns(text: str) -> int:
    """Return how many columns of a terminal ``text`` takes: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
