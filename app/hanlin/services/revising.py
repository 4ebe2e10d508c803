"""Changing what was said: rewriting, going on, branching off, deleting, taking back.

Nothing is overwritten: a rewritten message is another version beside the old one, and a
deleted one stays as long as the trash keeps things.
"""

import threading
from dataclasses import dataclass

from hanlin.domain.conversation import Conversation, Message, Part, PartKind, Role, Status
from hanlin.kernel.errors import KnownError
from hanlin.kernel.events import EventBus
from hanlin.kernel.i18n import _
from hanlin.services.answering import AnswerQueue
from hanlin.services.events import AnswerResumed, ConversationsChanged
from hanlin.services.reports import AnswerReport, to_json
from hanlin.store.conversations import Store

CAN_GO_ON = (Status.STOPPED, Status.TRUNCATED, Status.INTERRUPTED, Status.FAILED)


@dataclass(frozen=True, slots=True)
class Deletion:
    """A message that was deleted, and what it takes to bring it back."""

    message: Message
    head: str | None


class Revising:
    """Belongs to the chat service, whose ``lock`` it takes. Methods wait for the disk."""

    def __init__(
        self, store: Store, answers: AnswerQueue, bus: EventBus, lock: threading.RLock
    ) -> None:
        self._store = store
        self._answers = answers
        self._bus = bus
        self._lock = lock

    def rewrite(self, message_id: str, text: str) -> Message:
        """Store ``text`` as another version of the answer, which becomes the visible one."""
        with self._lock:
            old = self._store.message(message_id)
            self._answers.stop_all(old.conversation_id)
            thought = [part for part in old.parts if part.kind is PartKind.THINKING]
            new = self._store.add_message(
                old.conversation_id,
                old.parent_id,
                Role.ASSISTANT,
                Status.COMPLETE,
                (*thought, Part(PartKind.TEXT, text)),
                model=old.model,
            )
            self._store.keep_report(new.id, to_json(AnswerReport(edited=True)))
        self._bus.publish(ConversationsChanged())
        return new

    def go_on(self, message_id: str) -> None:
        """Have the answer, which ended early, written on from where it ends."""
        with self._lock:
            old = self._store.message(message_id)
            if old.status not in CAN_GO_ON or not old.text():
                raise KnownError(
                    _("There is nothing to continue"),
                    _("This answer is complete, or says nothing yet."),
                    _("Regenerate it instead."),
                )
            self._answers.stop_all(old.conversation_id)
            message = self._store.reopen_message(message_id)
            purpose = self._answers.lending.purpose_of(old.model)
            self._answers.add(message, AnswerResumed(message), purpose)

    def branch(self, message_id: str) -> Conversation:
        """Begin another conversation with a copy of everything up to the message."""
        with self._lock:
            branched = self._store.branch(message_id)
        self._bus.publish(ConversationsChanged())
        return branched

    def delete(self, message_id: str) -> Deletion:
        """Take the message out of the conversation, with all that follows it."""
        with self._lock:
            message = self._store.message(message_id)
            self._answers.stop_below(message)
            head = self._store.delete_message(message_id)
        self._bus.publish(ConversationsChanged())
        return Deletion(message, head)

    def take_back(self, deletion: Deletion) -> None:
        """Bring back what was deleted."""
        with self._lock:
            self._store.bring_back(deletion.message.id, deletion.head)
        self._bus.publish(ConversationsChanged())
