"""Fields for numbers, their text standing as far from the edge as in the fields beside them.

What a field's range means is the business of who makes it.
"""

from typing import Final

from PySide6.QtWidgets import QDoubleSpinBox, QSpinBox, QWidget

_INDENT: Final = 7
"""Pixels; the style sheet's padding does not reach the text of these fields."""


class NumberField(QSpinBox):
    """For whole numbers."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lineEdit().setTextMargins(_INDENT, 0, 0, 0)


class DecimalField(QDoubleSpinBox):
    """For numbers with decimals."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lineEdit().setTextMargins(_INDENT, 0, 0, 0)
