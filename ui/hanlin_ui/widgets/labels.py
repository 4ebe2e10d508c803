"""Labels for texts of whatever origin: never markup."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel


def wrapped_label(text: str = "", role: str = "") -> QLabel:
    """Return a label that wraps and shows plain text only."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    if role:
        label.setProperty("role", role)
    return label


def plain_label(text: str, role: str = "") -> QLabel:
    """Return a label that wraps, shows plain text only, and can be copied from."""
    label = wrapped_label(text, role)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
