"""The settings dialog, made from the schema: one entry per setting that has words.

A change is kept at once; there is no Apply. What a setting does is the business
of those who listen to it.
"""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from hanlin.kernel.i18n import _
from hanlin.settings.store import Settings
from hanlin_ui.settings.row import SettingRow

_WIDTH = 620


class SettingsDialog(QDialog):
    """Edits the person's choices. Deletes itself when closed."""

    def __init__(self, settings: Settings, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(_WIDTH)
        self._rows = [
            SettingRow(setting, settings)
            for setting in settings.settings()
            if setting.label is not None
        ]
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self._buttons.rejected.connect(self.accept)
        close = self._buttons.button(QDialogButtonBox.StandardButton.Close)
        close.setIcon(QIcon())  # no other button of the program has one of the style's own
        close.setProperty("role", "primary")
        page = QWidget()
        rows = QVBoxLayout(page)
        rows.setContentsMargins(26, 22, 26, 0)
        rows.setSpacing(16)
        for row in self._rows:
            rows.addWidget(row)
        rows.addStretch()
        area = QScrollArea()
        area.setWidget(page)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        foot = QHBoxLayout()
        foot.setContentsMargins(26, 0, 26, 0)
        foot.addWidget(self._buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 16)
        layout.setSpacing(16)
        layout.addWidget(area)
        layout.addLayout(foot)
        self._retranslate()
        # As tall as its rows, but never taller than a small laptop's screen.
        wanted = page.sizeHint().height() + foot.sizeHint().height() + 32
        self.resize(_WIDTH, min(wanted, self.screen().availableSize().height() * 9 // 10))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language, which may have been changed right here."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        self.setWindowTitle(_("Settings"))
        self._buttons.button(QDialogButtonBox.StandardButton.Close).setText(_("Close"))
        for row in self._rows:
            row.retranslate()
