"""What the program survives, counted: deaths of the engine in every state, and damaged models.

``deaths [N]`` kills the worker N times (300) while it loads, reads a prompt, writes, has
just written, and idles, under the services and the encrypted store of the program, and
counts lost text and slow returns. ``mutants [N]`` changes model files N times (10,000) and
has each described by this process and loaded, and asked, by a worker; ``--first`` goes on
where an earlier run of the same seed stopped, ``--keep FOLDER`` keeps those that end or hang
a worker. Long runs, outside the tests:

    nice .venv/bin/python packaging/benchmarks/faults.py deaths
    nice xvfb-run -a .venv/bin/python packaging/benchmarks/faults.py deaths --window
    nice .venv/bin/python packaging/benchmarks/faults.py mutants

Any exit of this process with a traceback is an exit of the window. One JSON object is printed.
"""

import argparse
import collections
import json
import queue
import random
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import checkout  # noqa: F401 - so that the tests' helpers are found
import deaths
from hanlin.domain.generation import Sampling
from hanlin.domain.prompt import Segment
from hanlin.engine.commands import Generate, Load
from hanlin.engine.events import Answered, Event, ModelLoaded, Refused, TooLong
from hanlin.engine.wire import (
    MalformedMessage,
    command_to_wire,
    event_from_wire,
)
from hanlin.kernel.errors import HanlinError
from hanlin.processes import command
from hanlin.processes.limits import Limits
from hanlin.processes.policy import Policy
from hanlin.processes.process import ChildProcess, ExitReport
from hanlin_fakes import gguf_models
from hanlin_models import gguf

if TYPE_CHECKING:
    from hanlin.processes.channel import Received

CLOSE_SECONDS = 120.0
WORKER_BYTES = 6 << 30
LOADS_PER_WORKER = 100
MUTANT_SECONDS = 60.0
_HUNG, _ENDED = "hung", "worker ended"


class Worker:
    """A worker that may read one folder and take little memory."""

    def __init__(self, folder: Path) -> None:
        self._inbox: queue.SimpleQueue[Received | ExitReport] = queue.SimpleQueue()
        built = command.build("engine", Policy(read=(folder,)), Limits(memory=WORKER_BYTES))
        self.process = ChildProcess(built, self._inbox.put, self._inbox.put)
        self.process.start()

    def ask(self, asked: Load | Generate) -> Event | ExitReport | None:
        """Return its last word on the command; None when it says nothing any more."""
        self.process.send(command_to_wire(asked))
        deadline = time.monotonic() + MUTANT_SECONDS
        while (left := deadline - time.monotonic()) > 0:
            try:
                received = self._inbox.get(timeout=left)
            except queue.Empty:
                break
            if isinstance(received, ExitReport):
                return received
            try:
                event = event_from_wire(received.message)
            except MalformedMessage:
                continue  # its hello
            if isinstance(event, ModelLoaded | Answered | Refused | TooLong):
                return event
        return None

    def where(self) -> str:
        """Return what each of its threads does, as the kernel sees it."""
        told = [f"last sign {time.monotonic() - self.process.last_sign:.0f} s ago"]
        for task in sorted(Path(f"/proc/{self.process.pid}/task").glob("*")):
            told += [(task / name).read_text().strip() for name in ("stat", "wchan", "syscall")]
        return "\n".join(told)

    def close(self) -> None:
        """End it."""
        self.process.kill()
        self.process.wait(CLOSE_SECONDS)


def mutate(whole: bytes, head: int, dice: random.Random) -> bytes:
    """Return a damaged copy; ``head`` bytes are the metadata and the table of tensors."""
    content = bytearray(whole)
    match dice.randrange(7):
        case 0 | 1:  # bytes of the head
            for _ in range(dice.choice((1, 2, 4, 16, 64))):
                content[dice.randrange(4, head)] = dice.randrange(256)
        case 2:  # a number of the head becomes an extreme one
            extreme = dice.choice((0, 1, 2**31 - 1, 2**31, 2**32 - 1, 2**63, 2**64 - 1))
            where = dice.randrange(4, head - 8)
            content[where : where + 8] = extreme.to_bytes(8, "little")
        case 3:  # cut short
            del content[dice.choice((dice.randrange(head), dice.randrange(len(content)))) :]
        case 4:  # a piece of the head twice, or not at all
            start = dice.randrange(4, head)
            twice = content[start : start + dice.randrange(1, 256)]
            content[start : start + dice.choice((0, len(twice)))] = twice
        case 5:  # weights that are no numbers
            start = dice.randrange(head, len(content))
            piece = dice.randbytes(min(4096, len(content) - start))
            content[start : start + len(piece)] = piece
        case _:  # one bit
            where = dice.randrange(4, head)
            content[where] ^= 1 << dice.randrange(8)
    return bytes(content)


def count_mutants(count: int, seed: int, first: int, keep: Path | None) -> dict[str, object]:
    """Return what damaged models, up to number ``count``, did to this process and its workers."""
    dice = random.Random(seed)  # noqa: S311 - so that a run can be repeated
    told: collections.Counter[str] = collections.Counter()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        originals = []
        for name in ("qwen3", "qwen35", "spark2_5"):
            path = gguf_models.write_random(folder / f"{name}.gguf", name, layers=2, dim=64)
            whole = path.read_bytes()
            originals.append((whole, whole.rindex(b".weight") + 128))
        worker, loads = Worker(folder), 0
        stop = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: stop.set())  # then the counts so far are printed
        number = 0
        while number < count and not stop.is_set():
            number += 1
            whole, head = dice.choice(originals)
            content = mutate(whole, head, dice)
            if number < first:
                continue
            mutant = folder / f"{number}.gguf"
            mutant.write_bytes(content)
            try:
                gguf.read_header(mutant)
                told["described"] += 1
            except HanlinError:
                told["not described, told why"] += 1
            end = _load_and_ask(worker, mutant)
            if end == _HUNG:  # the file's fault, or the moment's?
                where = worker.where()
                print(f"{number} hung:\n{where}", file=sys.stderr, flush=True)
                worker.close()
                worker = Worker(folder)
                again = _load_and_ask(worker, mutant)
                end = f"{_HUNG}, then {again}"
            told[end] += 1
            loads += 1
            if not worker.process.alive or end.endswith(_HUNG) or loads == LOADS_PER_WORKER:
                worker.close()
                worker, loads = Worker(folder), 0
            mutant.unlink()
            if keep is not None and end.startswith((_HUNG, _ENDED)):
                keep.mkdir(parents=True, exist_ok=True)
                (keep / f"{seed}-{number} {end.replace(':', '')}.gguf").write_bytes(content)
            if number % 500 == 0:
                print(number, dict(told), file=sys.stderr, flush=True)
        worker.close()
    return {
        "mutants": number - first + 1,
        "seed": seed,
        "exits of this process": 0,
        **dict(sorted(told.items())),
    }


def _load_and_ask(worker: Worker, path: Path) -> str:
    end = worker.ask(Load(1, str(path), 512, 0, 1, 1 << 30))
    if isinstance(end, ModelLoaded):
        segments = (Segment("<|im_start|>user\nhello\n", control=True),)
        asked = Generate(2, segments, Sampling(temperature=0), reserve=4, max_tokens=4)
        end = worker.ask(asked)
    if end is None:
        return _HUNG
    if isinstance(end, ExitReport):
        how = signal.Signals(end.signal).name if end.signal else f"status {end.code}"
        return f"{_ENDED}: {how}"
    if isinstance(end, Refused):
        return f"refused: {end.code}"
    return "loaded and answered"


def _deaths(count: int, *, in_window: bool) -> dict[str, object]:
    if not in_window:
        return deaths.count(count)
    import window_deaths  # noqa: PLC0415 - Qt is not needed for anything else here

    return deaths.count(count, window_deaths.in_a_window)


def main() -> int:
    """Do what the words say; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    actions = parser.add_subparsers(dest="action", required=True)
    dying = actions.add_parser("deaths")
    dying.add_argument("count", type=int, nargs="?", default=300)
    dying.add_argument("--window", action="store_true", help="with the window, on a display")
    mutants = actions.add_parser("mutants")
    mutants.add_argument("count", type=int, nargs="?", default=10_000)
    mutants.add_argument("--seed", type=int, default=1)
    mutants.add_argument("--first", type=int, default=1, metavar="N")
    mutants.add_argument("--keep", type=Path, metavar="FOLDER")
    arguments = parser.parse_args()
    if arguments.action == "deaths":
        report = _deaths(arguments.count, in_window=arguments.window)
    else:
        report = count_mutants(arguments.count, arguments.seed, arguments.first, arguments.keep)
    print(json.dumps(report, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
