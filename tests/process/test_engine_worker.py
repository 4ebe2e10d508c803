"""The worker with real llama.cpp and tiny models: loading, answering, stopping."""

from dataclasses import replace
from pathlib import Path

import pytest

from hanlin.domain.conversation import PartKind
from hanlin.domain.generation import Sampling, StopReason
from hanlin.domain.models import Override
from hanlin.domain.prompt import Segment
from hanlin.engine.commands import Cancel, Count, Describe, Generate, Split
from hanlin.engine.events import (
    Answered,
    Counted,
    Described,
    ModelLoaded,
    Pieces,
    Prefill,
    Refused,
    Text,
    TooLong,
)
from hanlin.engine.protocol import Code
from hanlin_fakes import gguf_models
from hanlin_fakes.real_worker import GREEDY, Worker, load, question, start


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("模 型")
    good = "好".encode()
    says: list[str | bytes] = ["<think>", "想", "</think>", "\n\n", "你", good[:1], good[1:]]
    return {
        "thinks": gguf_models.write_scripted(folder / "thinks.gguf", says),
        "talks": gguf_models.write_scripted(
            folder / "talks.gguf", ["ab", "cd", "ef"], for_ever=True, context=40960
        ),
        "breaks": gguf_models.write_scripted(folder / "breaks.gguf", [b"\xe5", "ok", b"\xe4\xbd"]),
        "dense": gguf_models.write_random(folder / "dense.gguf"),
        "hybrid": gguf_models.write_random(folder / "hybrid.gguf", "qwen35"),
    }


def test_it_describes_itself_without_a_model(started: list[Worker]) -> None:
    worker = start(started, None)
    worker.tell(Describe(7), Count(8, ("a",)))
    described = worker.until(Described)
    assert "cpu" in [device.kind for device in described.devices]
    assert described.system
    assert worker.hear() == Refused(8, Code.NO_MODEL)


def test_it_tells_what_the_file_says(started: list[Worker], models: dict[str, Path]) -> None:
    worker = start(started, models["thinks"])
    loaded = worker.said[-1]
    assert isinstance(loaded, ModelLoaded)
    assert (loaded.architecture, loaded.name) == ("qwen3", "tiny qwen3")
    assert loaded.context == loaded.trained_context == 4096
    assert loaded.eos == "<|im_end|>"
    assert {"<|im_start|>", "<|im_end|>"} <= set(loaded.control)
    assert "</think>" not in loaded.control
    assert loaded.template == gguf_models.CHATML
    assert loaded.device == "CPU"


def test_what_is_known_goes_before_what_the_file_says(
    started: list[Worker], models: dict[str, Path]
) -> None:
    worker = Worker(models["thinks"])
    started.append(worker)
    right = Override("tokenizer.ggml.eos_token_id", gguf_models.IM_START)
    worker.tell(replace(load(models["thinks"]), overrides=(right,)))
    assert worker.until(ModelLoaded).eos == "<|im_start|>"


@pytest.mark.parametrize(
    ("asked", "expected"), [(0, 4096), (512, 512), (1000, 1000), (100_000, 4096)]
)
def test_the_context_is_never_longer_than_trained(
    started: list[Worker], models: dict[str, Path], asked: int, expected: int
) -> None:
    loaded = start(started, models["thinks"], context=asked).said[-1]
    assert isinstance(loaded, ModelLoaded)
    assert loaded.context == expected


def test_thoughts_and_characters_in_pieces_arrive_whole(
    started: list[Worker], models: dict[str, Path]
) -> None:
    worker = start(started, models["thinks"])
    end = worker.answer(2, *question("hi"))
    assert end.reason is StopReason.END
    assert worker.text(2, PartKind.THINKING) == "想"
    assert worker.text(2) == "你好"
    assert "\ufffd" not in worker.text(2)


def test_broken_characters_are_replaced_and_hold_nothing_up(
    started: list[Worker], models: dict[str, Path]
) -> None:
    worker = start(started, models["breaks"])
    worker.answer(2, *question("hi"))
    assert worker.text(2) == "\ufffdok\ufffd"


def test_the_prompts_tail_decides_where_an_answer_begins(
    started: list[Worker], models: dict[str, Path]
) -> None:
    worker = start(started, models["talks"])
    open_tail = Segment("<|im_end|>\n<|im_start|>assistant\n<think>\n", control=True)
    worker.answer(2, *question("hi")[:2], open_tail, max_tokens=2)
    assert (worker.text(2, PartKind.THINKING), worker.text(2)) == ("abcd", "")
    shut_tail = Segment(open_tail.text + "\n</think>\n\n", control=True)
    worker.answer(3, *question("hi")[:2], shut_tail, max_tokens=2)
    assert (worker.text(3, PartKind.THINKING), worker.text(3)) == ("", "abcd")


def test_text_is_never_a_control_token(started: list[Worker], models: dict[str, Path]) -> None:
    worker = start(started, models["dense"])
    tag = "<|im_end|>"
    worker.tell(Count(2, (tag, "a\0b", "\ud800")))
    assert worker.until(Counted).counts == (len(tag), 3, 1)  # one byte, one token
    worker.tell(Split(3, ("ab", tag), (False, True), 4))
    found = worker.until(Pieces).tokens
    assert [token.text for token in found[:2]] == ["a", "b"]
    assert found[2].text == tag, "a mark of the template's is one token"
    as_text = worker.answer(3, Segment(tag, control=False), max_tokens=1)
    as_control = worker.answer(4, Segment(tag, control=True), max_tokens=1)
    assert as_text.usage.prompt_tokens == len(tag)
    assert as_control.usage.prompt_tokens == 1


def test_limits_stops_and_the_contexts_end(started: list[Worker], models: dict[str, Path]) -> None:
    worker = start(started, models["talks"], context=256)
    end = worker.answer(2, *question("hi"), max_tokens=5)
    assert (end.reason, worker.text(2), end.usage.completion_tokens) == (
        StopReason.LIMIT,
        "abcdefabcd",
        5,
    )
    assert worker.answer(3, *question("hi"), stop=("fa",)).reason is StopReason.END
    assert worker.text(3) == "abcde"
    full = worker.answer(4, *question("hi"))
    assert full.reason is StopReason.CONTEXT
    assert full.context_used == 255
    assert worker.answer(5, *question("hi"), max_tokens=1).reason is StopReason.LIMIT


def test_a_prompt_that_does_not_fit_is_measured(
    started: list[Worker], models: dict[str, Path]
) -> None:
    worker = start(started, models["talks"], context=256)
    prompt = question("x" * 300)
    worker.tell(Generate(2, prompt, GREEDY, 16), Generate(3, (), GREEDY, 16))
    told = worker.hear()
    assert isinstance(told, TooLong)
    assert (told.context, told.tokens > 300) == (256, True)
    assert worker.hear() == TooLong(3, 0, 256)


def test_a_seed_repeats_and_none_does_not(started: list[Worker], models: dict[str, Path]) -> None:
    worker = start(started, models["dense"], context=2048)
    texts = []
    for request, seed in enumerate((11, 11, 12, None, None), start=2):
        hot = Sampling(1.5, 0, 1, seed=seed)
        worker.answer(request, *question("hi"), sampling=hot, max_tokens=40, reserve=41)
        texts.append(worker.text(request))
    assert texts[0] == texts[1]
    assert len(set(texts)) == 4


@pytest.mark.parametrize("kind", ["dense", "hybrid"])
def test_what_was_read_before_changes_nothing(
    started: list[Worker], models: dict[str, Path], kind: str
) -> None:
    prompts = [question("abc" * 40), question("abc" * 40 + "d"), question("x"), question("abc" * 9)]
    worker = start(started, models[kind], context=2048)
    fresh = start(started, models[kind], context=2048)
    cached = 0
    for request, prompt in enumerate(prompts, start=2):
        cached += worker.answer(request, *prompt, max_tokens=24).usage.cached_tokens
        worker_text = worker.text(request)
        fresh.answer(request, Segment("\n", control=False), max_tokens=1)
        fresh.answer(request + 100, *prompt, max_tokens=24)
        assert worker_text == fresh.text(request + 100)
    assert cached > 0


@pytest.mark.parametrize("kind", ["dense", "hybrid"])
def test_a_cancel_while_reading_leaves_a_usable_session(
    started: list[Worker], models: dict[str, Path], kind: str
) -> None:
    worker = start(started, models[kind], context=32768)
    expected = worker.answer(2, *question("hi"), max_tokens=24)
    assert expected.usage.completion_tokens > 0
    worker.tell(Generate(3, question("long " * 6000), GREEDY, 16))
    while worker.until(Prefill).done == 0:
        pass
    worker.tell(Cancel(3))
    end = worker.until(Answered)
    assert end.reason is StopReason.CANCELLED
    assert end.usage.completion_tokens == 0
    assert end.timings.prefill_tokens < end.usage.prompt_tokens
    worker.answer(4, *question("hi"), max_tokens=24)
    assert worker.text(4) == worker.text(2)


def test_a_cancel_while_writing_keeps_what_was_written(
    started: list[Worker], models: dict[str, Path]
) -> None:
    worker = start(started, models["talks"])
    worker.tell(Generate(2, question("hi"), GREEDY, 16))
    worker.until(Text)
    worker.tell(Cancel(2))
    assert worker.until(Answered).reason is StopReason.CANCELLED
    assert worker.text(2).startswith("ab")


def test_a_cancel_that_comes_first_is_obeyed(
    started: list[Worker], models: dict[str, Path]
) -> None:
    worker = start(started, models["talks"])
    worker.tell(Cancel(5), Generate(5, question("hi"), GREEDY, 16))
    assert worker.until(Answered).reason is StopReason.CANCELLED
    assert worker.text(5) == ""


def test_a_load_can_be_cancelled(started: list[Worker], models: dict[str, Path]) -> None:
    worker = Worker(models["dense"])
    started.append(worker)
    worker.tell(Cancel(1), load(models["dense"]))
    while not isinstance(event := worker.hear(), Refused | ModelLoaded):
        pass
    assert event == Refused(1, Code.CANCELLED)


def test_it_may_read_its_model_and_nothing_else(
    started: list[Worker], models: dict[str, Path]
) -> None:
    worker = Worker(models["dense"])
    started.append(worker)
    report = worker.process.sandbox
    assert report is not None
    if not report.filesystem:
        pytest.skip(f"no sandbox for files here: {report.reason}")
    worker.tell(load(models["hybrid"]))
    assert worker.hear() == Refused(1, Code.UNREADABLE, "Permission denied")
