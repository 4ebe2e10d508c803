"""The way of an answer out of the worker: bytes become pieces, told a few times a second.

The first piece goes out at once. What the pieces mean is ``stream``'s.
"""

import codecs
import time
from collections.abc import Callable
from typing import Final

from hanlin.domain.conversation import PartKind
from hanlin.engine.worker.stream import AnswerParser, Piece, Tag

_FLUSH_SECONDS: Final = 0.02


class Outlet:
    """Tells one answer through ``wrote``."""

    def __init__(self, parser: AnswerParser, wrote: Callable[[list[Piece]], None]) -> None:
        self._parser = parser
        self._wrote = wrote
        # Half a character waits for its other half, and for nothing else.
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._waiting: list[Piece] = []
        self._texts: list[str] = []
        self._told = 0.0

    @property
    def text(self) -> str:
        """The answer so far, without its thoughts."""
        return "".join(self._texts)

    @property
    def thought(self) -> Tag | None:
        """The tag of the thought that is open, None outside."""
        return self._parser.thought

    @property
    def stopped(self) -> bool:
        """Whether a stop text was written."""
        return self._parser.stopped

    def add(self, data: bytes) -> None:
        """Take a token's bytes in."""
        self._take(self._parser.feed(self._decoder.decode(data)))
        if self._waiting and (now := time.monotonic()) - self._told >= _FLUSH_SECONDS:
            self._told = now
            self._flush()

    def end(self) -> None:
        """Tell what is left; the answer is over."""
        self._take(self._parser.feed(self._decoder.decode(b"", final=True)))
        self._take(self._parser.end())
        self._flush()

    def _take(self, pieces: list[Piece]) -> None:
        self._waiting += pieces
        self._texts += [text for kind, text in pieces if kind is PartKind.TEXT]

    def _flush(self) -> None:
        if self._waiting:
            self._wrote(self._waiting)
            self._waiting = []
