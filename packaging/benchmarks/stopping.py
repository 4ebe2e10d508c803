"""Stopping while a prompt is read: how soon, and what it costs. The ``stopping`` of engine.py.

llama.cpp asks before each operation of its graph whether to go on, which is a way into
Python and back. The same prompt is read with and without being asked, by turns, in processor
time of one thread; then readings are stopped somewhere in their midst, by the clock.
"""

import itertools
import random
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hanlin.domain.generation import Sampling
from hanlin.domain.prompt import Segment
from hanlin.engine.commands import Cancel, Generate
from hanlin.engine.events import Answered, Prefill
from hanlin.engine.worker.__main__ import Worker
from hanlin.services.bench import spread
from share import Watch, message_of, run_here

READ = 512
"""Tokens of a prompt that is read in one step."""
_CONTEXT = 768
_MILLISECONDS = 1000


def report(model: Path, rounds: int, threads: int) -> None:
    """Print both."""
    watch, stops = Watch(time.thread_time_ns), _Stops()
    counted = 2 * rounds + 2  # two of them warm up
    # Those that are stopped come first, and are always asked; of the others every second.
    asks = itertools.chain([True] * (rounds + 1), itertools.cycle((False, True)))

    def by_turns(library: Any) -> None:  # noqa: ANN401 - the ctypes layer
        install = library.llama_set_abort_callback

        def maybe(context: object, callback: object, data: object) -> None:
            # None stands at the end of each reading.
            wanted = callback and next(asks)
            install(context, callback if wanted else library.ggml_abort_callback(), data)

        library.llama_set_abort_callback = maybe
        watch.look(library)

    worked = [0.0]

    def hear(worker: Worker, message: Mapping[str, object]) -> None:
        stops.hear(worker, message)
        if message["event"] == Answered.__name__:
            worked.append(sum(watch.decoded))  # in one step or in several

    readings = _readings(1 + rounds + counted)
    stops.wanted = {one.id for one in readings[1 : rounds + 1]}
    run_here(model, threads, _CONTEXT, readings, by_turns, hear)
    reading = [after - before for before, after in itertools.pairwise(worked)][2 - counted :]
    pairs = zip(reading[::2], reading[1::2], strict=True)
    ratio = spread([asked / plain for plain, asked in pairs])
    late = spread(stops.late)
    sys.stdout.write(
        f"{time.strftime('%Y-%m-%d %H:%M')} {model.name}, {READ} tokens, {threads} threads\n"
        f"stopped after {late.median:.0f} ms, at the latest {max(stops.late):.0f}"
        f" ({len(stops.late)} times; a whole reading takes {stops.whole:.1f} s)\n"
        f"being asked: {ratio.median:.4f} ({ratio.low:.4f} to {ratio.high:.4f}, {rounds} pairs)"
        f" of {spread(reading).median:.0f} ms of the first thread's processor time\n"
    )


class _Stops:
    """Stops the readings that are ``wanted`` somewhere in their midst, and notes how soon."""

    def __init__(self) -> None:
        self.wanted: set[int] = set()
        self.whole = 0.0
        """Seconds of a reading that was not stopped."""
        self.late: list[float] = []
        """Milliseconds until each ended."""
        self._dice = random.Random(1)  # noqa: S311 - so that a run can be repeated
        self._started: dict[int, float] = {}
        self._told: dict[int, float] = {}

    def hear(self, worker: Worker, message: Mapping[str, object]) -> None:
        """Hear all that the worker says."""
        number, event, now = message.get("id"), message["event"], time.monotonic()
        if not isinstance(number, int):
            return

        def stop() -> None:
            self._told[number] = time.monotonic()
            worker.deliver(message_of(Cancel(number)))

        if event == Prefill.__name__ and number not in self._started:
            self._started[number] = now
            if number in self.wanted:
                threading.Timer(self._dice.uniform(0.1, 0.8) * self.whole, stop).start()
        elif event == Answered.__name__ and not self.whole:
            self.whole = now - self._started[number]
        elif event == Answered.__name__ and number in self._told:
            self.late.append(_MILLISECONDS * (now - self._told[number]))


def _readings(count: int) -> list[Generate]:
    return [
        Generate(
            id=number,
            segments=(Segment("a" * READ, control=False),),
            sampling=Sampling(temperature=0.0, seed=1),  # a seed has everything read anew
            reserve=0,
            max_tokens=1,
        )
        for number in range(2, count + 2)
    ]
