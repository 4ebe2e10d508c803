"""Conversations with a real worker that compare what is kept with the same read anew."""

from collections.abc import Sequence

from hanlin.domain.generation import Sampling
from hanlin.domain.prompt import Segment
from hanlin.engine.commands import Count, Next, Restore, Snapshot, StatePiece
from hanlin.engine.events import Answered, Counted, Restored, SnapshotPiece, Taken
from hanlin_fakes.real_worker import GREEDY, Worker

ANEW = Sampling(temperature=0, seed=1)
"""Greedy, and everything read again."""
FRAME = 40
"""More than the template's tokens around one turn, with one token for each byte."""
WORDS = 32
PIECE = 100_000
"""Bytes of a state in one message."""


class Talk:
    """A conversation with a worker, as its prompts and answers."""

    def __init__(self, worker: Worker, name: str = "") -> None:
        self.worker = worker
        self.name = name
        self.numbers = iter(range(2, 1000))
        self.last = 0

    def ask(self, turns: Sequence[str], sampling: Sampling = GREEDY) -> Answered:
        """Have the last of ``turns`` answered: question, answer, question, ..."""
        self.last = next(self.numbers)
        return self.worker.answer(
            self.last,
            *prompt(turns),
            sampling=sampling,
            reserve=WORDS,
            max_tokens=WORDS,
            conversation=self.name,
        )

    @property
    def answer(self) -> str:
        return self.worker.text(self.last)

    def evaluated(self, turns: Sequence[str]) -> int:
        """Ask, compare with the same read from the start; return the tokens evaluated."""
        end = self.ask(turns)
        kept = self.answer
        fresh = self.ask(turns, ANEW)
        assert fresh.usage.cached_tokens == 0
        assert kept == self.answer
        assert len(kept) == WORDS
        return end.timings.prefill_tokens


def prompt(turns: Sequence[str]) -> tuple[Segment, ...]:
    """Return what a ChatML template makes of alternating turns."""
    segments = []
    frame = ""
    for number, text in enumerate(turns):
        role = "assistant" if number % 2 else "user"
        segments.append(Segment(f"{frame}<|im_start|>{role}\n", control=True))
        segments.append(Segment(text, control=False))
        frame = "<|im_end|>\n"
    return (*segments, Segment(f"{frame}<|im_start|>assistant\n", control=True))


def frame(worker: Worker) -> int:
    """Return how many tokens the template has behind a question: ``FRAME``, measured."""
    worker.tell(Count(700, (prompt([""])[-1].text,), control=(True,)))
    return worker.until(Counted).counts[0]


def saved(worker: Worker, conversation: str) -> bytes:
    """Return the state of a conversation, for another worker."""
    worker.tell(Snapshot(500, conversation))
    state = b""
    while True:
        piece = worker.until(SnapshotPiece)
        state += worker.payload
        if not piece.left:
            return state
        worker.tell(Next(500))


def restored(worker: Worker, conversation: str, state: bytes) -> int:
    """Give a worker a state; return the tokens it then holds."""
    worker.tell(Restore(600, conversation, len(state)))
    for start_at in range(0, len(state), PIECE):
        worker.until(Taken)
        worker.give(StatePiece(600), state[start_at : start_at + PIECE])
    return worker.until(Restored).tokens
