"""Conversations with the loaded model: send, stop, regenerate, edit, keep.

Every message that a caller was given is on the disk; an answer is appended to
the store at least every second while it streams. Which model answers is the
session's business, how it looks is the window's.
"""

import threading
from collections.abc import Sequence
from functools import partial

from hanlin.domain.assistants import Assistant
from hanlin.domain.attachments import AttachmentKind, Prepared
from hanlin.domain.conversation import (
    Conversation,
    Message,
    Part,
    PartKind,
    Role,
    Status,
)
from hanlin.domain.limits import LONGEST_QUESTION
from hanlin.domain.models import Purpose
from hanlin.domain.tools import Decision
from hanlin.engine.base import Engine
from hanlin.engine.messages import LoadInterruptedError, too_much_text
from hanlin.kernel.errors import HanlinError
from hanlin.kernel.events import EventBus
from hanlin.services.answering import AnswerQueue
from hanlin.services.assistants import AssistantService
from hanlin.services.attached import AttachedContent, question_of
from hanlin.services.events import ConversationsChanged, MessageAdded, SessionState
from hanlin.services.executor import SerialExecutor
from hanlin.services.inspecting import Inspecting
from hanlin.services.metering import Meter
from hanlin.services.paging import Paging
from hanlin.services.prompting import ChatChoices
from hanlin.services.registry import no_model
from hanlin.services.revising import Revising
from hanlin.services.room import ContextRoom
from hanlin.services.session import ModelSession
from hanlin.store.conversations import Store

TITLE_LENGTH = 40


def title_from(text: str) -> str:
    """Return a conversation's title: the first line of its first question, shortened."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    line = " ".join(line.split())
    return line if len(line) <= TITLE_LENGTH else line[: TITLE_LENGTH - 1].rstrip() + "…"


class ChatService:
    """Methods are synchronous and thread-safe; those that write wait for the disk.

    What happens afterwards is told through the bus: MessageAdded, AnswerGrew,
    PromptRead, AnswerFinished, ConversationsChanged.
    """

    def __init__(
        self,
        store: Store,
        engine: Engine,
        session: ModelSession,
        choices: ChatChoices,
        bus: EventBus,
        executor: SerialExecutor,
        assistants: AssistantService,
    ) -> None:
        self._store = store
        self._assistants = assistants
        self._engine = engine
        self._session = session
        self._bus = bus
        self._lock = threading.RLock()
        self._room = ContextRoom(store, engine, session, choices, bus)
        self._answers = AnswerQueue(
            store,
            engine,
            session,
            choices,
            bus,
            executor,
            self._lock,
            self._room,
            self._ease,
            assistants,
        )
        self.lending = self._answers.lending
        """What knows which model answers what."""
        self.paging = Paging(store)
        """What reads a long conversation piece by piece."""
        self.revising = Revising(store, self._answers, bus, self._lock)
        """What changes messages that are there already."""
        self.attached = AttachedContent(store)
        """What is attached to the messages."""
        self.meter = Meter(store, engine, session, self._answers)
        """What counts what the next message would send."""
        self.inspecting = Inspecting(store, engine, session, assistants, self._answers.tools.known)
        """What tells how an answer came about."""

    # Reading

    def conversations(self, *, trash: bool = False) -> list[Conversation]:
        """Return the conversations, or those in the trash, last used first."""
        return self._store.conversations(trash=trash)

    def is_listed(self, conversation_id: str) -> bool:
        """Tell whether the conversation is there, and not in the trash."""
        return self._store.is_listed(conversation_id)

    def transcript(self, conversation_id: str) -> list[Message]:
        """Return the visible path of the conversation; raises KnownError."""
        return self._store.transcript(conversation_id)

    def siblings(self, message_id: str) -> list[Message]:
        """Return the versions of the message, itself included, oldest first."""
        return self._store.siblings(message_id)

    def is_answering(self, conversation_id: str) -> bool:
        """Tell whether an answer is being written, or waits to be, in the conversation."""
        return conversation_id in self.answering()

    def answering(self) -> frozenset[str]:
        """Return the conversations in which that is so; waits for nobody."""
        return self._answers.answering()

    def is_busy(self) -> bool:
        """Tell whether an answer is being written, or waits to be, anywhere."""
        return bool(self.answering())

    def expect(
        self,
        conversation_id: str,
        draft: str = "",
        attached: Sequence[Prepared] = (),
        assistant: Assistant | None = None,
    ) -> None:
        """Have what is certain of the next question's prompt read, while nobody waits.

        For a conversation that was opened ("" is a new one) or is being written in; returns
        at once. ``draft`` is what was written so far, ``attached`` what will go with it,
        ``assistant`` whom a new conversation would go by.
        """
        self._answers.expect(conversation_id, partial(question_of, draft, attached), assistant)

    def expect_edit(self, message_id: str, text: str) -> None:
        """Have the prompt read that ``edit`` would make with what was written so far.

        Returns at once.
        """
        try:
            old = self._store.message(message_id)
        except HanlinError:  # deleted meanwhile
            return
        self._answers.expect(
            old.conversation_id,
            lambda: self.attached.turn_if(old, text),
            instead_of=message_id,
        )

    # Writing

    def send(
        self,
        conversation_id: str | None,
        text: str,
        *,
        temporary: bool = False,
        assistant: Assistant | None = None,
        attached: Sequence[Prepared] = (),
        purpose: Purpose | None = None,
    ) -> Message:
        """Store the question and have it answered; None begins a new conversation.

        A new one goes by ``assistant``. ``attached`` goes with the question. The model that is
        kept for ``purpose`` answers it, see ``Lending``.

        While an answer is being written the question waits for its turn. A ``temporary``
        conversation is in memory only. Returns the stored question; raises HanlinError when
        nothing was stored.
        """
        self._require_readable(text)
        if any(one.attachment.kind is AttachmentKind.PICTURE for one in attached):
            purpose = self._for_pictures(conversation_id or "", purpose)
        with self._lock:
            self._require_model(conversation_id or "", purpose)
            if conversation_id is None:
                title = title_from(text) or (attached[0].attachment.name if attached else "")
                begun = self._store.create_conversation(title, temporary=temporary)
                conversation_id = begun.id
                self.lending.begin(conversation_id)
                if assistant is not None:
                    self._assistants.choose(conversation_id, assistant)
                parent = None
            else:
                parent = self._store.conversation(conversation_id).head_id
            return self._ask(conversation_id, parent, text, attached=attached, purpose=purpose)

    def edit(self, message_id: str, text: str) -> Message:
        """Ask anew with ``text`` in place of the question ``message_id``, which is kept."""
        self._require_readable(text)
        with self._lock:
            old = self._store.message(message_id)
            purpose = self._purpose_below(old)
            self._require_model(old.conversation_id, purpose)
            self._answers.stop_all(old.conversation_id)
            kept = [part for part in old.parts if part.kind is PartKind.ATTACHMENT]
            return self._ask(old.conversation_id, old.parent_id, text, kept, purpose=purpose)

    def regenerate(self, message_id: str) -> None:
        """Have the question of the answer ``message_id`` answered again, as a sibling."""
        with self._lock:
            old = self._store.message(message_id)
            purpose = self.lending.purpose_of(old.model)
            self._require_model(old.conversation_id, purpose)
            self._answers.stop_all(old.conversation_id)
            self._queue_answer(old.conversation_id, old.parent_id, purpose)

    def select_sibling(self, message_id: str) -> None:
        """Make the newest path through ``message_id`` the visible one."""
        with self._lock:
            message = self._store.message(message_id)
            self._answers.stop_all(message.conversation_id)
            self._store.set_head(message.conversation_id, self._store.newest_leaf(message_id))
        self._bus.publish(ConversationsChanged())

    def show_path_to(self, message_id: str) -> None:
        """Make a path through the message the visible one, unless it is on it already."""
        with self._lock:
            conversation_id = self._store.message(message_id).conversation_id
            if message_id not in self._store.path_ids(conversation_id):
                self.select_sibling(message_id)

    def stop(self, conversation_id: str) -> None:
        """End the answer of the conversation now; what was shown is kept, and the next begins."""
        self._answers.stop(conversation_id)

    def answer_now(self, conversation_id: str) -> None:
        """End the thought of the answer that is being written: it is to answer now."""
        self._answers.hurry(conversation_id)

    # Calls of tools

    def offer_tools(self, *, wanted: bool = False) -> None:
        """Tell models of tools, if the person wants it: from now on somebody hears ToolAsked.

        ``wanted`` says that the person does, whatever the setting is.
        """
        self._answers.tools.asks = True
        self._answers.tools.wanted = wanted

    def asked_call(self, message_id: str) -> int | None:
        """Return which call of the message waits for a decision, None when none does."""
        return self._answers.tools.asked(message_id)

    def decide(self, message_id: str, number: int, decision: Decision) -> None:
        """Let call ``number`` of the message run or not; one that was decided is left alone."""
        with self._lock:
            self._answers.tools.decide(message_id, number, decision)

    def stop_running(self) -> None:
        """End the answer that the engine is working on, in whichever conversation it is."""
        self._answers.stop_running()

    # A context that fills

    def never_ask(self) -> None:
        """Leave out the oldest turns where they do not fit: nobody can choose."""
        self._room.asks = False

    def drop_oldest(self, conversation_id: str) -> None:
        """Leave out the oldest turns from now on; each answer tells how many."""
        with self._lock:
            self._room.drop_oldest(conversation_id)
            self._ease(conversation_id)

    def summarise(self, conversation_id: str) -> None:
        """Let a summary stand for the older turns; ContextEased tells when it does."""
        with self._lock:
            self._require_model()
            self._room.want_summary(conversation_id)
            self._answers.go_on()

    def enlarge_context(self, conversation_id: str) -> None:
        """Load the model with a larger context."""
        with self._lock:
            self._session.enlarge()
            self._ease(conversation_id)

    # The conversations themselves

    def rename(self, conversation_id: str, title: str) -> None:
        """Give the conversation another title."""
        self._store.rename(conversation_id, " ".join(title.split()))
        self._bus.publish(ConversationsChanged())

    def move_to_trash(self, conversation_id: str) -> None:
        """Put the conversation into the trash, where it stays for 30 days."""
        self._answers.stop_all(conversation_id)
        self._store.move_to_trash(conversation_id)
        self._bus.publish(ConversationsChanged())

    def restore(self, conversation_id: str) -> None:
        """Take the conversation out of the trash."""
        self._store.restore(conversation_id)
        self._bus.publish(ConversationsChanged())

    def delete_forever(self, conversation_id: str) -> None:
        """Delete a conversation of the trash, or a temporary one, for good."""
        self._answers.stop_all(conversation_id)
        self._store.delete_forever(conversation_id)
        self._engine.forget(conversation_id)
        self._bus.publish(ConversationsChanged())

    def close(self) -> None:
        """Keep what is unsaved, marked as interrupted, and stop listening."""
        self._answers.close()

    # Inside

    def _for_pictures(self, conversation_id: str, purpose: Purpose | None) -> Purpose | None:
        """Return pictures as the purpose, if a model is kept for them; it goes before others."""
        kept = self.lending.model_for(conversation_id, Purpose.PICTURES)
        return purpose if kept is None else Purpose.PICTURES

    def _purpose_below(self, question: Message) -> Purpose | None:
        """Return what the newest answer to the question was for."""
        if self._session.registry.kept(Purpose.CODING) is None:
            return None  # and no long path is read for it
        path = self._store.path_to(self._store.newest_leaf(question.id))
        answers = (one.model for one in path if one.parent_id == question.id)
        return self.lending.purpose_of(next(answers, None))

    def _require_model(self, conversation_id: str = "", purpose: Purpose | None = None) -> None:
        """Raise what stands in the way of an answer, unless another model than that is asked."""
        if self.lending.model_for(conversation_id, purpose) is not None:
            return
        status = self._session.status()
        if status.lent is not None:
            return  # the chosen one will be back
        if isinstance(status.error, LoadInterruptedError):
            self._session.reload()  # the question waits for it, and is told if it fails again
            return
        if status.state is SessionState.FAILED and status.error is not None:
            raise status.error
        if status.state is SessionState.EMPTY:
            raise no_model()

    def _require_readable(self, text: str) -> None:
        """Refuse a question that no model can read before it is stored for ever."""
        if len(text) > LONGEST_QUESTION:
            raise too_much_text(len(text))

    def _ask(
        self,
        conversation_id: str,
        parent: str | None,
        text: str,
        kept: Sequence[Part] = (),
        attached: Sequence[Prepared] = (),
        purpose: Purpose | None = None,
    ) -> Message:
        new = [Part(PartKind.ATTACHMENT, one.attachment.written()) for one in attached]
        model = self.lending.model_for(conversation_id, purpose) or self._session.chosen()
        question, answer = self._store.add_exchange(
            conversation_id,
            parent,
            (*kept, *new, Part(PartKind.TEXT, text)),
            model=model.name if model else None,
            attached=attached,
        )
        self._bus.publish(ConversationsChanged())
        self._bus.publish(MessageAdded(question))
        self._answers.add(answer, MessageAdded(answer), purpose)
        return question

    def _ease(self, conversation_id: str) -> None:
        """Answer the question that was not answered for want of room."""
        self._room.eased(conversation_id)
        try:
            head = self._store.conversation(conversation_id).head_id
            last = None if head is None else self._store.message(head)
        except HanlinError:  # deleted meanwhile
            return
        if last is not None and last.status is Status.FAILED and not last.text():
            purpose = self.lending.purpose_of(last.model)
            self._queue_answer(conversation_id, last.parent_id, purpose)

    def _queue_answer(
        self, conversation_id: str, parent: str | None, purpose: Purpose | None = None
    ) -> None:
        model = self.lending.model_for(conversation_id, purpose) or self._session.chosen()
        message = self._store.add_message(
            conversation_id,
            parent,
            Role.ASSISTANT,
            Status.STREAMING,
            (),
            model=model.name if model else None,
        )
        self._answers.add(message, MessageAdded(message), purpose)
