"""Marks within the last question, set while nobody waits for anything.

A question is read in long steps, which is quickest, and few places in it are marked. Where
what was read last cannot be forgotten, a change in its midst would cost what lies before it
up to the mark. So the question is read once more after its answer, a few tokens at a time and
in a sequence of its own. What a mark is, and which one is given up, belongs to ``memory``.
"""

import contextlib
import time
from collections.abc import Callable
from typing import Final

from hanlin.engine.worker.evaluation import Evaluator
from hanlin.engine.worker.memory import Memory
from hanlin.engine.worker.model import RefusedError

_MOST_SECONDS: Final = 10.0
"""For one question, on a battery, too: as long as an answer of middle length."""


class Revisit:
    """Reads the last question of ``memory`` again, in ``spare``. Belongs to the engine's thread."""

    def __init__(self, memory: Memory, spare: Memory, evaluator: Evaluator) -> None:
        self._memory = memory
        self._spare = spare
        self._evaluator = evaluator
        self.ended: Callable[[int], None] = lambda _marks: None
        """Called with the number of marks that were set, when there are no more to set."""
        self._prompt: list[int] = []
        self._question = range(0)
        self._seconds = 0.0
        self._marks = 0

    def begin(self, prompt: list[int], start: int, end: int) -> None:
        """Hear that the tokens from ``start`` to ``end`` of a prompt are the last question.

        ``start`` may lie before the prompt, which is shorter than what stands before others.
        """
        if self._memory.can_forget:
            return
        first = max(start, 0)
        after = next((at + 1 for at in range(end - 1, first - 1, -1) if prompt[at] < 0), first)
        self._prompt, self._question = prompt[:end], range(after, end)
        self._seconds, self._marks = _MOST_SECONDS, 0

    def go_on(self, room: int, wanted: Callable[[], bool]) -> bool:
        """Set one more mark; False when there is none to set.

        ``room``: tokens that the context has place for. Gives way when ``wanted`` tells to.
        """
        question, memory = self._question, self._memory
        if not question or memory.tokens[: question.stop] != self._prompt:
            self.leave()  # the question may come back with its conversation
            return False
        gap = memory.gap(question)
        read: bool | None = None
        # A picture is read in one step, or not.
        if gap and gap.step <= room and self._seconds > 0 and min(self._of(gap)) >= 0:
            with contextlib.suppress(RefusedError):  # nobody asked for it, and nothing is lost
                read = self._read(gap, wanted)
        if read:
            memory.take_mark(self._spare, question)
            self._marks += 1
        if read is None or (read and memory.gap(question) == gap):
            self._end()
        return bool(self._question)

    def leave(self) -> None:
        """Give back what the second reading takes of the context; it can go on later."""
        if len(self._spare):
            self._spare.forget()

    def _read(self, gap: range, wanted: Callable[[], bool]) -> bool:
        """Read up to where the next mark belongs; False when it gave way. Raises RefusedError."""
        started = time.monotonic()
        # Anew for each: what was read before takes room in the context twice.
        self._spare.follow(self._memory, gap.start)
        try:
            with self._evaluator.stopping(lambda _data: wanted()):
                return self._evaluator.evaluate(self._spare, self._prompt[gap.start : gap[1]])
        finally:
            self._seconds -= time.monotonic() - started

    def _of(self, gap: range) -> list[int]:
        return self._prompt[gap.start : gap.stop]

    def _end(self) -> None:
        """Be done with this question."""
        self.leave()
        self._question = range(0)
        self.ended(self._marks)
