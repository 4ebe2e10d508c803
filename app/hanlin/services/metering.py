"""What the next message would send, counted before it is sent.

The prompt is rendered as it would be, with what is being written and attached, and the engine
counts the tokens of its parts: instructions, tools, history, documents and pictures alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from hanlin.domain.assistants import Assistant
from hanlin.domain.attachments import Attachment, AttachmentKind, Prepared
from hanlin.domain.generation import GenerationOptions, Turn
from hanlin.domain.prompt import Segment
from hanlin.engine.base import Engine
from hanlin.services.attached import RATE, question_of
from hanlin.services.events import SessionState
from hanlin.services.reach import within_reach
from hanlin.services.session import ModelSession
from hanlin.store.conversations import Store

_MOST_CHARACTERS: Final = 400_000
"""To count more takes seconds, and it fits no context that is loaded here."""
_A_SECOND: Final = 1000


@dataclass(frozen=True, slots=True)
class NextPrompt:
    """Tokens: all that would be sent, and of them what is being written and attached."""

    tokens: int
    writing: int
    size: int
    """What the context holds."""


class NextPrompts(Protocol):
    """Who puts the next prompt together."""

    def next_prompt(
        self, conversation_id: str, question: Turn, assistant: Assistant | None = None
    ) -> tuple[list[Turn], GenerationOptions]:
        """Return what a model would be given if ``question`` were asked now."""
        ...


class Meter:
    """Its method waits for the engine: not for the window's thread."""

    def __init__(
        self, store: Store, engine: Engine, session: ModelSession, prompts: NextPrompts
    ) -> None:
        self._store = store
        self._engine = engine
        self._session = session
        self._prompts = prompts

    def measure(
        self,
        conversation_id: str,
        draft: str,
        attached: Sequence[Prepared] = (),
        assistant: Assistant | None = None,
    ) -> NextPrompt | None:
        """Return what sending ``draft`` with ``attached`` would take.

        None while that cannot be told: without a model, while it answers, or for far too much
        text. Raises KnownError when the conversation is gone.
        """
        status = self._session.status()
        if status.state is not SessionState.READY or status.loaded is None:
            return None
        question = question_of(draft, attached)
        turns, options = self._prompts.next_prompt(conversation_id, question, assistant)
        if sum(len(turn.text) for turn in turns) > _MOST_CHARACTERS:
            return None
        segments = self._engine.render(turns, options).segments
        parts = [one for one in segments if not one.media]
        counts = self._engine.count([*parts, Segment(question.text, control=False)])
        if counts is None:
            return None
        *sent, written = counts
        shown = (one.attachment for one in attached)
        pending = sum(self._weight(a) for a in shown if a.kind is not AttachmentKind.DOCUMENT)
        earlier = sum(self._weight(one) for one in self._said(conversation_id))
        return NextPrompt(sum(sent) + earlier + pending, written + pending, status.loaded.context)

    def _said(self, conversation_id: str) -> list[Attachment]:
        """Return the pictures and sounds of the conversation that the model is shown again."""
        head = self._store.conversation(conversation_id).head_id if conversation_id else None
        if head is None:
            return []
        path = within_reach(self._store, self._session, head).path
        attached = (one for message in path for one in message.attachments())
        return [one for one in attached if one.kind is not AttachmentKind.DOCUMENT]

    def _weight(self, about: Attachment) -> int:
        if about.kind is AttachmentKind.SOUND:
            samples = about.milliseconds * RATE // _A_SECOND
            return self._engine.weigh(about.kind, samples) or about.tokens
        return self._engine.weigh(about.kind, about.width, about.height) or about.tokens
