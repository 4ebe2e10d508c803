"""Export and import at work: where to, and what came of it."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from hanlin.domain.transfer import CarriedConversation, ImportReport
from hanlin.kernel.errors import HanlinError
from hanlin.kernel.i18n import Said, _
from hanlin.services.events import NoticeCause, NoticePosted, NoticeWithdrawn
from hanlin.services.transfer.service import FORMATS, file_name, sentences
from hanlin_ui.desk import Desk
from hanlin_ui.dialogs.files import file_dialog
from hanlin_ui.dialogs.message import show_text


class TransferController(QObject):
    """Asks for files and lets the service do the work behind the window."""

    def __init__(self, window: QWidget, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._window = window
        self._desk = desk
        self._service = desk.app.transfer
        self._service.printer = _print
        self._conversation = ""

    def open(self, conversation_id: str) -> None:
        """Follow to another conversation."""
        self._conversation = conversation_id

    def export(self, kind: str) -> None:
        """Let a file be named and write the open conversation there."""
        if self._conversation:
            self.export_of(self._conversation, kind)
        else:
            self._say(lambda: _("Open the conversation that is to be exported."))

    def export_of(self, conversation: str, kind: str) -> None:
        """Let a file be named and write the conversation there."""
        title = self._desk.app.store.conversation(conversation).title
        dialog = file_dialog(self._window, _("Export this conversation"), _("Export"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(FORMATS[kind].removeprefix("."))
        dialog.selectFile(file_name(title, kind))
        dialog.fileSelected.connect(lambda name: self.write(conversation, kind, Path(name)))
        dialog.open()

    def write(self, conversation: str, kind: str, path: Path) -> None:
        """Write the conversation to ``path``."""
        task = self._desk.tasks.run(self, lambda: self._service.write(conversation, kind, path))
        task.on_success(lambda _none: self._done(lambda: _("Written: {path}").format(path=path)))
        task.on_failure(self._desk.report)

    def choose_import(self) -> None:
        """Let an exported file be chosen."""
        dialog = file_dialog(self._window, _("Import conversations"), _("Import"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([_("Exports (*.json *.zip *.jsonl)"), _("All files (*)")])
        dialog.fileSelected.connect(lambda name: self.take_in(Path(name)))
        dialog.open()

    def take_in(self, path: Path) -> None:
        """Store what can be read of ``path`` and show the report."""
        self._say(lambda: _("Importing {name}…").format(name=path.name))
        task = self._desk.tasks.run(self, lambda: self._service.take_in(path))
        task.on_success(self._on_taken_in).on_failure(self._on_not_taken_in)

    def _on_not_taken_in(self, error: HanlinError) -> None:
        self._desk.app.bus.publish(NoticeWithdrawn(NoticeCause.PASSING))
        self._desk.report(error)

    def _on_taken_in(self, report: ImportReport) -> None:
        first, *rest = sentences(report)
        if rest:
            self._desk.app.bus.publish(NoticeWithdrawn(NoticeCause.PASSING))
            show_text(self._window, _("Imported"), first, "\n".join(rest), prose=True)
        else:
            self._done(lambda: sentences(report)[0])

    def _say(self, words: Callable[[], str]) -> None:
        self._desk.app.bus.publish(NoticePosted(Said(words)))

    def _done(self, words: Callable[[], str]) -> None:
        """Say that it is done, in place of what was said when it began."""
        self._desk.app.bus.publish(NoticeWithdrawn(NoticeCause.PASSING))
        self._desk.app.bus.publish(NoticePosted(Said(words), NoticeCause.DONE))


def _print(carried: CarriedConversation) -> bytes:
    from hanlin_ui.printing import pdf  # noqa: PLC0415 - rarely wanted

    return pdf(carried)
