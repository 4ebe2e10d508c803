"""The scripted engine keeps the engine's contract."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hanlin.domain.conversation import PartKind, Role
from hanlin.domain.generation import GenerationOptions, StopReason, Turn
from hanlin.engine.base import Delta, Engine, EngineEvent, Failed, Finished, Loaded, LoadOptions
from hanlin.kernel.errors import KnownError
from hanlin_fakes.engine import ScriptedEngine

HELLO = (Turn(Role.USER, "你好"),)


class Heard:
    """Collects events and waits for the terminal one of a request."""

    def __init__(self) -> None:
        self.events: list[EngineEvent] = []
        self._changed = threading.Condition()

    def __call__(self, event: EngineEvent) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def end_of(self, request: int) -> EngineEvent:
        def ends() -> list[EngineEvent]:
            return [
                e
                for e in self.events
                if isinstance(e, Loaded | Finished | Failed) and e.request == request
            ]

        with self._changed:
            assert self._changed.wait_for(ends, 5), "no terminal event"
            assert len(ends()) == 1
            return ends()[0]

    def text(self, kind: PartKind = PartKind.TEXT) -> str:
        return "".join(e.text for e in self.events if isinstance(e, Delta) and e.kind is kind)

    def wait_for_text(self, text: str) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: text in self.text(), 5)


@pytest.fixture
def engine() -> Iterator[ScriptedEngine]:
    scripted = ScriptedEngine()
    yield scripted
    scripted.close()


@pytest.fixture
def heard(engine: ScriptedEngine) -> Heard:
    listener = Heard()
    engine.subscribe(listener)
    return listener


def test_it_is_an_engine(engine: ScriptedEngine) -> None:
    typed: Engine = engine
    assert typed is engine


def test_a_script_is_played_and_remembered(engine: ScriptedEngine, heard: Heard) -> None:
    engine.enqueue((PartKind.THINKING, "hm"), "你", "好")
    request = engine.generate(HELLO, GenerationOptions())
    end = heard.end_of(request)
    assert isinstance(end, Finished)
    assert (end.reason, end.usage.completion_tokens) == (StopReason.END, 3)
    assert heard.text() == "你好"
    assert heard.text(PartKind.THINKING) == "hm"
    assert engine.asked[0].turns == HELLO


def test_an_error_ends_the_answer_and_keeps_its_text(engine: ScriptedEngine, heard: Heard) -> None:
    engine.enqueue("half", error=KnownError("x", "y"), engine_alive=False)
    end = heard.end_of(engine.generate(HELLO, GenerationOptions()))
    assert isinstance(end, Failed)
    assert not end.engine_alive
    assert heard.text() == "half"


def test_a_held_answer_can_be_cancelled(engine: ScriptedEngine, heard: Heard) -> None:
    engine.enqueue("one", "two", hold_after=1)
    request = engine.generate(HELLO, GenerationOptions())
    heard.wait_for_text("one")
    engine.cancel(request)
    end = heard.end_of(request)
    assert isinstance(end, Finished)
    assert end.reason is StopReason.CANCELLED
    assert heard.text() == "one"


def test_loads_succeed_or_fail_as_told(engine: ScriptedEngine, heard: Heard) -> None:
    assert isinstance(heard.end_of(engine.load(Path("a.gguf"), LoadOptions())), Loaded)
    engine.enqueue_load_error(KnownError("x", "y"))
    assert isinstance(heard.end_of(engine.load(Path("b.gguf"), LoadOptions())), Failed)
