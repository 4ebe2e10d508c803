"""One setting to be changed: made from its schema, kept at once when it is changed."""

from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from hanlin.kernel.errors import KnownError
from hanlin.kernel.i18n import _
from hanlin.settings.schema import Choice, FontFamily, Number, Setting, Switch, Text
from hanlin.settings.store import Settings
from hanlin_ui.dialogs.message import show_error
from hanlin_ui.theme import appearance
from hanlin_ui.widgets.numbers import NumberField
from hanlin_ui.widgets.switch import SwitchBox


class SettingRow(QWidget):
    """One setting: its name and editor side by side, its explanation below."""

    def __init__(self, setting: Setting[Any], settings: Settings) -> None:
        super().__init__()
        self._setting = setting
        self._settings = settings
        self._editor = self._make_editor()
        self._editor.setObjectName(setting.key)
        self._editor.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._editor.installEventFilter(self)
        if not isinstance(self._editor, SwitchBox):
            self._editor.setFixedWidth(appearance.looks().sized(300))
        self._label = QLabel()
        self._label.setBuddy(self._editor)
        self._label.setWordWrap(True)
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
        self._standing = QLabel()
        self._standing.setWordWrap(True)
        self._standing.setTextFormat(Qt.TextFormat.PlainText)  # holds what the desktop says
        self._standing.hide()
        layout.addWidget(self._standing)

    @property
    def key(self) -> str:
        """The setting's name."""
        return self._setting.key

    def show_standing(self, sentence: str) -> None:
        """Say what has become of the choice, "" for nothing."""
        self._standing.setText(sentence)
        self._standing.setVisible(bool(sentence))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leave the wheel to the page: a choice that passes under the pointer is not changed."""
        if event.type() == QEvent.Type.Wheel:
            event.ignore()
            return True
        return super().eventFilter(watched, event)

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
        if isinstance(setting, FontFamily) and isinstance(editor, QComboBox):
            editor.setItemText(0, _("Hanlin’s choice"))

    def _make_editor(self) -> QWidget:
        setting, value = self._setting, self._settings.value_of(self._setting)
        if isinstance(setting, Switch):
            switch = SwitchBox()
            switch.setChecked(bool(value))
            switch.toggled.connect(self._change)
            return switch
        if isinstance(setting, Choice):
            combo = QComboBox()
            for key in setting.choices:
                combo.addItem("", key)
            combo.setCurrentIndex(list(setting.choices).index(str(value)))
            combo.activated.connect(lambda row: self._change(combo.itemData(row)))
            return combo
        if isinstance(setting, Number):
            spin = NumberField()
            spin.setRange(setting.minimum, setting.maximum)
            spin.setSingleStep(setting.step)
            spin.setValue(int(value))
            spin.setKeyboardTracking(False)
            spin.valueChanged.connect(self._change)
            return spin
        if isinstance(setting, FontFamily):
            return self._family_editor(str(value))
        if isinstance(setting, Text):
            line = QLineEdit(str(value))
            line.editingFinished.connect(lambda: self._change(line.text().strip()))
            return line
        raise TypeError(setting)

    def _family_editor(self, chosen: str) -> QComboBox:
        combo = QComboBox()
        combo.addItem("", "")
        families = [name for name in QFontDatabase.families() if not name.startswith(".")]
        if chosen and chosen not in families:  # of another computer: kept until another is chosen
            families.insert(0, chosen)
        for name in families:
            combo.addItem(name, name)
        combo.setCurrentIndex(max(0, combo.findData(chosen)))
        combo.activated.connect(lambda row: self._change(combo.itemData(row)))
        return combo

    def _change(self, value: object) -> None:
        try:
            self._settings.change(self._setting, value)
        except KnownError as error:
            show_error(self, error)
