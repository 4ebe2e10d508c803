"""The client with real workers: conversations, the context, cancels, crashes, hangs, orphans."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
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
    Silent,
    StateChanged,
)
from hanlin.engine.client import EngineClient
from hanlin.engine.launching import launch
from hanlin.processes.command import ChildCommand
from hanlin.processes.supervisor import Patience
from hanlin.templates.client import TemplateClient
from hanlin_fakes import gguf_models, projectors
from hanlin_fakes.hearing import Heard

OPTIONS = LoadOptions(threads=1)
HELLO = [Turn(Role.USER, "你好")]
GREEDY = GenerationOptions(Sampling(temperature=0))
HASTY = Patience(silence=8.0, cancel=0.5)
"""Silence long enough for a load on a busy machine, which is silent too."""
SUPPORT = Path(__file__).parents[1] / "support"

Open = Callable[..., tuple[EngineClient, Heard]]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("模 型")
    says = ["<think>", "想", "</think>", "\n\n", "你好", "！"]
    write = gguf_models.write_scripted
    return {
        "thinks": write(folder / "thinks.gguf", says),
        "plain": write(folder / "plain.gguf", says, template=None),
        "hostile": write(folder / "hostile.gguf", says, template="{{ ''.__class__.__mro__ }}"),
        "talks": write(folder / "talks.gguf", ["ab", "cd"], for_ever=True, context=131072),
        "dense": gguf_models.write_random(folder / "dense.gguf"),
    }


@pytest.fixture
def engine() -> Iterator[Open]:
    with ExitStack() as stack:

        def opened(**options: object) -> tuple[EngineClient, Heard]:
            client = EngineClient(TemplateClient(), **options)  # type: ignore[arg-type]  # by name
            stack.callback(client.close)
            return client, Heard(client)

        yield opened


def worker_of(client: EngineClient) -> psutil.Process:
    assert client.worker_pid
    return psutil.Process(client.worker_pid)


def until(fact: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def loaded(engine: Open, model: Path, **options: object) -> tuple[EngineClient, Heard]:
    client, heard = engine(**options)
    assert isinstance(heard.end_of(client.load(model, OPTIONS)), Loaded)
    return client, heard


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
    assert "5000000" in end.error.message
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


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_crash_ends_the_answer_and_the_engine_comes_back(
    engine: Open, models: dict[str, Path], number: signal.Signals
) -> None:
    client, heard = loaded(engine, models["talks"])
    request = client.generate(HELLO, GREEDY)
    heard.wait_for_text(request, 10)
    before = worker_of(client)
    before.send_signal(number)
    end = heard.end_of(request)
    assert isinstance(end, Failed)
    assert not end.engine_alive
    assert heard.text(request).startswith("abcd")
    heard.wait_for_state(EngineState.LOADED)
    assert heard.states()[-3:] == [EngineState.STARTING, EngineState.LOADING, EngineState.LOADED]
    assert heard.notes(), "a restart is told"
    assert worker_of(client).pid != before.pid
    short = GenerationOptions(Sampling(temperature=0), max_tokens=2)
    again = client.generate(HELLO, short)
    assert isinstance(heard.end_of(again), Finished)
    assert heard.text(again) == "abcd"


def test_a_second_crash_is_left_to_the_person(engine: Open, models: dict[str, Path]) -> None:
    client, heard = loaded(engine, models["talks"])
    for state in (EngineState.LOADED, EngineState.DEAD):
        request = client.generate(HELLO, GREEDY)
        heard.wait_for_text(request)
        worker_of(client).kill()
        end = heard.end_of(request)
        assert isinstance(end, Failed)
        promised = "It is started again by itself" in str(end.error)
        assert promised is (state is EngineState.LOADED)
        heard.wait_for_state(state)
    refused = heard.end_of(client.generate(HELLO, GREEDY))
    assert isinstance(refused, Failed)
    assert isinstance(heard.end_of(client.load(models["thinks"], OPTIONS)), Loaded)


def test_a_worker_that_hangs_is_ended_and_comes_back(engine: Open, models: dict[str, Path]) -> None:
    client, heard = loaded(engine, models["talks"], patience=HASTY)
    request = client.generate(HELLO, GREEDY)
    heard.wait_for_text(request)
    worker_of(client).suspend()
    end = heard.end_of(request)
    assert isinstance(end, Failed)
    assert not end.engine_alive
    heard.wait_for_state(EngineState.LOADED)


def test_a_worker_that_hangs_while_it_loads_is_ended_with_that_cause(
    engine: Open, models: dict[str, Path]
) -> None:
    client, heard = engine(patience=HASTY)
    stopped: list[int] = []

    def stop_once(event: EngineEvent) -> None:
        if event == StateChanged(EngineState.LOADING) and not stopped:
            worker = worker_of(client)
            worker.suspend()
            stopped.append(worker.pid)

    client.subscribe(stop_once)
    end = heard.end_of(client.load(models["talks"], OPTIONS))
    assert isinstance(end, Failed)
    assert "no progress" in end.error.message
    assert not end.engine_alive
    heard.wait_for_state(EngineState.STOPPED)
    # The state is told before the process is killed, and both before the system lets it go.
    until(lambda: not psutil.pid_exists(stopped[0]))
    assert isinstance(heard.end_of(client.load(models["talks"], OPTIONS)), Loaded)


def told_of_silence(heard: Heard) -> list[int]:
    return [event.seconds for event in heard.events if isinstance(event, Silent)]


def test_silence_is_told_and_stop_ends_it_with_what_was_written_kept(
    engine: Open, models: dict[str, Path]
) -> None:
    client, heard = loaded(engine, models["talks"])
    request = client.generate(HELLO, GREEDY)
    heard.wait_for_text(request)
    before = worker_of(client)
    before.suspend()
    heard.wait(lambda: len(told_of_silence(heard)) >= 2)
    first, second = told_of_silence(heard)[:2]
    assert 5 <= first < second
    written = heard.text(request)
    client.cancel(request)
    end = heard.end_of(request)
    assert isinstance(end, Finished)
    assert end.reason is StopReason.CANCELLED
    assert heard.text(request) == written != ""
    heard.wait_for_state(EngineState.LOADED)
    assert told_of_silence(heard)[-1] == 0
    assert not before.is_running()
    short = GenerationOptions(Sampling(temperature=0), max_tokens=2)
    assert isinstance(heard.end_of(client.generate(HELLO, short)), Finished)


def test_a_worker_that_wakes_up_is_no_longer_silent(engine: Open, models: dict[str, Path]) -> None:
    client, heard = loaded(engine, models["talks"])
    request = client.generate(HELLO, GREEDY)
    heard.wait_for_text(request)
    worker_of(client).suspend()
    heard.wait(lambda: bool(told_of_silence(heard)))
    worker_of(client).resume()
    heard.wait(lambda: told_of_silence(heard)[-1] == 0)
    client.cancel(request)
    assert isinstance(heard.end_of(request), Finished)


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


def test_a_cancel_that_is_not_obeyed_kills(engine: Open, models: dict[str, Path]) -> None:
    client, heard = loaded(engine, models["talks"], patience=HASTY)
    request = client.generate(HELLO, GREEDY)
    heard.wait_for_text(request)
    before = worker_of(client)
    before.suspend()
    client.cancel(request)
    end = heard.end_of(request)
    assert isinstance(end, Finished)
    assert end.reason is StopReason.CANCELLED
    heard.wait_for_state(EngineState.LOADED)
    assert worker_of(client).pid != before.pid


def test_a_program_that_cannot_start_is_told(engine: Open, models: dict[str, Path]) -> None:
    def nowhere(
        model: Path | None,
        *,
        backend: Path | None = None,
        plain: bool = False,
        projector: Path | None = None,
    ) -> ChildCommand:
        del model, backend, plain, projector
        return ChildCommand("engine", ("/nowhere/hanlin-child",), {})

    client, heard = engine(launch_worker=nowhere)
    end = heard.end_of(client.load(models["thinks"], OPTIONS))
    assert isinstance(end, Failed)
    assert "could not be started" in end.error.title


def test_a_worker_that_talks_nonsense_is_not_believed(
    engine: Open, models: dict[str, Path]
) -> None:
    code = (
        "import json,sys,time;"
        "say=lambda m:(sys.stdout.write(json.dumps(m)+chr(10)),sys.stdout.flush());"
        "say({'event':'hello','protocol':1,'kind':'engine','sandbox':{}});"
        "sys.stdin.readline();say({'event':'ModelLoaded','id':1,'context':'much'});"
        "sys.stdin.read()"
    )

    def liar(
        model: Path | None,
        *,
        backend: Path | None = None,
        plain: bool = False,
        projector: Path | None = None,
    ) -> ChildCommand:
        real = launch(model, backend=backend, plain=plain, projector=projector)
        return ChildCommand("engine", (sys.executable, "-c", code), real.environment)

    client, heard = engine(launch_worker=liar)
    end = heard.end_of(client.load(models["thinks"], OPTIONS))
    assert isinstance(end, Failed)
    assert "no sense" in end.error.message


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


def spare_of(client: EngineClient) -> psutil.Process:
    until(lambda: client.spare_pid > 0)
    return psutil.Process(client.spare_pid)


def test_the_next_worker_waits_and_is_bound_as_the_one_before(
    engine: Open, models: dict[str, Path]
) -> None:
    client, heard = loaded(engine, models["plain"], spare_after=0.0)
    bound = client.sandbox
    spare = spare_of(client)
    until(lambda: spare.status() == psutil.STATUS_SLEEPING)
    if sys.platform == "linux":
        assert not any("llama" in each.path for each in spare.memory_maps())
    assert isinstance(heard.end_of(client.load(models["thinks"], OPTIONS)), Loaded)
    assert worker_of(client).pid == spare.pid
    assert client.sandbox == bound
    request = client.generate(HELLO, GREEDY)
    assert isinstance(heard.end_of(request), Finished)
    assert heard.text(request) == "你好！"
    another = spare_of(client)
    assert another.pid != spare.pid
    client.close()
    assert not another.is_running()


def test_a_spare_that_was_killed_costs_nothing(engine: Open, models: dict[str, Path]) -> None:
    client, heard = loaded(engine, models["plain"], spare_after=0.0)
    for name in ("thinks", "plain", "thinks"):
        spare_of(client).kill()  # perhaps it is noticed before the next load, perhaps after
        assert isinstance(heard.end_of(client.load(models[name], OPTIONS)), Loaded)
        assert isinstance(heard.end_of(client.generate(HELLO, GREEDY)), Finished)


def test_a_crash_is_mended_with_the_spare(engine: Open, models: dict[str, Path]) -> None:
    client, heard = loaded(engine, models["talks"], spare_after=0.0)
    spare = spare_of(client)
    request = client.generate(HELLO, GREEDY)
    heard.wait_for_text(request)
    worker_of(client).kill()
    assert isinstance(heard.end_of(request), Failed)
    heard.wait_for_state(EngineState.LOADED)
    assert worker_of(client).pid == spare.pid


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


ORPHANING = """
import json, sys, threading
from pathlib import Path
import psutil
from hanlin_fakes.hearing import Heard
from hanlin.domain.conversation import Role
from hanlin.domain.generation import GenerationOptions, Turn
from hanlin.engine.base import LoadOptions
from hanlin.engine.client import EngineClient
from hanlin.templates.client import TemplateClient

client = EngineClient(TemplateClient(), spare_after=0.0)
heard = Heard(client)
heard.end_of(client.load(Path(sys.argv[1]), LoadOptions(threads=1)))
while not client.spare_pid:
    threading.Event().wait(0.01)
heard.wait_for_text(client.generate([Turn(Role.USER, "hi")], GenerationOptions()))
print(json.dumps([child.pid for child in psutil.Process().children()]), flush=True)
threading.Event().wait()
"""


def test_no_worker_outlives_a_program_that_was_killed(models: dict[str, Path]) -> None:
    roots = [str(SUPPORT), str(SUPPORT.parents[1] / "app")]
    program = subprocess.Popen(
        [sys.executable, "-c", ORPHANING, str(models["talks"])],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(roots)},
    )
    with program:
        assert program.stdout is not None
        children = [psutil.Process(pid) for pid in json.loads(program.stdout.readline())]
        program.kill()
    assert len(children) == 3  # the worker, the next one and the template child
    _gone, alive = psutil.wait_procs(children, timeout=60)
    assert not alive
