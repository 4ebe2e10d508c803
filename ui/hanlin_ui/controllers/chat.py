"""The open conversation at work: sending, streaming, stopping, versions, drafts."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from hanlin.domain.conversation import Message, PartKind, Role, Status
from hanlin.domain.ids import is_temporary
from hanlin.engine.messages import too_much_text
from hanlin.kernel.errors import HanlinError
from hanlin.services.events import (
    AnswerFinished,
    AnswerResumed,
    MessageAdded,
    NoticeCause,
    NoticePosted,
    NoticeWithdrawn,
    PromptRead,
)
from hanlin_ui.chat.page import ChatPage
from hanlin_ui.desk import Desk
from hanlin_ui.widgets import motion

if TYPE_CHECKING:
    from hanlin.domain.assistants import Assistant
    from hanlin.domain.attachments import Prepared
    from hanlin.domain.models import Purpose


_AT_ONCE: Final = 24
"""Messages that are read at once: more than a screenful."""
_BUILT_AT_ONCE: Final = 8
"""Messages around a far place and behind it, which are built in one turn of the event loop."""
_STREAMING_SECONDS: Final = 1.0
"""After a piece of an answer the next one is awaited for so long."""


class ChatController(QObject):
    """Keeps the chat page true for one open conversation at a time."""

    conversation_begun = Signal(str)
    """The first message of a new conversation was stored."""
    sent = Signal(str)
    """What was sent is stored; the conversation it was written in, "" a new one."""
    answer_finished = Signal(object)
    """An AnswerFinished of the open conversation, after it was drawn."""

    def __init__(self, page: ChatPage, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._page = page
        self._desk = desk
        self._chat = desk.app.chat
        self._current = ""
        self.dressing: Callable[[], Callable[[str], str]] = lambda: str
        """Returns what puts the files chosen beside the conversation into what was typed."""
        self.purpose: Callable[[], Purpose | None] = lambda: None
        """Returns what typed questions are about, when a model may be kept for it."""
        self.assistant: Callable[[], Assistant | None] = lambda: None
        """What a new conversation goes by."""
        self.attached: Callable[[], Sequence[Prepared]] = tuple
        """What goes along with the next message; raises HanlinError when it cannot."""
        self._sending = False
        self._more_waits = False
        self._temporary = False
        """Whether the next new conversation is one in memory only."""
        self._of_one: NoticePosted | None = None
        """What is told in one conversation alone, whether that is open or not."""
        page.composer.send_requested.connect(self._send_typed)
        page.composer.stop_requested.connect(self.stop)
        page.stop_requested.connect(lambda: self._run(self._chat.stop_running))
        page.composer.entry.refused.connect(self._on_refused)
        messages = page.transcript.messages
        messages.edited.connect(self._on_edited)
        messages.regenerate_requested.connect(self._on_regenerate)
        messages.answer_now_requested.connect(self._on_answer_now)
        messages.version_chosen.connect(self._on_version_chosen)
        messages.versions_wanted.connect(self._on_versions_wanted)
        page.transcript.older_wanted.connect(self._on_older_wanted)
        page.transcript.newer_wanted.connect(self._on_newer_wanted)
        page.transcript.end_wanted.connect(self.redraw)
        page.transcript.place_wanted.connect(self._on_place_wanted)
        page.composer.entry.recalled.connect(messages.edit_last_question)
        desk.stream.text_ready.connect(self._on_text_ready)
        desk.events.listen(MessageAdded, self._on_message_added)
        desk.events.listen(AnswerResumed, self._on_answer_resumed)
        desk.events.listen(PromptRead, self._on_prompt_read)
        desk.events.listen(AnswerFinished, self._on_answer_finished)
        desk.events.listen(NoticePosted, self._on_notice)
        desk.events.listen(NoticeWithdrawn, self._on_notice_withdrawn)

    def open(self, conversation_id: str) -> None:
        """Show a conversation, "" for a new one."""
        composer = self._page.composer
        self._current = conversation_id
        self._temporary = False
        self._page.set_temporary(is_temporary(conversation_id))
        self._tell_of_one()
        self._show_stored()
        composer.setFocus()
        composer.set_can_send(possible=True)

    def begin_temporary(self) -> None:
        """Let the new conversation that is open be one in memory only."""
        self._temporary = True
        self._page.set_temporary(True)

    def _send_typed(self, text: str) -> None:
        self.send(text, self.dressing(), self.purpose())

    def send(
        self, text: str, dress: Callable[[str], str] = str, purpose: "Purpose | None" = None
    ) -> None:
        """Have ``text`` stored and answered; it stays in the composer if it cannot be.

        ``dress`` makes of it what is said, off the GUI thread. ``purpose`` chooses the model.
        What is sent while the message before is still being stored follows it.
        """
        if self._sending:
            self._more_waits = True
            return
        try:
            attached = tuple(self.attached())
        except HanlinError as error:
            self._desk.report(error)
            return
        self._sending = True
        written = text if self._page.composer.text().strip() == text else ""
        conversation_id = self._current
        temporary = self._temporary and not conversation_id
        assistant = self.assistant()
        work = lambda: self._chat.send(  # noqa: E731 - one task
            conversation_id or None,
            dress(text),
            temporary=temporary,
            assistant=assistant,
            attached=attached,
            purpose=purpose,
        )
        task = self._desk.tasks.run(self, work)
        task.on_success(lambda message: self._on_sent(conversation_id, written, message))
        task.on_failure(self._on_not_sent)

    def stop(self) -> None:
        """Stop the answer of the open conversation."""
        conversation_id = self._current
        self._run(lambda: self._chat.stop(conversation_id))

    def _on_sent(self, conversation_id: str, written: str, message: Message) -> None:
        self._sending = False
        self.sent.emit(conversation_id)
        more_waits, self._more_waits = self._more_waits, False
        if self._current != conversation_id:
            return
        composer = self._page.composer
        # A slow disk: somebody may have written on meanwhile, behind what is stored now.
        if written and composer.text().lstrip().startswith(written):
            composer.set_text(composer.text().lstrip().removeprefix(written).lstrip())
        if not conversation_id:
            self._current = message.conversation_id
            self._tell_of_one()
            self.conversation_begun.emit(message.conversation_id)
            self._show_stored()
        if more_waits and (more := composer.text().strip()):
            self._send_typed(more)

    def _on_notice(self, event: NoticePosted) -> None:
        if event.conversation_id:
            self._of_one = event
            self._tell_of_one()
        else:
            self._page.post_notice(event.text, event.cause)

    def _on_notice_withdrawn(self, event: NoticeWithdrawn) -> None:
        if self._of_one is not None and self._of_one.cause is event.cause:
            self._of_one = None
        self._page.withdraw_notice(event.cause)

    def _tell_of_one(self) -> None:
        """Tell what belongs to one conversation while that one is open."""
        told = self._of_one
        if told is None:
            return
        if told.conversation_id == self._current:
            self._page.post_notice(told.text, told.cause)
        else:
            self._page.withdraw_notice(told.cause)

    def _on_refused(self, characters: int) -> None:
        self._page.post_notice(str(too_much_text(characters)))

    def _on_not_sent(self, error: HanlinError) -> None:
        self._sending = self._more_waits = False
        self._desk.report(error)

    def redraw(self) -> None:
        """Draw what the store has now of the open conversation."""
        self._show_stored()

    def follow_path(self) -> None:
        """Draw the path that is visible now; what both paths have stays as it is."""
        self._show_stored(anew=False)

    def _show_stored(self, *, anew: bool = True) -> None:
        """Draw the transcript as the store has it."""
        page = self._page
        if not self._current:
            page.transcript.show_messages(())
            page.show_start()
            page.composer.set_answering(False)
            return
        self._desk.stream.flush()
        since = None if anew else page.transcript.first_id()
        try:
            messages = self._chat.paging.end(self._current, _AT_ONCE, since).messages
        except HanlinError as error:
            self._desk.report(error)
            return
        show = page.transcript.show_messages if anew else page.transcript.show_path
        show([self._with_stream(message) for message in messages])
        page.show_transcript()
        page.composer.set_answering(self._chat.is_answering(self._current))

    def _on_older_wanted(self, first: Message) -> None:
        with self._reported():
            self._page.transcript.give_older(self._chat.paging.above(first, _AT_ONCE))

    def _on_newer_wanted(self, last_id: str) -> None:
        with self._reported():
            page = self._chat.paging.behind(self._current, last_id, _BUILT_AT_ONCE)
            more = [self._with_stream(message) for message in page.messages]
            self._page.transcript.give_newer(more, more=page.more)

    def _on_place_wanted(self, message_id: str) -> None:
        with self._reported():
            page = self._chat.paging.around(self._current, message_id, _BUILT_AT_ONCE)
            if page.messages:
                around = [self._with_stream(message) for message in page.messages]
                self._page.transcript.show_around(around, newer=page.more)

    @contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            yield
        except HanlinError as error:
            self._desk.report(error)

    def _with_stream(self, message: Message) -> Message:
        """Return ``message`` with the text that has been streamed and not yet stored."""
        streamed = self._desk.stream.so_far(message.id)
        if message.status is not Status.STREAMING or not streamed:
            return message
        return replace(message, parts=streamed)

    def _on_message_added(self, event: MessageAdded) -> None:
        message = event.message
        if message.conversation_id != self._current:
            return
        transcript = self._page.transcript
        if not transcript.messages.has_end:
            self.redraw()
            return
        shown = transcript.messages.ids()
        if message.id not in shown and shown and message.parent_id != shown[-1]:
            transcript.messages.remove_after(message.parent_id)
        # Some of its text may have been handed over: the end of the answer before does that.
        transcript.add(self._with_stream(message))
        if message.role is Role.ASSISTANT:
            self._page.composer.set_answering(self._chat.is_answering(self._current))

    def _on_answer_resumed(self, event: AnswerResumed) -> None:
        if event.message.conversation_id == self._current:
            self._page.transcript.messages.resume(event.message)
            self._page.composer.set_answering(self._chat.is_answering(self._current))

    def _on_text_ready(
        self, conversation_id: str, message_id: str, parts: Sequence[tuple[PartKind, str]]
    ) -> None:
        motion.hold_still(_STREAMING_SECONDS)
        if conversation_id == self._current:
            self._page.transcript.messages.append(message_id, parts)

    def _on_prompt_read(self, event: PromptRead) -> None:
        if event.conversation_id == self._current:
            self._page.transcript.messages.set_reading(event.message_id, event.done, event.total)

    def _on_answer_finished(self, event: AnswerFinished) -> None:
        self._desk.stream.flush()
        self._desk.stream.forget(event.message.id)
        if event.message.conversation_id != self._current:
            return
        self._page.transcript.messages.finish(event.message, event.timings)
        if event.message.status is Status.COMPLETE:
            for cause in (NoticeCause.PASSING, NoticeCause.DONE):
                self._page.withdraw_notice(cause)
        self._page.composer.set_answering(self._chat.is_answering(self._current))
        self._on_versions_wanted(event.message.id)
        self.answer_finished.emit(event)

    def _on_edited(self, message_id: str, text: str) -> None:
        self._page.composer.setFocus()  # the editor had the keyboard, and is gone
        self._run(lambda: self._chat.edit(message_id, text))

    def _on_regenerate(self, message_id: str) -> None:
        self._run(lambda: self._chat.regenerate(message_id))

    def _on_answer_now(self) -> None:
        conversation_id = self._current
        self._run(lambda: self._chat.answer_now(conversation_id))

    def _on_version_chosen(self, message_id: str) -> None:
        task = self._desk.tasks.run(self, lambda: self._chat.select_sibling(message_id))
        task.on_success(lambda _none: self.follow_path()).on_failure(self._desk.report)

    def _on_versions_wanted(self, message_id: str) -> None:
        ids = [message.id for message in self._chat.siblings(message_id)]
        self._page.transcript.messages.set_versions(message_id, ids)

    def _run(self, work: Callable[[], object]) -> None:
        self._desk.tasks.run(self, work).on_failure(self._desk.report)
