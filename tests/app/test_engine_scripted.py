"""The scripted engine keeps the engine's contract."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hanlin.domain.conversation import PartKind, Role
from hanlin.domain.generation import GenerationOptions, StopReason, Turn
from hanlin.engine.base import Engine, Failed, Finished, Loaded, LoadOptions
from hanlin.kernel.errors import KnownError
from hanlin_fakes.engine import ScriptedEngine
from hanlin_fakes.hearing import Heard

HELLO = (Turn(Role.USER, "你好"),)


@pytest.fixture
def engine() -> Iterator[ScriptedEngine]:
    scripted = ScriptedEngine()
    yield scripted
    scripted.close()


@pytest.fixture
def heard(engine: ScriptedEngine) -> Heard:
    return Heard(engine, seconds=5)


def test_it_is_an_engine(engine: ScriptedEngine) -> None:
    typed: Engine = engine
    assert typed is engine


def test_a_script_is_played_and_remembered(engine: ScriptedEngine, heard: Heard) -> None:
    engine.enqueue((PartKind.THINKING, "hm"), "你", "好")
    request = engine.generate(HELLO, GenerationOptions())
    end = heard.end_of(request)
    assert isinstance(end, Finished)
    assert (end.reason, end.usage.completion_tokens) == (StopReason.END, 3)
    assert heard.text(request) == "你好"
    assert heard.text(request, PartKind.THINKING) == "hm"
    assert engine.asked[0].turns == HELLO


def test_an_error_ends_the_answer_and_keeps_its_text(engine: ScriptedEngine, heard: Heard) -> None:
    engine.enqueue("half", error=KnownError("x", "y"), engine_alive=False)
    request = engine.generate(HELLO, GenerationOptions())
    end = heard.end_of(request)
    assert isinstance(end, Failed)
    assert not end.engine_alive
    assert heard.text(request) == "half"


def test_a_held_answer_can_be_cancelled(engine: ScriptedEngine, heard: Heard) -> None:
    engine.enqueue("one", "two", hold_after=1)
    request = engine.generate(HELLO, GenerationOptions())
    heard.wait_for_text(request)
    engine.cancel(request)
    end = heard.end_of(request)
    assert isinstance(end, Finished)
    assert end.reason is StopReason.CANCELLED
    assert heard.text(request) == "one"


def test_loads_succeed_or_fail_as_told(engine: ScriptedEngine, heard: Heard) -> None:
    assert isinstance(heard.end_of(engine.load(Path("a.gguf"), LoadOptions())), Loaded)
    engine.enqueue_load_error(KnownError("x", "y"))
    assert isinstance(heard.end_of(engine.load(Path("b.gguf"), LoadOptions())), Failed)
