"""One glossary as a table: its terms, what they are translated as, and notes."""

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from hanlin.domain.glossary import Glossary, RowProblem, Term, checked
from hanlin.kernel.i18n import _
from hanlin.services.translation import glossary_files
from hanlin_ui.dialogs.message import ask_to_discard
from hanlin_ui.translate.languages import language_name
from hanlin_ui.widgets.labels import wrapped_label
from hanlin_ui.widgets.sizes import fitting

_COLUMNS = 3


class GlossaryEditor(QDialog):
    """Emits the glossary as it is to be; keeps nothing itself."""

    saved = Signal(object)
    """The Glossary."""

    def __init__(self, glossary: Glossary, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(fitting(self, 620, 480))
        self._glossary = glossary
        self._problems: tuple[RowProblem, ...] = ()
        self._name = QLineEdit(glossary.name)
        self._project = QLineEdit(glossary.project)
        self.table = QTableWidget(0, _COLUMNS)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.horizontalHeader().setDefaultAlignment(
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        )
        self.table.verticalHeader().hide()
        self.table.itemChanged.connect(lambda _item: self._check())
        self.table.itemSelectionChanged.connect(self._refresh)
        self._note = wrapped_label("", "careful")
        self._add = QPushButton()
        self._add.clicked.connect(self._on_add)
        self._remove = QPushButton()
        self._remove.clicked.connect(self._on_remove)
        self._save = QPushButton()
        self._save.setProperty("role", "primary")
        self._save.clicked.connect(self._on_save)
        self._cancel = QPushButton()
        self._cancel.clicked.connect(self.close)
        for button in (self._add, self._remove, self._save, self._cancel):
            button.setAutoDefault(False)  # Enter belongs to the cell that is being written
        paste = QShortcut(QKeySequence.StandardKey.Paste, self.table)
        paste.setContext(Qt.ShortcutContext.WidgetShortcut)  # a cell in writing pastes for itself
        paste.activated.connect(lambda: self._put_in(QGuiApplication.clipboard().text()))
        self._lay_out()
        with QSignalBlocker(self.table):
            for term in glossary.terms:
                self._add_row(term)
        self._before = self._written()
        self._retranslate()

    def reject(self) -> None:
        """Close by Escape or the window's button, not with what nobody has kept."""
        if self._written() == self._before:
            super().reject()
        else:
            ask_to_discard(self)

    def _written(self) -> tuple[str, str, list[Term]]:
        """Return all that is lost when it is not saved."""
        rows = [term for term in self._rows() if term != Term("", "")]
        return self._name.text(), self._project.text(), rows

    def _add_row(self, term: Term) -> None:
        row = self.table.rowCount()
        self.table.insertRow(row)
        for column, text in enumerate((term.source, term.target, term.note)):
            self.table.setItem(row, column, QTableWidgetItem(text))

    def _on_add(self) -> None:
        """Begin to write a term into a new row at the end."""
        self._add_row(Term("", ""))
        row = self.table.rowCount() - 1
        self.table.setCurrentCell(row, 0)
        self.table.edit(self.table.currentIndex())

    def _put_in(self, text: str) -> None:
        """Write rows from the chosen cell on, as a spreadsheet does; new ones at the end."""
        rows = glossary_files.rows_of(text) or []
        first = self.table.currentRow() if self.table.currentRow() >= 0 else self.table.rowCount()
        left = max(0, self.table.currentColumn())
        with QSignalBlocker(self.table):
            for row, cells in enumerate(rows, first):
                if row == self.table.rowCount():
                    self._add_row(Term("", ""))
                for column, cell in enumerate(cells[: _COLUMNS - left], left):
                    self.table.setItem(row, column, QTableWidgetItem(cell.strip()))
        self._check()

    def note_text(self) -> str:
        """Return what is said to be wrong."""
        return self._note.text()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def _lay_out(self) -> None:
        self._name_label, self._project_label = QLabel(), QLabel()
        form = QFormLayout()
        form.addRow(self._name_label, self._name)
        form.addRow(self._project_label, self._project)
        row = QHBoxLayout()
        row.addWidget(self._add)
        row.addWidget(self._remove)
        row.addStretch()
        row.addWidget(self._cancel)
        row.addWidget(self._save)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(10)
        layout.addLayout(form)
        layout.addWidget(self.table, stretch=1)
        layout.addWidget(self._note)
        layout.addLayout(row)

    def _rows(self) -> list[Term]:
        def cell(row: int, column: int) -> str:
            item = self.table.item(row, column)
            return item.text() if item is not None else ""

        return [
            Term(*(cell(row, column) for column in range(_COLUMNS)))
            for row in range(self.table.rowCount())
        ]

    def _check(self) -> None:
        """Say at once which rows are not complete, doubled, or contradict another."""
        self._problems = checked(self._rows())[1]
        self._refresh()

    def _on_remove(self) -> None:
        rows = {index.row() for index in self.table.selectedIndexes()}
        for row in sorted(rows, reverse=True):
            self.table.removeRow(row)
        self._check()

    def _on_save(self) -> None:
        terms, _problems = checked(self._rows())
        one = self._glossary
        name = self._name.text().strip() or one.name
        project = self._project.text().strip()
        self.saved.emit(Glossary(one.id, name, one.source, one.target, terms, project))
        self.accept()

    def _refresh(self) -> None:
        self._remove.setEnabled(bool(self.table.selectedIndexes()))
        # An empty row is one that somebody is about to write.
        told = [one for one in self._problems if one.term]
        self._note.setText("\n".join(row_problem(one) for one in told[:3]))
        self._note.setVisible(bool(told))

    def _retranslate(self) -> None:
        one = self._glossary
        self.setWindowTitle(_("Glossary: {name}").format(name=one.name))
        for label, field, words in (
            (self._name_label, self._name, _("Name")),
            (self._project_label, self._project, _("Project")),
        ):
            label.setText(words)
            field.setAccessibleName(words)
        self.table.setHorizontalHeaderLabels(
            [language_name(one.source), language_name(one.target), _("Note")]
        )
        self.table.setAccessibleName(_("Terms"))
        self._add.setText(_("Add a term"))
        self.table.setToolTip(_("Rows copied from a spreadsheet can be pasted here."))
        self._remove.setText(_("Remove"))
        self._cancel.setText(_("Cancel"))
        self._save.setText(_("Save"))
        self._check()


def row_problem(one: RowProblem) -> str:
    """Return what is wrong with a row of a glossary."""
    return {
        "empty": _("Row {row} is not complete and will be left out: {term}"),
        "double": _("Row {row} stands there twice: {term}"),
        "contradiction": _("Row {row} contradicts an earlier one, which holds: {term}"),
    }[one.kind].format(row=one.row, term=one.term)
