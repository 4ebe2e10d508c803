"""What is asked of a model about code: one wording for each thing, in the person's language.

Who asks, about which file or block, belongs to the window and the command line.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from hanlin.domain.filling import Gap
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
    CONVERT = "convert"
    ERROR = "error"
    """Explain an error message."""
    REGEX = "regex"
    """Write a regular expression for what the text says."""
    SQL = "sql"
    COMMIT = "commit"
    """Write the message for a change."""


_WISHES: Final[Mapping[CodeAction, Callable[[], str]]] = {
    CodeAction.EXPLAIN: lambda: _("Explain this code: what it does, and how."),
    CodeAction.BUG: lambda: _("Find the bug in this code and say why it is one."),
    CodeAction.FIX: lambda: _("Fix this code. Show the whole corrected code, then what was wrong."),
    CodeAction.TEST: lambda: _("Write tests for this code, its edge cases too."),
    CodeAction.DOCUMENT: lambda: _("Add documentation comments to this code; change nothing else."),
    CodeAction.REVIEW: lambda: _("Review this code: mistakes first, then what could be better."),
    CodeAction.NAME: lambda: _("Suggest better names for what this code defines."),
    CodeAction.CONVERT: lambda: _("Convert this code to {language}. Show all of it."),
    CodeAction.ERROR: lambda: _(
        "Explain this error message: what it means, what causes it, and how to mend it."
    ),
    CodeAction.REGEX: lambda: _(
        "Write a regular expression for this, explain its parts, and show what it finds:"
    ),
    CodeAction.SQL: lambda: _("Write an SQL query for this and explain it:"),
    CodeAction.COMMIT: lambda: _(
        "Write a commit message for this change: one line of at most 70 characters in the"
        " imperative, an empty line, and why it was made, as far as it can be seen."
    ),
}
_IN_WORDS: Final = frozenset({CodeAction.REGEX, CodeAction.SQL})
"""What is about a person's words rather than about code."""
_DIFF: Final = re.compile(r"^(diff --git |--- .*\n\+\+\+ |@@ -\d)", re.MULTILINE)
_TICKS: Final = re.compile(r"`{3,}")
_FENCE: Final = re.compile(r"^ {0,3}```.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Piece:
    """A file, or a part of one, that a model is shown."""

    name: str
    text: str
    language: str


def wish_for(action: CodeAction, target: str = "") -> str:
    """Return the words for ``action``; ``target`` is the language to convert to."""
    return _WISHES[action]().replace("{language}", target)


def request(
    action: CodeAction, code: str, language: str = "", name: str = "", target: str = ""
) -> str:
    """Return the question that asks for ``action`` on ``code``, which is called ``name``."""
    wish = wish_for(action, target)
    if action in _IN_WORDS:
        return f"{wish}\n\n{code.strip()}"
    if action is CodeAction.COMMIT:
        language = "diff"
    elif action is CodeAction.REVIEW and is_diff(code):
        language = "diff"
        wish = _("Review this change: mistakes it brings in first, then what could be better.")
    return "\n\n".join(filter(None, (wish, name and f"{name}:", fenced(code, language))))


def request_files(
    wish: str, pieces: Sequence[Piece], known: Sequence[str] = (), *, blocks: bool = False
) -> str:
    """Return ``wish`` about files. ``known`` were shown before.

    ``blocks``: changes are to be written so that they can be put in their places.
    """
    said = [wish]
    if known:
        said.append(
            _("It is about these files, shown above: {names}").format(
                names=", ".join(f"`{name}`" for name in known)
            )
        )
    said += [f"`{piece.name}`:\n\n{fenced(piece.text, piece.language)}" for piece in pieces]
    if blocks:
        how = _(
            "Write every change as a block like this one, below the name of its file. The lines"
            " to search for are exactly as they are now. A new file is one whole block of code"
            " below its name."
        )
        said.append(f"{how}\n\n{_BLOCK}")
    return "\n\n".join(said)


_BLOCK: Final = """`folder/name.py`

```
<<<<<<< SEARCH
old lines
=======
new lines
>>>>>>> REPLACE
```"""


def request_fix(code: str, output: str, language: str = "python") -> str:
    """Return the question that asks to fix ``code``, which ended with ``output``."""
    wish = _("This code ends with an error. Fix it and show the whole corrected code.")
    said = _("It printed:")
    return f"{wish}\n\n{fenced(code, language)}\n\n{said}\n\n{fenced(output, '')}"


MARK: Final = "<FILL_ME>"
"""What a person writes where code is wanted, as the makers of Code Llama have it."""


def gap_in(code: str, first: int | None = None, last: int | None = None) -> Gap:
    """Return the gap from character ``first`` to ``last``, whose text is wanted anew.

    Without a place it is where the MARK stands, or else at the end.
    """
    if first is None:
        before, _mark, after = code.partition(MARK)
        return Gap(before, after)
    return Gap(code[:first], code[first if last is None else last :])


def gap_in_message(text: str, first: int, last: int) -> Gap:
    """Return the gap in what a person writes: in its block of code, or else in all of it."""
    fences = list(_FENCE.finditer(text))
    above = [fence for fence in fences if fence.start() < first]
    if len(above) % 2 == 0:
        return Gap(text[:first], text[last:])
    below = next((fence.start() for fence in fences if fence.start() >= first), len(text))
    return Gap(text[min(above[-1].end() + 1, first) : first], text[last : max(last, below)])


def is_diff(text: str) -> bool:
    """Tell whether ``text`` is a change rather than code."""
    return bool(_DIFF.search(text[:100_000]))


def fenced(text: str, language: str) -> str:
    """Return ``text`` as a block of code that nothing in it can end."""
    longest = max((len(run) for run in _TICKS.findall(text)), default=2)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.removesuffix(chr(10))}\n{fence}"
