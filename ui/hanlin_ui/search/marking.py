"""Marks what is looked for in the texts on screen, whichever views show them at the moment."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from hanlin_ui.theme import appearance

Marks = Sequence[tuple[int, int]]
TextWidget = QTextEdit | QPlainTextEdit


def mark(inside: QWidget, find: Callable[[str], Marks], strong: QWidget | None = None) -> None:
    """Mark in every text below ``inside`` what ``find`` finds, stronger within ``strong``."""
    theme = appearance.current()
    for view in texts(inside):
        here = strong is not None and strong.isAncestorOf(view)
        colour = QColor(theme.selection if here else theme.warning_ground)
        view.setExtraSelections(
            [_selection(view, start, end, colour) for start, end in find(view.toPlainText())]
        )


def unmark(inside: QWidget) -> None:
    """Take the marks away."""
    for view in texts(inside):
        if view.extraSelections():
            view.setExtraSelections([])


def place_of(number: int, inside: QWidget, above: QWidget, find: Callable[[str], Marks]) -> int:
    """Return how far below the top of ``above`` mark ``number`` of ``inside`` is, -1 if nowhere."""
    places = []
    for view in sorted(texts(inside), key=lambda one: one.mapTo(above, QPoint(0, 0)).y()):
        for start, _end in find(view.toPlainText()):
            cursor = QTextCursor(view.document())
            cursor.setPosition(start)
            there = view.cursorRect(cursor).center()
            places.append(view.viewport().mapTo(above, there).y())
    return places[min(number, len(places) - 1)] if places else -1


def texts(inside: QWidget) -> list[TextWidget]:
    """Return what shows text below ``inside`` and is only read."""
    found: list[TextWidget] = [*inside.findChildren(QTextEdit)]
    found += inside.findChildren(QPlainTextEdit)
    return [view for view in found if view.isReadOnly() and view.isVisible()]


def _selection(view: TextWidget, start: int, end: int, colour: QColor) -> QTextEdit.ExtraSelection:
    one = QTextEdit.ExtraSelection()
    style = QTextCharFormat()
    style.setBackground(colour)
    cursor = QTextCursor(view.document())
    last = view.document().characterCount() - 1
    cursor.setPosition(min(start, last))
    cursor.setPosition(min(end, last), QTextCursor.MoveMode.KeepAnchor)
    one.cursor, one.format = cursor, style
    return one
