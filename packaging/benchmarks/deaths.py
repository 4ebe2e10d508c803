"""What the program survives when its engine dies: the ``deaths`` of ``faults.py``.

An assassin kills the worker while it loads, reads a prompt, writes, has just written,
and idles; the services and the encrypted store are the program's own.
"""

import collections
import contextlib
import os
import queue
import signal
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from hanlin.bootstrap import Application, open_application
from hanlin.domain.conversation import PartKind
from hanlin.engine.base import (
    Delta,
    EngineEvent,
    EngineState,
    Finished,
    PrefillProgressed,
    StateChanged,
)
from hanlin.engine.client import EngineClient
from hanlin.kernel import paths
from hanlin.services.events import AnswerFinished, AnswerGrew, SessionState
from hanlin_fakes import gguf_models

STATES = ("loading", "prefill", "decoding", "saving", "idle")
SIGNALS = (signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS)
READY_SECONDS = 2.0
REST_EVERY = 6
"""One death in so many comes after some quiet seconds, in each state in turn."""
LONGEST_WAIT = 120.0


class Assassin:
    """Kills the worker when the engine says that it is in the wanted state."""

    def __init__(self, app: Application) -> None:
        self.killed_at = 0.0
        self.ready_at = 0.0
        self.had_spare = False
        """Whether another process waited to be the next worker when it struck last."""
        self._state, self._signal = "", signal.SIGKILL
        engine = app.kit.engine
        assert isinstance(engine, EngineClient)  # noqa: S101 - nothing else has a worker
        self._engine = engine
        engine.subscribe(self._hear)

    def wait_for(self, state: str, number: signal.Signals) -> None:
        """Strike at the next sign of ``state``."""
        self.killed_at = self.ready_at = 0.0
        self._signal, self._state = number, state

    @property
    def rested(self) -> bool:
        """Whether another process waits to be the next worker."""
        return bool(self._engine.spare_pid)

    def strike(self) -> None:
        """Kill the worker now."""
        self._state = ""
        self.killed_at, self.ready_at = time.monotonic(), 0.0
        self.had_spare = bool(self._engine.spare_pid)
        if worker := self._engine.worker_pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker, self._signal)

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
        self.model = app.session.registry.add(model)
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
            self.pause()

    def pause(self) -> None:
        """Wait a moment."""
        time.sleep(0.002)

    def say(self, text: str) -> None:
        """Ask in a new conversation."""
        self.app.chat.send(None, text)

    def shows(self, end: AnswerFinished) -> bool:
        """Return whether what is stored of an answer is all that was told of it."""
        told = "".join(self.heard.pop(end.message.id, []))
        return self.app.store.message(end.message.id).text() == told

    def rest(self) -> None:
        """Rest until the program has made the next worker ready, as people who read let it."""
        self.until(lambda: self.assassin.rested)

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
            self.say("说" * (900 if state == "prefill" else 3))
            self.until(lambda: not self.finished.empty())
            lost = not self.shows(self.finished.get())
        self.until(lambda: assassin.ready_at > assassin.killed_at > 0)
        self.until(lambda: self.app.session.status().state is SessionState.READY)
        return assassin.ready_at - assassin.killed_at, lost

    def _grew(self, event: AnswerGrew) -> None:
        if event.kind is PartKind.TEXT:
            self.heard[event.message_id].append(event.text)


@contextmanager
def without_window(folder: Path, model: Path) -> Iterator[Victim]:
    """Open the program on an empty data folder, close it at the end."""
    with open_application(paths.under(folder), find_keyring=lambda: None) as app:
        yield Victim(app, model)


Open = Callable[[Path, Path], AbstractContextManager[Victim]]
"""Opens the program on a data folder, with a model."""


def count(number: int, open_victim: Open = without_window) -> dict[str, object]:
    """Return what ``number`` deaths did."""
    seconds: dict[str, list[float]] = {state: [] for state in STATES}
    loads: list[float] = []
    rested: list[float] = []
    lost = death = 0
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())  # then the counts so far are printed
    with tempfile.TemporaryDirectory() as folder:
        model = gguf_models.write_scripted(
            Path(folder) / "talks.gguf",
            [f"word{each} " for each in range(120)],
            feed_forward=4096,
        )
        with open_victim(Path(folder) / "data", model) as victim:
            while death < number and not stop.is_set():
                started = time.monotonic()
                victim.load()
                loads.append(time.monotonic() - started)
                state = STATES[death % len(STATES)]
                if death % REST_EVERY == 1:
                    victim.rest()
                spent, text_lost = victim.die(state, SIGNALS[death // len(STATES) % len(SIGNALS)])
                seconds[state].append(spent)
                if victim.assassin.had_spare:
                    rested.append(spent)
                lost += text_lost
                death += 1
    return {
        "deaths": death,
        "exits of the program": 0,
        "answers with lost text": lost,
        f"not ready within {READY_SECONDS} s": sum(
            each > READY_SECONDS for one in seconds.values() for each in one
        ),
        "of these, after a rest (how many, late, median, worst)": [
            len(rested),
            sum(each > READY_SECONDS for each in rested),
            *(_figures(rested) if rested else ()),
        ],
        "seconds that a load by hand takes (median, worst)": _figures(loads),
        "seconds until ready (median, worst)": {
            state: _figures(each) for state, each in seconds.items() if each
        },
    }


def _figures(seconds: list[float]) -> list[float]:
    return [round(statistics.median(seconds), 3), round(max(seconds), 3)]
