"""The answers being asked for: their prompts, what is left out of them, how they end.

Belongs to the client's thread. When an answer may begin and when the worker is
given up is the supervisor's decision, not made here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from hanlin.domain.attachments import Media
from hanlin.domain.conversation import PartKind
from hanlin.domain.filling import FillFormat, Gap, shortened
from hanlin.domain.generation import GenerationOptions, StopReason, Timings, Turn, Usage
from hanlin.engine import messages
from hanlin.engine.base import Delta, EngineEvent, EngineState, Failed, Finished, StateChanged
from hanlin.engine.commands import Command, Count, Generate, ReadAhead
from hanlin.engine.events import Answered, Counted, Text, TooLong
from hanlin.engine.fitting import Fitting
from hanlin.engine.prompts import PromptBuilder
from hanlin.engine.showing import media_of
from hanlin.engine.tooling import typed_call

_MOST_CHARACTERS: Final = 2_000_000
"""Text beyond this fits no context and no message to the worker."""
_USUAL_FILLING: Final = 128
_FITS: Final = 0.9
_LEAST_GAP: Final = 16
_SOME_QUESTION: Final = "?"
_LONGEST_DRAFT: Final = 100_000
_UNCERTAIN: Final = 8
"""Tokens at a draft's end that the next letter may change."""


@dataclass(slots=True)
class _Answer:
    """A request for an answer, from its arrival to its end."""

    turns: tuple[Turn, ...]
    options: GenerationOptions
    conversation: str
    beside: bool = False
    fitting: Fitting | None = None
    prompt_tokens: int = 0
    begun: bool = False
    """Whether the worker was given it."""
    cancelled: bool = False
    gap: Gap | None = None


class Answers:
    """The requests for answers that have not ended. ``send`` reaches the worker."""

    def __init__(
        self,
        prompts: PromptBuilder,
        send: Callable[[Command], None],
        tell: Callable[[EngineEvent], None],
    ) -> None:
        self._prompts = prompts
        self._send = send
        self._tell = tell
        self._open: dict[int, _Answer] = {}
        self.fill_format: FillFormat | None = None
        """The loaded model's."""

    def __contains__(self, request: int) -> bool:
        return request in self._open

    def add(
        self,
        request: int,
        turns: Sequence[Turn],
        options: GenerationOptions,
        conversation: str,
        *,
        beside: bool = False,
    ) -> None:
        """Take a request in."""
        self._open[request] = _Answer(tuple(turns), options, conversation, beside)

    def is_beside(self, request: int) -> bool:
        """Tell whether the request is for an answer beside the others."""
        answer = self._open.get(request)
        return answer is not None and answer.beside

    def add_gap(
        self, request: int, gap: Gap, options: GenerationOptions, *, beside: bool = False
    ) -> None:
        """Take a request to fill in the middle in."""
        self._open[request] = _Answer((), options, "", beside, gap=gap)

    def conversation_of(self, request: int) -> str:
        """Return the name of the request's conversation, "" for unknown ones."""
        answer = self._open.get(request)
        return answer.conversation if answer else ""

    def media_of(self, request: int) -> tuple[Media, ...]:
        """Return what the request's turns show."""
        answer = self._open.get(request)
        return media_of(answer.turns) if answer else ()

    def begin(self, request: int, context: int) -> Failed | None:
        """Give the request to the worker, whose context holds ``context`` tokens.

        Return the end when it is hopeless.
        """
        answer = self._open.get(request)
        if answer is None:  # it ended while its conversation was fetched
            return None
        answer.begun = True
        if answer.gap is not None:
            share = _MOST_CHARACTERS / max(1, len(answer.gap.prefix) + len(answer.gap.suffix))
            return self._begin_gap(request, answer, shortened(answer.gap, min(1.0, share)))
        fitting = answer.fitting = Fitting(answer.turns, context, answer.options.max_tokens)
        while (size := sum(len(turn.text) for turn in fitting.kept)) > _MOST_CHARACTERS:
            if fitting.only_the_last:
                return Failed(request, messages.too_much_text(size))
            if answer.options.keep_all:
                return Failed(request, messages.conversation_too_long(size))
            fitting.drop_one()
        self._send_prompt(request, answer, fitting)
        return None

    def cancel(self, request: int) -> None:
        """Remember that nobody wants the rest, wherever the request stands."""
        if request in self._open:
            self._open[request].cancelled = True

    def never_begun(self, request: int) -> Finished | None:
        """Return the end of a request that the worker knows nothing of; None for others."""
        answer = self._open.get(request)
        return None if answer is None or answer.begun else nothing_written(request)

    def end(self, request: int) -> bool:
        """Forget the request; return whether it was one for an answer."""
        return self._open.pop(request, None) is not None

    def finished(self, event: Answered) -> Finished:
        """Return how the answer ended in its requester's words."""
        answer = self._open.get(event.id)
        dropped = answer.fitting.dropped_turns if answer and answer.fitting else 0
        return Finished(
            event.id, event.reason, event.usage, event.timings, event.context_used, dropped
        )

    def told(self, event: Text) -> Delta:
        """Return what the answer said, a call with its arguments in the tool's types."""
        text, answer = event.text, self._open.get(event.id)
        if event.kind is PartKind.TOOL_CALL:
            text = typed_call(text, answer.options.tools if answer else ())
        return Delta(event.id, event.kind, text)

    def too_long(self, event: TooLong) -> Finished | Failed | None:
        """Ask for the turns' sizes to leave some out; return the end when there is no way."""
        answer = self._open.get(event.id)
        if answer is not None and answer.gap is not None and not answer.cancelled:
            # A little less than what would just fit, so that it takes one more try, seldom two.
            share = _FITS * (event.context - _room(answer.options)) / max(1, event.tokens)
            if not 0 < share < 1 or event.tokens <= _LEAST_GAP:
                return Failed(event.id, messages.too_long(event.tokens, event.context))
            return self._begin_gap(event.id, answer, shortened(answer.gap, share))
        if answer is None or answer.cancelled or answer.fitting is None:
            return nothing_written(event.id)
        if answer.fitting.only_the_last:
            return Failed(event.id, messages.too_long(event.tokens, event.context))
        if answer.options.keep_all:
            return Failed(event.id, messages.conversation_full(event.tokens, event.context))
        answer.prompt_tokens = event.tokens
        kept = answer.fitting.kept
        shown = tuple(tuple(each.hash for each in turn.media) for turn in kept)
        self._send(Count(event.id, tuple(turn.text for turn in kept), shown))
        return None

    def counted(self, event: Counted) -> Finished | None:
        """Leave out what does not fit and try again; return the end when it is not wanted."""
        answer = self._open.get(event.id)
        if answer is None or answer.cancelled or answer.fitting is None:
            return nothing_written(event.id)
        answer.fitting.drop(answer.prompt_tokens, event.counts)
        self._send_prompt(event.id, answer, answer.fitting)
        return None

    def _begin_gap(self, request: int, answer: _Answer, gap: Gap) -> Failed | None:
        if self.fill_format is None:
            return Failed(request, messages.cannot_fill())
        answer.gap = gap
        prompt = self.fill_format.prompt(gap)
        self._send(
            Generate(
                id=request,
                segments=prompt.segments,
                sampling=answer.options.sampling,
                reserve=_room(answer.options),
                max_tokens=answer.options.max_tokens,
                stop=prompt.stop,
                form=answer.options.form,
                plain=True,
                beside=answer.beside,
            )
        )
        return None

    def _send_prompt(self, request: int, answer: _Answer, fitting: Fitting) -> None:
        options = answer.options
        prompt = self._prompts.prompt(fitting.kept, options)
        if prompt.note and not answer.beside:
            self._tell(StateChanged(EngineState.GENERATING, prompt.note))
        self._send(
            Generate(
                id=request,
                segments=prompt.segments,
                sampling=options.sampling,
                reserve=fitting.reserve,
                max_tokens=options.max_tokens,
                stop=prompt.stop,
                form=options.form,
                thinking_budget=options.thinking_budget,
                calls=bool(options.tools),
                conversation=answer.conversation,
                guess_ahead=options.guess_ahead,
                beside=answer.beside,
            )
        )


def _room(options: GenerationOptions) -> int:
    """Return how many tokens are kept free for what is to be filled in."""
    return min(options.max_tokens or _USUAL_FILLING, _USUAL_FILLING)


def ahead(
    prompts: PromptBuilder,
    request: int,
    turns: Sequence[Turn],
    options: GenerationOptions,
    conversation: str,
    question: Turn,
) -> ReadAhead | None:
    """Return the command that reads what is certain of the next prompt; None when nothing is.

    What ``question`` shows stands before its text.
    """
    text = question.text[:_LONGEST_DRAFT].strip() or _SOME_QUESTION
    if sum(len(turn.text) for turn in turns) + len(text) > _MOST_CHARACTERS:
        return None
    segments = prompts.prompt([*turns, replace(question, text=text)], options).segments
    places = [at for at, part in enumerate(segments) if not part.control and part.text == text]
    if not places:
        return None
    if text is not _SOME_QUESTION:
        return ReadAhead(request, conversation, segments[: places[-1] + 1], _UNCERTAIN)
    return ReadAhead(request, conversation, segments[: places[-1]])


def nothing_written(request: int) -> Finished:
    """Return the end of an answer that was cancelled before the worker said anything of it."""
    return Finished(request, StopReason.CANCELLED, Usage(), Timings(), context_used=0)
