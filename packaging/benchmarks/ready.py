"""How soon the engine is ready again after its worker died, and what the time goes into.

Kills the idle worker again and again, with another process waiting to be the next worker
(as after three quiet seconds) and without one, and counts from the kill: until the exit is
noticed, until the next process has said hello, until the model answers. Beside the clock
stands the processor time of the worker and of this process, which holds on a busy computer:

    .venv/bin/python packaging/benchmarks/ready.py --rounds 9
"""

import argparse
import json
import signal
import sys
import tempfile
import time
from pathlib import Path

import psutil

import checkout  # noqa: F401 - so that the tests' helpers are found
import deaths
from hanlin.engine.base import EngineEvent, EngineState, StateChanged
from hanlin.engine.client import EngineClient
from hanlin.services.bench import spread
from hanlin_fakes import gguf_models

MILLISECONDS = 1000
SETTLED_SECONDS = 0.5
PHASES = ("noticed", "greeted", "ready")
STATES = (EngineState.STARTING, EngineState.LOADING, EngineState.LOADED)


class Clocks:
    """The times of one death, taken on the engine's own thread as it tells of its states."""

    def __init__(self, engine: EngineClient) -> None:
        self._engine = engine
        self._ours = psutil.Process()
        self.times: dict[EngineState, float] = {}
        self.worker = self.ours = 0.0
        engine.subscribe(self._hear)

    def begin(self) -> float:
        """Forget the death before; return the time."""
        self.times = {}
        self.ours = _worked(self._ours)
        return time.monotonic()

    def _hear(self, event: EngineEvent) -> None:
        if not isinstance(event, StateChanged):
            return
        if event.state is EngineState.LOADED:
            self.worker = _worked(psutil.Process(self._engine.worker_pid))
            self.ours = _worked(self._ours) - self.ours
        self.times[event.state] = time.monotonic()


def _worked(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _settled(process: psutil.Process) -> float:
    """Return what the process has worked, once it has nothing more to do."""
    worked = -1.0
    while worked != (worked := _worked(process)):
        time.sleep(SETTLED_SECONDS)
    return worked


def measure(victim: deaths.Victim, rounds: int, *, rested: bool) -> dict[str, object]:
    """Return medians and worst of ``rounds`` deaths, in milliseconds."""
    engine = victim.app.kit.engine
    assert isinstance(engine, EngineClient)  # noqa: S101 - nothing else has a worker
    clocks = Clocks(engine)
    found: dict[str, list[float]] = {}
    for _ in range(rounds):
        victim.load()  # also forgives the death before
        spent = 0.0
        if rested:
            victim.rest()
            spent = _settled(psutil.Process(engine.spare_pid))
        start = clocks.begin()
        victim.die("idle", signal.SIGKILL)
        victim.until(lambda: STATES[-1] in clocks.times)
        for phase, state in zip(PHASES, STATES, strict=True):
            found.setdefault(phase, []).append(clocks.times[state] - start)
        found.setdefault("worker's processor time", []).append(clocks.worker - spent)
        found.setdefault("this process's processor time", []).append(clocks.ours)
    return {
        name: {
            "median": round(MILLISECONDS * spread(times).median),
            "worst": round(MILLISECONDS * max(times)),
        }
        for name, times in found.items()
    }


def main() -> int:
    """Print one JSON object; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--model", type=Path, help="instead of a tiny one made for this")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        model = arguments.model or gguf_models.write_scripted(
            Path(folder) / "talks.gguf", [f"word{n} " for n in range(120)], feed_forward=4096
        )
        with deaths.without_window(Path(folder) / "data", model) as victim:
            report = {
                "after a rest, ms": measure(victim, arguments.rounds, rested=True),
                "at once, ms": measure(victim, arguments.rounds, rested=False),
            }
    print(json.dumps(report, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
