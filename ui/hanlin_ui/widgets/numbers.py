"""Fields for numbers, their text standing as far from the edge as in the fields beside them.

Where one says a word in place of a number (“none”, “not set”), what is typed takes its place.

What a field's range means is the business of who makes it.
"""

from typing import Final

from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDoubleSpinBox, QSpinBox, QWidget

_INDENT: Final = 7
"""Pixels; the style sheet's padding does not reach the text of these fields."""
_ERASING: Final = (Qt.Key.Key_Backspace, Qt.Key.Key_Delete)


class NumberField(QSpinBox):
    """For whole numbers, written as the program's texts write them: 12,345."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setLocale(QLocale(QLocale.Language.English))
        self.setGroupSeparatorShown(True)
        self.lineEdit().setTextMargins(_INDENT, 0, 0, 0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let the word go when something is typed."""
        _make_way(self, event)
        super().keyPressEvent(event)


class DecimalField(QDoubleSpinBox):
    """For numbers with decimals."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lineEdit().setTextMargins(_INDENT, 0, 0, 0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let the word go when something is typed."""
        _make_way(self, event)
        super().keyPressEvent(event)


def _make_way(field: QSpinBox | QDoubleSpinBox, event: QKeyEvent) -> None:
    """Select the word: behind it no digit is allowed, and a click puts the cursor there."""
    types = event.key() in _ERASING or (event.text() and event.text().isprintable())
    if types and field.text() == field.specialValueText():
        field.selectAll()
