"""One conversation in the model's memory: reads prompts, writes answers token by token.

A prompt is read from where it differs from what ``memory`` holds. Speaks in
callbacks; messages and processes belong to ``__main__``.
"""

import contextlib
import ctypes
import itertools
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from hanlin.domain.generation import StopReason, Timings, Usage
from hanlin.engine.protocol import CacheType, Code
from hanlin.engine.worker.aside import Asides
from hanlin.engine.worker.handles import Handle
from hanlin.engine.worker.llama import Llama
from hanlin.engine.worker.memory import Memory
from hanlin.engine.worker.model import Model, RefusedError
from hanlin.engine.worker.outlet import Outlet
from hanlin.engine.worker.pace import CHUNK, giving_way, stoppable
from hanlin.engine.worker.prompt import PromptTokens, Written
from hanlin.engine.worker.sampling import Sampler
from hanlin.engine.worker.senses import Senses, has_several_positions
from hanlin.engine.worker.sizing import beside, bytes_per_token, choose_context, longest, shorter
from hanlin.engine.worker.speculation import MOST, Steps
from hanlin.engine.worker.states import Outgoing, State
from hanlin.engine.worker.stream import AnswerParser, Piece

HEARTBEAT_SECONDS: Final = 1.0
_SHARE_BESIDE: Final = 4
"""What is written beside keeps a quarter of the states that the window's own work keeps."""
_NO_ROOM: Final = 1
_ABORTED: Final = 2
_TUNE_SECONDS: Final = 1.5
_GGML_TYPES: Final = {CacheType.F16: 1, CacheType.Q8_0: 8, CacheType.Q4_0: 2}


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
        """Open a context, a shorter one when memory is short. Raises RefusedError.

        ``cache`` falls back to f16 where the model's heads cannot be packed; then even a
        ``context`` that was asked for is no longer than that lets fit.
        """
        self._c = c = llama.c
        self._model = model
        trained = c.llama_model_n_ctx_train(model.pointer)
        opened: Handle | None = None
        for kind in dict.fromkeys((cache, CacheType.F16)):
            self.cache = kind
            per_token = bytes_per_token(model, kind)
            fitting = longest(trained, per_token, free_memory)
            asked = context if kind is cache else min(context, fitting)
            size: int | None = choose_context(asked, trained, per_token, free_memory, beside(model))
            while opened is None and size is not None:
                self.context = size
                opened = open_context(c, model, size, threads, kind)
                size = shorter(size) if context == 0 else None
            if opened is not None:
                break
        if opened is None:
            raise RefusedError(Code.MEMORY, "\n".join(llama.errors)[-300:])
        self._handle = opened
        self.longest_context = max(fitting, self.context)
        self.threads = threads
        several = has_several_positions(model)
        # Where the cache takes more than half of what is free, what is kept must be less.
        left = max(free_memory - self.context * per_token, 0)
        kept = min(free_memory, 2 * left)
        self._memory = Memory(model, opened, kept, several=several)
        self._beside = Memory(model, opened, kept // _SHARE_BESIDE, sequence=1, several=several)
        self._memory.neighbour, self._beside.neighbour = self._beside, self._memory
        self.written = Written()
        self._stops_inside = not gpu
        self._pace = stoppable(model.layers, int(c.llama_model_n_params(model.pointer)))
        self.senses = senses
        self._never = c.ggml_abort_callback()
        self.encoded: Callable[[str], None] = lambda _hash: None
        """Called with the hash of what was encoded just now."""

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
            self._evaluate(self._memory, [0])
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
        cached = memory.begin(tokens, request.conversation, fresh=request.repeatable)
        done = self._read(request.prompt, memory, cached, listener)
        read = time.monotonic()
        if done == len(tokens) and not listener.cancelled():
            # Outputs that wait to be looked at would not outlive what ``attend`` computes.
            alone = listener.attend is None and request.guess_ahead and not request.repeatable
            room = self.context - surplus
            decode = partial(self._c.llama_decode, self._pointer)
            failed = partial(self._failed, memory)
            several = partial(self._decode_several, memory, listener.cancelled)
            steps = Steps(memory, decode, failed, several, room, guesses=alone)
            reason, written = self._write(request, memory, listener, steps)
            guessed, right = steps.guessed, steps.right
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
        self, prompt: PromptTokens, conversation: str, in_the_way: Callable[[], bool]
    ) -> Iterator[int]:
        """Read what a later prompt will begin with; yields how much was read, bit by bit.

        Between two bits other conversations may be copied or words counted; after anything
        that reads, this must not go on. A picture is one bit, which ``in_the_way`` gives up: it
        is begun again when this goes on. Raises RefusedError as ``answer`` does.
        """
        tokens, memory = prompt.tokens, self._memory
        pace = giving_way()
        while not memory.holds(tokens):
            done = memory.begin(tokens, conversation)
            stops = memory.stops(done, len(tokens), prompt.turns)
            given_up = False
            while done < len(tokens) and not given_up:
                _mark_here(memory, done, stops)
                chunk = self._next(tokens, done, min(done + pace.size, *stops[:1], len(tokens)))
                started = time.monotonic()
                if chunk[0] < 0:
                    given_up = not self._read_picture_ahead(memory, chunk, in_the_way)
                else:
                    given_up = not self._evaluate(memory, chunk)
                    pace.learn(len(chunk), time.monotonic() - started)
                done += len(chunk)
                yield 0 if given_up else len(chunk)

    def _read_picture_ahead(
        self, memory: Memory, chunk: list[int], in_the_way: Callable[[], bool]
    ) -> bool:
        """Encode a picture and read it; False when it was given up."""
        if not self._see(chunk, in_the_way):
            return False
        with self._stopping(lambda _data: in_the_way()):
            return self._evaluate(memory, chunk)

    def snapshot(self, conversation: str) -> Outgoing | None:
        """Return a copy of the conversation's state; None when there is none worth keeping."""
        parked = self._memory.copy_of(conversation)
        return Outgoing(parked, self.written.within(parked.held.tokens)) if parked else None

    def restore(self, conversation: str, state: State) -> int:
        """Hold a conversation that was kept; return its tokens, 0 when it cannot be used."""
        if len(state.tokens) > self.context:
            return 0
        self.written.update(state.written)
        if not self._memory.adopt(conversation, state.tokens, state.marks, state.data):
            return 0
        return len(self._memory)

    def _read(self, prompt: PromptTokens, memory: Memory, done: int, listener: Listener) -> int:
        """Evaluate the prompt; return how much of it was read: less when cancelled."""
        tokens, total = prompt.tokens, len(prompt.tokens)
        stops = memory.stops(done, total, prompt.turns)
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

        with self._stopping(stop):
            while done < total and not listener.cancelled():
                _mark_here(memory, done, stops)
                chunk = self._next(tokens, done, min(done + pace.size, *stops[:1], total))
                if not self._see(chunk, lambda: stop(None)):
                    break
                started = time.monotonic()
                if not self._evaluate(memory, chunk):
                    break
                pace.learn(len(chunk), time.monotonic() - started)
                if done + len(chunk) < total:
                    self._attend(memory, listener, tokens[done + len(chunk)])
                done += len(chunk)
                beat = time.monotonic()
                listener.prefilled(done, total)
        return done

    @contextlib.contextmanager
    def _stopping(self, stop: Callable[[object], bool]) -> Iterator[None]:
        """Let ``stop`` end what is computed meanwhile, between two operations of the model.

        Asked 537 times for 512 tokens of 28 layers, at 2 to 19 microseconds each: less than
        half a percent of such a step (packaging/benchmarks/engine.py stopping compares them),
        and dear in one of a single token.
        """
        callback = self._c.ggml_abort_callback(stop) if self._stops_inside else self._never
        self._c.llama_set_abort_callback(self._pointer, callback, None)
        try:
            yield
        finally:
            self._c.llama_set_abort_callback(self._pointer, self._never, None)

    def _decode_several(self, memory: Memory, cancelled: Callable[[], bool], batch: Any) -> bool:  # noqa: ANN401 - a C structure
        """Evaluate a batch that lasts; False when it was cancelled. Raises RefusedError."""
        with self._stopping(lambda _data: cancelled()):
            return self._decode(memory, batch)

    def _attend(self, memory: Memory, listener: Listener, following: int) -> None:
        """Let others go first, before ``following`` is read."""
        if listener.attend is not None:
            listener.attend()
            if again := memory.come_back(following):
                self._evaluate(memory, again)

    def _next(self, tokens: list[int], start: int, end: int) -> list[int]:
        """Return what is read in one step: text, or one whole picture."""
        if tokens[start] < 0 and self.senses is not None:
            return tokens[start : start + self.senses.chunk(tokens[start]).positions]
        while end - start > 1 and min(tokens[start:end]) < 0:
            end = next(at for at in range(start, end) if tokens[at] < 0)
        return tokens[start:end]

    def _see(self, chunk: list[int], cancelled: Callable[[], bool]) -> bool:
        """Encode the picture that is read next; False when it was cancelled."""
        if chunk[0] >= 0 or self.senses is None:
            return True
        made = self.senses.encode(chunk[0], cancelled)
        if made:
            self.encoded(made)
        return made is not None

    def _evaluate(self, memory: Memory, tokens: list[int]) -> bool:
        """Evaluate tokens and note that; False when it was aborted. Raises RefusedError."""
        start = 0
        while start < len(tokens):
            chunk = self._next(tokens, start, min(start + CHUNK, len(tokens)))
            if chunk[0] < 0:
                read = self._read_picture(memory, chunk[0])
            else:
                array = (ctypes.c_int32 * len(chunk))(*chunk)
                read = self._decode(memory, memory.batch(array, len(chunk)))
            if not read:
                return False
            memory.extend(chunk)
            start += len(chunk)
        return True

    def _read_picture(self, memory: Memory, name: int) -> bool:
        senses = self.senses
        if senses is None:
            raise RefusedError(Code.MEDIUM, "senses")
        self._see([name], never)  # its embeddings are there, except when it is read again

        def read() -> int:
            return senses.read(self._pointer, name, len(memory), memory.sequence, CHUNK)

        return self._done(memory, read(), read)

    def _decode(self, memory: Memory, batch: Any) -> bool:  # noqa: ANN401 - a C structure
        """Evaluate a batch; False when it was aborted. Raises RefusedError."""
        status = self._c.llama_decode(self._pointer, batch)
        return status == 0 or self._failed(memory, status, batch)

    def _failed(self, memory: Memory, status: int, batch: Any) -> bool:  # noqa: ANN401 - a C structure
        """Try a batch again where that may help; False when it was aborted. Raises RefusedError."""
        return self._done(memory, status, lambda: self._c.llama_decode(self._pointer, batch))

    def _done(self, memory: Memory, status: int, again: Callable[[], int]) -> bool:
        """Judge what was computed; False when it was aborted. Raises RefusedError."""
        if status == _NO_ROOM and memory.neighbour is not None and memory.neighbour.step_aside():
            status = again()
        if status == 0:
            return True
        memory.recover()
        if status == _ABORTED:
            return False
        raise RefusedError(Code.COMPUTE, f"llama_decode: {status}")

    def _write(
        self, request: Request, memory: Memory, listener: Listener, steps: Steps
    ) -> tuple[StopReason, int]:
        """Choose, tell and evaluate tokens until something ends the answer."""
        sampler, parser, model = request.sampler, request.parser, self._model
        room = steps.context - steps.length
        most = room if request.max_tokens is None else min(room, request.max_tokens)
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
                if len(tokens) >= most:
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
        self.written.remember(outlet.text, tokens, model.piece)
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
        self._evaluate(memory, closing)
        for token in closing:
            outlet.put(token)
        outlet.catch_up()


def never() -> bool:
    """Nobody gives this up."""
    return False


def _mark_here(memory: Memory, done: int, stops: list[int]) -> None:
    """Remember this place if it is one to stop at; those inside of a picture are none."""
    if stops[:1] == [done]:
        memory.mark()
    while stops and stops[0] <= done:
        del stops[0]


def _reached(count: int, limit: int | None) -> bool:
    return limit is not None and count >= limit


def open_context(
    c: Any,  # noqa: ANN401 - the C library
    model: Model,
    size: int,
    threads: int,
    cache: CacheType,
) -> Handle | None:
    """Return a context; None when there is no memory for it, or no such cache for the model."""
    pointer = c.llama_init_from_model(model.pointer, _parameters(c, size, threads, cache))
    return Handle("context", pointer, c.llama_free) if pointer else None


def _parameters(c: Any, context: int, threads: int, cache: CacheType) -> Any:  # noqa: ANN401 - C structures
    parameters = c.llama_context_default_params()
    parameters.n_ctx = context
    parameters.n_batch = parameters.n_ubatch = min(CHUNK, context)
    parameters.n_seq_max = 2
    parameters.kv_unified = True  # they share the context instead of having half of it each
    parameters.swa_full = False  # a sliding window keeps what it can see, no more
    # Not those of all positions: saves 283 MB with 152,000 tokens.
    parameters.n_outputs_max = MOST + 1
    parameters.n_threads = parameters.n_threads_batch = threads
    parameters.type_k = parameters.type_v = _GGML_TYPES[cache]
    parameters.no_perf = True
    return parameters
