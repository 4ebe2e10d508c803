"""Changes a message in its place."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout

from hanlin.kernel.i18n import _
from hanlin_ui.chat.entry import TextEntry


class MessageEditor(QFrame):
    """A text to be changed, and what accepting it is called."""

    accepted = Signal(str)
    dismissed = Signal()

    def __init__(self, text: str, name: str, accept: str) -> None:
        super().__init__()
        self.setProperty("role", "composer")
        self._entry = TextEntry()
        self._entry.setPlainText(text)
        self._entry.setAccessibleName(name)
        self._entry.moveCursor(QTextCursor.MoveOperation.End)
        self._entry.submitted.connect(self._on_submitted)
        self._entry.dismissed.connect(self.dismissed)
        cancel = QPushButton(_("Cancel"))
        cancel.clicked.connect(self.dismissed)
        send = QPushButton(accept)
        send.setProperty("role", "primary")
        send.clicked.connect(self._on_submitted)
        buttons = QHBoxLayout()
        buttons.addStretch()
        buttons.addWidget(cancel)
        buttons.addWidget(send)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 10, 12, 10)
        layout.addWidget(self._entry)
        layout.addLayout(buttons)
        self.setFocusProxy(self._entry)

    def _on_submitted(self) -> None:
        if text := self._entry.toPlainText().strip():
            self.accepted.emit(text)
