"""The small window that translates what is selected in another program.

Stands above other windows and is closed with Esc. Emits wishes; holds no service.
"""

from typing import Final

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtGui import QCursor, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout

from hanlin.kernel.i18n import _
from hanlin_ui.quick.floating import FloatingWindow
from hanlin_ui.theme import appearance
from hanlin_ui.translate.languages import LanguageBox
from hanlin_ui.widgets.labels import wrapped_label
from hanlin_ui.widgets.sizes import fitting

_NEAR: Final = 18
"""Pixels between the mouse, which has just selected something, and the window."""
_PAUSE_MS: Final = 700


class QuickTranslation(FloatingWindow):
    """Two panes: what is selected, and what it means."""

    translate_requested = Signal()
    whole_requested = Signal()
    """The text is wanted on the translator's page."""
    came_to_front = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.language = LanguageBox()
        self.language.chosen.connect(self.translate_requested)
        self.source = _pane()
        self.source.textChanged.connect(self._on_typed)
        self.target = _pane()
        self.target.setReadOnly(True)
        self._state = wrapped_label("", "muted")
        self._copy = QPushButton()
        self._copy.setProperty("role", "primary")
        self._copy.clicked.connect(self._on_copy)
        self._whole = QPushButton()
        self._whole.setProperty("role", "link")
        self._whole.clicked.connect(self.whole_requested)
        for sequence in ("Ctrl+Return", "Ctrl+Enter"):
            QShortcut(QKeySequence(sequence), self).activated.connect(self._on_taken)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self.translate_requested)
        self._lay_out()
        self._retranslate()

    def set_text(self, text: str) -> None:
        """Show a text to be translated; nobody is asked to do so yet."""
        self.source.setPlainText(text)
        self._pause.stop()

    def show_target(self, text: str, state: str = "") -> None:
        """Show the translation so far, and what is to be said of it."""
        self.target.setPlainText(text)
        self._state.setText(state)
        self._copy.setEnabled(bool(text))

    def state_text(self) -> str:
        """Return what is said of the work."""
        return self._state.text()

    def come_forward(self) -> None:
        """Show the window beside the mouse, whole on its screen."""
        if not self.isVisible():
            self.source.setFixedHeight(appearance.looks().sized(110))
            self.resize(fitting(self, 560, 380))
            mouse = QCursor.pos()
            room = (QGuiApplication.screenAt(mouse) or self.screen()).availableGeometry()
            left = min(mouse.x() + _NEAR, room.right() - self.width())
            top = min(mouse.y() + _NEAR, room.bottom() - self.height())
            self.move(max(room.left(), left), max(room.top(), top))
        self._show_for(self.source)

    def changeEvent(self, event: QEvent) -> None:
        """Tell when the keyboard has come here."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self.came_to_front.emit()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self._title)
        head.addStretch()
        head.addWidget(self.language)
        head.addWidget(self._close)
        foot = QHBoxLayout()
        foot.addWidget(self._state, stretch=1)
        foot.addWidget(self._whole)
        foot.addWidget(self._copy)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 10, 14, 14)
        layout.setSpacing(9)
        layout.addLayout(head)
        layout.addWidget(self.source)
        layout.addWidget(self.target, stretch=1)
        layout.addLayout(foot)

    def _on_typed(self) -> None:
        self._pause.start()

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.target.toPlainText())
        self._state.setText(_("Copied"))

    def _on_taken(self) -> None:
        """Copy the translation and go: it is pasted where the text came from."""
        if self._copy.isEnabled():
            self._on_copy()
            self.hide()

    def _retranslate(self) -> None:
        self.setWindowTitle(_("Translate the selection"))
        self._title.setText(_("Translate the selection"))
        self.language.retranslate()
        self.language.setAccessibleName(_("Language to translate into"))
        self._close.set_label(_("Close"))
        self.source.setAccessibleName(_("Text"))
        self.source.setPlaceholderText(
            _("Select a text in any program and call this window again, or paste one here.")
        )
        self.target.setAccessibleName(_("Translation"))
        self._copy.setText(_("Copy"))
        self._copy.setToolTip(_("Ctrl+Enter copies and closes this window."))
        self._whole.setText(_("Open in the translator"))
        self._copy.setEnabled(bool(self.target.toPlainText()))


def _pane() -> QPlainTextEdit:
    pane = QPlainTextEdit()
    pane.setProperty("role", "field")
    pane.setTabChangesFocus(True)
    return pane
