"""The client when a worker crashes, hangs, lies or is killed, and the spare that replaces it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from hanlin.domain.generation import GenerationOptions, Sampling, StopReason
from hanlin.engine.base import (
    EngineEvent,
    EngineState,
    Failed,
    Finished,
    Loaded,
    Silent,
    StateChanged,
)
from hanlin.engine.client import EngineClient
from hanlin.engine.launching import launch
from hanlin.processes.command import ChildCommand
from hanlin_fakes.hearing import Heard
from hanlin_fakes.real_client import (
    GREEDY,
    HASTY,
    HELLO,
    OPTIONS,
    Open,
    loaded,
    worker_of,
    write_models,
)
from hanlin_fakes.waiting import until

SUPPORT = Path(__file__).parents[1] / "support"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return write_models(tmp_path_factory.mktemp("模 型"))


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
