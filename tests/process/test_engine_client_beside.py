"""Work beside the chat through the client and a service, with real workers."""

import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from hanlin.domain.conversation import Role
from hanlin.domain.generation import GenerationOptions, Sampling, StopReason, Turn
from hanlin.engine.base import EngineState, Failed, Finished, Loaded, LoadOptions
from hanlin.engine.client import EngineClient
from hanlin.kernel.errors import UserCancelled
from hanlin.services.writing import EngineWriter
from hanlin.templates.client import TemplateClient
from hanlin_fakes import gguf_models
from hanlin_fakes.hearing import Heard

JOB = [Turn(Role.USER, "a job that nobody waits for")]
HELLO = [Turn(Role.USER, "你好")]
ENDLESS = GenerationOptions(Sampling(temperature=0), guess_ahead=False)
FOUR = GenerationOptions(Sampling(temperature=0), max_tokens=4)
MORE = 10


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "talks.gguf"
    # So long a circle that it is not noticed as one, which would end a job by itself.
    says = ["ab", "cd", *(f"e{number}" for number in range(200))]
    return gguf_models.write_scripted(path, says, for_ever=True, context=131072)


@pytest.fixture
def client() -> Iterator[EngineClient]:
    client = EngineClient(TemplateClient())
    yield client
    client.close()


@pytest.fixture
def heard(client: EngineClient, model: Path) -> Heard:
    heard = Heard(client)
    assert isinstance(heard.end_of(client.load(model, LoadOptions(threads=1))), Loaded)
    return heard


def test_a_question_is_answered_in_the_midst_of_a_job(client: EngineClient, heard: Heard) -> None:
    job = client.generate(JOB, ENDLESS, beside=True)
    heard.wait_for_text(job)
    assert heard.states()[-1] is EngineState.BESIDE
    for _ in range(2):
        question = client.generate(HELLO, FOUR)
        assert isinstance(heard.end_of(question), Finished)
        assert heard.text(question) == "abcde0e1"
        heard.wait_for_text(job, len(heard.text(job)) + MORE)
        assert heard.states()[-2:] == [EngineState.GENERATING, EngineState.BESIDE]
    assert not heard.endings(job)
    client.cancel(job)
    end = heard.end_of(job)
    assert isinstance(end, Finished)
    assert end.reason is StopReason.CANCELLED
    heard.wait_for_state(EngineState.LOADED)
    assert heard.text(job).startswith("abcde0e1")


def test_jobs_wait_for_the_model_and_for_each_other(client: EngineClient, model: Path) -> None:
    heard = Heard(client)
    load = client.load(model, LoadOptions(threads=1))
    jobs = [client.generate(JOB, FOUR, beside=True) for _ in range(3)]
    question = client.generate(HELLO, FOUR)
    assert isinstance(heard.end_of(load), Loaded)
    for request in (*jobs, question):
        end = heard.end_of(request)
        assert isinstance(end, Finished), "none is refused"
        assert heard.text(request) == "abcde0e1"
    heard.wait_for_state(EngineState.LOADED)


def test_a_death_ends_the_job_and_the_question_once(client: EngineClient, heard: Heard) -> None:
    job = client.generate(JOB, ENDLESS, beside=True)
    heard.wait_for_text(job)
    question = client.generate(HELLO, ENDLESS)
    heard.wait_for_text(question)
    assert client.worker_pid
    psutil.Process(client.worker_pid).send_signal(signal.SIGKILL)
    for request in (job, question):
        end = heard.end_of(request)
        assert isinstance(end, Failed)
        assert not end.engine_alive
    heard.wait_for_state(EngineState.LOADED)
    again = client.generate(JOB, FOUR, beside=True)
    assert isinstance(heard.end_of(again), Finished)


def test_writers_take_turns_and_let_the_chat_go_first(client: EngineClient, heard: Heard) -> None:
    endless, short = EngineWriter(client), EngineWriter(client)
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(endless.write, JOB, ENDLESS)
        heard.wait_for_state(EngineState.BESIDE)
        second = threads.submit(short.write, JOB, FOUR)
        question = client.generate(HELLO, FOUR)
        assert isinstance(heard.end_of(question), Finished)
        assert not first.done()
        endless.cancel()
        with pytest.raises(UserCancelled):
            first.result(60)
        assert second.result(60).text == "abcde0e1"
