"""The names of a window's pages at its left edge."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QListWidget, QSizePolicy


class Sections(QListWidget):
    """As wide as the names need in the size of text that was chosen, and ``least`` at least."""

    def __init__(self, least: int) -> None:
        super().__init__()
        self.setMinimumWidth(least)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setSizeAdjustPolicy(QListWidget.SizeAdjustPolicy.AdjustToContents)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("role", "sections")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
