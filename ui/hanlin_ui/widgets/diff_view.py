"""The difference of two texts, line by line: what goes and what comes, with line numbers."""

from difflib import SequenceMatcher
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QTextBlockFormat, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from hanlin.kernel.i18n import _
from hanlin.services.workspace import lines
from hanlin.services.workspace.lines import Line
from hanlin_ui.theme import appearance
from hanlin_ui.theme.fonts import code_font

_AROUND: Final = 3
"""Lines that stay, shown around those that change."""
_STRENGTH: Final = 0.18
"""How much of the colour is behind a changed line."""
_MOST_LINES: Final = 5_000


class DiffView(QPlainTextEdit):
    """Old and new line numbers, what goes and what comes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setFont(code_font(self.font()))
        self.setUndoRedoEnabled(False)
        self.setAccessibleName(_("Difference"))
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )

    def show_texts(self, old: str, new: str) -> None:
        """Show what makes ``new`` of ``old``."""
        self.clear()
        theme = appearance.current()
        colours = {"+": theme.good, "-": theme.bad}
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        for number, (sign, text) in enumerate(diff_lines(old, new)):
            if number:
                cursor.insertBlock(QTextBlockFormat(), QTextCharFormat())
            if number == _MOST_LINES:
                cursor.insertText("…")
                break
            layout, letters = QTextBlockFormat(), QTextCharFormat()
            if sign in colours:
                layout.setBackground(_mixed(colours[sign], theme.raised))
            elif sign == "@":
                letters.setForeground(QColor(theme.muted))
            cursor.setBlockFormat(layout)
            cursor.setCharFormat(letters)
            cursor.insertText(text, letters)
        cursor.endEditBlock()
        self.moveCursor(QTextCursor.MoveOperation.Start)


def counts(old: str, new: str) -> tuple[int, int]:
    """Return how many lines come and how many go."""
    signs = [sign for sign, _text in diff_lines(old, new)]
    return signs.count("+"), signs.count("-")


def diff_lines(old_text: str, new_text: str) -> list[tuple[str, str]]:
    """Return the lines of the difference with their signs, "@" between places.

    What is alike at both ends is not looked through: that takes seconds in a long file.
    """
    old, new = lines.split(old_text), lines.split(new_text)
    first, last = _alike(old, new)
    first, last = max(0, first - _AROUND), max(0, last - _AROUND)
    old, new = old[first : len(old) - last], new[first : len(new) - last]
    found: list[tuple[str, str]] = []
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for group in matcher.get_grouped_opcodes(_AROUND):
        if found:
            found.append(("@", "⋯"))
        for kind, i1, i2, j1, j2 in group:
            if kind == "equal":
                pairs = zip(range(i1, i2), range(j1, j2), strict=True)
                found += [(" ", _line(first + i, first + j, " ", old[i].text)) for i, j in pairs]
                continue
            found += [("-", _line(first + i, None, "−", old[i].text)) for i in range(i1, i2)]
            found += [("+", _line(None, first + j, "+", new[j].text)) for j in range(j1, j2)]
    return found


def _alike(old: list[Line], new: list[Line]) -> tuple[int, int]:
    """Return how many lines are the same at the beginning, and behind those at the end."""
    shorter = min(len(old), len(new))
    first = next((n for n in range(shorter) if old[n] != new[n]), shorter)
    left = shorter - first
    return first, next((n for n in range(left) if old[-1 - n] != new[-1 - n]), left)


def _line(old: int | None, new: int | None, sign: str, text: str) -> str:
    left = "" if old is None else str(old + 1)
    right = "" if new is None else str(new + 1)
    return f"{left:>5} {right:>5} {sign} {text}"


def _mixed(colour: str, ground: str) -> QColor:
    over, under = QColor(colour), QColor(ground)
    pairs = (
        (over.red(), under.red()),
        (over.green(), under.green()),
        (over.blue(), under.blue()),
    )
    return QColor(*(round(_STRENGTH * a + (1 - _STRENGTH) * b) for a, b in pairs))
