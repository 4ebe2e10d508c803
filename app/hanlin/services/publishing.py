"""What is told of an answer: to the bus while it is written and ends, in its report for later.

When an answer begins, goes on and ends is the queue's business, how it is saved the growing
answer's. Nothing here changes an answer.
"""

import logging

from hanlin.domain.conversation import Message, PartKind
from hanlin.domain.generation import StopReason, Timings, Usage
from hanlin.engine.base import Finished
from hanlin.kernel.errors import DiskFullError, HanlinError
from hanlin.kernel.events import EventBus
from hanlin.kernel.i18n import Said, _, ngettext
from hanlin.services.events import (
    AnswerFinished,
    AnswerGrew,
    AnswerMeasured,
    NoticeCause,
    NoticePosted,
    NoticeWithdrawn,
    PromptRead,
)
from hanlin.services.growing import GrowingAnswer
from hanlin.services.reports import report_of, to_json
from hanlin.services.session import ModelSession
from hanlin.store.conversations import Store

_log = logging.getLogger(__name__)


class AnswerPublisher:
    """Belongs to the queue of answers, which tells it what happens."""

    def __init__(self, store: Store, session: ModelSession, bus: EventBus) -> None:
        self._store = store
        self._session = session
        self._bus = bus

    def read(self, message: Message, done: int, total: int) -> None:
        """Tell how far the answer's prompt has been read."""
        self._bus.publish(PromptRead(message.conversation_id, message.id, done, total))

    def grew(self, message: Message, kind: PartKind, text: str) -> None:
        """Tell of more text."""
        self._bus.publish(AnswerGrew(message.conversation_id, message.id, kind, text))

    def loops(self, message: Message) -> None:
        """Tell that the answer repeats itself."""
        circles = Said(
            lambda: _(
                "This answer goes round in circles. Stop it, then ask again or in other words."
            )
        )
        self._bus.publish(NoticePosted(circles, NoticeCause.ANSWER, message.conversation_id))

    def measured(self, message: Message, event: Finished) -> None:
        """Tell what an answer took that is final already, or goes on after its calls."""
        self._bus.publish(
            AnswerMeasured(
                message.conversation_id,
                event.usage,
                event.timings,
                event.context_used,
                self._context_size(),
            )
        )

    def finished(self, message: Message, event: Finished | None, error: HanlinError | None) -> None:
        """Tell that the answer is final; ``event`` is the engine's word, where it had the last."""
        self._bus.publish(NoticeWithdrawn(NoticeCause.ANSWER))
        self._bus.publish(
            AnswerFinished(
                message,
                event.usage if event else Usage(),
                event.timings if event else Timings(),
                event.context_used if event else 0,
                self._context_size(),
                error,
            )
        )

    def on_disk(self, error: HanlinError | None) -> None:
        """Tell why the disk refuses an answer; None: everything is stored after all."""
        if error is None:
            self._bus.publish(NoticeWithdrawn(NoticeCause.DISK))
            return
        full = isinstance(error, DiskFullError)
        cause = NoticeCause.DISK if full else NoticeCause.PASSING
        self._bus.publish(NoticePosted(str(error), cause))

    def keep_report(self, answer: GrowingAnswer, event: Finished) -> None:
        """Keep beside the answer what it was asked with and what it took."""
        if answer.asked is None:
            return
        report = report_of(answer.asked, event, self._context_size())
        try:
            self._store.keep_report(answer.message.id, to_json(report))
        except HanlinError as error:  # a full disk: the answer matters, its figures do not
            _log.warning("an answer's report is not kept: %s", error)

    def _context_size(self) -> int:
        loaded = self._session.status().loaded
        return loaded.context if loaded else 0


def no_room(event: Finished, out_of_reach: int) -> str:
    """Return the sentence below an answer that had no room for everything, "" when it had."""
    if dropped := event.dropped_turns + out_of_reach:
        return ngettext(
            "The oldest message did not fit this model's context and was left out.",
            "The {count} oldest messages did not fit this model's context and were left out.",
            dropped,
        ).format(count=f"{dropped:,}")
    if event.reason is StopReason.CONTEXT:
        return _("The context is full. Start a new conversation, or enlarge it in Settings.")
    return ""
