"""The glossaries: which there are, which are in use, and CSV files in and out."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
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
from hanlin_ui.translate.languages import language_name

_CSV = "*.csv *.tsv *.txt"


class GlossariesDialog(QDialog):
    """Lists glossaries; emits wishes."""

    imported = Signal(Path)
    exported = Signal(str, Path)
    used = Signal(str, bool)
    deleted = Signal(str)
    pasted = Signal(str)
    """Rows of a glossary that were written by hand."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Glossaries"))
        self.resize(640, 480)
        self._showing = False
        self._list = QTreeWidget()
        self._list.setRootIsDecorated(False)
        self._list.setHeaderLabels([_("Glossary"), _("Languages"), _("Terms")])
        self._list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self._list.setAccessibleName(_("Glossaries"))
        self._list.itemChanged.connect(self._on_changed)
        self._list.currentItemChanged.connect(lambda *_items: self._refresh())
        self._rows = QPlainTextEdit()
        self._rows.setProperty("role", "field")
        self._rows.setPlaceholderText(_("term, translation – one in each line"))
        self._rows.setAccessibleName(_("Terms to add"))
        self._rows.setFixedHeight(76)
        self._note = QLabel()
        self._note.setProperty("role", "careful")
        self._note.setTextFormat(Qt.TextFormat.PlainText)
        self._note.setWordWrap(True)
        self._note.hide()
        self._add = QPushButton(_("Make a glossary of these terms"))
        self._add.clicked.connect(lambda: self.pasted.emit(self._rows.toPlainText()))
        self._import = QPushButton(_("Import CSV…"))
        self._import.clicked.connect(self._choose)
        self._export = QPushButton(_("Export…"))
        self._export.clicked.connect(self._save)
        self._delete = QPushButton(_("Delete"))
        self._delete.clicked.connect(lambda: self.deleted.emit(self._current()))
        close = QPushButton(_("Close"))
        close.clicked.connect(self.close)
        row = QHBoxLayout()
        for button in (self._import, self._export, self._delete):
            row.addWidget(button)
        row.addStretch()
        row.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(10)
        layout.addWidget(self._list, stretch=1)
        layout.addWidget(self._rows)
        layout.addWidget(self._add, alignment=Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self._note)
        layout.addLayout(row)
        self._refresh()

    def show_all(self, glossaries: Sequence[tuple[Glossary, bool]]) -> None:
        """List glossaries, each with whether it is in use."""
        self._showing = True
        self._list.clear()
        for one, in_use in glossaries:
            way = _("{source} → {target}").format(
                source=language_name(one.source), target=language_name(one.target)
            )
            item = QTreeWidgetItem([one.name, way, str(len(one.terms))])
            item.setData(0, Qt.ItemDataRole.UserRole, one.id)
            checked = Qt.CheckState.Checked if in_use else Qt.CheckState.Unchecked
            item.setCheckState(0, checked)
            self._list.addTopLevelItem(item)
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

    def _on_changed(self, item: QTreeWidgetItem) -> None:
        if not self._showing:
            on = item.checkState(0) is Qt.CheckState.Checked
            self.used.emit(str(item.data(0, Qt.ItemDataRole.UserRole)), on)

    def _current(self) -> str:
        item = self._list.currentItem()
        return str(item.data(0, Qt.ItemDataRole.UserRole)) if item is not None else ""

    def _refresh(self) -> None:
        chosen = bool(self._current())
        self._export.setEnabled(chosen)
        self._delete.setEnabled(chosen)


def left_out(count: int) -> str:
    """Return the sentence for rows that were not taken."""
    return ngettext(
        "{count} row was left out: it is empty, twice there, or contradicts another.",
        "{count} rows were left out: empty, twice there, or contradicting another.",
        count,
    ).format(count=count)
