"""The way of an answer out of the worker: tokens become pieces, told a few times a second.

Reading tokens and telling of them takes longer than choosing them, so it is done on a
thread of its own while the model computes. That thread looks for new tokens when the next
piece is due, and reads them together: between two steps of the model, when all that is
needed must come back into the processor's cache, nobody is woken and nothing is waited
for. The first piece goes out at once. What the pieces mean is ``stream``'s.
"""

import codecs
import math
import time
from collections.abc import Callable
from typing import Final

from hanlin.domain.conversation import PartKind
from hanlin.engine.worker.aside import Aside, signal
from hanlin.engine.worker.loops import LoopWatch
from hanlin.engine.worker.stream import AnswerParser, Piece

_FLUSH_SECONDS: Final = 0.02


class Outlet:
    """Tells one answer. A context: left, all that was put is told, or its failure raised.

    ``piece`` returns a token's bytes; ``wrote`` and ``looping`` (once, when the answer goes
    round in circles) are told. All three are called on ``aside``'s thread, everything here
    on the engine's, which may rely on ``parser`` and ``text`` after ``catch_up``.
    """

    def __init__(
        self,
        parser: AnswerParser,
        piece: Callable[[int], bytes],
        wrote: Callable[[list[Piece]], None],
        looping: Callable[[], None],
        aside: Aside,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.tokens: list[int] = []
        """The answer so far. It grows by ``put``, and while nothing failed, all but its first
        token may as well be appended: that saves a call between two steps."""
        self._parser = parser
        self._piece = piece
        self._wrote = wrote
        self._looping = looping
        # Half a character waits for its other half, and for nothing else.
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._watch = LoopWatch()
        self._seen: list[int] = []
        self._waiting: list[Piece] = []
        self._texts: list[str] = []
        self._now = now
        self._due = -math.inf
        """When the next piece may be told."""
        self._pause = _FLUSH_SECONDS
        """For how long the other thread rests unless somebody rings."""
        # Where memory ran out nothing may be lost on the way: flags, and locks that wake.
        self._over = False
        self._waited_for = False
        self._bell = signal()
        self._caught_up = signal()
        self.failure: BaseException | None = None
        """What the reading of a token raised; ``put`` raises it again."""
        self._aside = aside

    def __enter__(self) -> "Outlet":
        self._aside.begin(self._work)
        return self

    def __exit__(self, *_exc: object) -> None:
        self._over = True
        self._ring()
        self._aside.wait()
        self._check()

    @property
    def text(self) -> str:
        """The answer so far, without its thoughts."""
        return "".join(self._texts)

    def put(self, token: int) -> None:
        """Take the answer's next token in; returns at once.

        Raises what the reading of those before it raised.
        """
        tokens = self.tokens
        tokens.append(token)
        if len(tokens) == 1:
            self._ring()
        elif self.failure is not None:
            self._check()

    def catch_up(self) -> None:
        """Wait until every token is read. Raises what its reading raised."""
        if len(self._seen) < len(self.tokens):
            self._waited_for = True
            self._ring()
            self._caught_up.acquire()
        self._check()

    def _ring(self) -> None:
        """Wake the other thread, which then looks at the flags."""
        if self._bell.locked():  # else it is awake already, or about to be
            self._bell.release()

    def _check(self) -> None:
        if self.failure is not None:
            raise self.failure

    def _work(self) -> None:
        over = False
        while not over:
            self._bell.acquire(timeout=self._pause)
            over, waited_for = self._over, self._waited_for
            try:
                if self.failure is None:
                    self._read_on(last=over)
            except BaseException as failure:  # noqa: BLE001 - raised where the answer is written
                self.failure = failure
            if waited_for:
                self._waited_for = False
                self._caught_up.release()

    def _read_on(self, *, last: bool) -> None:
        """Read what came in, and tell what is due; with the last tokens, everything."""
        self._pause = _FLUSH_SECONDS
        new = self.tokens[len(self._seen) :]
        if new or last:
            data = b"".join(map(self._piece, new))
            self._keep(self._parser.feed(self._decoder.decode(data, final=last)))
            self._seen += new
        if last:
            self._keep(self._parser.end())
        now = self._now()
        if self._waiting and (last or now >= self._due):
            self._due = now + _FLUSH_SECONDS
            self._wrote(self._waiting)
            self._waiting = []
        elif self._waiting:
            self._pause = self._due - now
        if new and self._watch.noticed(self._seen):
            self._looping()

    def _keep(self, pieces: list[Piece]) -> None:
        self._waiting += pieces
        self._texts += [text for kind, text in pieces if kind is PartKind.TEXT]
