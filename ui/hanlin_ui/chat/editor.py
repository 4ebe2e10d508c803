"""Changes a message in its place."""

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout

from hanlin.kernel.i18n import _, said_again
from hanlin_ui.chat.entry import TextEntry


class MessageEditor(QFrame):
    """A text to be changed, and what accepting it is called."""

    changed = Signal(str)
    accepted = Signal(str)
    dismissed = Signal()

    def __init__(self, text: str, name: str, accept: str) -> None:
        super().__init__()
        self.setProperty("role", "composer")
        self._entry = TextEntry()
        self._entry.setPlainText(text)
        self._entry.moveCursor(QTextCursor.MoveOperation.End)
        self._entry.textChanged.connect(lambda: self.changed.emit(self._entry.toPlainText()))
        self._entry.submitted.connect(self._on_submitted)
        self._entry.dismissed.connect(self.dismissed)
        self._name, self._accept = name, accept
        self._cancel = QPushButton()
        self._cancel.clicked.connect(self.dismissed)
        self._send = QPushButton()
        self._send.setProperty("role", "primary")
        self._send.clicked.connect(self._on_submitted)
        buttons = QHBoxLayout()
        buttons.addStretch()
        buttons.addWidget(self._cancel)
        buttons.addWidget(self._send)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 10, 12, 10)
        layout.addWidget(self._entry)
        layout.addLayout(buttons)
        self.setFocusProxy(self._entry)
        self._retranslate()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        self._entry.setAccessibleName(said_again(self._name))
        self._cancel.setText(_("Cancel"))
        self._send.setText(said_again(self._accept))

    def _on_submitted(self) -> None:
        if text := self._entry.toPlainText().strip():
            self.accepted.emit(text)
