"""Processor time for a token, beside llama-bench: the ``processor`` step of engine.py.

Where a computer is busy with other work, tokens per second say how busy it was. The
processor time that one thread needs is what both would take alone. What is spent on
starting, loading and a first token is measured by itself and taken off, on both sides;
our side is the whole worker process, its texts and messages included.
"""

import subprocess
import sys
import time
from pathlib import Path

import psutil

from hanlin.domain.conversation import Role
from hanlin.domain.generation import GenerationOptions, Sampling, Turn
from hanlin.engine.base import Finished, LoadOptions
from hanlin.engine.client import EngineClient
from hanlin.services.asking import answer, load
from hanlin.services.bench import spread
from hanlin.templates.client import TemplateClient

WRITTEN = 32
READ = 256
_CONTEXT = 768
_ANEW = Sampling(temperature=0, seed=1)


def report(model: Path, peer: Path, rounds: int) -> None:
    """Print how much processor time the peer needs for what takes one second of ours."""
    engine = EngineClient(TemplateClient())
    try:
        for _event in load(engine, model, LoadOptions(context=_CONTEXT, threads=1)):
            pass
        ours = _Ours(engine)
        theirs = _Theirs(peer, model)
        steps = {
            "writing": (ours.write, theirs.write),
            "reading": (ours.read, theirs.read),
        }
        out = sys.stdout.write
        out(f"{time.strftime('%Y-%m-%d %H:%M')} {model.name}, 1 thread, {rounds} pairs\n")
        for name, (our_step, their_step) in steps.items():
            our_step()  # warm
            pairs = [(our_step(), their_step()) for _ in range(rounds)]
            ratio = spread([their / our for our, their in pairs])
            our_median = spread([1000 * our for our, _ in pairs]).median
            out(
                f"{name}: {ratio.median:.3f} ({ratio.low:.3f} to {ratio.high:.3f}),"
                f" {our_median:.1f} ms of processor time a token\n"
            )
    finally:
        engine.close()


class _Ours:
    """The worker of a loaded engine."""

    def __init__(self, engine: EngineClient) -> None:
        self._engine = engine
        [self._worker] = [p for p in psutil.Process().children() if "engine" in p.cmdline()]

    def write(self) -> float:
        """Return the seconds of a token that is written."""
        first, last = (self._spent("a", count) for count in (1, WRITTEN + 1))
        return (last[0] - first[0]) / WRITTEN

    def read(self) -> float:
        """Return the seconds of a token that is read."""
        (short, few), (long, many) = (self._spent("a " * words, 1) for words in (1, READ // 2))
        return (long - short) / (many - few)

    def _spent(self, text: str, tokens: int) -> tuple[float, int]:
        options = GenerationOptions(_ANEW, max_tokens=tokens)
        before = self._worker.cpu_times()
        events = answer(self._engine, [Turn(Role.USER, text)], options)
        [end] = [event for event in events if isinstance(event, Finished)]
        after = self._worker.cpu_times()
        spent = after.user + after.system - before.user - before.system
        return spent, end.usage.prompt_tokens


class _Theirs:
    """llama-bench, started anew for each figure."""

    def __init__(self, program: Path, model: Path) -> None:
        self._command = [str(program), "-m", str(model), "-t", "1", "-r", "1", "--no-warmup"]
        # Its AMX kernels end with an illegal instruction, ours are not used for that reason.
        tried = subprocess.run([*self._command, "-p", "16", "-n", "0"], capture_output=True)  # noqa: PLW1510
        if tried.returncode:
            self._command += ["--repack", "0"]

    def write(self) -> float:
        """Return the seconds of a token that is written."""
        first, last = (self._spent(0, count) for count in (1, WRITTEN + 1))
        return (last - first) / WRITTEN

    def read(self) -> float:
        """Return the seconds of a token that is read."""
        few, many = 16, READ
        return (self._spent(many, 0) - self._spent(few, 0)) / (many - few)

    def _spent(self, read: int, written: int) -> float:
        process = psutil.Popen(
            [*self._command, "-p", str(read), "-n", str(written)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        before = psutil.Process().cpu_times()
        if process.wait():
            raise SystemExit(f"{self._command[0]} did not do its part")
        after = psutil.Process().cpu_times()
        spent = after.children_user + after.children_system
        return float(spent - before.children_user - before.children_system)
