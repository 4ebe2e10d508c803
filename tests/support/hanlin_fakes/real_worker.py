"""A real engine worker, spoken to in its protocol, without the client in between."""

import queue
from pathlib import Path
from typing import TypeVar

from hanlin.domain.conversation import PartKind
from hanlin.domain.generation import Form, Sampling
from hanlin.domain.prompt import Segment
from hanlin.engine.commands import Command, Generate, Load
from hanlin.engine.events import (
    Answered,
    Event,
    ModelLoaded,
    Refused,
    Revisited,
    Text,
    TooLong,
)
from hanlin.engine.launching import launch
from hanlin.engine.protocol import CacheType
from hanlin.engine.wire import (
    command_to_wire,
    event_from_wire,
)
from hanlin.processes.channel import Received
from hanlin.processes.process import ChildProcess, ExitReport

E = TypeVar("E", bound=Event)
GREEDY = Sampling(temperature=0)
GB = 1 << 30
DENSE = ("qwen3", "qwen3vl")
"""Architectures of which the newest tokens can be forgotten."""


class Worker:
    """A worker process and what it says, in order."""

    def __init__(self, model: Path | None, projector: Path | None = None) -> None:
        self.said: list[Event] = []
        self.payload = b""
        """What came with the last event."""
        self._inbox: queue.SimpleQueue[Received | ExitReport] = queue.SimpleQueue()
        self.process = ChildProcess(
            launch(model, projector=projector), self._inbox.put, self._inbox.put
        )
        self.process.start()
        assert isinstance(self._inbox.get(timeout=30), Received)  # hello

    def tell(self, *commands: Command) -> None:
        for command in commands:
            self.process.send(command_to_wire(command))

    def give(self, command: Command, payload: bytes) -> None:
        self.process.send(command_to_wire(command), payload)

    def hear(self) -> Event:
        received = self._inbox.get(timeout=60)
        assert isinstance(received, Received), f"the worker ended: {received}"
        self.payload = received.payload
        self.said.append(event_from_wire(received.message))
        return self.said[-1]

    def until(self, kind: type[E]) -> E:
        while True:
            event = self.hear()
            if isinstance(event, kind):
                return event
            assert not isinstance(event, Refused | TooLong), event

    def settle(self) -> None:
        """Wait until the last question is prepared for a change, where the model needs that."""
        loaded = next(event for event in self.said if isinstance(event, ModelLoaded))
        if loaded.architecture not in DENSE:
            self.until(Revisited)

    def text(self, request: int, kind: PartKind = PartKind.TEXT) -> str:
        texts = (e for e in self.said if isinstance(e, Text) and e.id == request)
        return "".join(e.text for e in texts if e.kind is kind)

    def answer(
        self,
        request: int,
        *segments: Segment,
        sampling: Sampling = GREEDY,
        reserve: int = 16,
        max_tokens: int | None = None,
        stop: tuple[str, ...] = (),
        form: Form | None = None,
        thinking_budget: int | None = None,
        calls: bool = False,
        conversation: str = "",
    ) -> Answered:
        self.tell(
            Generate(
                request,
                segments,
                sampling,
                reserve,
                max_tokens,
                stop,
                form,
                thinking_budget,
                calls,
                conversation,
            )
        )
        while (end := self.until(Answered)).id != request:
            pass  # something beside came to its end
        return end


def load(path: Path, *, context: int = 0, cache: CacheType = CacheType.F16) -> Load:
    return Load(1, str(path), context, 0, 1, GB, cache=cache)


def question(text: str) -> tuple[Segment, ...]:
    return (
        Segment("<|im_start|>user\n", control=True),
        Segment(text, control=False),
        Segment("<|im_end|>\n<|im_start|>assistant\n", control=True),
    )


def start(started: list[Worker], model: Path | None, *, context: int = 0) -> Worker:
    """Start a worker, put it into ``started``, and let it load ``model`` if there is one."""
    worker = Worker(model)
    started.append(worker)
    if model is not None:
        worker.tell(load(model, context=context))
        worker.until(ModelLoaded)
    return worker
