"""What a model is given: the turns of a conversation as far as it could read them, and how.

Reads and decides; asking the engine and storing what it says is the queue of answers'.
"""

from dataclasses import replace
from typing import Protocol

from hanlin.domain.assistants import Assistant
from hanlin.domain.attachments import AttachmentKind
from hanlin.domain.conversation import Message, Role
from hanlin.domain.generation import GenerationOptions, Sampling, Turn
from hanlin.kernel.errors import HanlinError
from hanlin.services.assistants import AssistantService
from hanlin.services.attached import AttachedContent
from hanlin.services.growing import GrowingAnswer
from hanlin.services.reach import within_reach
from hanlin.services.room import RoomChoices
from hanlin.services.session import ModelSession
from hanlin.services.summarising import turns_of
from hanlin.services.tools.asking import ToolCalls
from hanlin.services.tools.box import Scene
from hanlin.services.turns import rounds
from hanlin.store.conversations import Store


class ChatChoices(RoomChoices, Protocol):
    """The person's choices that concern an answer."""

    @property
    def thinking(self) -> bool:
        """Whether a model that can choose thinks before it answers."""
        ...

    @property
    def thinking_budget(self) -> int:
        """After how many tokens of thought it has to answer; 0: it may think on."""
        ...

    @property
    def effort(self) -> str:
        """How much it thinks, in its template's word; other templates' words mean nothing."""
        ...

    @property
    def tools(self) -> bool:
        """Whether a model that can is told of tools."""
        ...


class Prompts:
    """Belongs to the queue of answers, which locks around every call."""

    def __init__(
        self,
        store: Store,
        session: ModelSession,
        choices: ChatChoices,
        assistants: AssistantService,
        tools: ToolCalls,
    ) -> None:
        self._store = store
        self._attached = AttachedContent(store)
        self._session = session
        self._choices = choices
        self._assistants = assistants
        self._tools = tools

    def of(self, answer: GrowingAnswer, *, again: bool) -> tuple[list[Turn], GenerationOptions]:
        """Return what ``answer`` is to be written from; raises HanlinError.

        ``again`` says that its question was answered in the wrong language before.
        """
        conversation_id = answer.message.conversation_id
        turns = self.before(answer, again=again)
        options = self._options_of(conversation_id, turns)
        if answer.resumed and options.thinking is not None:
            options = replace(options, thinking=False)  # it has thought already
        return [*turns, *rounds(answer.parts, keep_last=answer.resumed)], options

    def before(self, answer: GrowingAnswer, *, again: bool) -> list[Turn]:
        """Return the turns that ``answer`` follows, and note in it what is out of reach."""
        message = answer.message
        reach = within_reach(self._store, self._session, message.id)
        answer.out_of_reach = reach.before
        return self._assistants.turns(
            message.conversation_id, turns_of(reach.path[:-1], self._attached), again=again
        )

    def shows_pictures(self, message: Message) -> bool:
        """Tell whether there is a picture among what ``message`` is asked with."""
        if not self._attached.has_pictures(message.conversation_id):
            return False
        path = within_reach(self._store, self._session, message.id).path
        return any(
            one.kind is AttachmentKind.PICTURE for each in path for one in each.attachments()
        )

    def ahead(
        self, conversation_id: str, assistant: Assistant | None = None, instead_of: str = ""
    ) -> tuple[list[Turn], GenerationOptions] | None:
        """Return what is certain of the conversation's next prompt; None if nothing is.

        ``assistant`` is whom a new conversation, "", would go by; ``instead_of`` the question
        whose place the next one takes.
        """
        try:
            said = turns_of(self._visible(conversation_id, instead_of), self._attached)
        except HanlinError:  # deleted meanwhile
            return None
        if said and said[-1].role is not Role.ASSISTANT:
            return None
        turns = self._assistants.turns(conversation_id, said, assistant=assistant)
        return turns, self._options_of(conversation_id, turns)

    def next(
        self, conversation_id: str, question: Turn, assistant: Assistant | None = None
    ) -> tuple[list[Turn], GenerationOptions]:
        """Return what a model would be given if ``question`` were asked now; raises KnownError.

        ``assistant`` is whom a new conversation, "", would go by.
        """
        said = turns_of(self._visible(conversation_id), self._attached)
        turns = self._assistants.turns(conversation_id, [*said, question], assistant=assistant)
        return turns, self._options_of(conversation_id, turns)

    def options(self, scene: Scene | None = None) -> GenerationOptions:
        """Return the choices for an answer in ``scene``; without, for what needs no tools."""
        status = self._session.status()
        switchable = status.loaded is not None and status.loaded.thinking_switch
        model = status.model
        advice = (model.sampling if model else None) or (
            status.loaded.sampling if status.loaded else None
        )
        sampling = advice or Sampling()
        knows_tools = status.loaded is not None and status.loaded.tools
        wanted = knows_tools and (self._choices.tools or self._tools.wanted)
        thinking = self._choices.thinking
        if model is not None and status.lent is not None and model.defaults.thinking is not None:
            thinking = model.defaults.thinking  # the switch in the window is the chosen model's
        return GenerationOptions(
            sampling=model.defaults.over(sampling) if model else sampling,
            thinking=thinking if switchable else None,
            thinking_budget=self._choices.thinking_budget or None,
            effort=self._choices.effort,
            tools=self._tools.offered(scene) if scene is not None and wanted else (),
        )

    def _options_of(self, conversation_id: str, turns: list[Turn]) -> GenerationOptions:
        scene = Scene(turns, conversation_id)
        return self._assistants.over(conversation_id, self.options(scene))

    def _visible(self, conversation_id: str, before: str = "") -> list[Message]:
        if before:
            head = self._store.message(before).parent_id
        else:
            head = self._store.conversation(conversation_id).head_id if conversation_id else None
        return [] if head is None else within_reach(self._store, self._session, head).path
