"""A conversation that fills its model's context: noticing it, and what was chosen about it.

Nothing is left out by itself: a person is offered a summary of the older turns, leaving
out the oldest, or a larger context. Answering again, once there is room, is the chat's.
"""

from collections import deque
from typing import Protocol

from hanlin.domain.conversation import Message
from hanlin.domain.generation import GenerationOptions
from hanlin.engine.base import Engine, EngineEvent, Failed, Finished
from hanlin.engine.messages import ContextFullError
from hanlin.kernel.errors import HanlinError
from hanlin.kernel.events import EventBus
from hanlin.services.events import ContextEased, ContextFilling, NoticePosted
from hanlin.services.reach import within_reach
from hanlin.services.session import ModelSession
from hanlin.services.summarising import Summariser, last_covered
from hanlin.store.conversations import Store

_NEARLY_FULL = 0.85


class RoomChoices(Protocol):
    """The person's choices that concern a full context."""

    @property
    def when_full(self) -> str:
        """What is done when it is nearly full: ``ask``, ``summarise`` or ``drop``."""
        ...


class ContextRoom:
    """Belongs to the chat service, which locks around every call."""

    def __init__(
        self,
        store: Store,
        engine: Engine,
        session: ModelSession,
        choices: RoomChoices,
        bus: EventBus,
    ) -> None:
        self._store = store
        self._session = session
        self._choices = choices
        self._bus = bus
        self._summariser = Summariser(store, engine)
        self._summaries: deque[str] = deque()
        self._dropping: set[str] = set()
        self._offered: set[str] = set()
        """Conversations about which there is something to choose."""
        self.asks = True
        """Whether there is somebody to choose."""

    @property
    def busy(self) -> bool:
        """Whether the engine writes a summary, and can answer nothing else."""
        return bool(self._summariser.conversation)

    def keeps_all(self, conversation_id: str) -> bool:
        """Tell whether a question is rather not answered than older turns left out."""
        return self.asks and not self._drops(conversation_id)

    def drop_oldest(self, conversation_id: str) -> None:
        """Leave out the oldest turns from now on."""
        self._dropping.add(conversation_id)

    def want_summary(self, conversation_id: str) -> None:
        """Have the older turns summarised by the next ``begin``."""
        if conversation_id not in self._summaries:
            self._summaries.append(conversation_id)
            self._bus.publish(ContextEased(conversation_id, working=True))

    def begin(self, options: GenerationOptions) -> bool:
        """Begin a summary that is wanted; return whether one was."""
        while self._summaries:
            try:
                path = self._path(self._summaries.popleft())
            except HanlinError:  # deleted meanwhile
                continue
            if self._summariser.start(path, options):
                return True
        return False

    def stop(self, conversation_id: str) -> None:
        """Give the conversation's summary up."""
        if self._summariser.conversation == conversation_id:
            self._summariser.cancel()

    def hear(self, event: EngineEvent) -> tuple[bool, str]:
        """Take an event; return whether it was a summary's, and whose if the summary ended."""
        conversation_id = self._summariser.conversation
        try:
            ended = self._summariser.hear(event)
        except HanlinError as error:
            self._bus.publish(NoticePosted(str(error)))
            ended = True
        return ended is not None, conversation_id if ended else ""

    def look(self, conversation_id: str, event: Finished | Failed) -> None:
        """Offer what can be done when an answer has nearly filled the context, or do it."""
        loaded = self._session.status().loaded
        full = isinstance(event, Failed) and isinstance(event.error, ContextFullError)
        if loaded is None or self._drops(conversation_id) or not self.asks:
            return
        used = event.context_used if isinstance(event, Finished) else 0
        if not full and used < loaded.context * _NEARLY_FULL:
            # A question that was changed, or another answer, may have made room.
            answered = isinstance(event, Finished) and event.usage.completion_tokens
            if answered and conversation_id in self._offered:
                self.eased(conversation_id)
            return
        try:
            summarises = last_covered(self._path(conversation_id)) is not None
        except HanlinError:  # deleted meanwhile
            return
        if summarises and self._choices.when_full == "summarise":
            self.want_summary(conversation_id)
            return
        self._offered.add(conversation_id)
        self._bus.publish(
            ContextFilling(
                conversation_id,
                loaded.context if full else used,
                loaded.context,
                self._session.larger_context(),
                summarises,
                full,
            )
        )

    def eased(self, conversation_id: str) -> None:
        """Tell that something was done about it."""
        self._offered.discard(conversation_id)
        self._bus.publish(ContextEased(conversation_id))

    def _path(self, conversation_id: str) -> list[Message]:
        head = self._store.conversation(conversation_id).head_id
        return [] if head is None else within_reach(self._store, self._session, head).path

    def _drops(self, conversation_id: str) -> bool:
        return self._choices.when_full == "drop" or conversation_id in self._dropping
