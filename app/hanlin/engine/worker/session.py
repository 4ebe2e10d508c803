"""One conversation in the model's memory: reads prompts, writes answers token by token.

Keeps the tokens it has evaluated, so that a prompt that begins with them is read
from where it differs. Speaks in callbacks; messages and processes belong to
``__main__``.
"""

import codecs
import ctypes
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from hanlin.domain.generation import StopReason, Timings, Usage
from hanlin.engine.protocol import Code
from hanlin.engine.worker.llama import Llama
from hanlin.engine.worker.model import Model, RefusedError
from hanlin.engine.worker.sampling import Sampler
from hanlin.engine.worker.sizing import bytes_per_token, choose_context, shorter
from hanlin.engine.worker.stream import AnswerParser, Piece

CHUNK: Final = 512
"""Tokens read in one step: a cancel is seen between two steps, on a CPU inside one."""
HEARTBEAT_SECONDS: Final = 1.0
FLUSH_SECONDS: Final = 0.02
_ABORTED: Final = 2
_NO_ROOM: Final = 1


@dataclass(frozen=True, slots=True)
class Listener:
    """What a running answer calls. ``cancelled`` is asked often and must be cheap."""

    prefilled: Callable[[int, int], None]
    wrote: Callable[[list[Piece]], None]
    cancelled: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Request:
    """One answer to write: the prompt's tokens, how to choose and when to stop.

    ``repeatable``: read the whole prompt again. What is kept from earlier was computed
    in other batches, and differences in the fourth digit let a seed choose otherwise.
    """

    tokens: list[int]
    sampler: Sampler
    parser: AnswerParser
    max_tokens: int | None
    repeatable: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """How an answer ended."""

    reason: StopReason
    usage: Usage
    timings: Timings
    context_used: int


class Session:
    """A llama.cpp context with one sequence. Belongs to the engine's thread."""

    def __init__(
        self, llama: Llama, model: Model, *, context: int, threads: int, free_memory: int, gpu: bool
    ) -> None:
        """Open a context, a shorter one when memory is short. Raises RefusedError."""
        self._c = c = llama.c
        self._model = model
        trained = c.llama_model_n_ctx_train(model.pointer)
        size: int | None = choose_context(context, trained, bytes_per_token(model), free_memory)
        pointer = None
        while size is not None:
            self.context = size
            pointer = c.llama_init_from_model(model.pointer, _parameters(c, size, threads))
            if pointer:
                break
            size = shorter(size) if context == 0 else None
        if not pointer:
            raise RefusedError(Code.MEMORY, "\n".join(llama.errors)[-300:])
        self._pointer: Any = pointer
        self._memory = c.llama_get_memory(pointer)
        self._tokens: list[int] = []
        self._one = (ctypes.c_int32 * 1)()
        self._one_batch = c.llama_batch_get_one(self._one, 1)
        self._stops_inside = not gpu
        self._never = c.ggml_abort_callback()

    def answer(self, request: Request, listener: Listener) -> Answer:
        """Write one answer. Raises RefusedError when llama.cpp fails; the session stays usable."""
        started = time.monotonic()
        if request.repeatable:
            self._forget_all()
        cached = self._forget_difference(request.tokens)
        done = self._read(request.tokens, cached, listener)
        read = time.monotonic()
        if done == len(request.tokens) and not listener.cancelled():
            reason, written = self._write(request, listener)
        else:
            reason, written = StopReason.CANCELLED, 0
        ended = time.monotonic()
        return Answer(
            reason,
            Usage(len(request.tokens), cached, written),
            Timings(done - cached, (read - started) * 1000, written, (ended - read) * 1000),
            len(self._tokens),
        )

    def _forget_difference(self, tokens: list[int]) -> int:
        """Remove what does not begin ``tokens``; return how many need not be read again."""
        # At least one token must be evaluated to have something to choose from.
        limit = min(len(self._tokens), len(tokens) - 1)
        common = next((i for i in range(limit) if self._tokens[i] != tokens[i]), limit)
        if common == len(self._tokens):
            return common
        # A recurrent layer's state cannot be wound back.
        keeps = self._model.keeps_positions
        if not keeps or not self._c.llama_memory_seq_rm(self._memory, 0, common, -1):
            self._forget_all()
            return 0
        del self._tokens[common:]
        return common

    def _forget_all(self) -> None:
        self._c.llama_memory_clear(self._memory, True)  # noqa: FBT003 - C
        self._tokens.clear()

    def _read(self, tokens: list[int], done: int, listener: Listener) -> int:
        """Evaluate the prompt; return how much of it was read: less when cancelled."""
        total = len(tokens)
        listener.prefilled(done, total)
        beat = time.monotonic()

        def stop(_data: object) -> bool:
            nonlocal beat
            now = time.monotonic()
            if now - beat > HEARTBEAT_SECONDS:
                beat = now
                listener.prefilled(done, total)
            return listener.cancelled()

        callback = self._c.ggml_abort_callback(stop) if self._stops_inside else self._never
        self._c.llama_set_abort_callback(self._pointer, callback, None)
        try:
            while done < total and not listener.cancelled():
                chunk = tokens[done : done + CHUNK]
                array = (ctypes.c_int32 * len(chunk))(*chunk)
                if not self._decode(self._c.llama_batch_get_one(array, len(chunk))):
                    break
                self._tokens += chunk
                done += len(chunk)
                beat = time.monotonic()
                listener.prefilled(done, total)
        finally:
            # Not while writing: one call per node of the graph would cost every token dearly.
            self._c.llama_set_abort_callback(self._pointer, self._never, None)
        return done

    def _decode(self, batch: Any) -> bool:  # noqa: ANN401 - a C structure
        """Evaluate a batch; False when it was aborted. Raises RefusedError."""
        status = self._c.llama_decode(self._pointer, batch)
        if status == 0:
            return True
        # What an interrupted step left behind is not to be trusted, least of all in
        # recurrent layers; what was evaluated before it is, where it can be kept.
        keeps = self._model.keeps_positions
        if not keeps or not self._c.llama_memory_seq_rm(self._memory, 0, len(self._tokens), -1):
            self._forget_all()
        if status == _ABORTED:
            return False
        raise RefusedError(Code.COMPUTE, f"llama_decode: {status}")

    def _write(self, request: Request, listener: Listener) -> tuple[StopReason, int]:
        """Choose, tell and evaluate tokens until something ends the answer."""
        sampler, parser, model = request.sampler, request.parser, self._model
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        told: list[Piece] = []
        flushed = 0.0
        written = 0
        while True:
            token = sampler.sample(self._pointer)
            if model.ends_answer(token):
                reason = StopReason.END
                break
            written += 1
            told += parser.feed(decoder.decode(model.piece(token)))
            now = time.monotonic()
            if told and now - flushed >= FLUSH_SECONDS:
                listener.wrote(told)
                told, flushed = [], now
            if parser.stopped:
                reason = StopReason.END
                break
            if written == request.max_tokens:
                reason = StopReason.LIMIT
                break
            if len(self._tokens) + 1 >= self.context:
                reason = StopReason.CONTEXT
                break
            if listener.cancelled():
                reason = StopReason.CANCELLED
                break
            self._one[0] = token
            self._decode(self._one_batch)
            self._tokens.append(token)
        told += parser.feed(decoder.decode(b"", final=True)) + parser.end()
        if told:
            listener.wrote(told)
        return reason, written


def _parameters(c: Any, context: int, threads: int) -> Any:  # noqa: ANN401 - C structures
    parameters = c.llama_context_default_params()
    parameters.n_ctx = context
    parameters.n_batch = parameters.n_ubatch = min(CHUNK, context)
    parameters.n_seq_max = 1
    parameters.n_outputs_max = 1  # the last position's: saves 283 MB with 152,000 tokens
    parameters.n_threads = parameters.n_threads_batch = threads
    parameters.no_perf = True
    return parameters
