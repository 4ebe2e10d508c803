"""Files that are no model: each ends in one plain refusal, and the worker lives."""

import os
import random
import sys
from pathlib import Path

import pytest

from hanlin.engine import messages
from hanlin.engine.base import EngineState, Failed, Loaded, LoadOptions
from hanlin.engine.client import EngineClient
from hanlin.engine.protocol import Code
from hanlin.templates.client import TemplateClient
from hanlin_fakes import gguf_models
from hanlin_fakes.hearing import Heard

OPTIONS = LoadOptions(context=512, threads=1)


def title(code: Code) -> str:
    return messages.refused(code, "", Path("x")).title


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return gguf_models.write_random(
        tmp_path_factory.mktemp("models") / "good.gguf", layers=1, dim=64
    )


def load_each(paths: list[Path]) -> list[Loaded | Failed]:
    """Load one after the other in one client and return how each ended."""
    ends: list[Loaded | Failed] = []
    engine = EngineClient(TemplateClient())
    try:
        heard = Heard(engine)
        for path in paths:
            end = heard.end_of(engine.load(path, OPTIONS))
            assert isinstance(end, Loaded | Failed)
            ends.append(end)
            expected = EngineState.LOADED if isinstance(end, Loaded) else EngineState.STOPPED
            heard.wait_for_state(expected)
    finally:
        engine.close()
    return ends


def test_what_is_no_model_is_told_in_plain_words(tmp_path: Path, model: Path) -> None:
    whole = model.read_bytes()
    contents = {
        "empty": (b"", Code.EMPTY),
        "html": (b"<!DOCTYPE html>\n<html><body>sign in</body></html>", Code.HTML),
        "page": (b"\n  <HTML lang=zh>", Code.HTML),
        "text": ("一篇文章".encode(), Code.NOT_GGUF),
        "zeros": (bytes(4096), Code.NOT_GGUF),
        "magic alone": (b"GGUF", Code.DAMAGED),
        "unknown kind": (whole.replace(b"qwen3", b"qwen9"), Code.ARCHITECTURE),
        "cut in the weights": (whole[:-1000], Code.DAMAGED),
        "cut in the header": (whole[:200], Code.DAMAGED),
    }
    for name, (content, _code) in contents.items():
        (tmp_path / f"{name}.gguf").write_bytes(content)
    expected = [title(code) for _content, code in contents.values()]
    paths = [tmp_path / f"{name}.gguf" for name in contents]
    ends = load_each([*paths, tmp_path / "missing.gguf", tmp_path, model])
    told = [end.error.title if isinstance(end, Failed) else "loaded" for end in ends]
    assert told == [*expected, title(Code.MISSING), title(Code.UNREADABLE), "loaded"]


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes among the files there")
def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.gguf"
    os.mkfifo(pipe)
    for end in load_each([pipe, Path("/dev/zero")]):
        assert isinstance(end, Failed)
        assert end.engine_alive
        assert end.error.title in (title(Code.NOT_GGUF), title(Code.UNREADABLE))


def test_models_for_other_tasks_are_refused(tmp_path: Path) -> None:
    write = gguf_models.write_random
    paths = [
        write(tmp_path / "encoder.gguf", layers=1, dim=64, causal=False),
        write(tmp_path / "mmproj.gguf", "clip", layers=1, dim=64),
    ]
    for end in load_each(paths):
        assert isinstance(end, Failed)
        assert end.error.title == title(Code.NOT_A_CHAT_MODEL)


def test_a_model_bigger_than_memory_is_refused_before_it_is_read(tmp_path: Path) -> None:
    huge = tmp_path / "huge.gguf"
    with huge.open("wb") as file:
        file.write(b"GGUF")
        file.truncate(1 << 42)  # sparse: takes no room
    (end,) = load_each([huge])
    assert isinstance(end, Failed)
    assert end.error.title == title(Code.MEMORY)


def test_a_truncated_model_never_loads_and_never_kills(tmp_path: Path, model: Path) -> None:
    whole = model.read_bytes()
    points = sorted(random.Random(7).sample(range(1, len(whole)), 24))
    paths = []
    for point in points:
        paths.append(tmp_path / f"{point}.gguf")
        paths[-1].write_bytes(whole[:point])
    for point, end in zip(points, load_each(paths), strict=True):
        assert isinstance(end, Failed), f"{point} of {len(whole)} bytes were taken for a model"
        assert end.engine_alive, f"the worker died of {point} bytes: {end.error}"


def test_mutated_models_end_in_one_word_each_and_the_next_model_loads(
    tmp_path: Path, model: Path
) -> None:
    """llama.cpp may load some and abort at others; the program hears one end either way."""
    randomly = random.Random(11)
    whole = model.read_bytes()
    header = whole.index(b"blk.0.") if b"blk.0." in whole else 4096
    paths = []
    for number in range(24):
        content = bytearray(whole)
        for _ in range(randomly.choice((1, 4, 16))):
            content[randomly.randrange(4, header)] = randomly.randrange(256)
        paths.append(tmp_path / f"{number}.gguf")
        paths[-1].write_bytes(content)
    ends = load_each([*paths, model])
    assert len(ends) == 25
    assert isinstance(ends[-1], Loaded)
    assert any(isinstance(end, Failed) for end in ends)


def test_a_file_the_account_may_not_read_is_told(tmp_path: Path, model: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read every file")
    locked = tmp_path / "locked.gguf"
    locked.write_bytes(model.read_bytes())
    locked.chmod(0)
    (end,) = load_each([locked])
    assert isinstance(end, Failed)
    assert end.error.title == title(Code.UNREADABLE)
