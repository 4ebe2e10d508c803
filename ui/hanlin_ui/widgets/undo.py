"""What was just done, and its undoing on a click, for some seconds."""

from typing import Final

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton

from hanlin.kernel.i18n import _, said_again
from hanlin_ui.widgets import motion

_UNDO_MS: Final = 8_000


class UndoBar(QFrame):
    """Hidden until something is done that can be taken back."""

    undo_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "undo")
        self._said = self._name = ""
        self._label = QLabel()
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._button = QPushButton()
        self._button.clicked.connect(self._on_undo)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 6, 6, 6)
        layout.addWidget(self._label, stretch=1)
        layout.addWidget(self._button)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_UNDO_MS)
        self._timer.timeout.connect(self.hide)
        self.hide()

    def offer(self, said: str, name: str) -> None:
        """Say what was done; ``name`` is what a screen reader calls the button."""
        self._said, self._name = said, name
        self._retranslate()
        motion.unfold(self)
        self._timer.start()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        self._label.setText(said_again(self._said))
        self._button.setText(_("Undo"))
        self._button.setAccessibleName(said_again(self._name))

    def _on_undo(self) -> None:
        self.hide()
        self.undo_requested.emit()
