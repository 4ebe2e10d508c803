"""The switch at the top of the left side: what the window is used for now."""

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QWidget

from hanlin.kernel.i18n import _

CHAT, TRANSLATE, CODE = "chat", "translate", "code"


class ModeSwitch(QWidget):
    """Two buttons of which one is down."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QPushButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 10, 10, 0)
        row.setSpacing(4)
        for mode in (CHAT, TRANSLATE, CODE):
            button = QPushButton()
            button.setProperty("role", "mode")
            button.setCheckable(True)
            button.clicked.connect(lambda _on, mode=mode: self.chosen.emit(mode))
            self._group.addButton(button)
            self._buttons[mode] = button
            row.addWidget(button, stretch=1)
        self._buttons[CHAT].setChecked(True)
        self._retranslate()

    def show_mode(self, mode: str) -> None:
        """Show which mode it is."""
        self._buttons[mode].setChecked(True)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        self._buttons[CHAT].setText(_("Chat"))
        self._buttons[TRANSLATE].setText(_("Translate"))
        self._buttons[CODE].setText(_("Code"))
