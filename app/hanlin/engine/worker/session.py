"""One conversation in the model's memory: reads prompts, writes answers token by token.

A prompt is read from where it differs from what ``memory`` holds. Opening a context is
``context``'s, computing tokens in it ``evaluation``'s. Speaks in callbacks; messages and
processes belong to ``__main__``.
"""

import itertools
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from hanlin.domain.generation import StopReason, Timings, Usage
from hanlin.engine.protocol import CacheType
from hanlin.engine.worker.aside import Asides
from hanlin.engine.worker.context import open_fitting
from hanlin.engine.worker.evaluation import Evaluator
from hanlin.engine.worker.llama import Llama
from hanlin.engine.worker.memory import Memory
from hanlin.engine.worker.model import Model
from hanlin.engine.worker.outlet import Outlet
from hanlin.engine.worker.pace import giving_way, stoppable
from hanlin.engine.worker.prompt import PromptTokens, Written
from hanlin.engine.worker.revisit import Revisit
from hanlin.engine.worker.sampling import Sampler
from hanlin.engine.worker.senses import Senses, has_several_positions
from hanlin.engine.worker.shelf import NEAR
from hanlin.engine.worker.speculation import Costs, Steps
from hanlin.engine.worker.states import Outgoing, State
from hanlin.engine.worker.stream import AnswerParser, Piece

HEARTBEAT_SECONDS: Final = 1.0
_SHARE_BESIDE: Final = 4
"""What is written beside keeps a quarter of the states that the window's own work keeps."""
_TUNE_SECONDS: Final = 1.5


@dataclass(frozen=True, slots=True)
class Listener:
    """What a running answer calls. ``cancelled`` is asked often and must be cheap."""

    prefilled: Callable[[int, int], None]
    wrote: Callable[[list[Piece]], None]
    looping: Callable[[], None]
    asides: Asides
    """Where the tokens are read."""
    cancelled: Callable[[], bool]
    hurried: Callable[[], bool]
    """Whether there was enough thought; asked before each token of one."""
    attend: Callable[[], None] | None = None
    """Called between two tokens, and between two small steps of reading: others go first."""


@dataclass(frozen=True, slots=True)
class Request:
    """One answer to write: the prompt, how to choose and when to stop.

    ``repeatable``: read the whole prompt again. What is kept from earlier was computed
    in other batches, and differences in the fourth digit let a seed choose otherwise.
    """

    prompt: PromptTokens
    sampler: Sampler
    parser: AnswerParser
    max_tokens: int | None
    thinking_budget: int | None
    repeatable: bool
    conversation: str = ""
    guess_ahead: bool = True
    beside: bool = False
    """Whether it is written in the other sequence, leaving the window's own alone."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How an answer ended."""

    reason: StopReason
    usage: Usage
    timings: Timings
    context_used: int


class Session:
    """A llama.cpp context with two sequences: the window's own, and one for work beside it.

    Where what was read cannot be forgotten, ``revisit`` has a third one.

    Belongs to the engine's thread.
    """

    def __init__(
        self,
        llama: Llama,
        model: Model,
        *,
        context: int,
        threads: int,
        free_memory: int,
        gpu: bool,
        cache: CacheType = CacheType.F16,
        senses: Senses | None = None,
    ) -> None:
        """Open a context of ``context`` tokens as ``open_fitting`` does. Raises RefusedError."""
        self._c = c = llama.c
        self._model = model
        opened = open_fitting(
            llama, model, asked=context, threads=threads, free_memory=free_memory, cache=cache
        )
        self._handle = opened.handle
        self.context = opened.size
        self.longest_context = opened.longest
        self.cache = opened.cache
        self.threads = threads
        several = has_several_positions(model)
        # Where the cache takes more than half of what is free, what is kept must be less.
        left = max(free_memory - opened.bytes, 0)
        kept = min(free_memory, 2 * left)
        self._memory = Memory(model, opened.handle, kept, several=several, quick=gpu)
        self._beside = Memory(
            model, opened.handle, kept // _SHARE_BESIDE, sequence=1, several=several, quick=gpu
        )
        self._memory.neighbour, self._beside.neighbour = self._beside, self._memory
        self.written = Written(model.piece, partial(model.tokenise, control=False))
        self._pace = stoppable(model.layers, int(c.llama_model_n_params(model.pointer)))
        self._costs = Costs()
        self.senses = senses
        self.evaluator = Evaluator(c, opened.handle, senses, stops_inside=not gpu)
        """What computes in the context."""
        spare = Memory(model, opened.handle, 0, sequence=2, several=several)
        self.revisit = Revisit(self._memory, spare, self.evaluator)

    @property
    def _pointer(self) -> Any:  # noqa: ANN401 - a C pointer
        """llama.cpp's context. Raises MisuseError."""
        return self._handle.pointer

    @property
    def facts(self) -> tuple[object, ...]:
        """What besides the model decides what its states look like."""
        # Some models compute otherwise in a context longer than their original one.
        stretches = self._model.number("rope.scaling.original_context_length")
        return (self.cache, self.context if stretches else 0)

    def tune(self, candidates: Sequence[int]) -> None:
        """Take the number of threads that computes a token fastest; forgets what was read.

        Each is tried in turn until little time is left, so that a busy moment costs them
        all the same; the shortest time of each counts.
        """
        best = dict.fromkeys(candidates, math.inf)
        end = time.monotonic() + _TUNE_SECONDS
        for number in itertools.chain(candidates[:1], itertools.cycle(candidates)):  # first is cold
            self._c.llama_set_n_threads(self._pointer, number, number)
            self._memory.begin([], fresh=True)
            start = time.monotonic()
            self.evaluator.evaluate(self._memory, [0])
            now = time.monotonic()
            best[number] = min(best[number], now - start)
            if now + (now - start) * len(candidates) > end:
                break
        self._memory.begin([], fresh=True)
        if all(map(math.isfinite, best.values())):
            self.threads = min(best, key=lambda each: best[each])
        self._c.llama_set_n_threads(self._pointer, self.threads, self.threads)

    def answer(self, request: Request, listener: Listener) -> Answer:
        """Write one answer. Raises RefusedError when llama.cpp fails; the session stays usable.

        Whatever ``listener.attend`` does may answer requests that are not beside.
        """
        started = time.monotonic()
        tokens = request.prompt.tokens
        surplus = self.surplus(tokens)
        memory = self._beside if request.beside else self._memory
        self.revisit.leave()
        cached = memory.begin(tokens, request.conversation, fresh=request.repeatable)
        done = self._read(request.prompt, memory, cached, listener)
        read = time.monotonic()
        if done == len(tokens) and not listener.cancelled():
            # Outputs that wait to be looked at would not outlive what ``attend`` computes.
            alone = listener.attend is None and request.guess_ahead and not request.repeatable
            room = self.context - surplus
            decode = partial(self._c.llama_decode, self._pointer)
            failed = partial(self.evaluator.failed, memory)
            several = partial(self.evaluator.decode_several, memory, listener.cancelled)
            steps = Steps(
                memory,
                decode,
                failed,
                several,
                self._costs,
                room,
                request.max_tokens,
                guesses=alone,
            )
            reason, written = self._write(request, memory, listener, steps)
            guessed, right = steps.guessed, steps.right
            if not request.beside:
                self.revisit.begin(tokens, *request.prompt.turns)
        else:
            reason, written, guessed, right = StopReason.CANCELLED, 0, 0, 0
        ended = time.monotonic()
        known = cached + self.surplus(tokens[:cached])
        return Answer(
            reason,
            Usage(len(tokens) + surplus, known, written, guessed, right),
            Timings(done - cached, (read - started) * 1000, written, (ended - read) * 1000),
            len(memory) + surplus,
        )

    def surplus(self, tokens: Sequence[int]) -> int:
        """Return how many more tokens a prompt takes in the context than it has positions."""
        return self.senses.surplus(tokens) if self.senses is not None else 0

    def read_ahead(
        self,
        prompt: PromptTokens,
        certain: int,
        conversation: str,
        in_the_way: Callable[[], bool],
    ) -> Iterator[int]:
        """Read the ``certain`` tokens that a later prompt begins with; yields how many, bit by bit.

        Between two bits other conversations may be copied or words counted; after anything
        that reads, this must not go on. A picture is one bit, which ``in_the_way`` gives up: it
        is begun again when this goes on. Raises RefusedError as ``answer`` does.
        """
        tokens, memory = prompt.tokens[:certain], self._memory
        pace = giving_way()
        self.revisit.leave()
        while not memory.holds(prompt.tokens, certain):
            done = memory.begin(tokens, conversation)
            stops, turns = _stops(memory, prompt, done, len(tokens)), _turns(prompt, done)
            given_up = False
            while done < len(tokens) and not given_up:
                _mark_here(memory, done, stops, turns)
                chunk = self.evaluator.step(
                    tokens, done, min(done + pace.size, *stops[:1], len(tokens))
                )
                started = time.monotonic()
                if chunk[0] < 0:
                    given_up = not self._read_picture_ahead(memory, chunk, in_the_way)
                else:
                    given_up = not self.evaluator.evaluate(memory, chunk)
                    pace.learn(len(chunk), time.monotonic() - started)
                done += len(chunk)
                yield 0 if given_up else len(chunk)

    def _read_picture_ahead(
        self, memory: Memory, chunk: list[int], in_the_way: Callable[[], bool]
    ) -> bool:
        """Encode a picture and read it; False when it was given up."""
        if not self.evaluator.see(chunk, in_the_way):
            return False
        with self.evaluator.stopping(lambda _data: in_the_way()):
            return self.evaluator.evaluate(memory, chunk)

    def look_back(self, wanted: Callable[[], bool]) -> bool:
        """Prepare a bit for a change in the last question; False when there is nothing to do.

        Gives way when ``wanted`` tells to.
        """
        room = self.context - len(self._memory) - len(self._beside)
        return self.revisit.go_on(room, wanted)

    def snapshot(self, conversation: str) -> Outgoing | None:
        """Return a copy of the conversation's state; None when there is none worth keeping."""
        parked = self._memory.copy_of(conversation)
        return Outgoing(parked, self.written.within(parked.held.tokens)) if parked else None

    def restore(self, conversation: str, state: State) -> int:
        """Hold a conversation that was kept; return its tokens, 0 when it cannot be used."""
        if len(state.tokens) > self.context:
            return 0
        self.revisit.leave()
        self.written.update(state.written)
        if not self._memory.adopt(conversation, state.tokens, state.marks, state.data):
            return 0
        return len(self._memory)

    def _read(self, prompt: PromptTokens, memory: Memory, done: int, listener: Listener) -> int:
        """Evaluate the prompt; return how much of it was read: less when cancelled."""
        tokens, total = prompt.tokens, len(prompt.tokens)
        stops, turns = _stops(memory, prompt, done, total), _turns(prompt, done)
        pace = giving_way() if listener.attend else self._pace
        listener.prefilled(done, total)
        beat = time.monotonic()

        def stop(_data: object) -> bool:
            nonlocal beat
            now = time.monotonic()
            if now - beat > HEARTBEAT_SECONDS:
                beat = now
                listener.prefilled(done, total)
            return listener.cancelled()

        with self.evaluator.stopping(stop):
            while done < total and not listener.cancelled():
                _mark_here(memory, done, stops, turns)
                chunk = self.evaluator.step(tokens, done, min(done + pace.size, *stops[:1], total))
                if not self.evaluator.see(chunk, lambda: stop(None)):
                    break
                started = time.monotonic()
                if not self.evaluator.evaluate(memory, chunk):
                    break
                pace.learn(len(chunk), time.monotonic() - started)
                if done + len(chunk) < total:
                    self._attend(memory, listener, tokens[done + len(chunk)])
                done += len(chunk)
                beat = time.monotonic()
                listener.prefilled(done, total)
        return done

    def _attend(self, memory: Memory, listener: Listener, following: int) -> None:
        """Let others go first, before ``following`` is read."""
        if listener.attend is not None:
            listener.attend()
            if again := memory.come_back(following):
                self.evaluator.evaluate(memory, again)

    def _write(
        self, request: Request, memory: Memory, listener: Listener, steps: Steps
    ) -> tuple[StopReason, int]:
        """Choose, tell and evaluate tokens until something ends the answer."""
        sampler, parser, model = request.sampler, request.parser, self._model
        # What decides on the very next token must be read before it is chosen.
        exact = sampler.forms or parser.stops or request.thinking_budget is not None
        # Python is cold in the processor's cache after each step of the model: as little of it
        # as can be lies between two of them, and no call that a name of here can save. What
        # was written is read by the outlet while a later step computes.
        choose = sampler.direct(self._pointer)
        ends, cancelled, attend = model.ends, listener.cancelled, listener.attend
        reason = StopReason.CANCELLED
        aside = listener.asides.idle()
        with Outlet(parser, model.piece, listener.wrote, listener.looping, aside) as outlet:
            tokens = outlet.tokens
            while True:
                if exact and not parser.settled:
                    outlet.catch_up()
                    if parser.stopped:
                        break
                if parser.thought is not None and (
                    _reached(len(tokens), request.thinking_budget) or listener.hurried()
                ):
                    self._end_thought(memory, parser, steps, outlet)
                token = (
                    choose(steps.place)
                    if choose is not None
                    else sampler.sample(self._pointer, steps.place, formed=parser.thought is None)
                )
                if token in ends:
                    reason = StopReason.END
                    break
                if tokens and outlet.failure is None:
                    tokens.append(token)
                else:
                    outlet.put(token)
                if len(tokens) >= steps.most:
                    limited = _reached(len(tokens), request.max_tokens)
                    reason = StopReason.LIMIT if limited else StopReason.CONTEXT
                    break
                if cancelled():
                    break
                if attend is not None:
                    self._attend(memory, listener, token)
                if not steps.go_on(token):
                    break
        steps.settle()
        text = request.prompt.begun + outlet.text
        spelled = [*request.prompt.begun_tokens, *tokens]
        self.written.remember(text, spelled, cut=reason is not StopReason.END)
        return StopReason.END if parser.stopped else reason, len(tokens)

    def _end_thought(
        self, memory: Memory, parser: AnswerParser, steps: Steps, outlet: Outlet
    ) -> None:
        """Let the model read that its thought is over, if there is one and room for that."""
        outlet.catch_up()
        tag = parser.thought
        if tag is None:
            return
        closing = self._model.tokenise(f"\n{tag.closer}\n\n", control=True)
        if steps.length + len(closing) + 1 >= steps.context:
            return
        steps.settle()
        self.evaluator.evaluate(memory, closing)
        for token in closing:
            outlet.put(token)
        outlet.catch_up()


def _stops(memory: Memory, prompt: PromptTokens, start: int, end: int) -> list[int]:
    """Return where reading should pause for a mark, also behind pictures: they are dear to read."""
    behind: tuple[int, ...] = ()
    if min(prompt.tokens[start:end], default=0) < 0:
        pairs = enumerate(itertools.pairwise(prompt.tokens[:end]), 1)
        behind = tuple(at for at, (one, following) in pairs if one < 0 <= following)
    return memory.stops(start, end, (*prompt.turns, *behind))


def _turns(prompt: PromptTokens, start: int) -> Sequence[int]:
    """Return where turns begin; reading that starts just before the question starts there.

    Else its start is none of them: a draft is read bit by bit.
    """
    question = prompt.turns[0]
    return (start, *prompt.turns) if 0 <= question - start <= NEAR else prompt.turns


def _mark_here(memory: Memory, done: int, stops: list[int], turns: Sequence[int]) -> None:
    """Remember this place if it is one to stop at; those inside of a picture are none."""
    while stops and stops[0] < done:
        del stops[0]
    if stops[:1] == [done]:
        del stops[0]
        memory.mark(between=done not in turns)


def _reached(count: int, limit: int | None) -> bool:
    return limit is not None and count >= limit
