"""The settings dialog, made from the schema: one entry per setting that has words.

A change is kept at once; there is no Apply. What a setting does is the business
of those who listen to it.
"""

from typing import Any

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from hanlin.kernel.errors import KnownError
from hanlin.kernel.i18n import _
from hanlin.settings.schema import Choice, Number, Setting, Switch, Text
from hanlin.settings.store import Settings
from hanlin_ui.dialogs.message import show_error

_WIDTH = 620
_EDITOR_WIDTH = 280


class SettingsDialog(QDialog):
    """Edits the person's choices. Deletes itself when closed."""

    def __init__(self, settings: Settings, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(_WIDTH)
        self._rows = [
            _Row(setting, settings, self)
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


class _Row(QWidget):
    """One setting: its name and editor side by side, its explanation below."""

    def __init__(self, setting: Setting[Any], settings: Settings, parent: QWidget) -> None:
        super().__init__(parent)
        self._setting = setting
        self._settings = settings
        self._editor = self._make_editor()
        self._editor.setObjectName(setting.key)
        self._editor.setFixedWidth(_EDITOR_WIDTH)
        self._label = QLabel()
        self._label.setBuddy(self._editor)
        self._hint = QLabel()
        self._hint.setProperty("role", "muted")
        self._hint.setWordWrap(True)
        top = QHBoxLayout()
        top.addWidget(self._label, stretch=1)
        top.addWidget(self._editor)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addLayout(top)
        layout.addWidget(self._hint)

    def retranslate(self) -> None:
        """Say everything in the language of now."""
        setting, editor = self._setting, self._editor
        self._label.setText(setting.label() if setting.label else "")
        self._hint.setText(setting.hint() if setting.hint else "")
        self._hint.setVisible(bool(self._hint.text()))
        editor.setAccessibleName(self._label.text())
        editor.setAccessibleDescription(self._hint.text())
        if isinstance(editor, QComboBox) and isinstance(setting, Choice):
            for row, words in enumerate(setting.choices.values()):
                editor.setItemText(row, words())

    def _make_editor(self) -> QWidget:
        setting, value = self._setting, self._settings.value_of(self._setting)
        if isinstance(setting, Switch):
            check = QCheckBox()
            check.setChecked(bool(value))
            check.toggled.connect(self._change)
            return check
        if isinstance(setting, Choice):
            combo = QComboBox()
            for key in setting.choices:
                combo.addItem("", key)
            combo.setCurrentIndex(list(setting.choices).index(str(value)))
            combo.activated.connect(lambda row: self._change(combo.itemData(row)))
            return combo
        if isinstance(setting, Number):
            spin = QSpinBox()
            spin.setRange(setting.minimum, setting.maximum)
            spin.setSingleStep(setting.step)
            spin.setValue(int(value))
            spin.setKeyboardTracking(False)
            spin.valueChanged.connect(self._change)
            return spin
        if isinstance(setting, Text):
            line = QLineEdit(str(value))
            line.editingFinished.connect(lambda: self._change(line.text().strip()))
            return line
        raise TypeError(setting)

    def _change(self, value: object) -> None:
        try:
            self._settings.change(self._setting, value)
        except KnownError as error:
            show_error(self, error)
