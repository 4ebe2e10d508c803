"""The client with real workers: conversations, the context, cancels, and what it leaves behind."""

import threading
from pathlib import Path

import psutil
import pytest

from hanlin.domain.attachments import AttachmentKind, Media, Pixels
from hanlin.domain.conversation import PartKind, Role
from hanlin.domain.generation import GenerationOptions, Sampling, StopReason, Turn
from hanlin.engine.base import (
    EngineEvent,
    EngineState,
    Failed,
    Finished,
    Loaded,
    LoadOptions,
    LoadProgressed,
)
from hanlin.processes.supervisor import Patience
from hanlin_fakes import gguf_models, projectors
from hanlin_fakes.real_client import (
    GREEDY,
    HELLO,
    OPTIONS,
    Open,
    loaded,
    worker_of,
    write_models,
)
from hanlin_fakes.waiting import until


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return write_models(tmp_path_factory.mktemp("模 型"))


def test_a_file_that_names_a_word_as_the_end_is_put_right(engine: Open, tmp_path: Path) -> None:
    says = ["It costs ", "$", "5."]
    path = gguf_models.write_scripted(tmp_path / "m.gguf", says, named_end=ord("$"))
    client, heard = engine()
    end = heard.end_of(client.load(path, OPTIONS))
    assert isinstance(end, Loaded)
    assert '"$"' in end.model.template_note
    request = client.generate(HELLO, GREEDY)
    answer = heard.end_of(request)
    assert isinstance(answer, Finished)
    assert answer.reason is StopReason.END
    assert heard.text(request) == "It costs $5."


def test_a_conversation(engine: Open, models: dict[str, Path]) -> None:
    client, heard = engine()
    load = client.load(models["thinks"], OPTIONS)
    end = heard.end_of(load)
    assert isinstance(end, Loaded)
    assert (end.model.name, end.model.thinking_switch) == ("tiny qwen3", True)
    assert end.model.template_note == ""
    request = client.generate(HELLO, GREEDY)
    answer = heard.end_of(request)
    assert isinstance(answer, Finished)
    assert answer.reason is StopReason.END
    assert heard.text(request, PartKind.THINKING) == "想"
    assert heard.text(request) == "你好！"
    assert answer.usage.completion_tokens == answer.timings.decode_tokens == 6
    assert answer.context_used == answer.usage.prompt_tokens + 6
    assert heard.states() == [
        EngineState.STARTING,
        EngineState.LOADING,
        EngineState.LOADED,
        EngineState.GENERATING,
        EngineState.LOADED,
    ]
    assert client.sandbox is not None


def test_thinking_is_switched_by_the_prompt(engine: Open, models: dict[str, Path]) -> None:
    client, heard = loaded(engine, models["talks"])
    for thinking in (None, True, False):
        options = GenerationOptions(Sampling(temperature=0), max_tokens=2, thinking=thinking)
        request = client.generate(HELLO, options)
        heard.end_of(request)
        assert heard.text(request) == "abcd"


@pytest.mark.parametrize(("name", "words"), [("plain", "no chat"), ("hostile", "not allowed")])
def test_a_template_that_cannot_be_used_is_replaced_and_told(
    engine: Open, models: dict[str, Path], name: str, words: str
) -> None:
    client, heard = engine()
    end = heard.end_of(client.load(models[name], OPTIONS))
    assert isinstance(end, Loaded)
    assert words in end.model.template_note
    request = client.generate(HELLO, GREEDY)
    heard.end_of(request)
    assert heard.text(request) == "你好！"


def test_a_question_may_come_before_its_model(engine: Open, models: dict[str, Path]) -> None:
    client, heard = engine()
    load = client.load(models["thinks"], OPTIONS)
    request = client.generate(HELLO, GREEDY)
    assert isinstance(heard.end_of(request), Finished)
    assert [e for e in heard.events if isinstance(e, Loaded | Finished)] == [
        heard.end_of(load),
        heard.end_of(request),
    ]


def test_questions_without_a_model_or_during_another_are_refused(
    engine: Open, models: dict[str, Path]
) -> None:
    client, heard = engine()
    assert isinstance(heard.end_of(client.generate(HELLO, GREEDY)), Failed)
    heard.end_of(client.load(models["talks"], OPTIONS))
    running = client.generate(HELLO, GREEDY)
    heard.wait_for_text(running)
    refused = heard.end_of(client.generate(HELLO, GREEDY))
    assert isinstance(refused, Failed)
    assert refused.engine_alive
    client.cancel(running)
    assert isinstance(heard.end_of(running), Finished)


def test_the_oldest_turns_leave_when_the_context_is_full(
    engine: Open, models: dict[str, Path]
) -> None:
    client, heard = engine()
    heard.end_of(client.load(models["thinks"], LoadOptions(context=512, threads=1)))
    old = [Turn(role, "x" * 40) for _ in range(6) for role in (Role.USER, Role.ASSISTANT)]
    turns = [Turn(Role.SYSTEM, "s"), *old, *HELLO]
    end = heard.end_of(client.generate(turns, GREEDY))
    assert isinstance(end, Finished)
    assert end.dropped_turns == 6  # an exchange is 116 tokens, 128 are kept for the answer
    assert end.usage.prompt_tokens + 128 <= 512
    assert heard.end_of(client.generate(turns[-2:], GREEDY)) is not None


def test_a_question_too_long_is_told_with_figures_and_the_next_is_answered(
    engine: Open, models: dict[str, Path]
) -> None:
    client, heard = engine()
    heard.end_of(client.load(models["thinks"], LoadOptions(context=512, threads=1)))
    end = heard.end_of(client.generate([Turn(Role.USER, "x" * 10_000)], GREEDY))
    assert isinstance(end, Failed)
    assert "512" in end.error.message
    assert end.engine_alive
    assert isinstance(heard.end_of(client.generate(HELLO, GREEDY)), Finished)


def test_a_text_beyond_all_measure_costs_only_that_question(
    engine: Open, models: dict[str, Path]
) -> None:
    client, heard = loaded(engine, models["thinks"])
    pid = worker_of(client).pid
    huge = Turn(Role.USER, "长" * 5_000_000)
    end = heard.end_of(client.generate([huge], GREEDY))
    assert isinstance(end, Failed)
    assert "5,000,000" in end.error.message
    end = heard.end_of(client.generate([huge, *HELLO], GREEDY))
    assert isinstance(end, Finished)
    assert end.dropped_turns == 1
    assert worker_of(client).pid == pid


def test_cancel_while_writing(engine: Open, models: dict[str, Path]) -> None:
    client, heard = loaded(engine, models["talks"])
    request = client.generate(HELLO, GREEDY)
    heard.wait_for_text(request, 10)
    pid = worker_of(client).pid
    client.cancel(request)
    client.cancel(request)
    end = heard.end_of(request)
    assert isinstance(end, Finished)
    assert end.reason is StopReason.CANCELLED
    assert end.usage.completion_tokens > 0
    assert worker_of(client).pid == pid, "a cancel that is obeyed needs no kill"
    client.cancel(request)
    client.cancel(12345)


def test_cancel_while_reading(engine: Open, models: dict[str, Path]) -> None:
    client, heard = loaded(engine, models["dense"])
    request = client.generate([Turn(Role.USER, "long " * 5000)], GREEDY)
    heard.wait_for_prefill(request)
    client.cancel(request)
    end = heard.end_of(request)
    assert isinstance(end, Finished)
    assert (end.reason, heard.text(request)) == (StopReason.CANCELLED, "")
    short = GenerationOptions(Sampling(temperature=0), max_tokens=3)
    assert isinstance(heard.end_of(client.generate(HELLO, short)), Finished)


def test_a_cancel_does_not_wait_for_a_picture_that_is_being_opened(
    engine: Open, models: dict[str, Path], tmp_path: Path
) -> None:
    client, heard = engine(patience=Patience(cancel=3600))
    eyes = projectors.write_janus(tmp_path / "mmproj.gguf")
    options = LoadOptions(threads=1, context=4096, projector=eyes)
    assert isinstance(heard.end_of(client.load(models["dense"], options)), Loaded)
    worker = worker_of(client)
    asked, given = threading.Event(), threading.Event()

    def opened() -> Pixels:
        asked.set()
        assert given.wait(60)
        return Pixels(64, 64, bytes(3 * 64 * 64))

    picture = Media(AttachmentKind.PICTURE, "one", opened)
    look = [Turn(Role.USER, "look", media=(picture,))]
    short = GenerationOptions(Sampling(temperature=0), max_tokens=3)
    request = client.generate(look, short)
    assert asked.wait(60)
    client.cancel(request)
    end = heard.end_of(request)
    assert isinstance(end, Finished)
    assert end.reason is StopReason.CANCELLED
    given.set()
    again = heard.end_of(client.generate(look, short))
    assert isinstance(again, Finished)
    assert again.usage.completion_tokens == 3
    assert worker_of(client) == worker
    assert len(heard.endings(request)) == 1


def test_cancel_a_load_and_load_again(engine: Open, models: dict[str, Path]) -> None:
    client, heard = engine()
    request = client.load(models["dense"], OPTIONS)
    client.cancel(request)
    end = heard.end_of(request)
    assert isinstance(end, Failed)
    assert "stopped" in end.error.title
    assert isinstance(heard.end_of(client.load(models["thinks"], OPTIONS)), Loaded)


def test_switching_models_ends_the_answer_and_the_old_worker(
    engine: Open, models: dict[str, Path]
) -> None:
    client, heard = loaded(engine, models["talks"])
    running = client.generate(HELLO, GREEDY)
    heard.wait_for_text(running)
    before = worker_of(client)
    assert isinstance(heard.end_of(client.load(models["thinks"], OPTIONS)), Loaded)
    end = heard.end_of(running)
    assert isinstance(end, Finished)
    assert end.reason is StopReason.CANCELLED
    assert not before.is_running()
    request = client.generate(HELLO, GREEDY)
    heard.end_of(request)
    assert heard.text(request) == "你好！"


def test_a_load_is_cancelled_in_its_midst_and_the_next_one_answers(
    engine: Open, tmp_path: Path
) -> None:
    path = gguf_models.write_random(tmp_path / "deep.gguf", layers=100)
    client, heard = engine(patience=Patience(cancel=3600))
    part_way: list[psutil.Process] = []

    def cancel_once(event: EngineEvent) -> None:
        if isinstance(event, LoadProgressed) and 0 < event.fraction < 1 and not part_way:
            worker = worker_of(client)
            worker.suspend()  # wherever in llama.cpp it is
            part_way.append(worker)
            client.cancel(event.request)

    client.subscribe(cancel_once)
    # So many layers' context takes far longer than this event needs to arrive.
    end = heard.end_of(client.load(path, LoadOptions(context=4096, threads=1)))
    assert isinstance(end, Failed)
    assert end.error.title == "Loading was stopped"
    assert end.engine_alive
    heard.wait_for_state(EngineState.STOPPED)
    assert heard.states() == [EngineState.STARTING, EngineState.LOADING, EngineState.STOPPED]
    until(lambda: not part_way[0].is_running())
    refused = heard.end_of(client.generate(HELLO, GREEDY))
    assert isinstance(refused, Failed)
    assert isinstance(heard.end_of(client.load(path, LoadOptions(context=512, threads=1))), Loaded)
    request = client.generate(HELLO, GenerationOptions(Sampling(temperature=0), max_tokens=4))
    answer = heard.end_of(request)
    assert isinstance(answer, Finished)
    assert answer.usage.completion_tokens == 4


def test_unload_frees_and_close_leaves_nothing(engine: Open, models: dict[str, Path]) -> None:
    client, heard = loaded(engine, models["talks"])
    before = worker_of(client)
    request = client.generate(HELLO, GREEDY)
    heard.wait_for_text(request)
    client.unload()
    assert isinstance(heard.end_of(request), Finished)
    heard.wait_for_state(EngineState.STOPPED)
    until(lambda: not before.is_running())
    heard.end_of(client.load(models["talks"], OPTIONS))
    running = client.generate(HELLO, GREEDY)
    heard.wait_for_text(running)
    children = psutil.Process().children(recursive=True)
    assert len(children) == 2  # the worker and the template child
    client.close()
    assert not any(child.is_running() for child in children)
    assert isinstance(heard.end_of(running), Finished)
    client.close()


def test_a_listener_that_raises_or_closes_harms_nobody(
    engine: Open, models: dict[str, Path], caplog: pytest.LogCaptureFixture
) -> None:
    client, heard = engine()

    def raises(_event: object) -> None:
        raise RuntimeError("a listener's mistake")

    stop = client.subscribe(raises)
    assert isinstance(heard.end_of(client.load(models["thinks"], OPTIONS)), Loaded)
    assert "a listener to the engine failed" in caplog.text
    stop()
    client.subscribe(lambda _event: client.close())
    heard.end_of(client.generate(HELLO, GREEDY))
    client.close()
