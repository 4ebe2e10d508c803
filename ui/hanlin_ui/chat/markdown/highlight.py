"""Colours for code: Pygments tells the kinds of words, we choose the formats.

Pygments is imported on first use, because most conversations hold no code and
the window should open without it. Text above the cap stays plain.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from PySide6.QtGui import QColor, QTextCharFormat

from hanlin_ui.theme.palette import Theme

if TYPE_CHECKING:
    from pygments.token import _TokenType

LONGEST: Final = 60_000
"""Characters of code that are still coloured."""

_ORDER = ("Comment", "String", "Number", "Keyword", "Name.Function", "Name.Class", "Name.Builtin")


def runs(language: str, text: str) -> Iterator[tuple[int, int, str]]:
    """Yield (position, length, kind) of the coloured words of ``text``, lazily and in order.

    ``kind`` is a key of :func:`formats`. Nothing is yielded for a language nobody knows.
    """
    if not language or len(text) > LONGEST:
        return
    from pygments.lexers import get_lexer_by_name  # noqa: PLC0415 - see the module's docstring
    from pygments.util import ClassNotFound  # noqa: PLC0415

    try:
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return
    for position, token, value in lexer.get_tokens_unprocessed(text):
        if kind := _kind(token):
            yield position, len(value), kind


def file_name(language: str) -> str:
    """Return a name for a file of code in ``language``."""
    from pygments.lexers import get_lexer_by_name  # noqa: PLC0415 - see the module's docstring
    from pygments.util import ClassNotFound  # noqa: PLC0415

    try:
        patterns = get_lexer_by_name(language).filenames if language else []
    except ClassNotFound:
        patterns = []
    endings = (one[1:] for one in patterns if one.startswith("*.") and one[2:].isalnum())
    return f"code{next(endings, '.txt')}"


def formats(theme: Theme) -> dict[str, QTextCharFormat]:
    """Return the format of each kind in the colours of ``theme``."""
    colours = {
        "Comment": theme.comment,
        "String": theme.string,
        "Number": theme.number,
        "Keyword": theme.keyword,
        "Name.Function": theme.function,
        "Name.Class": theme.function,
        "Name.Builtin": theme.function,
    }
    result = {}
    for kind, colour in colours.items():
        style = QTextCharFormat()
        style.setForeground(QColor(colour))
        if kind == "Comment":
            style.setFontItalic(True)
        result[kind] = style
    return result


def _kind(token: "_TokenType") -> str:
    name = ".".join(token).removeprefix("Literal.")
    return next((kind for kind in _ORDER if name.startswith(kind)), "")
