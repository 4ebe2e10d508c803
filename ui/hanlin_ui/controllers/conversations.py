"""The conversation list at work: what a click in the sidebar does in the store."""

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QObject, Signal

from hanlin.domain.conversation import Conversation
from hanlin.domain.ids import is_temporary
from hanlin.kernel.errors import HanlinError
from hanlin.kernel.i18n import Said, _
from hanlin.services.events import AnswerFinished, ConversationsChanged, MessageAdded
from hanlin_ui.desk import Desk
from hanlin_ui.dialogs.message import ask
from hanlin_ui.sidebar.panel import Sidebar


class ConversationsController(QObject):
    """Keeps the sidebar true. Which conversation is open is told by :attr:`opened`."""

    opened = Signal(str)
    """A conversation was chosen; "" for a new one."""

    def __init__(self, sidebar: Sidebar, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._sidebar = sidebar
        self._desk = desk
        self._chat = desk.app.chat
        self._current = ""
        self._last_trashed = ""
        sidebar.new_requested.connect(self.start_new)
        sidebar.list.chosen.connect(self._on_chosen)
        sidebar.list.rename_requested.connect(self._on_rename)
        sidebar.list.trash_requested.connect(self._on_trash)
        sidebar.list.restore_requested.connect(self._on_restore)
        sidebar.list.delete_requested.connect(self._on_delete)
        filing = desk.app.filing
        sidebar.list.pin_requested.connect(
            lambda identity, pinned: self._run(lambda: filing.pin(identity, pinned=pinned))
        )
        sidebar.list.folder_chosen.connect(
            lambda identity, folder: self._run(lambda: filing.move(identity, folder))
        )
        sidebar.list.folder_renamed.connect(
            lambda folder, name: self._run(lambda: filing.rename_folder(folder, name))
        )
        sidebar.list.tags_chosen.connect(
            lambda identity, tags: self._run(lambda: filing.tag(identity, tags))
        )
        sidebar.undo_requested.connect(self.undo)
        sidebar.trash_toggled.connect(self._on_trash_toggled)
        desk.events.listen(ConversationsChanged, lambda _event: self.refresh())
        desk.events.listen(MessageAdded, lambda _event: self._mark_answering())
        desk.events.listen(AnswerFinished, lambda _event: self._mark_answering())

    @property
    def current(self) -> str:
        """The id of the open conversation, "" for a new one."""
        return self._current

    def refresh(self) -> None:
        """Read the list again."""
        try:
            conversations = self._chat.conversations(trash=self._sidebar.shows_trash)
        except HanlinError as error:
            self._desk.report(error)
            return
        self._sidebar.list.set_conversations(conversations, datetime.now().astimezone())
        self._sidebar.show_tags()
        if self._sidebar.shows_trash:
            self._sidebar.trash_bar.set_filled(filled=bool(conversations))
        self._mark_answering()

    def start_new(self) -> None:
        """Open an empty conversation, which is stored with its first message."""
        self._open("")

    def open_stored(self, conversation_id: str) -> None:
        """Open the conversation if it still exists, else an empty one."""
        self._open(conversation_id if self._chat.is_listed(conversation_id) else "")

    def open_made(self, conversation_id: str) -> None:
        """Open a conversation that was just stored."""
        self.refresh()
        self._open(conversation_id)

    def adopt(self, conversation_id: str) -> None:
        """Take the conversation that a first message began as the open one."""
        self._current = conversation_id
        self.refresh()
        self._sidebar.list.select(conversation_id)
        self._remember(conversation_id)

    def _remember(self, conversation_id: str) -> None:
        def keep() -> None:
            self._desk.app.state.last_conversation = conversation_id

        if not is_temporary(conversation_id):  # not even its id belongs on the disk
            self._desk.tasks.run(self, keep)  # the disk may take its time

    def _open(self, conversation_id: str) -> None:
        self._current = conversation_id
        self._sidebar.list.select(conversation_id)
        self._remember(conversation_id)
        self.opened.emit(conversation_id)

    def _mark_answering(self) -> None:
        self._sidebar.list.items.set_answering(self._chat.answering())

    def _listed(self) -> list[Conversation]:
        return self._sidebar.list.items.conversations()

    def _on_chosen(self, conversation_id: str) -> None:
        if not self._sidebar.shows_trash and conversation_id != self._current:
            self._open(conversation_id)

    def _on_rename(self, conversation_id: str, title: str) -> None:
        self._run(lambda: self._chat.rename(conversation_id, title))

    def _on_trash(self, conversation_id: str) -> None:
        title = self._title_of(conversation_id)
        self._leave(conversation_id)
        self._last_trashed = conversation_id
        self._run(
            lambda: self._chat.move_to_trash(conversation_id),
            lambda: self._sidebar.undo_bar.offer(
                Said(lambda: _("Moved to the trash")),
                Said(lambda: _("Undo: take “{title}” back").format(title=title)),
            ),
        )

    def undo(self) -> None:
        """Take the conversation back that was moved to the trash last, if one was."""
        trashed, self._last_trashed = self._last_trashed, ""
        if not trashed:
            return
        self._sidebar.undo_bar.hide()
        self._run(lambda: self._chat.restore(trashed), lambda: self._open(trashed))

    def _on_restore(self, conversation_id: str) -> None:
        self._leave(conversation_id)
        self._run(lambda: self._chat.restore(conversation_id))

    def _on_delete(self, conversation_id: str) -> None:
        ask(
            self._sidebar,
            _("Delete this conversation for good?"),
            self._title_of(conversation_id),
            _("Delete for good"),
            lambda: self._delete_forever(conversation_id),
            _("It cannot be brought back."),
            final=True,
        )

    def _delete_forever(self, conversation_id: str) -> None:
        self._leave(conversation_id)
        self._run(lambda: self._chat.delete_forever(conversation_id))

    def _leave(self, conversation_id: str) -> None:
        """Let a conversation that goes be neither open nor chosen.

        The keyboard stays in the list, if it was there: the next one takes the place.
        """
        shown = self._sidebar.list
        by_keys = shown.window().focusWidget() is shown
        if self._sidebar.shows_trash:
            shown.select(self._next_to(conversation_id))
        elif conversation_id == self._current:
            self._open(self._next_to(conversation_id) if by_keys else "")
            if by_keys and self._current:
                shown.setFocus()

    def _next_to(self, conversation_id: str) -> str:
        """Return the conversation below, or above the last; "" if it is the only one."""
        leaving = "" if self._sidebar.shows_trash else self._last_trashed  # may still be listed
        ids = [one.id for one in self._listed() if one.id != leaving]
        place = ids.index(conversation_id) if conversation_id in ids else -1
        return next(iter(ids[place + 1 :] or ids[:place][-1:]), "")

    def _on_trash_toggled(self, shown: bool) -> None:  # noqa: FBT001 - a Qt slot
        self._sidebar.undo_bar.hide()
        self.refresh()
        first = next(iter(self._listed()), None)
        in_trash = first.id if first is not None else ""
        self._sidebar.list.select(in_trash if shown else self._current)

    def _title_of(self, conversation_id: str) -> str:
        return next((c.title for c in self._listed() if c.id == conversation_id), "")

    def _run(self, work: Callable[[], None], after: Callable[[], None] = lambda: None) -> None:
        task = self._desk.tasks.run(self, work)
        task.on_success(lambda _none: after()).on_failure(self._desk.report)
