"""A worker that sees: conversations with pictures, as the client would tell them to it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from hanlin.domain.attachments import AttachmentKind
from hanlin.domain.prompt import Segment
from hanlin.engine.commands import Show
from hanlin.engine.events import Answered, Encoded, ModelLoaded
from hanlin_fakes import gguf_models
from hanlin_fakes.real_worker import GREEDY, Worker, load
from hanlin_fakes.talking import ANEW, WORDS

WIDE, HIGH = 200, 120
MOST = 256
"""Tokens that a picture may take."""


class Viewer:
    """A conversation with pictures: each turn is a text, before it the pictures it shows."""

    def __init__(self, worker: Worker, name: str = "") -> None:
        self.worker, self.name = worker, name
        self.numbers = iter(range(2, 1000))
        self.last = 0

    def show(self, hash_: str, wide: int = WIDE, high: int = HIGH, shade: int = 90) -> None:
        pixels = bytes((shade + at * 7) % 256 for at in range(wide * 3)) * high
        picture = AttachmentKind.PICTURE
        self.worker.give(Show(next(self.numbers), hash_, picture, wide, high), pixels)

    def ask(self, *turns: str, anew: bool = False) -> Answered:
        self.last = next(self.numbers)
        return self.worker.answer(
            self.last,
            *prompt(turns),
            sampling=ANEW if anew else GREEDY,
            reserve=WORDS,
            max_tokens=WORDS,
            conversation=self.name,
        )

    @property
    def answer(self) -> str:
        return self.worker.text(self.last)

    @property
    def encodes(self) -> int:
        return sum(isinstance(event, Encoded) for event in self.worker.said)


def prompt(turns: Sequence[str]) -> tuple[Segment, ...]:
    """Return ChatML of alternating turns; ``[x]`` in front of a text shows the picture ``x``."""
    segments: list[Segment] = []
    frame = ""
    for number, turn in enumerate(turns):
        text = turn
        role = "assistant" if number % 2 else "user"
        segments.append(Segment(f"{frame}<|im_start|>{role}\n", control=True))
        while text.startswith("["):
            hash_, _, text = text[1:].partition("]")
            segments.append(Segment("", control=False, media=hash_))
        segments.append(Segment(text, control=False))
        frame = "<|im_end|>\n"
    return (*segments, Segment(f"{frame}<|im_start|>assistant\n", control=True))


def write_pairs(
    folder: Path, kinds: Mapping[str, Callable[[Path], Path]]
) -> dict[str, tuple[Path, Path]]:
    """Write a model of each architecture and, by what stands for it, a projector beside it."""
    return {
        kind: (
            gguf_models.write_random(folder / f"{kind}.gguf", kind, comparable=True),
            write(folder / f"mmproj-{kind}.gguf"),
        )
        for kind, write in kinds.items()
    }


def open_pair(
    started: list[Worker], model: Path, projector: Path, most: int = MOST
) -> tuple[Worker, ModelLoaded]:
    worker = Worker(model, projector)
    started.append(worker)
    command = load(model, context=4096)
    worker.tell(replace(command, projector=str(projector), media_tokens=most))
    return worker, worker.until(ModelLoaded)
