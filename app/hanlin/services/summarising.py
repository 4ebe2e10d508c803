"""Older turns of a conversation in a few sentences of the model's own, so that the rest has room.

The summary is kept as a part of the last message it covers; a prompt then begins with
it. Nothing is deleted: the person reads the whole conversation. When a summary is made
is the chat's business.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from hanlin.domain.conversation import Message, Part, PartKind, Role
from hanlin.domain.generation import GenerationOptions, StopReason, Turn
from hanlin.engine.base import Delta, Engine, EngineEvent, Failed, Finished
from hanlin.kernel.i18n import _
from hanlin.services.attached import AttachedContent, Attachments
from hanlin.services.turns import rounds
from hanlin.store.conversations import Store

_MOST_TOKENS = 600
_KEPT_SHARE = 4
"""One part in so many of the conversation stays word for word, at least the last question."""


def turns_of(path: Sequence[Message], attached: Attachments) -> list[Turn]:
    """Return what a model is given of the messages: the last summary, and what follows it."""
    first, summary = 0, ""
    for number, message in enumerate(path):
        if text := message.text(PartKind.SUMMARY):
            first, summary = number + 1, text
    turns = [turn for message in path[first:] for turn in _turns(message, attached)]
    if not summary:
        return turns
    told = "\n".join((_("What was said before, in short:"), summary))
    return [Turn(Role.SYSTEM, told), *turns]


def _turns(message: Message, attached: Attachments) -> list[Turn]:
    if message.role is Role.ASSISTANT:
        return rounds(message.parts)
    return [attached.turn(message)]


def last_covered(path: Sequence[Message]) -> int | None:
    """Return the index of the last message that a summary would cover; None when there is none."""
    sizes = [len(message.text()) for message in path]
    questions = [n for n, message in enumerate(path) if n and message.role is Role.USER]
    behind = [*accumulate(reversed(sizes))][::-1]
    wide = [n for n in questions if behind[n] >= behind[0] // _KEPT_SHARE]
    start = wide[-1] if wide else (questions[-1] if questions else 0)
    if start < 2 or path[start - 1].text(PartKind.SUMMARY):  # noqa: PLR2004 - a question and its answer
        return None
    return start - 1


@dataclass(slots=True)
class _Running:
    request: int
    conversation_id: str
    message_id: str
    text: str = ""
    wanted: bool = True


class Summariser:
    """Makes one summary at a time; its owner locks."""

    def __init__(self, store: Store, engine: Engine) -> None:
        self._store = store
        self._attached = AttachedContent(store)
        self._engine = engine
        self._running: _Running | None = None

    @property
    def conversation(self) -> str:
        """The conversation at work, "" without one: meanwhile the engine answers nothing else."""
        return self._running.conversation_id if self._running else ""

    def start(self, path: Sequence[Message], options: GenerationOptions) -> bool:
        """Begin a summary of the older part of ``path``; False when it has none."""
        last = last_covered(path)
        if last is None:
            return False
        wish = _(
            "Summarise our conversation so far, so that you can go on with it later without its"
            " words: facts, names, numbers, decisions, open questions, and what I want."
            " Write in the language of the conversation, 300 words at most, and nothing else."
        )
        turns = [*turns_of(path[: last + 1], self._attached), Turn(Role.USER, wish)]
        options = replace(
            options,
            max_tokens=_MOST_TOKENS,
            thinking=None if options.thinking is None else False,
            keep_all=False,
        )
        message = path[last]
        request = self._engine.generate(turns, options)
        self._running = _Running(request, message.conversation_id, message.id)
        return True

    def cancel(self) -> None:
        """Give the summary up."""
        if self._running is not None:
            self._running.wanted = False
            self._engine.cancel(self._running.request)

    def hear(self, event: EngineEvent) -> bool | None:
        """Take an event of the engine's; None when it belongs to something else.

        False while the summary is being written, True when it ended; then ``conversation`` is "".
        Raises HanlinError when it failed, which ends it too.
        """
        running = self._running
        if running is None or getattr(event, "request", None) != running.request:
            return None
        if isinstance(event, Delta) and event.kind is PartKind.TEXT:
            running.text += event.text
        if not isinstance(event, Finished | Failed):
            return False
        self._running = None
        if isinstance(event, Failed):
            raise event.error
        text = running.text.strip()
        if running.wanted and text and event.reason is not StopReason.CANCELLED:
            self._store.extend_message(running.message_id, [Part(PartKind.SUMMARY, text)])
        return True
