"""The memory a model is said to need, against the peak of a real worker that runs it.

Model files of several shapes are made with random weights, loaded with a context, and asked
something longer than one batch. Run with the project's Python:

    .venv/bin/python packaging/benchmarks/fit.py
"""

import platform
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
sys.path[:0] = [str(ROOT / folder) for folder in ("app", "models", "tests/support")]

import psutil  # noqa: E402 - after the path, like what follows

from hanlin.domain.conversation import Role  # noqa: E402
from hanlin.domain.generation import GenerationOptions, Sampling, Turn  # noqa: E402
from hanlin.engine.base import EngineEvent, Failed, Finished, Loaded, LoadOptions  # noqa: E402
from hanlin.engine.client import EngineClient  # noqa: E402
from hanlin.templates.client import TemplateClient  # noqa: E402
from hanlin_fakes.gguf_models import write_random  # noqa: E402
from hanlin_models import fit, gguf  # noqa: E402

_SHAPES = (
    ("qwen3", 28, 1024, 8192),
    ("qwen3", 28, 1024, 32768),
    ("qwen3", 12, 2048, 8192),
    ("qwen35", 28, 1024, 8192),
)
_SECONDS = 600.0
_PROMPT = "memory " * 90


def main() -> int:
    """Measure every shape; return 1 when one estimate is off by more than a tenth."""
    print(f"{time.strftime('%Y-%m-%d %H:%M')} {platform.platform()}")
    off = 0.0
    with tempfile.TemporaryDirectory(prefix="hanlin-fit-") as folder:
        for architecture, layers, dim, context in _SHAPES:
            path = Path(folder) / f"{architecture}-{layers}-{dim}.gguf"
            if not path.exists():
                write_random(path, architecture, layers=layers, dim=dim)
            size = path.stat().st_size
            said = fit.estimate_file(gguf.read_header(path), size, fit.this_computer(), context)
            measured = _peak(path, context)
            error = (said.needed or 0) / measured - 1
            off = max(off, abs(error))
            print(
                f"{path.name} {size / 2**20:.0f} MiB, context {context}: estimated "
                f"{(said.needed or 0) / 2**20:.0f} MiB (cache {said.cache / 2**20:.0f}), "
                f"measured {measured / 2**20:.0f} MiB, {error:+.1%}",
                flush=True,
            )
    return int(off > 0.1)  # noqa: PLR2004 - the promise


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
    sys.exit(main())
