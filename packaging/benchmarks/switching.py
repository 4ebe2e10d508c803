"""How long a switch to another model takes until its first token, beside a fresh process.

    .venv/bin/python packaging/benchmarks/switching.py MODEL.gguf LLAMA_COMPLETION [--rounds 9]

Each round switches an engine that holds the starter to MODEL, as the window does, and asks
for one token, as soon as the next worker's process waits, which the window has begun some
quiet seconds after every load; ``--cold`` switches without one. Then it starts llama.cpp's
own llama-completion (``engine.py peer`` builds one with the same kernels), which loads the
same file, reads as many tokens, writes one and ends. Both have as many threads, the file in
the page cache, weights in the same format, and as long a context: the shortest that llama.cpp
makes, and a usual one. The worker's modules are compiled, as in every package. Medians of
the ratios of neighbours; exits 1 when one is above the promised ratio.
"""

import argparse
import compileall
import os
import platform
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

import psutil

import hanlin_resources
from checkout import ROOT
from hanlin.domain.conversation import Role
from hanlin.domain.generation import GenerationOptions, Sampling, Turn
from hanlin.engine import processors
from hanlin.engine.base import Finished, Loaded, LoadOptions
from hanlin.engine.client import EngineClient
from hanlin.engine.spare import QUIET_SECONDS
from hanlin.processes.command import WAIT
from hanlin.templates.client import TemplateClient
from hanlin_fakes.hearing import Heard

ONE_TOKEN = GenerationOptions(Sampling(temperature=0), max_tokens=1)
PATIENCE = 600.0
PROMISED = 1.5
CONTEXTS = (256, 4096)
"""The shortest that llama.cpp makes, and what many programs take unasked."""
SETTLED = 0.3
"""Seconds without any work after which a process waits."""


def load(engine: EngineClient, heard: Heard, model: Path, options: LoadOptions) -> None:
    """Have the engine load ``model``; return when it has."""
    end = heard.end_of(engine.load(model, options))
    if not isinstance(end, Loaded):
        raise SystemExit(str(end))


def switch(starter: Path, model: Path, options: LoadOptions, *, cold: bool) -> tuple[float, int]:
    """Return the seconds from the wish for another model to its first token, and those it read."""
    engine = EngineClient(TemplateClient(), spare_after=None if cold else QUIET_SECONDS)
    try:
        heard = Heard(engine, PATIENCE)
        load(engine, heard, starter, LoadOptions(context=1024, threads=1))
        heard.end_of(engine.generate([Turn(Role.USER, "a")], ONE_TOKEN))
        if not cold:
            await_spare(engine)
        started = time.monotonic()
        load(engine, heard, model, options)
        end = heard.end_of(engine.generate([Turn(Role.USER, "a")], ONE_TOKEN))
        if not isinstance(end, Finished):
            raise SystemExit(str(end))
        return time.monotonic() - started, end.timings.prefill_tokens
    finally:
        engine.close()


def await_spare(engine: EngineClient) -> None:
    """Wait until the next worker's process waits, having imported all it needs."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        waiting = [p for p in psutil.Process().children() if WAIT in p.cmdline()]
        if engine.spare_pid and waiting and waiting[0].status() == psutil.STATUS_SLEEPING:
            busy = sum(waiting[0].cpu_times()[:2])
            time.sleep(SETTLED)
            if sum(waiting[0].cpu_times()[:2]) == busy:
                return
    raise SystemExit("no spare worker was started")


def fresh(program: Path, model: Path, options: LoadOptions, tokens: int) -> float:
    """Return the seconds of a process that loads the model and reads until its first token."""
    # A random model knows single letters alone: each is a token, as is the space before it.
    prompt = "a" * tokens
    command = [
        *(str(program), "-m", str(model), "-c", str(options.context), "-t", str(options.threads)),
        *("-p", prompt, "-n", "1", "-no-cnv", "--no-warmup", "--fit", "off", "-ngl", "0"),
    ]
    for format_of_weights in ((), ("--no-repack",)):
        started = time.monotonic()
        done = subprocess.run(
            [*command, *format_of_weights],
            check=False,
            capture_output=True,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode != -signal.SIGILL:  # of its AMX kernels, without which our worker goes
            break
    done.check_returncode()
    return time.monotonic() - started


def main() -> int:
    """Measure and print; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("model", type=lambda text: Path(text).absolute())
    parser.add_argument("completion", type=lambda text: Path(text).absolute())
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--contexts", type=int, nargs="+", default=CONTEXTS)
    parser.add_argument("--cold", action="store_true", help="keep no worker waiting")
    asked = parser.parse_args()
    threads = processors.performance_cores()
    starter = hanlin_resources.folder("starter") / "shutong.gguf"
    print(f"{time.strftime('%Y-%m-%d %H:%M')} {platform.platform()} {os.cpu_count()} cores")
    compileall.compile_dir(ROOT / "app", quiet=1)  # a sandboxed worker could keep nothing
    both = [LoadOptions(context=context, threads=threads) for context in asked.contexts]
    # The file comes into the page cache.
    _seconds, tokens = switch(starter, asked.model, both[0], cold=asked.cold)
    fresh(asked.completion, asked.model, both[0], tokens)
    theirs: dict[int, list[float]] = {context: [] for context in asked.contexts}
    ours: dict[int, list[float]] = {context: [] for context in asked.contexts}
    for _round in range(asked.rounds):
        for options in both:
            theirs[options.context].append(fresh(asked.completion, asked.model, options, tokens))
            ours[options.context].append(switch(starter, asked.model, options, cold=asked.cold)[0])
        print(
            "; ".join(
                f"context {context}: fresh process {theirs[context][-1]:.2f} s, "
                f"switch {ours[context][-1]:.2f} s"
                for context in asked.contexts
            ),
            flush=True,
        )
    print(f"medians of {asked.rounds}, {tokens} tokens read, {threads} threads:")
    worst = 0.0
    for context in asked.contexts:
        pairs = zip(ours[context], theirs[context], strict=True)
        ratio = statistics.median(mine / other for mine, other in pairs)
        worst = max(worst, ratio)
        print(
            f"context {context}: fresh process {statistics.median(theirs[context]):.2f} s, "
            f"switch {statistics.median(ours[context]):.2f} s, ratio {ratio:.2f}"
        )
    return int(worst > PROMISED)


if __name__ == "__main__":
    sys.exit(main())
