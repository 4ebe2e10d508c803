"""Changing messages of the open conversation: rewriting, going on, branching, deleting."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from hanlin.kernel.i18n import Said, _
from hanlin.services.revising import Deletion
from hanlin_ui.chat.page import ChatPage
from hanlin_ui.desk import Desk


class RevisingController(QObject):
    """``redraw`` shows the open conversation as it is stored now."""

    branched = Signal(str)
    """A conversation was begun with a copy of another's beginning."""

    def __init__(
        self, page: ChatPage, desk: Desk, redraw: Callable[[], None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._page = page
        self._desk = desk
        self._redraw = redraw
        self._revising = desk.app.chat.revising
        self._deletion: Deletion | None = None
        messages = page.transcript.messages
        messages.rewritten.connect(self._on_rewritten)
        messages.continue_requested.connect(self._on_continue)
        messages.branch_requested.connect(self._on_branch)
        messages.delete_requested.connect(self._on_delete)
        page.undo_requested.connect(self.undo)

    def forget(self) -> None:
        """Offer no undoing any more: another conversation is looked at."""
        self._deletion = None
        self._page.withdraw_undo()

    def _on_rewritten(self, message_id: str, text: str) -> None:
        task = self._desk.tasks.run(self, lambda: self._revising.rewrite(message_id, text))
        task.on_success(lambda _message: self._redraw()).on_failure(self._desk.report)

    def _on_continue(self, message_id: str) -> None:
        task = self._desk.tasks.run(self, lambda: self._revising.go_on(message_id))
        task.on_failure(self._desk.report)

    def _on_branch(self, message_id: str) -> None:
        task = self._desk.tasks.run(self, lambda: self._revising.branch(message_id))
        task.on_success(lambda made: self.branched.emit(made.id)).on_failure(self._desk.report)

    def _on_delete(self, message_id: str) -> None:
        task = self._desk.tasks.run(self, lambda: self._revising.delete(message_id))
        task.on_success(self._on_deleted).on_failure(self._desk.report)

    def _on_deleted(self, deletion: Deletion) -> None:
        self._deletion = deletion
        self._redraw()
        self._page.offer_undo(
            Said(lambda: _("Deleted")), Said(lambda: _("Undo: bring the deleted messages back"))
        )

    def undo(self) -> bool:
        """Bring back what was deleted last here; return whether there was something."""
        if (deletion := self._deletion) is None:
            return False
        self.forget()
        task = self._desk.tasks.run(self, lambda: self._revising.take_back(deletion))
        task.on_success(lambda _none: self._redraw()).on_failure(self._desk.report)
        return True
