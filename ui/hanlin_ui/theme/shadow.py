"""The quiet shadow of what lies above something else: a few strokes on the ground below it.

Not by Qt's effects: those draw all that is below them into a picture, with every token of an
answer. Whoever has a shadow leaves room for it, and is asked to draw only when something changes
there. In high contrast edges tell what lies above, and there is none.
"""

from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from hanlin_ui.theme import appearance

REACH: Final = 8
"""Pixels around a thing that its shadow may take."""
_DROP: Final = 2
"""Of them, how far it is lower than the thing: light comes from above."""


def draw(painter: QPainter, area: QRectF, radius: float) -> None:
    """Draw the shadow of what will be drawn in ``area`` with corners of ``radius``."""
    depth = appearance.current().shadow
    if not depth:
        return
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0, depth))
    low = area.translated(0, _DROP)
    for step in range(1, REACH - _DROP + 1):  # one on the other: darkest where they all are
        painter.drawRoundedRect(
            low.adjusted(-step, -step, step, step), radius + step, radius + step
        )
    painter.restore()
