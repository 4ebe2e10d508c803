"""Rows of the crash table (packaging/design.md 4) that only a real worker can show.

Which test shows which row is in ``tests/architecture/test_crash_table.py``.
"""

import ctypes
import re
import sys
import time
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
_THP_DISABLE = 41
"""PR_SET_THP_DISABLE of prctl(2): inherited by children."""


@pytest.fixture
def heard() -> Iterator[tuple[EngineClient, Heard]]:
    client = EngineClient(TemplateClient())
    yield client, Heard(client)
    client.close()


@pytest.fixture
def small_pages() -> Iterator[None]:
    """Let the workers have no huge pages, so that a model's weights stay in its file."""
    libc = ctypes.CDLL(None)
    if sys.platform == "linux":
        assert libc.prctl(_THP_DISABLE, 1, 0, 0, 0) == 0
    yield
    if sys.platform == "linux":
        assert libc.prctl(_THP_DISABLE, 0, 0, 0, 0) == 0


def _wide(path: Path) -> Path:
    """Write a model whose tokens take a while and read weights all over the file."""
    says = [f"word{number} " for number in range(200)]
    return gguf_models.write_scripted(path, says, feed_forward=16384)


@pytest.mark.skipif(sys.platform == "win32", reason="a mapped file cannot be cut there")
@pytest.mark.usefixtures("small_pages")
def test_a_model_cut_short_while_it_answers_ends_the_worker_alone(
    tmp_path: Path, heard: tuple[EngineClient, Heard]
) -> None:
    client, told = heard
    model = _wide(tmp_path / "m.gguf")
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


@pytest.mark.skipif(sys.platform != "linux", reason="weights move into memory on Linux only")
def test_a_model_cut_short_after_it_moved_into_memory_answers_all_the_same(
    tmp_path: Path, heard: tuple[EngineClient, Heard]
) -> None:
    client, told = heard
    model = _wide(tmp_path / "m.gguf")
    assert isinstance(told.end_of(client.load(model, OPTIONS)), Loaded)
    before = told.end_of(client.generate(HELLO, GREEDY))
    assert isinstance(before, Finished)
    [worker] = [each for each in psutil.Process().children() if "engine" in each.cmdline()]
    maps = Path(f"/proc/{worker.pid}/maps")
    deadline = time.monotonic() + 45
    try:
        while model.name in maps.read_text("utf-8", "replace"):
            if time.monotonic() > deadline:
                pytest.skip("this system gives no huge pages, or has too little memory for them")
            time.sleep(0.05)
    except PermissionError:
        pytest.skip("only root may see what a worker maps")
    with model.open("r+b") as file:
        file.truncate(4096)
    request = client.generate(HELLO, GREEDY)
    end = told.end_of(request)
    assert isinstance(end, Finished)
    assert told.text(request).endswith("word199 ")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits another process's memory")
def test_memory_that_ran_out_costs_one_answer(
    tmp_path: Path, heard: tuple[EngineClient, Heard]
) -> None:
    client, told = heard
    model = gguf_models.write_scripted(tmp_path / "m.gguf", ["你", "好"])
    # The first answer needs memory for certain: for the stacks of the threads that compute.
    options = LoadOptions(context=4096, threads=4)
    assert isinstance(told.end_of(client.load(model, options)), Loaded)
    [worker] = [each for each in psutil.Process().children() if "engine" in each.cmdline()]
    unlimited = worker.rlimit(psutil.RLIMIT_AS)
    worker.rlimit(psutil.RLIMIT_AS, (worker.memory_info().vms, unlimited[1]))
    end = told.end_of(client.generate(HELLO, GREEDY))
    assert isinstance(end, Failed)
    if end.engine_alive:  # Python noticed first
        assert "memory" in end.error.message
        worker.rlimit(psutil.RLIMIT_AS, unlimited)
    else:  # C++ or OpenMP (status 1) did and ended it; the next one has its memory again
        assert re.search("SIGABRT|status 1", end.error.message)
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
