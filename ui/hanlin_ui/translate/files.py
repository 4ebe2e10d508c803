"""The queue of files: what is being translated, how far it is, and what can be done with it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from hanlin.domain.translation import FileJob, FileState
from hanlin.kernel.i18n import _
from hanlin.services.translation import words as words_of
from hanlin_ui.dialogs.files import file_dialog
from hanlin_ui.translate.languages import language_name
from hanlin_ui.translate.panes import files_of
from hanlin_ui.widgets.labels import wrapped_label
from hanlin_ui.widgets.sizes import fitting

ENDINGS: Final = (
    "*.pdf *.docx *.pptx *.xlsx *.docm *.pptm *.xlsm *.dotx *.potx *.xltx *.txt *.text *.log *.md"
    " *.markdown *.html *.htm *.xhtml *.srt *.vtt *.ass *.ssa *.po *.pot *.xlf *.xliff *.ts *.json"
    " *.arb *.properties *.strings *.xml"
)
"""Of all files that can be translated: what reads them is a child's, and not imported here."""


class FilesDialog(QDialog):
    """Shows the queue; emits wishes."""

    added = Signal(list, bool)
    """Paths, and whether both languages are kept."""
    asked = Signal(str, str)
    """pause, resume or remove, and the file's id."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.resize(fitting(self, 660, 460))
        self.setAcceptDrops(True)
        self._add = QPushButton()
        self._add.setProperty("role", "primary")
        self._add.clicked.connect(self._choose)
        self._bilingual = QCheckBox()
        self._hint = wrapped_label("", "muted")
        self._rows: dict[str, _Row] = {}
        inner = QWidget()
        self._list = QVBoxLayout(inner)
        self._list.setContentsMargins(0, 0, 6, 0)
        self._list.setSpacing(8)
        self._list.addStretch()
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(inner)
        self._close = QPushButton()
        self._close.clicked.connect(self.close)
        top = QHBoxLayout()
        top.addWidget(self._add)
        top.addWidget(self._bilingual)
        top.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(12)
        layout.addLayout(top)
        layout.addWidget(self._hint)
        layout.addWidget(area, stretch=1)
        layout.addWidget(self._close, alignment=Qt.AlignmentFlag.AlignRight)
        self._retranslate()

    def show_jobs(self, jobs: Sequence[FileJob]) -> None:
        """Show the queue as it is now."""
        for gone in self._rows.keys() - {job.id for job in jobs}:
            self._rows.pop(gone).deleteLater()
        for job in jobs:
            if job.id not in self._rows:
                row = self._rows[job.id] = _Row()
                row.asked.connect(self.asked)
                self._list.insertWidget(self._list.count() - 1, row)
            self._rows[job.id].show_job(job)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Welcome files."""
        if files_of(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Put files into the queue."""
        self.added.emit(files_of(event.mimeData()), self.keeps_both())
        event.acceptProposedAction()

    def _choose(self) -> None:
        dialog = file_dialog(self, _("Add files…"), _("Add"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilters([_("Files to translate ({endings})").format(endings=ENDINGS)])
        dialog.filesSelected.connect(
            lambda names: self.added.emit([Path(name) for name in names], self.keeps_both())
        )
        dialog.open()

    def keeps_both(self) -> bool:
        """Tell whether the source is kept beside the translation."""
        return self._bilingual.isChecked()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
            for row in self._rows.values():
                row.retranslate()

    def _retranslate(self) -> None:
        self.setWindowTitle(_("Translate files"))
        self._add.setText(_("Add files…"))
        self._bilingual.setText(_("Keep the source beside the translation"))
        self._hint.setText(
            _(
                "Word, PowerPoint, Excel, PDF (becomes a Word document), subtitles, web pages,"
                " Markdown, text, PO, XLIFF, Qt’s TS and JSON. Each translation is a new file"
                " beside the old one. Files can be dropped here."
            )
        )
        self._close.setText(_("Close"))


class _Row(QFrame):
    """One file."""

    asked = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._job: FileJob | None = None
        self._name = wrapped_label("", "strong")
        self._state = wrapped_label("", "muted")
        self._note = wrapped_label("", "careful")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(5)
        self._buttons = {
            "pause": QPushButton(),
            "resume": QPushButton(),
            "open": QPushButton(),
            "remove": QPushButton(),
        }
        row = QHBoxLayout()
        for key, button in self._buttons.items():
            button.clicked.connect(lambda _on=False, key=key: self._ask(key))
            row.addWidget(button)
        row.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 10, 14, 10)
        layout.setSpacing(6)
        for widget in (self._name, self._bar, self._state, self._note):
            layout.addWidget(widget)
        layout.addLayout(row)
        self.retranslate()

    def retranslate(self) -> None:
        """Follow the language."""
        self._buttons["pause"].setText(_("Pause"))
        self._buttons["resume"].setText(_("Go on"))
        self._buttons["open"].setText(_("Open"))
        self._buttons["remove"].setText(_("Remove from the list"))
        if self._job is not None:
            self.show_job(self._job)

    def show_job(self, job: FileJob) -> None:
        """Show how far the file is."""
        self._job = job
        done = job.state is FileState.DONE
        self._name.setText(Path(job.output).name if done and job.output else Path(job.path).name)
        self._bar.setRange(0, max(1, job.total))
        self._bar.setValue(job.done)
        self._bar.setAccessibleName(_("Progress"))
        self._bar.setVisible(job.state in (FileState.RUNNING, FileState.PAUSED))
        words = {
            FileState.WAITING: _("Waits"),
            FileState.RUNNING: _("Translating: {done} of {total} sentences"),
            FileState.PAUSED: _("Paused: {done} of {total} sentences"),
            FileState.DONE: _("Done: {total} sentences"),
            FileState.FAILED: _("Not translated"),
        }[job.state].format(done=f"{job.done:,}", total=f"{job.total:,}")
        if job.direction.source and job.direction.target:
            way = _("{source} → {target}").format(
                source=language_name(job.direction.source),
                target=language_name(job.direction.target),
            )
            words = f"{words}  ·  {way}"
        self._state.setText(words)
        note = job.note
        if done:
            notes = []
            if job.doubtful:
                notes.append(_("Worth a look: {count}").format(count=f"{job.doubtful:,}"))
            if job.joined:
                notes.append(words_of.joined(job.joined))
            note = "\n".join(notes)
        self._note.setText(note)
        self._note.setVisible(bool(note))
        active = job.state in (FileState.WAITING, FileState.RUNNING)
        self._buttons["pause"].setVisible(active)
        self._buttons["resume"].setVisible(job.state in (FileState.PAUSED, FileState.FAILED))
        self._buttons["open"].setVisible(done)

    def _ask(self, key: str) -> None:
        if self._job is None:
            return
        if key == "open":
            QDesktopServices.openUrl(QUrl.fromLocalFile(self._job.output))
        else:
            self.asked.emit(key, self._job.id)
