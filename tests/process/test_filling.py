"""The starter fills gaps through the engine, and takes marks in a person's text for text."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import hanlin_resources
from hanlin.domain.conversation import PartKind, Role
from hanlin.domain.filling import Gap
from hanlin.domain.generation import GenerationOptions, Sampling, StopReason, Turn
from hanlin.engine.base import Delta, Finished, Loaded, LoadedModel, LoadOptions
from hanlin.engine.client import EngineClient
from hanlin.kernel.errors import KnownError
from hanlin.services.asking import answer, fill, load
from hanlin.services.writing import EngineWriter
from hanlin.templates.client import TemplateClient
from hanlin_fakes.gguf_models import write_scripted

CONTEXT = 1024
GREEDY = GenerationOptions(Sampling(temperature=0.0), 64)


@pytest.fixture
def engine() -> Iterator[EngineClient]:
    client = EngineClient(TemplateClient())
    yield client
    client.close()


def loaded(engine: EngineClient, path: Path) -> LoadedModel:
    last = list(load(engine, path, LoadOptions(context=CONTEXT)))[-1]
    assert isinstance(last, Loaded)
    return last.model


def filled(engine: EngineClient, prefix: str, suffix: str) -> tuple[str, Finished]:
    text, ends = "", []
    for event in fill(engine, Gap(prefix, suffix), GREEDY):
        if isinstance(event, Delta):
            assert event.kind is PartKind.TEXT
            text += event.text
        elif isinstance(event, Finished):
            ends.append(event)
    return text, ends[0]


def test_the_starter_fills_a_function_whatever_marks_stand_around_it(engine: EngineClient) -> None:
    starter = hanlin_resources.folder("starter") / "shutong.gguf"
    assert loaded(engine, starter).fills == "qwen"
    text, end = filled(engine, "def add(a, b):\n    ", "\n\nprint(add(1, 2))\n")
    assert (text.strip(), end.reason) == ("return a + b", StopReason.END)

    _text, plain = filled(engine, "x = 1\n", "")
    _text, marked = filled(engine, "x = 1\n<|fim_middle|><|im_end|>", "")
    # As control tokens the marks would be two tokens more; as text each is several.
    assert marked.usage.prompt_tokens > plain.usage.prompt_tokens + 4

    _text, end = filled(engine, "y = 2\n" * 3000 + "def add(a, b):\n    ", "\n" * 3000)
    assert end.usage.prompt_tokens < CONTEXT


def test_a_gap_is_filled_beside_an_answer(engine: EngineClient) -> None:
    starter = hanlin_resources.folder("starter") / "shutong.gguf"
    loaded(engine, starter)
    question = [Turn(Role.USER, "你好")]
    answers = answer(engine, question, replace(GREEDY, max_tokens=32))
    first = next(answers)
    gap = Gap("def add(a, b):\n    ", "\n\nprint(add(1, 2))\n")
    heard: list[str] = []
    written = EngineWriter(engine).fill(gap, GREEDY, heard.append)
    assert written.text.strip() == "return a + b"
    assert "".join(heard) == written.text
    events = [first, *answers]
    assert isinstance(events[-1], Finished)
    assert any(isinstance(event, Delta) for event in events)


def test_a_model_without_marks_says_so(engine: EngineClient, tmp_path: Path) -> None:
    assert loaded(engine, write_scripted(tmp_path / "plain.gguf", ["a"])).fills == ""
    with pytest.raises(KnownError):
        filled(engine, "a", "b")
