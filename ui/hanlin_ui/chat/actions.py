"""What can be done with a message, below it: seen where the mouse or the keyboard is.

The buttons are always there for the keyboard and for screen readers; they only do not
show their icons while nobody is near, so that a conversation reads like a text.
"""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from hanlin_ui.widgets.buttons import IconButton


class ActionRow(QWidget):
    """A row of buttons, and what stands beside them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._buttons: list[IconButton] = []
        self._lasting = self._near = False
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(2)

    def take(self, buttons: Sequence[IconButton]) -> None:
        """Show and veil ``buttons``, which stand in the row."""
        self._buttons.extend(buttons)
        for button in buttons:
            button.installEventFilter(self)
        self._show()

    def set_lasting(self, lasting: bool) -> None:  # noqa: FBT001 - a state
        """Show the buttons always, as below the last answer."""
        self._lasting = lasting
        self._show()

    def set_near(self, near: bool) -> None:  # noqa: FBT001 - a state
        """Say whether the mouse is over the message."""
        self._near = near
        self._show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Show the buttons while one of them has the keyboard."""
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self._show()
        return super().eventFilter(watched, event)

    def _show(self) -> None:
        shown = self._lasting or self._near or any(one.hasFocus() for one in self._buttons)
        for button in self._buttons:
            button.set_veiled(not shown)


class ActedOn(QWidget):
    """A message with a row of actions, which is there while the mouse is over the message."""

    actions_row: ActionRow

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show what can be done with the message."""
        super().enterEvent(event)
        self.actions_row.set_near(True)

    def leaveEvent(self, event: QEvent) -> None:
        """Show it no longer."""
        super().leaveEvent(event)
        self.actions_row.set_near(False)
