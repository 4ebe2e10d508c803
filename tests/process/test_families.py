"""Every family that the catalogue needs answers here, and nothing it keeps changes its words.

``WHAT_COMES_OF_IT`` is the table: a family that does not run is in it with its reason.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from hanlin.engine.events import ModelLoaded, Refused
from hanlin.engine.protocol import Code
from hanlin.engine.worker.shelf import NEAR
from hanlin_fakes import gguf_families
from hanlin_fakes.real_worker import Worker, load
from hanlin_fakes.talking import FRAME, Talk, restored, saved

ANSWERS = "answers; cached equals fresh"
ENCODER = "an encoder: it turns text into numbers and is refused as a chat model"
WHAT_COMES_OF_IT = dict.fromkeys(gguf_families.NAMES, ANSWERS) | {"bert": ENCODER}
NAMED = (
    *("qwen2", "qwen3", "qwen3moe", "qwen35", "qwen35moe", "llama", "deepseek2", "glm4"),
    *("hunyuan-dense", "hy_v3", "ernie4_5", "minicpm", "minicpm3", "internlm2", "bailingmoe3"),
    *("spark2_5", "seed_oss", "kimi-linear", "pangu-embedded", "baichuan", "bert"),
)
"""The architectures that were promised; others are there for a way of theirs to remember."""


def test_no_family_is_left_out() -> None:
    assert set(WHAT_COMES_OF_IT) >= set(NAMED)


@contextlib.contextmanager
def at_work(path: Path) -> Iterator[Worker]:
    worker = Worker(path)
    worker.tell(load(path, context=8192))
    try:
        yield worker
    finally:
        worker.process.stop()


@pytest.mark.parametrize("name", WHAT_COMES_OF_IT)
def test_a_family_answers_and_remembers(name: str, tmp_path: Path) -> None:
    path = gguf_families.write(tmp_path / f"{name}.gguf", name)
    with at_work(path) as worker:
        if WHAT_COMES_OF_IT[name] == ENCODER:
            while not isinstance(event := worker.hear(), Refused | ModelLoaded):
                pass
            assert isinstance(event, Refused)
            assert event.code is Code.NOT_A_CHAT_MODEL
            return
        assert worker.until(ModelLoaded).architecture == name
        turns = _converse(Talk(worker, "c"))
        state = saved(worker, "c")
    with at_work(path) as another:
        another.until(ModelLoaded)
        assert restored(another, "c", state)
        assert Talk(another, "c").evaluated(turns) <= NEAR


def _converse(talk: Talk) -> list[str]:
    """Ask, go on, regenerate, edit, leave and come back; each answer equals a fresh one."""
    turns = ["a long beginning " * 20]
    assert talk.evaluated(turns) > 300
    turns += [talk.answer, "go on " * 30]
    assert talk.evaluated(turns) <= len(turns[-1]) + FRAME + NEAR
    assert talk.evaluated(turns) <= NEAR
    edited = [*turns[:2], "something else"]
    assert talk.evaluated(edited) <= len(edited[-1]) + FRAME + NEAR
    talk.name, name = "another", talk.name
    talk.evaluated(["another conversation " * 20])
    talk.name = name
    assert talk.evaluated(edited) <= NEAR
    return edited
