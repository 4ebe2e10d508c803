"""What a token costs besides llama.cpp: the ``share`` step of engine.py.

The worker's own loop runs here, in this process, told by messages as ever; its calls of
``llama_decode`` and ``llama_sampler_sample`` are timed. What is left of the time between
two tokens is Python's: choosing what to read, texts, thoughts, messages to the window.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hanlin.domain.generation import Sampling
from hanlin.domain.prompt import Segment
from hanlin.engine.protocol import (
    Answered,
    Generate,
    Load,
    ModelLoaded,
    Refused,
)
from hanlin.engine.wire import (
    command_to_wire,
)
from hanlin.engine.worker.__main__ import Worker
from hanlin.processes.channel import Channel, Received, encode
from hanlin.services.bench import spread

AROUND = 32
"""Tokens on each side of the place that is looked at."""
_LOAD, _ANSWER = 1, 2
_LISTENER = "import sys\nwhile sys.stdin.buffer.read1(): pass"


@dataclass(frozen=True, slots=True)
class _Step:
    """One token: milliseconds of Python since the one before, of the sampler and the model."""

    python: float
    working: float
    """What of ``python`` the processor worked; the rest it was busy with something else."""
    sampler: float
    model: float


class _Watch:
    """Notes what each token costs, by the two calls that every token needs."""

    def __init__(self) -> None:
        self.steps: list[_Step] = []
        self._ended = self._now()
        self._wall = self._cpu = self._model = 0.0

    def look(self, library: Any) -> None:  # noqa: ANN401 - the ctypes layer
        """Time the two calls from now on."""
        decode, sample = library.llama_decode, library.llama_sampler_sample

        def timed_decode(*words: object) -> int:
            started = self._python()
            status = int(decode(*words))
            self._ended = self._now()
            self._model += self._ended[0] - started
            return status

        def timed_sample(*words: object) -> int:
            started = self._python()
            token = int(sample(*words))
            self._ended = self._now()
            self.steps.append(_Step(self._wall, self._cpu, self._ended[0] - started, self._model))
            self._wall = self._cpu = self._model = 0.0
            return token

        library.llama_decode, library.llama_sampler_sample = timed_decode, timed_sample

    def _python(self) -> float:
        """Count the time since the last call as Python's; return the time."""
        now, cpu = self._now()
        self._wall += now - self._ended[0]
        self._cpu += cpu - self._ended[1]
        return now

    @staticmethod
    def _now() -> tuple[float, float]:
        return 1000 * time.perf_counter(), 1000 * time.thread_time()


class _Outward(Channel):
    """A channel whose messages another process reads; ``ended`` hears of load and answer."""

    def __init__(self, ended: Callable[[Mapping[str, object]], None]) -> None:
        reader, writer = os.pipe()
        os.close(writer)
        outward, inward = os.pipe()
        # Somebody wakes up for each message, as the window does.
        self._listener = subprocess.Popen([sys.executable, "-c", _LISTENER], stdin=outward)
        os.close(outward)
        super().__init__(reader, inward)
        self._ended = ended

    def send(self, message: Mapping[str, object], payload: bytes = b"") -> None:
        self.send_encoded(encode(message, payload))
        if message["event"] in (ModelLoaded.__name__, Answered.__name__, Refused.__name__):
            self._ended(message)


def report(model: Path, threads: int, places: tuple[int, ...]) -> None:
    """Print what a token costs in Python, in the sampler and in the model, at ``places``."""
    steps = _write(model, threads, max(places) + AROUND)
    out = sys.stdout.write
    out(f"{time.strftime('%Y-%m-%d %H:%M')} {model.name}, {threads} threads\n")
    for place in places:
        around = steps[place - AROUND : place + AROUND]
        share = spread([step.python for step in around])
        working = spread([step.working for step in around])
        out(
            f"token {place}: Python {share.median:.3f} ms ({share.low:.3f} to {share.high:.3f}),"
            f" of which the processor worked {working.median:.3f}"
            f" ({working.low:.3f} to {working.high:.3f});"
            f" sampler {spread([step.sampler for step in around]).median:.2f} ms,"
            f" model {spread([step.model for step in around]).median:.1f} ms;"
            f" medians of {len(around)} tokens\n"
        )


def _write(model: Path, threads: int, tokens: int) -> list[_Step]:
    watch = _Watch()

    def go_on(message: Mapping[str, object]) -> None:
        if message["event"] == Refused.__name__:
            sys.stderr.write(f"{json.dumps(message)}\n")
        if message["event"] == ModelLoaded.__name__:
            watch.look(sys.modules["llama_cpp.llama_cpp"])
            worker.deliver(_message(generate))
        else:
            worker.deliver(Received({"command": "shutdown"}, b""))

    worker = Worker(_Outward(go_on))
    # Never its end of an answer: it is a word of a random model like any other.
    generate = Generate(
        id=_ANSWER,
        segments=(Segment("a " * 20, control=False),),
        sampling=Sampling(temperature=1.0),
        reserve=0,
        max_tokens=tokens,
    )
    load = Load(
        id=_LOAD,
        path=str(model),
        context=tokens + 256,
        gpu_layers=0,
        threads=threads,
        free_memory=2**31,
    )
    worker.deliver(_message(load))
    worker.run()
    if len(watch.steps) < tokens:
        raise SystemExit(f"the model ended its answer after {len(watch.steps)} tokens")
    return watch.steps


def _message(command: Load | Generate) -> Received:
    return Received(json.loads(json.dumps(command_to_wire(command))), b"")
