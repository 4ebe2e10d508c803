"""The memory a model is said to need, against the peak of a real worker that runs it.

Model files of several sizes and of every family that can answer are made with random weights,
loaded with a context, and asked something longer than one batch. The promise is for files
above 300 MB. Run with the project's Python (about five minutes):

    .venv/bin/python packaging/benchmarks/fit.py [NAME…]
"""

import platform
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import psutil

import checkout  # noqa: F401 - so that the tests' helpers are found
from hanlin.domain.conversation import Role
from hanlin.domain.generation import GenerationOptions, Sampling, Turn
from hanlin.engine.base import EngineEvent, Failed, Finished, Loaded, LoadOptions
from hanlin.engine.client import EngineClient
from hanlin.templates.client import TemplateClient
from hanlin_fakes import gguf_families
from hanlin_fakes.gguf_families import Size
from hanlin_fakes.gguf_models import write_random
from hanlin_models import fit, gguf

_SHAPES = (
    ("qwen3", 28, 1024, 8192),
    ("qwen3", 28, 1024, 32768),
    ("qwen3", 12, 2048, 8192),
    ("qwen35", 28, 1024, 8192),
)
_LARGE = Size(
    layers=9,
    dim=1024,
    heads=16,
    kv_heads=4,
    head=64,
    forward=2816,
    experts=8,
    expert_forward=384,
    q_rank=384,
    kv_rank=512,
    rope=64,
    plain=64,
)
"""Above 300 MB for every family, in f32."""
_EQUAL = replace(_LARGE, head=_LARGE.rope + _LARGE.plain)
"""A value as large as a key: MiniCPM3's files name one size for both."""
_OF_FAMILIES = 8192
"""The context of the families' models."""
_SAY_NOTHING = frozenset({"bert"})
_PROMISED = 0.1
_SECONDS = 600.0
_PROMPT = "memory " * 90


def main(names: list[str]) -> int:
    """Measure every shape, or the named ones; return 1 when an estimate is off by over a tenth."""
    print(f"{time.strftime('%Y-%m-%d %H:%M')} {platform.platform()}")
    shapes: list[tuple[str, int, Callable[[Path], object]]] = []
    for name, layers, dim, context in _SHAPES:
        make = partial(write_random, architecture=name, layers=layers, dim=dim)
        shapes.append((f"{name}-{layers}-{dim}", context, make))
    for name in gguf_families.NAMES:
        if name not in _SAY_NOTHING:
            size = _EQUAL if name == "minicpm3" else _LARGE
            large = partial(gguf_families.write, architecture=name, size=size)
            shapes.append((name, _OF_FAMILIES, large))
    off = 0.0
    for name, context, write in shapes:
        if not names or name in names:
            off = max(off, abs(_measure(name, context, write)))
    return int(off > _PROMISED)


def _measure(name: str, context: int, write: Callable[[Path], object]) -> float:
    """Return by which part the estimate for a model is too high, and print it."""
    with tempfile.TemporaryDirectory(prefix="hanlin-fit-") as folder:
        path = Path(folder) / f"{name}.gguf"
        write(path)
        size = path.stat().st_size
        said = fit.estimate_file(gguf.read_header(path), size, fit.this_computer(), context)
        measured = _peak(path, context)
    error = (said.needed or 0) / measured - 1
    print(
        f"{name} {size / 1e6:.0f} MB, context {context}: estimated "
        f"{(said.needed or 0) / 1e6:.0f} MB (cache {said.cache / 1e6:.0f}), "
        f"measured {measured / 1e6:.0f} MB, {error:+.1%}",
        flush=True,
    )
    return error


def _peak(path: Path, context: int) -> int:
    """Return the most memory a worker had in use while it loaded and answered."""
    ended = threading.Event()

    def hear(event: EngineEvent) -> None:
        if isinstance(event, Failed):
            print(event.error)
        if isinstance(event, Loaded | Finished | Failed):
            ended.set()

    client = EngineClient(TemplateClient())
    try:
        client.subscribe(hear)
        client.load(path, LoadOptions(context=context, threads=2))
        _wait(ended)
        options = GenerationOptions(Sampling(temperature=0), max_tokens=4)
        client.generate([Turn(Role.USER, _PROMPT)], options)
        _wait(ended)
        workers = [_highest(child) for child in psutil.Process().children(recursive=True)]
        return max(workers)
    finally:
        client.close()


def _wait(ended: threading.Event) -> None:
    if not ended.wait(_SECONDS):
        raise TimeoutError
    ended.clear()


def _highest(process: psutil.Process) -> int:
    """Return a process's highest resident memory (Linux)."""
    for line in Path(f"/proc/{process.pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise LookupError(process.pid)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
