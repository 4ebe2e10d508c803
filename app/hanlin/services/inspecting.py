"""How an answer came about: the prompt, the sampling, the tokens and the timings.

Figures were kept with the answer. The prompt was not, for it would grow the database with
the square of a conversation's length: it is rendered anew from the messages and the
instructions of now, by the template of the model that is loaded now, and says so when that
is another one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from hanlin.domain.conversation import Message, PartKind, Role
from hanlin.domain.generation import GenerationOptions, Turn
from hanlin.domain.prompt import Segment, Token
from hanlin.domain.tools import Tool
from hanlin.engine.base import Engine
from hanlin.services.assistants import AssistantService
from hanlin.services.attached import AttachedContent
from hanlin.services.events import SessionState
from hanlin.services.reports import AnswerReport, from_json
from hanlin.services.session import ModelSession
from hanlin.services.summarising import turns_of
from hanlin.services.turns import rounds
from hanlin.store.conversations import Store

MOST_TOKENS: Final = 20_000
"""Of a prompt; nobody reads more."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """What is known of one answer."""

    message: Message
    report: AnswerReport | None
    """None for an answer that was written before reports were kept, or that never ended."""
    prompt: tuple[Segment, ...] | None
    """None while no model is loaded that could render it."""
    rendered_by: str = ""
    """The model whose template rendered it."""
    tokens: tuple[Token, ...] | None = None
    """The prompt's tokens in that model's vocabulary; None while the engine has other work."""

    @property
    def same_model(self) -> bool:
        """Whether the model that wrote the answer rendered the prompt."""
        return self.rendered_by == self.message.model


class Inspecting:
    """Methods may wait for the template's process: not for the window's thread."""

    def __init__(
        self,
        store: Store,
        engine: Engine,
        session: ModelSession,
        assistants: AssistantService,
        tools: Callable[[Sequence[str]], tuple[Tool, ...]],
    ) -> None:
        self._store = store
        self._engine = engine
        self._session = session
        self._assistants = assistants
        self._tools = tools
        """Returns the tools with these names."""

    def inspect(self, message_id: str) -> Inspection:
        """Return what is known of the answer; raises KnownError when it is gone."""
        *before, message = self._store.path_to(message_id)
        kept = from_json(self._store.report(message_id))
        status = self._session.status()
        if status.state is not SessionState.READY or status.model is None:
            return Inspection(message, kept, None)
        report = kept or AnswerReport()
        said = turns_of(before[report.out_of_reach :], AttachedContent(self._store))
        turns = self._assistants.turns(message.conversation_id, said, again=report.again)
        turns = [*turns, *_rounds_before(message)]
        options = GenerationOptions()
        if kept is not None:
            turns = _without_oldest(turns, report.dropped_turns)
            options = replace(
                options,
                sampling=report.sampling,
                thinking=report.thinking,
                effort=report.effort,
                tools=self._tools(report.tools),
            )
        prompt = self._engine.render(turns, options)
        texts = [segment for segment in prompt.segments if not segment.media]
        tokens = self._engine.split(texts, MOST_TOKENS)
        return Inspection(message, kept, prompt.segments, status.model.name, tokens)


def _rounds_before(message: Message) -> list[Turn]:
    """Return what the model had said, called and been told when it began its last round."""
    kinds = [part.kind for part in message.parts]
    if PartKind.TOOL_RESULT not in kinds:
        return []
    end = len(kinds) - kinds[::-1].index(PartKind.TOOL_RESULT)
    return rounds(message.parts[:end])


def _without_oldest(turns: list[Turn], count: int) -> list[Turn]:
    """Leave out what did not fit then: the oldest turns, but never the system's."""
    system = [turn for turn in turns if turn.role is Role.SYSTEM]
    rest = [turn for turn in turns if turn.role is not Role.SYSTEM]
    return [*system, *rest[count:]]
