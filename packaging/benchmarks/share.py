"""What a token costs besides llama.cpp: the ``share`` step of engine.py.

The worker's own loop runs here, in this process, told by messages as ever; its calls of
``llama_decode`` and ``llama_sampler_sample`` are timed. What is left of the time between
two tokens is Python's: choosing what to read, texts, thoughts, messages to the window.

Token 4,000 is one of a conversation of so many: those before it come with the question, as
in any long talk. What grows with a conversation (the tokens that are held, the table in which
guesses are looked up) is as large as after an answer of that length, in a tenth of the time.
"""

import json
import os
import random
import string
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from hanlin.domain.generation import Sampling
from hanlin.domain.prompt import Segment
from hanlin.engine.commands import Command, Generate, Load
from hanlin.engine.events import Answered, ModelLoaded, Refused
from hanlin.engine.wire import (
    command_to_wire,
)
from hanlin.engine.worker.__main__ import Worker
from hanlin.processes.channel import Channel, Received, encode
from hanlin.services.bench import spread

AROUND = 32
"""Tokens on each side of the place that is looked at."""
WRITTEN = 100
"""Tokens of each answer; the place is so many from its end as are looked at on that side."""
_LOAD, _ANSWER = 1, 2
MILLISECOND = 1e6
"""Nanoseconds."""
_SHUTDOWN = Received({"command": "shutdown"}, b"")
_LISTENER = "import sys\nwhile sys.stdin.buffer.read1(): pass"


class Watch:
    """Notes when the two calls that every token needs begin and end, by one clock.

    What it does itself counts as Python's, so it does no more than that.
    """

    def __init__(self, clock: Callable[[], int]) -> None:
        self.python: list[float] = []
        self.sampler: list[float] = []
        self.model: list[float] = []
        """Milliseconds of each token."""
        self._clock = clock
        self._decoded: list[int] = []
        self._chosen: list[int] = []

    def look(self, library: Any) -> None:  # noqa: ANN401 - the ctypes layer
        """Time the two calls from now on."""
        clock, decoded, chosen = self._clock, self._decoded.append, self._chosen.append
        decode, sample = library.llama_decode, library.llama_sampler_sample

        def timed_decode(context: object, batch: object) -> object:
            decoded(clock())
            status = decode(context, batch)
            decoded(clock())
            return status

        def timed_sample(chain: object, context: object, place: int) -> object:
            chosen(clock())
            token = sample(chain, context, place)
            chosen(clock())
            return token

        library.llama_decode, library.llama_sampler_sample = timed_decode, timed_sample

    @property
    def tokens(self) -> int:
        """How many tokens were chosen."""
        return len(self._chosen) // 2

    @property
    def decoded(self) -> list[float]:
        """Milliseconds of each decode."""
        return [(end - start) / MILLISECOND for start, end, _ in _calls(self._decoded, "model")]

    def reckon(self) -> None:
        """Take the times apart: a token's are those since the one before it."""
        calls = sorted([*_calls(self._decoded, "model"), *_calls(self._chosen, "sampler")])
        spent = {"python": 0.0, "model": 0.0}
        before = calls[0][0]
        for start, end, kind in calls:
            spent["python"] += (start - before) / MILLISECOND
            before = end
            if kind == "model":
                spent["model"] += (end - start) / MILLISECOND
                continue
            self.python.append(spent["python"])
            self.model.append(spent["model"])
            self.sampler.append((end - start) / MILLISECOND)
            spent = {"python": 0.0, "model": 0.0}


def _calls(times: list[int], kind: str) -> list[tuple[int, int, str]]:
    return [(*pair, kind) for pair in zip(times[::2], times[1::2], strict=True)]


class _Outward(Channel):
    """A channel whose messages another process reads; ``heard`` is told of each, too."""

    def __init__(self, heard: Callable[[Mapping[str, object]], None]) -> None:
        reader, writer = os.pipe()
        os.close(writer)
        outward, inward = os.pipe()
        # Somebody wakes up for each message, as the window does.
        self._listener = subprocess.Popen([sys.executable, "-c", _LISTENER], stdin=outward)
        os.close(outward)
        super().__init__(reader, inward)
        self._heard = heard

    def send(self, message: Mapping[str, object], payload: bytes = b"") -> None:
        self.send_encoded(encode(message, payload))
        self._heard(message)


def report(model: Path, threads: int, places: tuple[int, ...], *, processor: bool) -> None:
    """Print what a token costs in Python, in the sampler and in the model, at ``places``.

    ``processor``: in the time that the processor worked on the thread, which other work on
    the computer does not change much.
    """
    watch = Watch(time.thread_time_ns if processor else time.perf_counter_ns)
    answers = _write(watch, model, threads, places)
    out = sys.stdout.write
    kind = "processor time" if processor else "by the clock"
    out(f"{time.strftime('%Y-%m-%d %H:%M')} {model.name}, {threads} threads, {kind}\n")
    for place, begin in zip(places, answers, strict=True):
        middle = begin + WRITTEN - AROUND
        around = slice(middle - AROUND, middle + AROUND)
        share = spread(watch.python[around])
        out(
            f"token {place}: Python {share.median:.3f} ms ({share.low:.3f} to {share.high:.3f});"
            f" sampler {spread(watch.sampler[around]).median:.2f} ms,"
            f" model {spread(watch.model[around]).median:.1f} ms;"
            f" medians of {2 * AROUND} tokens\n"
        )


def _write(watch: Watch, model: Path, threads: int, places: Sequence[int]) -> list[int]:
    """Have an answer written at each place; return at which token of all each one begins."""
    dice = random.Random(0)  # noqa: S311 - the same text each time
    ends = [0]

    def heard(_worker: Worker, message: Mapping[str, object]) -> None:
        if message["event"] == Answered.__name__:
            ends.append(watch.tokens)

    # Never its end of an answer: it is a word of a random model like any other.
    wanted = [
        Generate(
            id=_ANSWER + number,
            # A letter is a token.
            segments=(Segment(_letters(dice, place - WRITTEN + AROUND), control=False),),
            sampling=Sampling(temperature=1.0),
            reserve=0,
            max_tokens=WRITTEN,
        )
        for number, place in enumerate(places)
    ]
    run_here(model, threads, max(places) + WRITTEN, wanted, watch.look, heard)
    watch.reckon()
    if ends != [number * WRITTEN for number in range(len(places) + 1)]:
        raise SystemExit(f"the model ended an answer: {ends}")
    return ends[:-1]


def _letters(dice: random.Random, count: int) -> str:
    return "".join(dice.choices(string.ascii_lowercase, k=count))


def run_here(
    model: Path,
    threads: int,
    context: int,
    wanted: Sequence[Generate],
    look: Callable[[Any], None],
    heard: Callable[[Worker, Mapping[str, object]], None] | None = None,
) -> None:
    """Have the worker's loop answer, here, once ``look`` has seen the library.

    ``heard`` is told everything that the worker says.
    """
    left = list(wanted)

    def go_on(message: Mapping[str, object]) -> None:
        event = message["event"]
        if event == Refused.__name__:
            sys.stderr.write(f"{json.dumps(message)}\n")
        if event == ModelLoaded.__name__:
            look(sys.modules["llama_cpp.llama_cpp"])
        if heard is not None:
            heard(worker, message)
        if event in (ModelLoaded.__name__, Answered.__name__, Refused.__name__):
            worker.deliver(message_of(left.pop(0)) if left else _SHUTDOWN)

    worker = Worker(_Outward(go_on))
    load = Load(
        id=_LOAD,
        path=str(model),
        context=context,
        gpu_layers=0,
        threads=threads,
        free_memory=2**31,
    )
    worker.deliver(message_of(load))
    worker.run()


def message_of(command: Command) -> Received:
    """Return the command as it comes to a worker."""
    return Received(json.loads(json.dumps(command_to_wire(command))), b"")
