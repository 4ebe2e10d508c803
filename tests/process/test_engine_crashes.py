"""Rows of the crash table (research/engine.md 5.1) that only a real worker can show.

The other rows: too many tokens and wrong forms are refused (``test_engine_worker``,
``test_engine_sampling``), damaged files (``test_engine_damage``), a card that aborts, hangs or
has no memory (``test_hardware_drivers``), kills and hangs (``test_engine_client``). Shifting
positions, adapters and lazy grammars are never asked of llama.cpp (``test_llama_calls``), and
one thread computes.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from hanlin.domain.conversation import Role
from hanlin.domain.generation import GenerationOptions, Sampling, Turn
from hanlin.engine.base import EngineState, Failed, Finished, Loaded, LoadOptions
from hanlin.engine.client import EngineClient
from hanlin.engine.protocol import CacheType
from hanlin.templates.client import TemplateClient
from hanlin_fakes import gguf_models
from hanlin_fakes.hearing import Heard

HELLO = [Turn(Role.USER, "你好")]
GREEDY = GenerationOptions(Sampling(temperature=0))
OPTIONS = LoadOptions(context=4096, threads=1)


@pytest.fixture
def heard() -> Iterator[tuple[EngineClient, Heard]]:
    client = EngineClient(TemplateClient())
    yield client, Heard(client)
    client.close()


@pytest.mark.skipif(sys.platform == "win32", reason="a mapped file cannot be cut there")
def test_a_model_cut_short_while_it_answers_ends_the_worker_alone(
    tmp_path: Path, heard: tuple[EngineClient, Heard]
) -> None:
    client, told = heard
    # Wide, so that a token takes a while and reads weights all over the file.
    says = [f"word{number} " for number in range(200)]
    model = gguf_models.write_scripted(tmp_path / "m.gguf", says, feed_forward=16384)
    whole = model.read_bytes()
    assert isinstance(told.end_of(client.load(model, OPTIONS)), Loaded)
    request = client.generate(HELLO, GREEDY)
    told.wait_for_text(request)
    with model.open("r+b") as file:  # a stick pulled out, a cloud drive gone
        file.truncate(len(whole) // 16)
    end = told.end_of(request)
    if isinstance(end, Finished):
        pytest.skip("this computer wrote the whole answer before the file was cut")
    assert isinstance(end, Failed)
    assert not end.engine_alive
    assert "changed or vanished" in end.error.message
    assert told.text(request).startswith("word0 ")
    # It starts again by itself and finds the file damaged; whole again, it is loaded again.
    told.wait_for_state(EngineState.STOPPED)
    model.write_bytes(whole)
    assert isinstance(told.end_of(client.load(model, OPTIONS)), Loaded)
    assert isinstance(told.end_of(client.generate(HELLO, GREEDY)), Finished)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits another process's memory")
def test_memory_that_ran_out_costs_one_answer(
    tmp_path: Path, heard: tuple[EngineClient, Heard]
) -> None:
    client, told = heard
    model = gguf_models.write_scripted(tmp_path / "m.gguf", ["你", "好"])
    assert isinstance(told.end_of(client.load(model, OPTIONS)), Loaded)
    [worker] = [each for each in psutil.Process().children() if "engine" in each.cmdline()]
    unlimited = worker.rlimit(psutil.RLIMIT_AS)
    worker.rlimit(psutil.RLIMIT_AS, (worker.memory_info().vms, unlimited[1]))
    end = told.end_of(client.generate(HELLO, GREEDY))
    assert isinstance(end, Failed)
    if end.engine_alive:  # Python noticed first
        assert "memory" in end.error.message
        worker.rlimit(psutil.RLIMIT_AS, unlimited)
    else:  # C++ did: std::bad_alloc ends the process, and the next one has its memory again
        assert "SIGABRT" in end.error.message
        told.wait_for_state(EngineState.LOADED)
    request = client.generate(HELLO, GREEDY)
    assert isinstance(told.end_of(request), Finished)
    assert told.text(request) == "你好"


@pytest.mark.parametrize("cache", ["q8_0", "q4_0"])
def test_a_packed_cache_answers(
    tmp_path: Path, heard: tuple[EngineClient, Heard], cache: str
) -> None:
    client, told = heard
    model = gguf_models.write_random(tmp_path / "m.gguf", layers=2, comparable=True)
    options = LoadOptions(context=512, threads=1, cache=CacheType(cache))
    assert isinstance(told.end_of(client.load(model, options)), Loaded)
    request = client.generate(HELLO, GenerationOptions(Sampling(temperature=0), max_tokens=8))
    assert isinstance(told.end_of(request), Finished)
    assert len(told.text(request)) == 8


def test_the_plain_module_answers_and_threads_are_measured(
    tmp_path: Path, heard: tuple[EngineClient, Heard]
) -> None:
    client, told = heard
    model = gguf_models.write_random(tmp_path / "m.gguf", layers=2, dim=512, comparable=True)
    with model.open("ab") as file:
        file.truncate(64_000_000)
    options = LoadOptions(context=512, tune=True, plain=True)
    end = told.end_of(client.load(model, options))
    assert isinstance(end, Loaded)
    assert end.model.threads >= 1
    request = client.generate(HELLO, GenerationOptions(Sampling(temperature=0), max_tokens=8))
    assert isinstance(told.end_of(request), Finished)
