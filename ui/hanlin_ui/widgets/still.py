"""Widgets that are scrolled and grow below, of which nothing is painted again for that."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget


def stand_still(widget: QWidget) -> None:
    """Have what ``widget`` shows moved as it is when it scrolls, and kept when it grows.

    Only for one that paints nothing of its own but the window's ground, which it fills: Qt
    copies the pixels of a widget that nothing shines through, and paints others anew.
    """
    widget.setAutoFillBackground(True)
    widget.setAttribute(Qt.WidgetAttribute.WA_StaticContents)
