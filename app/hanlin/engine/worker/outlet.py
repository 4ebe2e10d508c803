"""The way of an answer out of the worker: tokens become pieces, told a few times a second.

Reading a token and telling of it takes longer than choosing it, so it is done on a
thread of its own while the model computes the next one. The first piece goes out at
once. What the pieces mean is ``stream``'s.
"""

import codecs
import queue
import threading
import time
from collections.abc import Callable
from typing import Final

from hanlin.domain.conversation import PartKind
from hanlin.engine.worker.loops import LoopWatch
from hanlin.engine.worker.stream import AnswerParser, Piece

_FLUSH_SECONDS: Final = 0.02


class Outlet:
    """Tells one answer. A context: left, all that was put is told, or its failure raised.

    ``piece`` returns a token's bytes; ``wrote`` and ``looping`` (once, when the answer goes
    round in circles) are told. All three are called on the outlet's thread, everything here
    on the engine's, which may look at ``parser`` and ``text`` after ``catch_up``.
    """

    def __init__(
        self,
        parser: AnswerParser,
        piece: Callable[[int], bytes],
        wrote: Callable[[list[Piece]], None],
        looping: Callable[[], None],
    ) -> None:
        self._parser = parser
        self._piece = piece
        self._wrote = wrote
        self._looping = looping
        # Half a character waits for its other half, and for nothing else.
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._watch = LoopWatch()
        self._tokens: list[int] = []
        self._waiting: list[Piece] = []
        self._texts: list[str] = []
        self._told = 0.0
        # Queues written in C: their ends cost the engine's thread next to nothing.
        self._inbox: queue.SimpleQueue[int | None] = queue.SimpleQueue()
        self._read: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._unread = 0
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name="outlet", daemon=True)

    def __enter__(self) -> "Outlet":
        try:
            self._thread.start()
        except RuntimeError as error:  # the system has no room for its stack
            raise MemoryError from error
        return self

    def __exit__(self, *_exc: object) -> None:
        self._inbox.put(None)
        self._thread.join()
        if self._failure is not None:
            raise self._failure

    @property
    def text(self) -> str:
        """The answer so far, without its thoughts."""
        return "".join(self._texts)

    def put(self, token: int) -> None:
        """Take the answer's next token in; returns at once."""
        self._unread += 1
        self._inbox.put(token)

    def catch_up(self) -> None:
        """Wait until every token is read. Raises what its reading raised."""
        while self._unread:
            self._read.get()
            self._unread -= 1
        if self._failure is not None:
            raise self._failure

    def _work(self) -> None:
        token: int | None = 0
        while token is not None:
            token = self._inbox.get()
            try:
                if self._failure is None:
                    self._finish() if token is None else self._take(token)
            except BaseException as failure:  # noqa: BLE001 - raised where the answer is written
                self._failure = failure
            self._read.put(None)

    def _take(self, token: int) -> None:
        self._tokens.append(token)
        self._keep(self._parser.feed(self._decoder.decode(self._piece(token))))
        if self._waiting and (now := time.monotonic()) - self._told >= _FLUSH_SECONDS:
            self._told = now
            self._flush()
        if self._watch.noticed(self._tokens):
            self._looping()

    def _finish(self) -> None:
        self._keep(self._parser.feed(self._decoder.decode(b"", final=True)))
        self._keep(self._parser.end())
        self._flush()

    def _keep(self, pieces: list[Piece]) -> None:
        self._waiting += pieces
        self._texts += [text for kind, text in pieces if kind is PartKind.TEXT]

    def _flush(self) -> None:
        if self._waiting:
            self._wrote(self._waiting)
            self._waiting = []
