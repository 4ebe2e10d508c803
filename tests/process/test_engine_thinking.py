"""Thoughts end when there was enough of them, circles are noticed, tools are called."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hanlin.domain.conversation import PartKind, Role
from hanlin.domain.generation import GenerationOptions, Sampling, StopReason, Turn
from hanlin.domain.prompt import Segment
from hanlin.domain.tools import Tool
from hanlin.engine.base import Finished, Loaded, LoadOptions
from hanlin.engine.client import EngineClient
from hanlin.engine.commands import AnswerNow, Generate
from hanlin.engine.events import Answered, Looping, ModelLoaded, Text
from hanlin.engine.worker.shelf import NEAR
from hanlin.templates.client import TemplateClient
from hanlin_fakes import gguf_models
from hanlin_fakes.hearing import Heard
from hanlin_fakes.real_worker import GREEDY, Worker, load, question

THOUGHT = Segment("<|im_end|>\n<|im_start|>assistant\n<think>\n", control=True)
OPENS = gguf_models.CHATML.replace(
    "<|im_start|>assistant\n{%", "<|im_start|>assistant\n<think>\n{%"
)
CALL = '{"name": "calculate", "arguments": {"what": "6*7"}}'
TOOLS = gguf_models.CHATML.replace(
    "{%- for message",
    "{%- for tool in tools or [] %}{{ tool | tojson }}\n{% endfor %}{%- for message",
    1,
)
CALCULATE = Tool("calculate", "It calculates.", '{"type": "object", "properties": {}}')


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("models")
    write = gguf_models.write_scripted
    return {
        # After "\n" it says "ab", "cd" for ever: a thought that never ends by itself.
        "broods": write(
            folder / "b.gguf", ["ab", "cd"], for_ever=True, context=8192, template=OPENS
        ),
        "calls": write(folder / "c.gguf", [f"<tool_call>{CALL}", "</tool_call>"], template=TOOLS),
    }


@pytest.fixture
def worker(models: dict[str, Path]) -> Iterator[Worker]:
    worker = Worker(models["broods"])
    worker.tell(load(models["broods"]))
    worker.until(ModelLoaded)
    yield worker
    worker.process.stop()


@pytest.mark.parametrize("budget", [0, 1, 7])
def test_a_budget_ends_the_thought(worker: Worker, budget: int) -> None:
    closing = len("\n\n\n") + 1
    end = worker.answer(
        2, *question("hi")[:2], THOUGHT, max_tokens=budget + closing + 2, thinking_budget=budget
    )
    assert worker.text(2, PartKind.THINKING) == ("abcd" * 4)[: 2 * budget]
    assert worker.text(2) == "abcd"
    assert end.usage.completion_tokens == budget + closing + 2


def test_a_thought_can_be_ended_while_it_runs(worker: Worker) -> None:
    worker.tell(Generate(2, (*question("hi")[:2], THOUGHT), GREEDY, 16))
    assert worker.until(Text).kind is PartKind.THINKING
    worker.tell(AnswerNow(2))
    while worker.until(Text).kind is PartKind.THINKING:
        pass
    worker.process.send({"command": "Cancel", "id": 2})
    assert worker.until(Answered).reason is StopReason.CANCELLED
    assert worker.text(2).startswith("ab")
    worker.answer(3, *question("hi")[:2], THOUGHT, max_tokens=4)
    assert worker.text(3) == ""  # the wish was for the other answer


def test_an_answer_that_loops_is_told_once(worker: Worker) -> None:
    worker.answer(2, *question("hi"), max_tokens=60)
    assert Looping(2) not in worker.said
    worker.answer(3, *question("hi"), max_tokens=400)
    assert worker.said.count(Looping(3)) == 1


def test_there_is_no_room_to_end_a_thought_in_a_full_context(
    worker: Worker, models: dict[str, Path]
) -> None:
    worker.tell(load(models["broods"], context=256))
    worker.until(ModelLoaded)
    end = worker.answer(2, *question("x" * 210)[:2], THOUGHT, thinking_budget=10, reserve=1)
    assert end.reason is StopReason.CONTEXT


def test_the_client_ends_a_thought(models: dict[str, Path]) -> None:
    engine = EngineClient(TemplateClient())
    try:
        heard = Heard(engine)
        assert isinstance(heard.end_of(engine.load(models["broods"], LoadOptions())), Loaded)
        request = engine.generate(
            [Turn(Role.USER, "hi")], GenerationOptions(Sampling(temperature=0), max_tokens=8000)
        )
        engine.answer_now(request)
        heard.wait_for_text(request)
        engine.answer_now(request + 5)
        engine.cancel(request)
        assert isinstance(heard.end_of(request), Finished)
    finally:
        engine.close()


def test_tools_are_offered_and_called(models: dict[str, Path]) -> None:
    engine = EngineClient(TemplateClient())
    try:
        heard = Heard(engine)
        loaded = heard.end_of(engine.load(models["calls"], LoadOptions()))
        assert isinstance(loaded, Loaded)
        assert loaded.model.tools
        sizes = []
        for tools in ((), (CALCULATE,)):
            request = engine.generate(
                [Turn(Role.USER, "6*7?")], GenerationOptions(Sampling(temperature=0), tools=tools)
            )
            end = heard.end_of(request)
            assert isinstance(end, Finished)
            sizes.append(end.usage.prompt_tokens)
            told = (heard.text(request), heard.text(request, PartKind.TOOL_CALL))
            assert told == (("", CALL) if tools else (f"<tool_call>{CALL}</tool_call>", ""))
        assert sizes[1] > sizes[0] + len(CALCULATE.description)
    finally:
        engine.close()


def test_a_thought_that_leaves_the_history_costs_what_changed(tmp_path: Path) -> None:
    says = ["<think>", "a thought ", "that is ", "rather long", "</think>", "\n\n", "the answer"]
    model = gguf_models.write_scripted(tmp_path / "thinks.gguf", says)
    engine = EngineClient(TemplateClient())
    try:
        heard = Heard(engine)
        assert isinstance(heard.end_of(engine.load(model, LoadOptions(threads=1))), Loaded)
        options = GenerationOptions(Sampling(temperature=0))
        turns = [Turn(Role.USER, "a long question " * 40)]
        first = heard.end_of(engine.generate(turns, options))
        turns += [Turn(Role.ASSISTANT, "the answer", "a thought that is rather long")]
        turns += [Turn(Role.USER, "go on")]
        second = heard.end_of(engine.generate(turns, options))
        assert isinstance(first, Finished)
        assert isinstance(second, Finished)
        # The same up to the answer's first token; then the answer without its thought, and more.
        changed = second.usage.prompt_tokens - first.usage.prompt_tokens
        assert second.timings.prefill_tokens <= changed + NEAR
    finally:
        engine.close()
