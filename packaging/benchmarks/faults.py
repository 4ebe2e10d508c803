"""What the program survives, counted: deaths of the engine in every state, and damaged models.

``deaths [N]`` kills the worker N times (300) while it loads, reads a prompt, writes, has
just written, and idles, under the services and the encrypted store of the program, and
counts lost text and slow returns. ``mutants [N]`` changes model files N times (10,000) and
has each described by this process and loaded, and asked, by a worker. Long runs, outside
the tests:

    nice .venv/bin/python packaging/benchmarks/faults.py deaths
    nice .venv/bin/python packaging/benchmarks/faults.py mutants

Any exit of this process with a traceback is an exit of the window. One JSON object is printed.
"""

import argparse
import collections
import json
import queue
import random
import signal
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests/support")]

from hanlin.bootstrap import Application, open_application  # noqa: E402 - found by the lines above
from hanlin.domain.conversation import PartKind  # noqa: E402
from hanlin.domain.generation import Sampling  # noqa: E402
from hanlin.domain.prompt import Segment  # noqa: E402
from hanlin.engine.base import (  # noqa: E402
    Delta,
    EngineEvent,
    EngineState,
    Finished,
    PrefillProgressed,
    StateChanged,
)
from hanlin.engine.protocol import (  # noqa: E402
    Answered,
    Event,
    Generate,
    Load,
    MalformedMessage,
    ModelLoaded,
    Refused,
    TooLong,
    command_to_wire,
    event_from_wire,
)
from hanlin.kernel import paths  # noqa: E402
from hanlin.kernel.errors import HanlinError  # noqa: E402
from hanlin.processes import command  # noqa: E402
from hanlin.processes.channel import Received  # noqa: E402, TC001
from hanlin.processes.limits import Limits  # noqa: E402
from hanlin.processes.policy import Policy  # noqa: E402
from hanlin.processes.process import ChildProcess, ExitReport  # noqa: E402
from hanlin.services.events import AnswerFinished, AnswerGrew, SessionState  # noqa: E402
from hanlin_fakes import gguf_models  # noqa: E402
from hanlin_models import gguf  # noqa: E402

STATES = ("loading", "prefill", "decoding", "saving", "idle")
SIGNALS = (signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS)
READY_SECONDS = 2.0
LONGEST_WAIT = 120.0
WORKER_BYTES = 6 << 30
LOADS_PER_WORKER = 100
MUTANT_SECONDS = 60.0


class Assassin:
    """Kills the worker when the engine says that it is in the wanted state."""

    def __init__(self, app: Application) -> None:
        self.killed_at = 0.0
        self.ready_at = 0.0
        self._state, self._signal = "", signal.SIGKILL
        self._app = app
        app.kit.engine.subscribe(self._hear)

    def wait_for(self, state: str, number: signal.Signals) -> None:
        """Strike at the next sign of ``state``."""
        self.killed_at = self.ready_at = 0.0
        self._signal, self._state = number, state

    def strike(self) -> None:
        """Kill the worker now."""
        self._state = ""
        self.killed_at, self.ready_at = time.monotonic(), 0.0
        for child in psutil.Process().children():
            if "engine" in child.cmdline():
                child.send_signal(self._signal)

    def _hear(self, event: EngineEvent) -> None:
        if isinstance(event, StateChanged) and event.state is EngineState.LOADED:
            self.ready_at = time.monotonic()
        if self._is_sign(event):
            self.strike()

    def _is_sign(self, event: EngineEvent) -> bool:
        match self._state:
            case "loading":
                return isinstance(event, StateChanged) and event.state is EngineState.LOADING
            case "prefill":
                return isinstance(event, PrefillProgressed) and event.done < event.total
            case "decoding":
                return isinstance(event, Delta)
            case "saving":
                return isinstance(event, Finished)
        return False


class Victim:
    """The program without its window, one model in it, and what it told of its answers."""

    def __init__(self, app: Application, model: Path) -> None:
        self.app = app
        self.heard: dict[str, list[str]] = collections.defaultdict(list)
        self.finished: queue.SimpleQueue[AnswerFinished] = queue.SimpleQueue()
        app.bus.subscribe(AnswerGrew, self._grew)
        app.bus.subscribe(AnswerFinished, self.finished.put)
        self.model = app.session.add(model)
        self.assassin = Assassin(app)

    def load(self) -> None:
        """Load the model as a person would, which also forgives earlier deaths."""
        self.app.session.select(self.model.id)
        self.until(lambda: self.app.session.status().state is SessionState.READY)

    def until(self, fact: Callable[[], bool]) -> None:
        """Wait for ``fact``; raise TimeoutError when it does not come."""
        deadline = time.monotonic() + LONGEST_WAIT
        while not fact():
            if time.monotonic() > deadline:
                raise TimeoutError(str(self.app.session.status()))
            time.sleep(0.002)

    def die(self, state: str, number: signal.Signals) -> tuple[float, bool]:
        """Die once; return the seconds until it was ready again and whether text was lost."""
        assassin = self.assassin
        assassin.wait_for(state, number)
        if state == "loading":
            self.app.session.reload()
            self.until(lambda: self.app.session.status().state is SessionState.FAILED)
            started = time.monotonic()
            self.load()
            return time.monotonic() - started, False
        if state == "idle":
            assassin.strike()
            lost = False
        else:
            self.app.chat.send(None, "说" * (900 if state == "prefill" else 3))
            lost = self._lost(self.finished.get(timeout=LONGEST_WAIT))
        self.until(lambda: assassin.ready_at > assassin.killed_at > 0)
        self.until(lambda: self.app.session.status().state is SessionState.READY)
        return assassin.ready_at - assassin.killed_at, lost

    def _grew(self, event: AnswerGrew) -> None:
        if event.kind is PartKind.TEXT:
            self.heard[event.message_id].append(event.text)

    def _lost(self, end: AnswerFinished) -> bool:
        kept = self.app.store.message(end.message.id).text()
        return kept != "".join(self.heard.pop(end.message.id, []))


def count_deaths(count: int) -> dict[str, object]:
    """Return what ``count`` deaths did."""
    seconds: dict[str, list[float]] = {state: [] for state in STATES}
    loads: list[float] = []
    lost = 0
    with tempfile.TemporaryDirectory() as folder:
        model = gguf_models.write_scripted(
            Path(folder) / "talks.gguf",
            [f"word{number} " for number in range(120)],
            feed_forward=4096,
        )
        with open_application(paths.under(Path(folder) / "data"), find_keyring=lambda: None) as app:
            victim = Victim(app, model)
            for number in range(count):
                started = time.monotonic()
                victim.load()
                loads.append(time.monotonic() - started)
                state = STATES[number % len(STATES)]
                spent, text_lost = victim.die(state, SIGNALS[number // len(STATES) % len(SIGNALS)])
                seconds[state].append(spent)
                lost += text_lost
    return {
        "deaths": count,
        "exits of the program": 0,
        "answers with lost text": lost,
        f"not ready within {READY_SECONDS} s": sum(
            each > READY_SECONDS for one in seconds.values() for each in one
        ),
        "seconds that a load by hand takes (median, worst)": _figures(loads),
        "seconds until ready (median, worst)": {
            state: _figures(each) for state, each in seconds.items() if each
        },
    }


def _figures(seconds: list[float]) -> list[float]:
    return [round(statistics.median(seconds), 3), round(max(seconds), 3)]


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

    def close(self) -> None:
        """End it."""
        self.process.kill()
        self.process.wait(LONGEST_WAIT)


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


def count_mutants(count: int, seed: int) -> dict[str, object]:
    """Return what ``count`` damaged models did to this process and to its workers."""
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
            mutant = folder / f"{number}.gguf"
            mutant.write_bytes(mutate(whole, head, dice))
            try:
                gguf.read_header(mutant)
                told["described"] += 1
            except HanlinError:
                told["not described, told why"] += 1
            end = _load_and_ask(worker, mutant)
            told[end] += 1
            loads += 1
            if not worker.process.alive or end == "hung" or loads == LOADS_PER_WORKER:
                worker.close()
                worker, loads = Worker(folder), 0
            mutant.unlink()
            if number % 500 == 0:
                print(number, dict(told), file=sys.stderr, flush=True)
        worker.close()
    return {
        "mutants": number,
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
        return "hung"
    if isinstance(end, ExitReport):
        how = signal.Signals(end.signal).name if end.signal else f"status {end.code}"
        return f"worker ended: {how}"
    if isinstance(end, Refused):
        return f"refused: {end.code}"
    return "loaded and answered"


def main() -> int:
    """Do what the words say; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    actions = parser.add_subparsers(dest="action", required=True)
    deaths = actions.add_parser("deaths")
    deaths.add_argument("count", type=int, nargs="?", default=300)
    mutants = actions.add_parser("mutants")
    mutants.add_argument("count", type=int, nargs="?", default=10_000)
    mutants.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if arguments.action == "deaths":
        report = count_deaths(arguments.count)
    else:
        report = count_mutants(arguments.count, arguments.seed)
    print(json.dumps(report, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
