"""The switch at the top of the left side: what the window is used for now."""

from typing import Final

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QButtonGroup, QPushButton, QVBoxLayout, QWidget

from hanlin.kernel.i18n import _
from hanlin_ui.theme import appearance
from hanlin_ui.theme.icons import put_on

CHAT, TRANSLATE, CODE = "chat", "translate", "code"
_ICON: Final = 18
_ICONS: Final = {CHAT: "chat", TRANSLATE: "globe", CODE: "code"}


class ModeSwitch(QWidget):
    """A row for each use, of which one is marked."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QPushButton] = {}
        rows = QVBoxLayout(self)
        rows.setContentsMargins(10, 10, 10, 0)
        rows.setSpacing(2)
        for mode in (CHAT, TRANSLATE, CODE):
            button = QPushButton()
            button.setProperty("role", "mode")
            button.setCheckable(True)
            button.clicked.connect(lambda _on, mode=mode: self.chosen.emit(mode))
            self._group.addButton(button)
            self._buttons[mode] = button
            rows.addWidget(button)
        self._buttons[CHAT].setChecked(True)
        self._retranslate()

    def show_mode(self, mode: str) -> None:
        """Show which mode it is."""
        self._buttons[mode].setChecked(True)

    def changeEvent(self, event: QEvent) -> None:
        """Follow language and theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LanguageChange, *appearance.WORN_ANEW):
            self._retranslate()

    def _retranslate(self) -> None:
        self._buttons[CHAT].setText(_("Chat"))
        self._buttons[TRANSLATE].setText(_("Translate"))
        self._buttons[CODE].setText(_("Code"))
        for mode, button in self._buttons.items():
            put_on(button, _ICONS[mode], appearance.current().muted, _ICON)
