"""How large windows and what fills them are at first."""

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from hanlin_ui.theme import appearance


def fitting(widget: QWidget, width: int, height: int) -> QSize:
    """Return how large ``widget`` is to be, which at 100 % is ``width`` by ``height``.

    It grows with the letters, and keeps within nine tenths of the screen of its parent.
    """
    looks = appearance.looks()
    grown = QSize(looks.sized(width), looks.sized(height))
    # A dialog that is not shown yet is on the first screen, for all that Qt knows.
    screen = (widget.parentWidget() or widget).screen()
    return grown.boundedTo(screen.availableSize() * 9 / 10)
