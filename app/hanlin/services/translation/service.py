"""Translation for the window: one thread that translates what is wanted now, and the files' queue.

What is typed goes before files, and a conversation's answer before both. Results are told
through the bus.
"""

import functools
import logging
import threading
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from hanlin.domain.conversation import Role
from hanlin.domain.models import Model, Purpose
from hanlin.domain.translation import Direction, Entry, Sentence, Tone, Translation
from hanlin.engine.base import Engine
from hanlin.kernel.errors import HanlinError, UserCancelled, from_bug
from hanlin.kernel.events import EventBus
from hanlin.services.events import AnswerFinished, MessageAdded, SessionState, SessionStatus
from hanlin.services.registry import no_model
from hanlin.services.session import ModelSession
from hanlin.services.translation import choosing, converting, prompts
from hanlin.services.translation.assembling import assembled
from hanlin.services.translation.translator import Translating, Translator, Wish
from hanlin.services.writing import EngineWriter
from hanlin.store.conversations import Store
from hanlin.store.glossaries import Glossaries
from hanlin.store.translations import TranslationMemory

_GIVING_WAY_SECONDS = 60.0
_LOOK_SECONDS = 0.5
"""How often somebody who waits looks whether he is still wanted: others cannot wake him."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SentenceTranslated:
    """A sentence of the order is there."""

    order: int
    sentence: Sentence
    translation: Translation


@dataclass(frozen=True, slots=True)
class TranslationBegun:
    """The order's direction is known; it may wait for a model or a conversation."""

    order: int
    direction: Direction


@dataclass(frozen=True, slots=True)
class TranslationEnded:
    """The order is done, or ended with ``error``; nothing more of it follows."""

    order: int
    error: HanlinError | None = None


@dataclass(frozen=True, slots=True)
class TextOrder:
    """A text to be translated; "" as a language lets the service find it."""

    text: str
    source: str = ""
    target: str = ""
    tone: Tone = Tone.DEFAULT
    interface: str = "zh"
    remember: bool = True


class TranslationChoices(Protocol):
    """The person's choices that concern translation."""

    @property
    def model_for_translation(self) -> str:
        """The id of the model kept for translation, "" for none."""
        ...


class TranslationService:
    """Methods return at once and may be called from any thread, unless they say otherwise."""

    def __init__(
        self,
        store: Store,
        engine: Engine,
        session: ModelSession,
        choices: TranslationChoices,
        bus: EventBus,
    ) -> None:
        self.memory = TranslationMemory(store.database)
        self.glossaries = Glossaries(store.database)
        self._session = session
        self._choices = choices
        self._bus = bus
        self._writer = EngineWriter(engine)
        self._wake = threading.Condition()
        self._jobs: deque[tuple[int, Callable[[int], None]]] = deque()
        self._last = 0
        self._current = 0
        """The order at work; 0 when it was cancelled."""
        self._answers: set[str] = set()
        self._changes = 0
        """Counts what the session told."""
        self._closing = False
        self._thread: threading.Thread | None = None
        session.on_change(self._on_session)
        self._unsubscribe = (
            bus.subscribe(MessageAdded, self._on_message),
            bus.subscribe(AnswerFinished, self._on_answered),
        )

    def model(self) -> Model | None:
        """Return the model that translates: the one kept for it, else the loaded one, if it can."""
        kept = self._choices.model_for_translation
        wanted = self._session.registry.model_for(Purpose.TRANSLATION) if kept else None
        return choosing.best_of(wanted or self._session.chosen(), self._session.registry.models())

    def languages(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the codes that can be translated from, and into."""
        model = self.model()
        family = prompts.family_of(model) if model else prompts.Family.NONE
        return choosing.sources(family), choosing.targets(family)

    def takes_tone(self) -> bool:
        """Tell whether the model can be told how to sound."""
        model = self.model()
        return model is not None and prompts.takes_tone(prompts.family_of(model))

    def translate(self, order: TextOrder) -> int:
        """Translate a text, in place of whatever was being translated; return its number."""
        return self._begin(lambda number: self._text(number, order))

    def alternatives(self, text: str, order: TextOrder) -> int:
        """Look for other translations of a sentence; each is told as a SentenceTranslated."""
        return self._begin(lambda number: self._others(number, text, order))

    def stop(self) -> None:
        """End what is being translated."""
        with self._wake:
            self._jobs.clear()
            self._current = 0
            self._wake.notify_all()
        self._writer.cancel()

    def correct(self, direction: Direction, source: str, target: str) -> None:
        """Keep a person's own translation of a sentence. Waits for the disk."""
        self.memory.teach([Entry(direction, source, target)])

    def holding(self) -> AbstractContextManager[None]:
        """Say that the model which translates is needed until the end of a work."""
        return self._session.holding(Purpose.TRANSLATION)

    def close(self) -> None:
        """End the thread and stop listening; waits for it."""
        with self._wake:
            self._closing = True
        self.stop()
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        if self._thread is not None:
            self._thread.join()

    # The thread

    def _begin(self, job: Callable[[int], None]) -> int:
        self.stop()
        with self._wake:
            self._last += 1
            self._jobs.append((self._last, job))
            if self._thread is None and not self._closing:
                self._thread = threading.Thread(target=self._run, name="translation", daemon=True)
                self._thread.start()
            self._wake.notify_all()
            return self._last

    def _run(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._jobs or self._closing)
                if self._closing:
                    return
                number, job = self._jobs.popleft()
                self._current = number
            try:
                error = self._carry_out(number, job)
            except UserCancelled:
                continue
            with self._wake:
                was_wanted = self._is_wanted(number)
                if was_wanted:
                    self._current = 0
                    self._wake.notify_all()
            if was_wanted:
                self._bus.publish(TranslationEnded(number, error))

    def _carry_out(self, number: int, job: Callable[[int], None]) -> HanlinError | None:
        """Do what was ordered; return what went wrong. Raises UserCancelled."""
        try:
            with self.holding():
                job(number)
        except UserCancelled:
            raise
        except HanlinError as error:
            return error
        except Exception as error:  # noqa: BLE001 - the next order must find this thread alive
            _log.exception("a translation failed")
            return from_bug(error)
        return None

    def _text(self, number: int, order: TextOrder) -> None:
        direction = self._direction(order)
        self._bus.publish(TranslationBegun(number, direction))
        translator = self.translator(direction, lambda: self._is_wanted(number))
        wish = Wish(direction, self.glossaries.in_use(direction), order.tone)
        done: list[tuple[Sentence, Translation]] = []
        for pair in translator.text(order.text, wish, lambda: self._wait(number)):
            _require(lambda: self._is_wanted(number))
            done.append(pair)
            self._bus.publish(SentenceTranslated(number, *pair))
        if order.remember and done:
            self.memory.remember(direction, order.text, assembled(done, direction.target))

    def _others(self, number: int, text: str, order: TextOrder) -> None:
        direction = self._direction(order)
        translator = self.translator(direction, lambda: self._is_wanted(number))
        wish = Wish(direction, self.glossaries.in_use(direction), order.tone, remember=False)
        for found in translator.alternatives(text, wish):
            self._wait(number)
            self._bus.publish(SentenceTranslated(number, Sentence(text), found))

    def _direction(self, order: TextOrder) -> Direction:
        """Return the direction; a text found to be in the target's language goes the other way."""
        found = choosing.direction_for(order.text, order.source, order.target, order.interface)
        if order.source or found.source != found.target:
            return found
        return choosing.direction_for(order.text, "", "", order.interface)

    def translator(
        self, direction: Direction, wanted: Callable[[], bool], writer: EngineWriter | None = None
    ) -> Translator:
        """Return the translator once its model is loaded and no conversation needs it.

        Waits; raises UserCancelled as soon as it is not ``wanted`` any more, and HanlinError.
        """
        writer = writer or self._writer
        if converting.converts(direction):
            return Translator(writer, Translating(prompts.Family.STARTER, ""), self.memory)
        model = self.model()
        if model is None:
            raise no_model()
        choosing.require(model, direction)
        status = self._session.status()
        if status.model is None or status.model.id != model.id:
            self._wait_for_answers(wanted)
            self._session.lend(model.id, Purpose.TRANSLATION)
        self._session.wake()
        ready = self._wait_until_ready(wanted, model)
        advice = model.sampling or (ready.loaded.sampling if ready.loaded else None)
        context = ready.loaded.context if ready.loaded else 0
        context = min(context, model.trained_context or context)
        using = Translating(prompts.family_of(model), model.id, advice, context)
        return Translator(writer, using, self.memory)

    def give_way(self, wanted: Callable[[], bool]) -> None:
        """Wait while a conversation is answered or a text of the page is translated."""
        with self._wake:
            self._wake.wait_for(
                lambda: not (self._answers or self._current or self._jobs) or not wanted(),
                _GIVING_WAY_SECONDS,
            )
        self._wait_for_answers(wanted)

    def _wait_until_ready(self, wanted: Callable[[], bool], model: Model) -> SessionStatus:
        while True:
            _require(wanted)
            seen = self._changes
            # Asked without our lock: the session tells of changes while it holds its own.
            status = self._session.status()
            here = status.model is not None and status.model.id == model.id
            if status.state is SessionState.READY and here:
                return status
            if status.state is SessionState.FAILED and status.error is not None:
                raise status.error
            if status.state is SessionState.EMPTY:
                raise no_model()
            with self._wake:
                self._wake.wait_for(functools.partial(self._moved, seen, wanted), _LOOK_SECONDS)

    def _moved(self, seen: int, wanted: Callable[[], bool]) -> bool:
        return self._changes != seen or not wanted()

    def _wait(self, number: int) -> None:
        """Give way to a conversation's answer."""
        self._wait_for_answers(lambda: self._is_wanted(number))

    def _wait_for_answers(self, wanted: Callable[[], bool]) -> None:
        while True:
            _require(wanted)
            with self._wake:
                if self._wake.wait_for(lambda: not self._answers, _LOOK_SECONDS):
                    return

    def _is_wanted(self, number: int) -> bool:
        return self._current == number and not self._closing

    def _on_session(self, _status: SessionStatus) -> None:
        with self._wake:
            self._changes += 1
            self._wake.notify_all()

    def _on_message(self, event: MessageAdded) -> None:
        if event.message.role is Role.ASSISTANT:
            with self._wake:
                self._answers.add(event.message.id)

    def _on_answered(self, event: AnswerFinished) -> None:
        with self._wake:
            self._answers.discard(event.message.id)
            self._wake.notify_all()


def _require(wanted: Callable[[], bool]) -> None:
    if not wanted():
        raise UserCancelled
