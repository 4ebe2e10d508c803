"""The band that says that a conversation is in memory only."""

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel

from hanlin.kernel.i18n import _
from hanlin_ui.theme import appearance
from hanlin_ui.theme.icons import pixmap
from hanlin_ui.widgets.labels import wrapped_label


class TemporaryMark(QFrame):
    """Stays above the messages as long as the conversation is open."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "band")
        self._sign = QLabel()
        self._label = wrapped_label()
        row = QHBoxLayout(self)
        row.setContentsMargins(20, 7, 20, 7)
        row.setSpacing(8)
        row.addWidget(self._sign)
        row.addWidget(self._label, stretch=1)
        self._retranslate()

    def changeEvent(self, event: QEvent) -> None:
        """Follow language and theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LanguageChange, *appearance.WORN_ANEW):
            self._retranslate()

    def _retranslate(self) -> None:
        self._sign.setPixmap(pixmap("temporary", appearance.current().text, 16))
        self._label.setText(
            _("Temporary conversation: in memory only, gone when the program ends.")
        )
