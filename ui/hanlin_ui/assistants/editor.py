"""The dialog in which assistants are written, copied, deleted, and carried as files.

Knows no service: it changes its own list and says what is to be kept.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSignalBlocker, Qt, QTimer
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from hanlin.domain.assistants import RANGES, Assistant
from hanlin.domain.models import Model
from hanlin.kernel.i18n import _
from hanlin.services.transfer.service import file_name
from hanlin_ui.assistants.picture_field import PictureField
from hanlin_ui.assistants.pill import label, picture
from hanlin_ui.dialogs.files import file_dialog
from hanlin_ui.dialogs.message import ask, ask_to_discard
from hanlin_ui.theme import appearance
from hanlin_ui.widgets.flow import FlowLayout
from hanlin_ui.widgets.numbers import DecimalField
from hanlin_ui.widgets.sizes import fitting

_STEPS: Final = {"presence_penalty": 0.1, "temperature": 0.1}


@dataclass(frozen=True, slots=True)
class EditorWishes:
    """What the dialog asks for; each returns at once."""

    save: Callable[[Assistant], object]
    delete: Callable[[str], object]
    read: Callable[[Path], object]
    write: Callable[[Sequence[Assistant], Path], object]


class AssistantsDialog(QDialog):
    """Edits the person's own assistants; those in the box can be looked at and copied."""

    def __init__(self, parent: QWidget, models: Sequence[Model], wishes: EditorWishes) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(fitting(self, 920, 620))
        self._wishes = wishes
        self._own: set[str] = set()
        self._shown: Assistant | None = None
        self._before: Assistant | None = None
        """What the fields said before anything was written in them."""
        self._row = -1
        """The shown one's in the list, -1 for a new one."""
        self._list = QListWidget()
        self._list.setProperty("role", "sections")
        self._list.setFixedWidth(appearance.looks().sized(210))
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.currentRowChanged.connect(self._on_chosen)
        self._note = QLabel()
        self._note.setProperty("role", "muted")
        self._note.setWordWrap(True)
        self._build_fields(models)
        self._new = self._button(lambda: self._leave(self._on_new))
        self._copy = self._button(self._on_copy)
        self._delete = self._button(self._on_delete)
        self._import = self._button(lambda: self._leave(self._on_import))
        self._export = self._button(self._on_export)
        self._save = self._button(self._on_save)
        self._save.setProperty("role", "primary")
        self._close = self._button(self.close)
        left_buttons = QHBoxLayout()
        for button in (self._new, self._import):
            left_buttons.addWidget(button)
        left = QVBoxLayout()
        left.addWidget(self._list, stretch=1)
        left.addLayout(left_buttons)
        buttons = QHBoxLayout()
        for button in (self._copy, self._delete, self._export):
            buttons.addWidget(button)
        buttons.addStretch()
        buttons.addWidget(self._close)
        buttons.addWidget(self._save)
        right = QVBoxLayout()
        right.addWidget(self._note)
        right.addLayout(self._form, stretch=1)
        right.addLayout(buttons)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 14, 16, 14)
        layout.setSpacing(16)
        layout.addLayout(left)
        layout.addLayout(right, stretch=1)
        self._say()

    def show_assistants(
        self, own: Sequence[Assistant], shipped: Sequence[Assistant], select: str = ""
    ) -> None:
        """Show what there is, with ``select`` chosen."""
        self._own = {one.id for one in own}
        self._list.blockSignals(True)  # noqa: FBT003 - Qt's signature
        self._list.clear()
        chosen = 0
        for number, one in enumerate([*own, *shipped]):
            item = QListWidgetItem(picture(one), label(one).replace("&&", "&"))
            item.setData(Qt.ItemDataRole.UserRole, one)
            self._list.addItem(item)
            chosen = number if one.id == select else chosen
        self._list.blockSignals(False)  # noqa: FBT003
        self._choose(chosen)

    def assistant(self) -> Assistant:
        """Return what the fields say."""
        starters = [line.strip() for line in self._starters.toPlainText().splitlines()]
        low = {name: bounds[0] for name, bounds in RANGES.items()}
        return Assistant(
            id=self._shown.id if self._shown else "",
            name=self._name.text().strip(),
            picture=self._picture.picture(),
            about=self._about.text().strip(),
            prompt=self._prompt.toPlainText().strip(),
            model=str(self._model.currentData() or ""),
            language=str(self._language.currentData() or ""),
            sampling=tuple(
                (name, round(spin.value(), 3))
                for name, spin in self._spins.items()
                if spin.value() >= low[name]
            ),
            starters=tuple(line for line in starters if line)[:8],
        )

    def reject(self) -> None:
        """Close by Escape or a button, not with what nobody has kept."""
        if self._is_kept():
            super().reject()
        else:
            ask_to_discard(self)

    def _is_kept(self) -> bool:
        """Tell whether nothing was written in the fields since they were filled."""
        return self._before in (None, self.assistant())

    def _build_fields(self, models: Sequence[Model]) -> None:
        self._picture = PictureField()
        self._name = QLineEdit()
        self._name.setMaxLength(60)
        self._about = QLineEdit()
        self._about.setMaxLength(300)
        self._prompt = QPlainTextEdit()
        self._starters = QPlainTextEdit()
        self._starters.setMaximumHeight(appearance.looks().sized(84))
        for text in (self._prompt, self._starters):
            text.setProperty("role", "field")
            text.setTabChangesFocus(True)
        self._model = QComboBox()
        self._model.addItem(_("Whichever is loaded"), "")
        for model in models:
            self._model.addItem(model.name, model.id)
        self._language = QComboBox()
        for words, value in (
            (_("As the model chooses"), ""),
            ("中文（简体）", "zh_CN"),
            ("中文（繁體）", "zh_TW"),
            ("English", "en"),
        ):
            self._language.addItem(words, value)
        self._spins = {name: _spin(name) for name in RANGES}
        names = QHBoxLayout()
        names.setSpacing(8)  # a form gives none
        names.addWidget(self._picture)
        names.addWidget(self._name)
        choices = FlowLayout(spacing=16)
        for name, words in (
            ("temperature", _("Temperature")),
            ("top_p", _("Top P")),
            ("repeat_penalty", _("Penalty for repeating")),
        ):
            choice = QWidget()
            pair = QHBoxLayout(choice)
            pair.setContentsMargins(0, 0, 0, 0)
            pair.setSpacing(8)
            pair.addWidget(QLabel(words))
            pair.addWidget(self._spins[name])
            choices.addWidget(choice)
            self._spins[name].setAccessibleName(words)
        self._form = QFormLayout()
        self._form.setHorizontalSpacing(14)
        self._form.setVerticalSpacing(8)
        rows: tuple[tuple[str, QWidget | QLayout], ...] = (
            (_("Name"), names),
            (_("In short"), self._about),
            (_("Instructions"), self._prompt),
            (_("First questions"), self._starters),
            (_("Model"), self._model),
            (_("Language"), self._language),
            (_("Sampling"), choices),
        )
        for words, field in rows:
            self._form.addRow(words, field)
            if isinstance(field, QWidget):
                field.setAccessibleName(words)
        self._name.setAccessibleName(_("Name"))
        self._picture.set_label(_("Picture"))
        self._starters.setPlaceholderText(_("One in each line"))
        self._prompt.setPlaceholderText(_("What it is, how it answers, what it never does"))

    def _on_chosen(self, row: int) -> None:
        if self._is_kept():
            self._choose(row)
        else:  # once the list is done with the click: it marks the row that was meant
            QTimer.singleShot(0, self, lambda: self._leave(lambda: self._choose(row)))

    def _leave(self, go: Callable[[], object]) -> None:
        """Do what fills the fields anew; ask before it, if they hold what nobody has kept."""
        if self._is_kept():
            go()
        else:
            self._mark(self._row)
            ask_to_discard(self, go)

    def _choose(self, row: int) -> None:
        """Show the one in ``row``."""
        self._mark(row)
        if (item := self._list.item(row)) is not None:
            self._fill(item.data(Qt.ItemDataRole.UserRole))

    def _mark(self, row: int) -> None:
        with QSignalBlocker(self._list):
            self._list.setCurrentRow(row)

    def _fill(self, one: Assistant) -> None:
        self._shown = one
        self._row = self._list.currentRow()
        self._picture.set_picture(one.picture)
        self._name.setText(one.name)
        self._about.setText(one.about)
        self._prompt.setPlainText(one.prompt)
        self._starters.setPlainText("\n".join(one.starters))
        self._model.setCurrentIndex(max(self._model.findData(one.model), 0))
        self._language.setCurrentIndex(max(self._language.findData(one.language), 0))
        chosen = dict(one.sampling)
        for name, spin in self._spins.items():
            spin.setValue(chosen.get(name, spin.minimum()))
        own = not one.id or one.id in self._own
        self._note.setText(
            "" if own else _("This one is in the box. Saving it keeps a copy of your own.")
        )
        self._note.setVisible(not own)
        self._delete.setEnabled(one.id in self._own)
        self._before = self.assistant()

    def _on_new(self) -> None:
        self._mark(-1)
        self._fill(Assistant("", _("New assistant")))
        self._name.setFocus()
        self._name.selectAll()

    def _on_copy(self) -> None:
        name = _("{name} (copy)").format(name=self._name.text())
        self._wishes.save(replace(self.assistant(), id="", name=name))

    def _on_delete(self) -> None:
        if self._shown is None or self._shown.id not in self._own:
            return
        identity = self._shown.id
        ask(
            self,
            _("Delete this assistant for good?"),
            self._shown.name,
            _("Delete for good"),
            lambda: self._wishes.delete(identity),
            _("It cannot be brought back."),
            final=True,
        )

    def _on_save(self) -> None:
        if self._name.text().strip():
            self._wishes.save(self.assistant())
        else:
            self._name.setFocus()

    def _on_import(self) -> None:
        dialog = file_dialog(self, _("Import assistants"), _("Import"))
        dialog.setNameFilter(_("Assistants (*.json)"))
        dialog.fileSelected.connect(lambda name: self._wishes.read(Path(name)))
        dialog.open()

    def _on_export(self) -> None:
        one = self.assistant()
        dialog = file_dialog(self, _("Export this assistant"), _("Export"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("json")
        dialog.setNameFilter(_("Assistants (*.json)"))
        dialog.selectFile(file_name(one.name or _("Assistants"), "json"))
        dialog.fileSelected.connect(lambda name: self._wishes.write([one], Path(name)))
        dialog.open()

    def _button(self, work: Callable[[], object]) -> QPushButton:
        button = QPushButton()
        button.setAutoDefault(False)
        button.clicked.connect(lambda _checked=False: work())
        return button

    def _say(self) -> None:
        self.setWindowTitle(_("Assistants"))
        self._list.setAccessibleName(_("Assistants"))
        self._new.setText(_("New"))
        self._copy.setText(_("Duplicate"))
        self._delete.setText(_("Delete"))
        self._import.setText(_("Import…"))
        self._export.setText(_("Export…"))
        self._save.setText(_("Save"))
        self._close.setText(_("Close"))


def _spin(name: str) -> QDoubleSpinBox:
    low, high = RANGES[name]
    spin = DecimalField()
    step = _STEPS.get(name, 0.05)
    spin.setDecimals(2)
    spin.setSingleStep(step)
    spin.setRange(low - step, high)  # one step below the least stands for no choice
    spin.setSpecialValueText(_("not set"))
    return spin
