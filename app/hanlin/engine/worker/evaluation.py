"""Evaluating tokens in a context of llama.cpp's: in steps, stopped within one, tried again.

Which tokens those are, and when somebody else goes first, is ``session``'s; what is evaluated
already is noted in ``memory``. The steps of an answer are ``speculation``'s, which leaves to
this what fails or lasts.
"""

import contextlib
import ctypes
from collections.abc import Callable, Iterator
from typing import Any, Final

from hanlin.engine.protocol import Code
from hanlin.engine.worker.handles import Handle
from hanlin.engine.worker.memory import Memory
from hanlin.engine.worker.model import RefusedError
from hanlin.engine.worker.pace import CHUNK
from hanlin.engine.worker.senses import Senses

_NO_ROOM: Final = 1
_ABORTED: Final = 2


class Evaluator:
    """Computes what a context holds. Belongs to the engine's thread.

    ``stops_inside``: llama.cpp asks between two operations whether to go on, as it does
    on a processor.
    """

    def __init__(
        self,
        c: Any,  # noqa: ANN401 - the C library
        context: Handle,
        senses: Senses | None,
        *,
        stops_inside: bool,
    ) -> None:
        self._c = c
        self._context = context
        self._senses = senses
        self._stops_inside = stops_inside
        self._never = c.ggml_abort_callback()
        self.encoded: Callable[[str], None] = lambda _hash: None
        """Called with the hash of what was encoded just now."""

    @property
    def _pointer(self) -> Any:  # noqa: ANN401 - a C pointer
        """llama.cpp's context. Raises MisuseError."""
        return self._context.pointer

    def evaluate(self, memory: Memory, tokens: list[int]) -> bool:
        """Evaluate tokens and note that; False when it was aborted. Raises RefusedError."""
        start = 0
        while start < len(tokens):
            chunk = self.step(tokens, start, min(start + CHUNK, len(tokens)))
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

    def see(self, chunk: list[int], cancelled: Callable[[], bool]) -> bool:
        """Encode the picture that is read next; False when it was cancelled."""
        if chunk[0] >= 0 or self._senses is None:
            return True
        made = self._senses.encode(chunk[0], cancelled)
        if made:
            self.encoded(made)
        return made is not None

    def step(self, tokens: list[int], start: int, end: int) -> list[int]:
        """Return what is read in one step: text, or one whole picture."""
        if tokens[start] < 0 and self._senses is not None:
            return tokens[start : start + self._senses.chunk(tokens[start]).positions]
        while end - start > 1 and min(tokens[start:end]) < 0:
            end = next(at for at in range(start, end) if tokens[at] < 0)
        return tokens[start:end]

    def decode_several(self, memory: Memory, cancelled: Callable[[], bool], batch: Any) -> bool:  # noqa: ANN401 - a C structure
        """Evaluate a batch that lasts; False when it was cancelled. Raises RefusedError."""
        with self.stopping(lambda _data: cancelled()):
            return self._decode(memory, batch)

    def failed(self, memory: Memory, status: int, batch: Any) -> bool:  # noqa: ANN401 - a C structure
        """Try a batch again where that may help; False when it was aborted. Raises RefusedError."""
        return self._done(memory, status, lambda: self._c.llama_decode(self._pointer, batch))

    @contextlib.contextmanager
    def stopping(self, stop: Callable[[object], bool]) -> Iterator[None]:
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

    def _read_picture(self, memory: Memory, name: int) -> bool:
        senses = self._senses
        if senses is None:
            raise RefusedError(Code.MEDIUM, "senses")
        self.see([name], never)  # its embeddings are there, except when it is read again

        def read() -> int:
            return senses.read(self._pointer, name, len(memory), memory.sequence, CHUNK)

        return self._done(memory, read(), read)

    def _decode(self, memory: Memory, batch: Any) -> bool:  # noqa: ANN401 - a C structure
        """Evaluate a batch; False when it was aborted. Raises RefusedError."""
        status = self._c.llama_decode(self._pointer, batch)
        return status == 0 or self.failed(memory, status, batch)

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


def never() -> bool:
    """Nobody gives this up."""
    return False
