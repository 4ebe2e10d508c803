"""The glossaries: which there are, which are in use, and CSV files in and out."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QPlainTextEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from hanlin.domain.glossary import Glossary
from hanlin.kernel.i18n import _, ngettext
from hanlin_ui.dialogs.files import file_dialog
from hanlin_ui.dialogs.message import ask
from hanlin_ui.theme import appearance
from hanlin_ui.translate.languages import language_name
from hanlin_ui.widgets.labels import wrapped_label
from hanlin_ui.widgets.sizes import fitting

_CSV = "*.csv *.tsv *.txt"
_TMX = "*.tmx"
_NUMBER = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class GlossariesDialog(QDialog):
    """Lists glossaries and counts the translation memory; emits wishes."""

    imported = Signal(Path)
    exported = Signal(str, Path)
    used = Signal(str, bool)
    deleted = Signal(str)
    edited = Signal(str)
    pasted = Signal(str)
    """Rows of a glossary that were written by hand."""
    memory_imported = Signal(Path)
    memory_exported = Signal(Path)
    memory_cleared = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.resize(fitting(self, 640, 540))
        self._showing = False
        self._listed: Sequence[tuple[Glossary, bool]] = ()
        self._counts = (0, 0)
        self._list = QTreeWidget()
        self._list.setRootIsDecorated(False)
        self._list.setColumnCount(3)
        self._list.headerItem().setTextAlignment(2, _NUMBER)
        self._list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (1, 2):
            mode = QHeaderView.ResizeMode.ResizeToContents
            self._list.header().setSectionResizeMode(column, mode)
        self._list.header().setStretchLastSection(False)
        self._list.itemChanged.connect(self._on_changed)
        self._list.currentItemChanged.connect(lambda *_items: self._refresh())
        self._list.itemDoubleClicked.connect(lambda *_item: self.edited.emit(self._current()))
        self._rows = QPlainTextEdit()
        self._rows.setProperty("role", "field")
        self._rows.setFixedHeight(appearance.looks().sized(64))
        self._rows.setTabChangesFocus(True)
        self._rows.textChanged.connect(self._refresh)
        self._note = wrapped_label("", "careful")
        self._note.hide()
        self._memory = wrapped_label("", "muted")
        self._buttons = {
            "add": QPushButton(), "edit": QPushButton(), "import": QPushButton(),
            "export": QPushButton(), "delete": QPushButton(), "memory-import": QPushButton(),
            "memory-export": QPushButton(), "memory-clear": QPushButton(), "close": QPushButton(),
        }  # fmt: skip
        self._connect()
        self._lay_out()
        self._retranslate()

    def _connect(self) -> None:
        work = {
            "add": lambda: self.pasted.emit(self._rows.toPlainText()),
            "edit": lambda: self.edited.emit(self._current()),
            "import": self._choose,
            "export": self._save,
            "delete": self._delete,
            "memory-import": self._choose_memory,
            "memory-export": self._save_memory,
            "memory-clear": self.memory_cleared.emit,
            "close": self.close,
        }
        for name, button in self._buttons.items():
            button.setAutoDefault(False)
            button.clicked.connect(work[name])

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(10)
        layout.addWidget(self._list, stretch=1)
        layout.addLayout(self._row("edit", "export", "delete", "import"))
        layout.addWidget(self._rows)
        layout.addLayout(self._row("add"))
        layout.addWidget(self._note)
        layout.addSpacing(6)
        layout.addWidget(self._memory)
        layout.addLayout(self._row("memory-import", "memory-export", "memory-clear"))
        last = QHBoxLayout()
        last.addStretch()
        last.addWidget(self._buttons["close"])
        layout.addLayout(last)

    def _row(self, *names: str) -> QHBoxLayout:
        row = QHBoxLayout()
        for name in names:
            row.addWidget(self._buttons[name])
        row.addStretch()
        return row

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        self.setWindowTitle(_("Glossaries and memory"))
        self._list.setHeaderLabels([_("Glossary"), _("Languages"), _("Terms")])
        self._list.setAccessibleName(_("Glossaries"))
        self._rows.setPlaceholderText(
            _("term, translation – one in each line, or rows copied from a spreadsheet")
        )
        self._rows.setAccessibleName(_("Terms to add"))
        texts = {
            "add": _("Make a glossary of these terms"), "edit": _("Edit…"),
            "import": _("Import CSV…"), "export": _("Export…"), "delete": _("Delete"),
            "memory-import": _("Import TMX…"), "memory-export": _("Export TMX…"),
            "memory-clear": _("Forget what models wrote"), "close": _("Close"),
        }  # fmt: skip
        for name, text in texts.items():
            self._buttons[name].setText(text)
        self._buttons["memory-clear"].setToolTip(_("What you corrected or imported stays."))
        self.show_all(self._listed)
        self.show_memory(*self._counts)

    def show_memory(self, persons: int, models: int) -> None:
        """Tell how many sentences the translation memory has from persons and from models."""
        self._counts = (persons, models)
        self._memory.setText(
            _("Translation memory: {persons} sentences of yours, {models} of models.").format(
                persons=persons, models=models
            )
        )
        self._buttons["memory-export"].setEnabled(persons > 0)
        self._buttons["memory-clear"].setEnabled(models > 0)

    def show_all(self, glossaries: Sequence[tuple[Glossary, bool]]) -> None:
        """List glossaries, each with whether it is in use."""
        self._listed = glossaries
        kept = self._current()
        self._showing = True
        self._list.clear()
        for one, in_use in glossaries:
            way = _("{source} → {target}").format(
                source=language_name(one.source), target=language_name(one.target)
            )
            name = f"{one.project} · {one.name}" if one.project else one.name
            item = QTreeWidgetItem([name, way, str(len(one.terms))])
            item.setData(0, Qt.ItemDataRole.UserRole, one.id)
            checked = Qt.CheckState.Checked if in_use else Qt.CheckState.Unchecked
            item.setCheckState(0, checked)
            item.setTextAlignment(2, _NUMBER)
            self._list.addTopLevelItem(item)
            if one.id == kept:
                self._list.setCurrentItem(item)
        self._showing = False
        self._refresh()

    def tell(self, note: str) -> None:
        """Say what was wrong with the last import, "" for nothing."""
        self._note.setText(note)
        self._note.setVisible(bool(note))
        if not note:
            self._rows.clear()

    def _choose(self) -> None:
        dialog = file_dialog(self, _("Import CSV…"), _("Import"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([_("Glossaries ({endings})").format(endings=_CSV)])
        dialog.fileSelected.connect(lambda name: self.imported.emit(Path(name)))
        dialog.open()

    def _save(self) -> None:
        identity = self._current()
        dialog = file_dialog(self, _("Export…"), _("Export"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("csv")
        dialog.fileSelected.connect(lambda name: self.exported.emit(identity, Path(name)))
        dialog.open()

    def _choose_memory(self) -> None:
        dialog = file_dialog(self, _("Import TMX…"), _("Import"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([_("Translation memories ({endings})").format(endings=_TMX)])
        dialog.fileSelected.connect(lambda name: self.memory_imported.emit(Path(name)))
        dialog.open()

    def _save_memory(self) -> None:
        dialog = file_dialog(self, _("Export TMX…"), _("Export"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("tmx")
        dialog.fileSelected.connect(lambda name: self.memory_exported.emit(Path(name)))
        dialog.open()

    def _delete(self) -> None:
        identity = self._current()
        ask(
            self,
            _("Delete this glossary for good?"),
            next((one.name for one, _in_use in self._listed if one.id == identity), ""),
            _("Delete for good"),
            lambda: self.deleted.emit(identity),
            _("It cannot be brought back."),
            final=True,
        )

    def _on_changed(self, item: QTreeWidgetItem) -> None:
        if not self._showing:
            on = item.checkState(0) is Qt.CheckState.Checked
            self.used.emit(str(item.data(0, Qt.ItemDataRole.UserRole)), on)

    def _current(self) -> str:
        item = self._list.currentItem()
        return str(item.data(0, Qt.ItemDataRole.UserRole)) if item is not None else ""

    def _refresh(self) -> None:
        chosen = bool(self._current())
        for name in ("edit", "export", "delete"):
            self._buttons[name].setEnabled(chosen)
        self._buttons["add"].setEnabled(bool(self._rows.toPlainText().strip()))


def left_out(count: int) -> str:
    """Return the sentence for rows that were not taken."""
    return ngettext(
        "{count} row was left out: it is empty, twice there, or contradicts another.",
        "{count} rows were left out: empty, twice there, or contradicting another.",
        count,
    ).format(count=count)
