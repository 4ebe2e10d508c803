"""What is asked of a model about code: one wording for each thing, in the person's language.

Who asks, about which file or block, belongs to the window and the command line.
"""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final

from hanlin.kernel.i18n import _


class CodeAction(StrEnum):
    """What can be wanted of a piece of code."""

    EXPLAIN = "explain"
    BUG = "bug"
    FIX = "fix"
    TEST = "test"
    DOCUMENT = "document"
    REVIEW = "review"
    NAME = "name"


_WISHES: Final[Mapping[CodeAction, Callable[[], str]]] = {
    CodeAction.EXPLAIN: lambda: _("Explain this code: what it does, and how."),
    CodeAction.BUG: lambda: _("Find the bug in this code and say why it is one."),
    CodeAction.FIX: lambda: _("Fix this code. Show the whole corrected code, then what was wrong."),
    CodeAction.TEST: lambda: _("Write tests for this code, its edge cases too."),
    CodeAction.DOCUMENT: lambda: _("Add documentation comments to this code; change nothing else."),
    CodeAction.REVIEW: lambda: _("Review this code: mistakes first, then what could be better."),
    CodeAction.NAME: lambda: _("Suggest better names for what this code defines."),
}
_DIFF: Final = re.compile(r"^(diff --git |--- .*\n\+\+\+ |@@ -\d)", re.MULTILINE)
_TICKS: Final = re.compile(r"`{3,}")


def request(action: CodeAction, code: str, language: str = "", name: str = "") -> str:
    """Return the question that asks for ``action`` on ``code``, which is called ``name``."""
    wish = _WISHES[action]()
    if action is CodeAction.REVIEW and is_diff(code):
        language = "diff"
        wish = _("Review this change: mistakes it brings in first, then what could be better.")
    return "\n\n".join(filter(None, (wish, name and f"{name}:", fenced(code, language))))


def request_fix(code: str, output: str, language: str = "python") -> str:
    """Return the question that asks to fix ``code``, which ended with ``output``."""
    wish = _("This code ends with an error. Fix it and show the whole corrected code.")
    said = _("It printed:")
    return f"{wish}\n\n{fenced(code, language)}\n\n{said}\n\n{fenced(output, '')}"


def is_diff(text: str) -> bool:
    """Tell whether ``text`` is a change rather than code."""
    return bool(_DIFF.search(text[:100_000]))


def fenced(text: str, language: str) -> str:
    """Return ``text`` as a block of code that nothing in it can end."""
    longest = max((len(run) for run in _TICKS.findall(text)), default=2)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.removesuffix(chr(10))}\n{fence}"
