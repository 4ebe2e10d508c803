"""Assistants at work: chosen at the start or in a conversation, edited in their dialog."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from hanlin.domain.assistants import LARGEST_FILE, Assistant
from hanlin.kernel.errors import HanlinError, from_os_error
from hanlin_ui.assistants.chooser import AssistantChooser
from hanlin_ui.assistants.editor import AssistantsDialog, EditorWishes
from hanlin_ui.assistants.pill import AssistantPill
from hanlin_ui.chat.page import ChatPage
from hanlin_ui.desk import Desk
from hanlin_ui.starter_card import named_now


class AssistantsController(QObject):
    """Keeps the button at the composer and the start page true."""

    model_wanted = Signal(str)
    """An assistant was chosen that answers with this model."""

    def __init__(self, page: ChatPage, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._page = page
        self._desk = desk
        self._service = desk.app.assistants
        self._conversation = ""
        self.pending: Assistant | None = None
        """What the next new conversation goes by."""
        self._dialog: AssistantsDialog | None = None
        self.pill = AssistantPill()
        page.composer.add_pill(self.pill)
        self.pill.opened.connect(self._offer)
        self.pill.chosen.connect(self.choose)
        self.pill.edit_requested.connect(self.edit)
        self.chooser = AssistantChooser()
        self.chooser.chosen.connect(self.choose)
        page.start.add_row(self.chooser)

    def open(self, conversation_id: str) -> None:
        """Follow to another conversation, "" for a new one."""
        self._conversation = conversation_id
        self.pending = None
        self.refresh()

    def adopt(self, conversation_id: str) -> None:
        """Follow to the new conversation, which has its first message now."""
        self._conversation = conversation_id
        self.pending = None

    def refresh(self) -> None:
        """Show what is true now."""
        try:
            current = self._service.of(self._conversation) if self._conversation else self.pending
            every = self._service.every()
        except HanlinError as error:
            self._desk.report(error)
            return
        self.chooser.show_assistants(every, current)
        self._show(current)

    def choose(self, assistant: Assistant | None) -> None:
        """Let the open conversation, or the next new one, go by ``assistant``."""
        conversation = self._conversation
        if conversation:
            self._run(
                lambda: self._service.choose(conversation, assistant),
                lambda: self._show(assistant),
            )
        else:
            self.pending = assistant
            self._show(assistant)
        if assistant is not None and assistant.model:
            self.model_wanted.emit(assistant.model)

    def edit(self) -> None:
        """Open the dialog."""
        if self._dialog is not None:
            self._dialog.raise_()
            return
        wishes = EditorWishes(
            save=lambda one: self._run_and_show(lambda: self._service.save(one).id),
            delete=lambda identity: self._run_and_show(lambda: self._delete(identity)),
            read=lambda path: self._run_and_show(lambda: self._read(path)),
            write=lambda some, path: self._run(lambda: self._write(some, path)),
        )
        models = [named_now(one) for one in self._desk.app.session.registry.models()]
        self._dialog = AssistantsDialog(self._page.window(), models, wishes)
        self._dialog.finished.connect(self._on_closed)
        self._dialog.show_assistants(self._service.own(), self._service.shipped())
        self._dialog.open()

    def _show(self, current: Assistant | None) -> None:
        self.pill.show_current(current)
        self.chooser.show_current(current)
        self._page.start.set_assistant(current)
        self._page.transcript.messages.set_assistant(current)

    def _offer(self) -> None:
        try:
            self.pill.offer(self._service.own(), self._service.shipped())
        except HanlinError as error:
            self._desk.report(error)

    def _delete(self, identity: str) -> str:
        self._service.delete(identity)
        return ""

    def _read(self, path: Path) -> str:
        try:
            with path.open("rb") as file:
                content = file.read(LARGEST_FILE + 1)
        except OSError as error:
            raise from_os_error(error, str(path)) from error
        kept = self._service.read_file(content)
        return kept[0].id if kept else ""

    def _write(self, some: Sequence[Assistant], path: Path) -> None:
        try:
            path.write_text(self._service.write_file(some), encoding="utf-8")
        except OSError as error:
            raise from_os_error(error, str(path)) from error

    def _run_and_show(self, work: Callable[[], str]) -> None:
        task = self._desk.tasks.run(self, work)
        task.on_success(self._on_changed).on_failure(self._desk.report)

    def _on_changed(self, select: str) -> None:
        if self._dialog is not None:
            self._dialog.show_assistants(self._service.own(), self._service.shipped(), select)
        self.refresh()

    def _on_closed(self) -> None:
        self._dialog = None
        self.refresh()

    def _run(self, work: Callable[[], None], after: Callable[[], None] = lambda: None) -> None:
        task = self._desk.tasks.run(self, work)
        task.on_success(lambda _none: after()).on_failure(self._desk.report)
