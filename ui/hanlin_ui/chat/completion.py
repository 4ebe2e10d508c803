"""What a model wrote into a gap of a block of code, to be looked at before it is taken."""

from typing import Final

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from hanlin.kernel.i18n import _, said_again
from hanlin_ui.chat.code_actions import DISCARD, STOP_COMPLETING, TAKE, CompletionState
from hanlin_ui.widgets.diff_view import DiffView
from hanlin_ui.widgets.labels import wrapped_label

_MOST_LINES: Final = 16
_TALLER: Final = 3
"""Pixels that a line with Chinese needs beyond one of the font's own."""


class CompletionView(QFrame):
    """Shows one completion below its block."""

    acted = Signal(str)
    """STOP_COMPLETING, TAKE or DISCARD."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "output")
        self._state = CompletionState()
        self._words = wrapped_label()
        self._stop, self._take, self._copy, self._discard = (QPushButton() for _n in range(4))
        self._stop.clicked.connect(lambda: self.acted.emit(STOP_COMPLETING))
        self._take.clicked.connect(lambda: self.acted.emit(TAKE))
        self._copy.clicked.connect(self._on_copy)
        self._discard.clicked.connect(lambda: self.acted.emit(DISCARD))
        self._view = DiffView()
        self._view.setFrameShape(QFrame.Shape.NoFrame)
        buttons = QHBoxLayout()
        buttons.addStretch()
        for button in (self._stop, self._take, self._copy, self._discard):
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 6, 8, 6)
        layout.setSpacing(4)
        layout.addWidget(self._words)
        layout.addWidget(self._view)
        layout.addLayout(buttons)

    def show_state(self, state: CompletionState) -> None:
        """Show ``state`` as it is now."""
        self._state = state
        self._view.show_texts(state.before, state.completed() if state.text else state.before)
        lines = min(_MOST_LINES, self._view.document().blockCount())
        bar = self._view.horizontalScrollBar().sizeHint().height()
        line = self._view.fontMetrics().lineSpacing() + _TALLER
        self._view.setFixedHeight(lines * line + bar + 8)
        self._view.setVisible(bool(state.text))
        self._stop.setVisible(state.running)
        for button in (self._take, self._copy):
            button.setVisible(bool(state.text) and not state.running)
        self._discard.setVisible(not state.running)
        self._retranslate()

    def shown(self) -> str:
        """Return what is said and shown."""
        return f"{self._words.text()}\n{self._view.toPlainText()}"

    def changeEvent(self, event: QEvent) -> None:
        """Follow language and theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        elif event.type() == QEvent.Type.PaletteChange:
            self.show_state(self._state)

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self._state.completed())

    def _retranslate(self) -> None:
        note = said_again(self._state.note)
        self._words.setText(_("Completing…") if self._state.running else note)
        self._words.setProperty("role", "bad" if self._state.failed else "muted")
        self._words.style().unpolish(self._words)
        self._words.style().polish(self._words)
        self._stop.setText(_("Stop"))
        self._take.setText(_("Put into the message"))
        self._copy.setText(_("Copy the whole code"))
        self._discard.setText(_("Discard"))
