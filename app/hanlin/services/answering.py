"""Answers that are wanted, one after the other: when each begins, goes on and ends.

Which question is asked, and in which conversation, is the chat's business; how an answer is
saved the growing answer's, what is told of it the publisher's, and whether it is asked for
once more the retries'.
"""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from hanlin.domain.assistants import Assistant
from hanlin.domain.attachments import AttachmentKind
from hanlin.domain.conversation import Message, Status
from hanlin.domain.generation import GenerationOptions, StopReason, Turn
from hanlin.domain.models import Purpose
from hanlin.engine.base import (
    UNWRITTEN,
    Delta,
    Engine,
    EngineEvent,
    Failed,
    Finished,
    Looping,
    PrefillProgressed,
)
from hanlin.kernel.errors import HanlinError
from hanlin.kernel.events import EventBus
from hanlin.kernel.i18n import _
from hanlin.services.assistants import AssistantService
from hanlin.services.attached import AttachedContent
from hanlin.services.events import AnswerResumed, MessageAdded, SessionState, SessionStatus
from hanlin.services.executor import SerialExecutor
from hanlin.services.growing import GrowingAnswer
from hanlin.services.lending import Lending
from hanlin.services.prompting import ChatChoices, Prompts
from hanlin.services.publishing import AnswerPublisher, no_room
from hanlin.services.registry import no_model
from hanlin.services.reports import Asked
from hanlin.services.retrying import LanguageRetries
from hanlin.services.room import ContextRoom
from hanlin.services.session import ModelSession
from hanlin.services.tools.asking import ToolCalls
from hanlin.services.tools.box import Toolbox, built_in
from hanlin.services.turns import BETWEEN_ROUNDS, begins_round
from hanlin.store.conversations import Store

_STATUS_OF_REASON = {
    StopReason.END: Status.COMPLETE,
    StopReason.LIMIT: Status.TRUNCATED,
    StopReason.CONTEXT: Status.TRUNCATED,
    StopReason.CANCELLED: Status.STOPPED,
}


class AnswerQueue:
    """The answers that are being written or wait to be.

    Safe to use from any thread: what changes anything happens with ``lock`` held, which is the
    chat's own, so that its steps are not torn. It is also held while an answer is saved, so who
    only looks takes none. ``on_room`` hears of a conversation that has room again.
    """

    def __init__(
        self,
        store: Store,
        engine: Engine,
        session: ModelSession,
        choices: ChatChoices,
        bus: EventBus,
        executor: SerialExecutor,
        lock: threading.RLock,
        room: ContextRoom,
        on_room: Callable[[str], None],
        assistants: AssistantService,
    ) -> None:
        self._store = store
        self._engine = engine
        self._session = session
        self._bus = bus
        self._executor = executor
        self._lock = lock
        self._room = room
        self._on_room = on_room
        self._publisher = AnswerPublisher(store, session, bus)
        self._retries = LanguageRetries(store, assistants)
        self._waiting: deque[GrowingAnswer] = deque()
        self._running: GrowingAnswer | None = None
        self._open: tuple[GrowingAnswer, ...] = ()
        """All whose end is not told. Never changed, only replaced: who looks takes no lock."""
        self.tools = ToolCalls(
            Toolbox(built_in(AttachedContent(store))),
            bus,
            executor,
            lock,
            self._go_on_with,
            self._end_in_circles,
        )
        """The calls of answers that wait for somebody to allow them. Called with the lock held."""
        self._prompts = Prompts(store, session, choices, assistants, self.tools)
        self.lending = Lending(session, bus, executor, self._on_not_lent)
        """Which model answers what."""
        self._unsubscribe = engine.subscribe(self._on_engine_event)
        session.on_change(self._on_session)

    def add(
        self,
        message: Message,
        told: MessageAdded | AnswerResumed,
        purpose: Purpose | None = None,
    ) -> None:
        """Have the stored, streaming answer ``message`` written as soon as the engine is free.

        ``told`` is published first, and is true by then. A resumed one goes on behind what it
        says already. The model kept for ``purpose`` writes it, if there is one; the one kept
        for pictures where there are any to be seen.
        """
        with self._lock:
            answer = GrowingAnswer(
                message, self._store, self._executor, self._lock, self._publisher.on_disk
            )
            answer.purpose = Purpose.PICTURES if self._shows_pictures(message) else purpose
            answer.resumed = isinstance(told, AnswerResumed)
            answer.parts = list(message.parts)
            self._open = (*self._open, answer)
            self._bus.publish(told)
            self._waiting.append(answer)
            self._start_next()

    def answering(self) -> frozenset[str]:
        """Return the conversations in which an answer is being written or waits to be."""
        return frozenset(one.message.conversation_id for one in self._open)

    def expect(
        self,
        conversation_id: str,
        question: Callable[[], Turn],
        assistant: Assistant | None = None,
        instead_of: str = "",
    ) -> None:
        """Have what is certain of the conversation's next prompt read, if there is time.

        ``question`` returns what the next one says so far.
        """
        self._executor.post(
            lambda: self._read_ahead(conversation_id, question(), assistant, instead_of)
        )

    def stop(self, conversation_id: str) -> None:
        """End the answer of the conversation now; what was shown is kept."""
        with self._lock:
            self._room.stop(conversation_id)
            if (answer := self._open_answer(conversation_id)) is not None:
                self._stop(answer)

    def stop_all(self, conversation_id: str) -> None:
        """End the answer of the conversation and all that wait for their turn in it."""
        with self._lock:
            while self._open_answer(conversation_id) is not None:
                self.stop(conversation_id)

    def stop_below(self, message: Message) -> None:
        """End the answers that are the message, or follow it."""
        with self._lock:
            for answer in self._open_answers(message.conversation_id):
                path = self._store.path_to(answer.message.id)
                if any(one.id == message.id for one in path):
                    self._stop(answer)

    def hurry(self, conversation_id: str) -> None:
        """End the thought of the conversation's answer, now and for the rest of it."""
        with self._lock:
            answer = self._open_answer(conversation_id)
            if answer is not None and answer.request is not None:
                self._engine.answer_now(answer.request)

    def stop_running(self) -> None:
        """End the answer that the engine is working on, in whichever conversation it is."""
        with self._lock:
            if self._running is not None:
                self.stop(self._running.message.conversation_id)

    def close(self) -> None:
        """Keep what is unsaved, marked as interrupted, and stop listening."""
        self._unsubscribe()
        self.lending.close()
        with self._lock:
            answers = self._all_open()
            self._waiting.clear()
            for answer in answers:
                self.tools.forget(answer)
                if not answer.closed:
                    self._close_answer(answer, Status.INTERRUPTED)

    def go_on(self) -> None:
        """Begin what is wanted next, if the engine is free."""
        with self._lock:
            self._start_next()

    def _start_next(self) -> None:
        if self._running is not None or self._room.busy or not self._has_its_model():
            return
        if self._room.begin(self._prompts.options()) or not self._waiting:
            return
        answer = self._waiting.popleft()
        conversation_id = answer.message.conversation_id
        try:
            self._name_model(answer.message)
            again = self._retries.is_one(answer)
            turns, options = self._prompts.of(answer, again=again)
        except HanlinError as error:
            self._close_answer(answer, Status.FAILED, error=error)
            return
        self._running = answer
        options = replace(options, keep_all=self._room.keeps_all(conversation_id))
        answer.asked = Asked(options, len(turns), answer.resumed, answer.out_of_reach, again)
        answer.request = self._engine.generate(turns, options, conversation_id)

    def _has_its_model(self) -> bool:
        """Tell whether the model that is to write the next answer is loaded; see to it if not."""
        if not self._waiting:
            return self._session.status().state is SessionState.READY
        answer = self._waiting[0]
        message = answer.message
        return self.lending.prepare(message.id, message.conversation_id, answer.purpose)

    def _on_not_lent(self, error: HanlinError) -> None:
        with self._lock:
            if self._waiting:
                self._close_answer(self._waiting.popleft(), Status.FAILED, error=error)
            self._start_next()

    def _shows_pictures(self, message: Message) -> bool:
        """Tell whether a model is kept for pictures, and there is one among what is asked."""
        kept = self.lending.model_for(message.conversation_id, Purpose.PICTURES)
        return kept is not None and self._prompts.shows_pictures(message)

    def _name_model(self, message: Message) -> None:
        """Keep which model answers: another one may have been chosen while it waited."""
        model = self._session.status().model
        if model is not None and model.name != message.model:
            self._store.set_model(message.id, model.name)

    def _read_ahead(
        self,
        conversation_id: str,
        question: Turn = UNWRITTEN,
        assistant: Assistant | None = None,
        instead_of: str = "",
    ) -> None:
        with self._lock:
            ready = self._session.status().state is SessionState.READY
            busy = self._all_open() or self._room.busy
            if busy or not ready:
                return
            pictures = any(one.kind is AttachmentKind.PICTURE for one in question.media)
            if pictures and not self.lending.is_loaded(conversation_id, Purpose.PICTURES):
                question = UNWRITTEN  # another model will look at them
            if (prompt := self._prompts.ahead(conversation_id, assistant, instead_of)) is not None:
                turns, options = prompt
                self._engine.read_ahead(turns, options, conversation_id, question)

    def next_prompt(
        self, conversation_id: str, question: Turn, assistant: Assistant | None = None
    ) -> tuple[list[Turn], GenerationOptions]:
        """Return what a model would be given if ``question`` were asked now; raises KnownError.

        ``assistant`` is whom a new conversation, "", would go by.
        """
        with self._lock:
            return self._prompts.next(conversation_id, question, assistant)

    def _stop(self, answer: GrowingAnswer) -> None:
        if answer in self._waiting:
            self._waiting.remove(answer)
        self.tools.forget(answer)
        self._close_answer(answer, Status.STOPPED)
        if answer.request is not None:
            self._engine.cancel(answer.request)

    def _open_answer(self, conversation_id: str) -> GrowingAnswer | None:
        return next(iter(self._open_answers(conversation_id)), None)

    def _open_answers(self, conversation_id: str) -> list[GrowingAnswer]:
        return [
            answer
            for answer in self._all_open()
            if answer.message.conversation_id == conversation_id and not answer.closed
        ]

    def _all_open(self) -> list[GrowingAnswer]:
        running = [self._running] if self._running else []
        return [*running, *self.tools.answers(), *self._waiting]

    def _go_on_with(self, answer: GrowingAnswer) -> None:
        """Let an answer go on whose calls are answered, before those that were asked later."""
        self._waiting.appendleft(answer)
        self._start_next()

    def _end_in_circles(self, answer: GrowingAnswer, notice: str) -> None:
        self._close_answer(answer, Status.STOPPED, notice)

    def _on_session(self, status: SessionStatus) -> None:
        self._executor.post(lambda: self._follow_session(status))

    def _follow_session(self, status: SessionStatus) -> None:
        self.lending.follow(status)
        with self._lock:
            if status.state is SessionState.READY:
                self._start_next()
            elif status.state in (SessionState.FAILED, SessionState.EMPTY):
                error = status.error or no_model()
                # What waits for the chosen model waits on when a lent one failed.
                lost = [
                    one for one in self._waiting if status.lent is None or one.purpose is not None
                ]
                for answer in lost:
                    self._waiting.remove(answer)
                    self._close_answer(answer, Status.FAILED, error=error)
                self._start_next()

    def _on_engine_event(self, event: EngineEvent) -> None:
        if isinstance(event, PrefillProgressed | Delta | Looping | Finished | Failed):
            self._executor.post(lambda: self._apply(event))

    def _apply(self, event: PrefillProgressed | Delta | Looping | Finished | Failed) -> None:
        with self._lock:
            if self._summarised(event):
                return
            answer = self._running
            if answer is None or event.request != answer.request:
                return
            if isinstance(event, Finished | Failed):
                self._running = None
                if isinstance(event, Finished):
                    self._publisher.keep_report(answer, event)
                if not answer.closed and not self._calls(answer, event):
                    self._end(answer, event)
                elif isinstance(event, Finished):
                    self._publisher.measured(answer.message, event)
                self._room.look(answer.message.conversation_id, event)
                self._start_next()
                if isinstance(event, Finished):
                    self._read_ahead(answer.message.conversation_id)
            elif not answer.closed:
                self._grow(answer, event)

    def _calls(self, answer: GrowingAnswer, event: Finished | Failed) -> bool:
        """Tell whether the answer is not at its end: it waits for what it called."""
        offered = answer.asked is not None and bool(answer.asked.options.tools)
        if not offered or not isinstance(event, Finished) or event.reason is not StopReason.END:
            return False
        try:
            turns = self._prompts.before(answer, again=self._retries.is_one(answer))
            return self.tools.take(answer, turns)
        except HanlinError:  # deleted meanwhile
            return False

    def _summarised(self, event: EngineEvent) -> bool:
        """Take an event of a summary; return whether it was one."""
        was_one, conversation_id = self._room.hear(event)
        if conversation_id:
            self._on_room(conversation_id)
            self._start_next()
            self._read_ahead(conversation_id)
        return was_one

    def _grow(self, answer: GrowingAnswer, event: PrefillProgressed | Delta | Looping) -> None:
        if isinstance(event, Delta):
            text = event.text
            if begins_round(answer.parts, event.kind):
                text = BETWEEN_ROUNDS + text
            answer.grow(event.kind, text)
            self._publisher.grew(answer.message, event.kind, text)
        elif isinstance(event, PrefillProgressed):
            self._publisher.read(answer.message, event.done, event.total)
        else:
            self._publisher.loops(answer.message)

    def _end(self, answer: GrowingAnswer, event: Finished | Failed) -> None:
        if isinstance(event, Failed):
            status = Status.FAILED if event.engine_alive else Status.INTERRUPTED
            self._close_answer(answer, status, error=event.error)
            return
        notice = no_room(event, answer.out_of_reach)
        again = event.reason is StopReason.END and self._retries.is_due(answer)
        if again:
            notice = _("This answer came in another language, so it was asked for once more.")
        self._close_answer(answer, _STATUS_OF_REASON[event.reason], notice, finished=event)
        if again:
            self._ask_again(answer.message)

    def _ask_again(self, old: Message) -> None:
        """Have the same question answered once more."""
        try:
            message = self._retries.begin(old)
        except HanlinError as error:  # deleted meanwhile, or no room on the disk
            self._publisher.on_disk(error)
            return
        self.add(message, MessageAdded(message), self.lending.purpose_of(old.model))

    def _close_answer(
        self,
        answer: GrowingAnswer,
        status: Status,
        notice: str = "",
        *,
        finished: Finished | None = None,
        error: HanlinError | None = None,
    ) -> None:
        """Make the answer final, on the disk and for the reader."""
        message, trouble = answer.close(status, notice or (str(error) if error else ""))
        self._open = tuple(one for one in self._open if one is not answer)
        self._publisher.finished(message, finished, error or trouble)
