"""How fast the engine is with a model here, and beside llama.cpp's own llama-bench.

What is timed is what a chat does: reading 512 tokens and writing 128, through the
same worker, protocol and samplers. With a peer both take turns in one run, because
the speed of a computer changes while it works; what is compared are the pairs.
"""

import contextlib
import json
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psutil

from hanlin.domain.conversation import Role
from hanlin.domain.generation import GenerationOptions, Sampling, Turn
from hanlin.engine.base import Engine, Finished, Loaded, LoadedModel, LoadOptions
from hanlin.kernel.errors import KnownError
from hanlin.kernel.i18n import _
from hanlin.services.asking import answer, load

PROMPT: Final = 512
WRITTEN: Final = 128
CONTEXT: Final = PROMPT + 2 * WRITTEN
_NEAR_ENOUGH: Final = 4
_AGAIN: Final = 3
_ALL_ANEW: Final = Sampling(temperature=0, seed=1)
_AS_IN_A_CHAT: Final = Sampling(temperature=0)
_PEER_SECONDS: Final = 900.0


@dataclass(frozen=True, slots=True)
class Speeds:
    """Tokens per second of one round."""

    prefill: float
    decode: float


@dataclass(frozen=True, slots=True)
class Spread:
    """A median with its quartiles."""

    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Peer:
    """What llama-bench reached in the same run; ``memory`` None where it cannot be had."""

    rounds: tuple[Speeds, ...]
    memory: int | None


@dataclass(frozen=True, slots=True)
class Report:
    """The figures. Times are milliseconds to the first token, memory is in bytes.

    ``cached``: the share of a prompt that asking again does not read again.
    """

    model: LoadedModel
    threads: int
    prompt_tokens: int
    rounds: tuple[Speeds, ...]
    first_ms: float
    again_ms: float
    cached: float
    memory: int
    peer: Peer | None

    def ratios(self, of: Callable[[Speeds], float]) -> Spread | None:
        """Return our part of the peer's speed, pair by pair; None without a peer."""
        if self.peer is None:
            return None
        pairs = zip(self.rounds, self.peer.rounds, strict=True)
        return spread([of(ours) / of(theirs) for ours, theirs in pairs])


def spread(values: Sequence[float]) -> Spread:
    """Return the median and the quartiles of at least one value."""
    if len(values) == 1:
        return Spread(values[0], values[0], values[0])
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return Spread(median, low, high)


def measure(  # what a bench needs to know, and nothing else
    engine: Engine,
    path: Path,
    *,
    threads: int,
    rounds: int,
    against: Path | None,
    progress: Callable[[int, int], None],
) -> Report:
    """Measure the model at ``path``; ``progress`` is told the rounds done. Raises HanlinError.

    The first round warms up and is not counted.
    """
    options = LoadOptions(context=CONTEXT, threads=threads)
    loaded = [event for event in load(engine, path, options) if isinstance(event, Loaded)]
    bench = _Bench(engine)
    bench.find_length()
    ours: list[Speeds] = []
    theirs: list[Speeds] = []
    peer_memory = 0
    for number in range(rounds + 1):
        progress(number, rounds + 1)
        speeds = bench.round()
        if number == 0:
            continue
        ours.append(speeds)
        if against is not None:
            theirs.append(run_peer(against, path, threads))
    if against is not None:
        run_peer_once(against, path, threads)
        peer_memory = _largest_ended_child()
    progress(rounds + 1, rounds + 1)
    memory = _largest_child()
    again = [bench.again() for _ in range(_AGAIN)]
    return Report(
        model=loaded[0].model,
        threads=threads,
        prompt_tokens=bench.prompt_tokens,
        rounds=tuple(ours),
        first_ms=1000 * bench.prompt_tokens / spread([each.prefill for each in ours]).median,
        again_ms=spread([milliseconds for milliseconds, _ in again]).median,
        cached=min(share for _, share in again),
        memory=memory,
        peer=Peer(tuple(theirs), peer_memory or None) if theirs else None,
    )


class _Bench:
    """The requests of a bench to a loaded engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._words = 16
        self.prompt_tokens = 0

    def find_length(self) -> None:
        """Find how many words make a prompt of just ``PROMPT`` tokens, about."""
        sizes = {words: self._read(words).usage.prompt_tokens for words in (16, 64)}
        each = max((sizes[64] - sizes[16]) / 48, 0.01)
        # Not one more: it would be read in a step of its own, which the peer does not take.
        self._words = max(1, int(16 + (PROMPT - sizes[16]) / each))
        self.prompt_tokens = self._read(self._words).usage.prompt_tokens
        if abs(self.prompt_tokens - PROMPT) > _NEAR_ENOUGH * max(1, round(each)):
            raise KnownError(
                _("The bench does not fit this model"),
                _("Its template or its vocabulary makes no prompt of {count} tokens.").format(
                    count=PROMPT
                ),
                _("Measure with another model."),
            )

    def round(self) -> Speeds:
        """Read a whole prompt, then write from a short one, as llama-bench does."""
        read = self._read(self._words).timings
        wrote = self._ask("a", _ALL_ANEW, WRITTEN + 1).timings
        # The last token chosen is not evaluated any more.
        steps = wrote.decode_tokens - 1
        if steps < WRITTEN // 2:
            raise KnownError(
                _("The bench does not fit this model"),
                _("It ended its answer after {count} tokens.").format(count=wrote.decode_tokens),
                _("Measure with another model."),
            )
        return Speeds(1000 * read.prefill_tokens / read.prefill_ms, 1000 * steps / wrote.decode_ms)

    def again(self) -> tuple[float, float]:
        """Ask the same again; return the time to the first token, and the share not read."""
        text = "a " * self._words
        self._ask(text, _AS_IN_A_CHAT, 1)
        started = time.monotonic()
        end = self._ask(text, _AS_IN_A_CHAT, 1)
        taken = time.monotonic() - started
        return 1000 * taken, end.usage.cached_tokens / end.usage.prompt_tokens

    def _read(self, words: int) -> Finished:
        return self._ask("a " * words, _ALL_ANEW, 1)

    def _ask(self, text: str, sampling: Sampling, tokens: int) -> Finished:
        options = GenerationOptions(sampling, max_tokens=tokens)
        events = answer(self._engine, [Turn(Role.USER, text)], options)
        return next(event for event in events if isinstance(event, Finished))


def run_peer(program: Path, model: Path, threads: int) -> Speeds:
    """Run llama-bench once on the same file and threads. Raises KnownError."""
    tests = _run_peer(program, model, threads, "-p", str(PROMPT), "-n", str(WRITTEN))
    try:
        speed = {bool(test["n_gen"]): float(test["avg_ts"]) for test in tests}
        return Speeds(prefill=speed[False], decode=speed[True])
    except (ValueError, KeyError, TypeError) as error:
        raise _not_measured(program, error) from error


def run_peer_once(program: Path, model: Path, threads: int) -> None:
    """Let it read and write in one context, as large as ours after rounding: for its memory."""
    _run_peer(program, model, threads, "-p", "0", "-n", "0", "-pg", f"{PROMPT},1")


def _run_peer(program: Path, model: Path, threads: int, *tests: str) -> Any:  # noqa: ANN401 - JSON
    """Return what it says, as JSON. Raises KnownError.

    Where it ends with an illegal instruction, as its AMX kernels do, it runs without
    them; the engine's worker does so too.
    """
    command = [str(program), "-m", str(model), "-t", str(threads), "-r", "1", "-o", "json", *tests]
    try:
        done = _run(command)
        if done.returncode == -signal.SIGILL:
            done = _run([*command, "--repack", "0"])
        done.check_returncode()
        return json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise _not_measured(program, error) from error


def _not_measured(program: Path, error: Exception) -> KnownError:
    return KnownError(
        _("The peer cannot be measured"),
        _("{program} did not do its part: {detail}.").format(
            program=program.name, detail=f"{type(error).__name__}: {error}"[:200]
        ),
        _("Give the path of a llama-bench that runs here."),
    )


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, capture_output=True, check=False, timeout=_PEER_SECONDS, text=True
    )


def _largest_child() -> int:
    """Return the memory of the biggest of our processes: the engine's worker."""
    sizes = [0]
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            sizes.append(int(child.memory_info().rss))
    return max(sizes)


def _largest_ended_child() -> int:
    """Return the most memory an ended child of ours ever had, 0 where that is not known."""
    if sys.platform == "win32":
        return 0
    import resource  # noqa: PLC0415 - not on Windows

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit
