"""Calls of tools in a person's words: what each tool is called, and what it would run with.

Everything a model wrote is made harmless to look at here; where it is shown belongs to the
window and the command line.
"""

import json
from typing import Final

from hanlin.domain.tools import ToolCall
from hanlin.kernel.i18n import _

MOST_SHOWN: Final = 2_000
"""Characters of a text."""
_MOST_LINES: Final = 12
_LONGEST_NAME: Final = 60
_TITLES: Final = {
    "calculator": lambda: _("Calculator"),
    "get_time": lambda: _("Clock"),
    "convert_units": lambda: _("Unit conversion"),
    "read_file": lambda: _("Read a file"),
    "search_documents": lambda: _("Search in documents"),
}


def title(call: ToolCall) -> str:
    """Return what a person calls the tool; a name nobody knows is shown as it is."""
    return _TITLES[call.name]() if call.name in _TITLES else call.name[:_LONGEST_NAME]


def arguments(call: ToolCall) -> str:
    """Return what it is called with, as a person reads it."""
    values = json.loads(call.arguments)
    if len(values) == 1:
        [value] = values.values()
        return _text(value)
    return "\n".join(f"{name}: {_text(value)}" for name, value in values.items())


def beginning(text: str) -> str:
    """Return what is shown of ``text``, in which every character can be seen or is harmless."""
    lines = text[:MOST_SHOWN].split("\n", _MOST_LINES)
    shown = "\n".join(lines[:_MOST_LINES])
    shown = "".join(c if c.isprintable() or c in "\n\t" else "·" for c in shown)
    return shown if len(shown) == len(text) else f"{shown}…"


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
