"""The settings dialog, made from the schema: one row per setting that has words.

A change is kept at once; there is no Apply. What a setting does is the business
of those who listen to it.
"""

from typing import Any

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from hanlin.kernel.errors import KnownError
from hanlin.kernel.i18n import _
from hanlin.settings.schema import Choice, Number, Setting, Switch
from hanlin.settings.store import Settings
from hanlin_ui.dialogs.message import show_error


class SettingsDialog(QDialog):
    """Edits the person's choices. Deletes itself when closed."""

    def __init__(self, settings: Settings, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(480)
        self._settings = settings
        self._labels: list[tuple[Setting[Any], QLabel, QLabel, QWidget]] = []
        self._form = QFormLayout()
        self._form.setVerticalSpacing(6)
        self._form.setHorizontalSpacing(24)
        for setting in settings.settings():
            if setting.label is not None:
                self._add(setting)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self._buttons.rejected.connect(self.accept)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 22, 24, 16)
        layout.setSpacing(18)
        layout.addLayout(self._form)
        layout.addWidget(self._buttons)
        self._retranslate()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language, which may have been changed right here."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def _add(self, setting: Setting[Any]) -> None:
        editor = self._editor(setting)
        editor.setObjectName(setting.key)
        label, hint = QLabel(), QLabel()
        label.setBuddy(editor)
        hint.setProperty("role", "muted")
        hint.setWordWrap(True)
        self._form.addRow(label, editor)
        self._form.addRow("", hint)
        self._labels.append((setting, label, hint, editor))

    def _editor(self, setting: Setting[Any]) -> QWidget:
        value = self._settings.value_of(setting)
        if isinstance(setting, Switch):
            check = QCheckBox()
            check.setChecked(bool(value))
            check.toggled.connect(lambda on: self._change(setting, on))
            return check
        if isinstance(setting, Choice):
            return self._choice(setting, str(value))
        if isinstance(setting, Number):
            spin = QSpinBox()
            spin.setRange(setting.minimum, setting.maximum)
            spin.setSingleStep(setting.step)
            spin.setValue(int(value))
            spin.setKeyboardTracking(False)
            spin.valueChanged.connect(lambda number: self._change(setting, number))
            return spin
        raise TypeError(setting)

    def _choice(self, setting: Choice, value: str) -> QComboBox:
        combo = QComboBox()
        for key in setting.choices:
            combo.addItem("", key)
        combo.setCurrentIndex(list(setting.choices).index(value))
        combo.activated.connect(lambda row: self._change(setting, combo.itemData(row)))
        return combo

    def _change(self, setting: Setting[Any], value: object) -> None:
        try:
            self._settings.change(setting, value)
        except KnownError as error:
            show_error(self, error)

    def _retranslate(self) -> None:
        self.setWindowTitle(_("Settings"))
        self._buttons.button(QDialogButtonBox.StandardButton.Close).setText(_("Close"))
        for setting, label, hint, editor in self._labels:
            label.setText(setting.label() if setting.label else "")
            hint.setText(setting.hint() if setting.hint else "")
            hint.setVisible(bool(hint.text()))
            editor.setAccessibleName(label.text())
            if isinstance(editor, QComboBox) and isinstance(setting, Choice):
                for row, words in enumerate(setting.choices.values()):
                    editor.setItemText(row, words())
            if isinstance(editor, QSpinBox):
                editor.setSpecialValueText(_("Automatic"))
