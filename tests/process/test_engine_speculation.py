"""Guessing ahead changes no word, whatever the model remembers with, and is taken back whole."""

import dataclasses
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from hanlin.domain.generation import Sampling, StopReason, TokenBias
from hanlin.engine.events import Answered, ModelLoaded
from hanlin.engine.worker.shelf import NEAR
from hanlin_fakes import gguf_families, gguf_models
from hanlin_fakes.real_worker import Worker, load
from hanlin_fakes.talking import FRAME, prompt

KINDS = ("qwen3", "qwen35", "spark2_5", "gemma3", "kimi-linear", "deepseek2")
ONLY_FOUR = tuple(
    TokenBias(token, -100) for token in range(gguf_models.FIRST_OWN) if token not in tuple(b"abcd")
)
GUESSING = Sampling(temperature=0, bias=ONLY_FOUR)
"""Any three of four letters stand in the question: there is always a guess, often a wrong one."""
PLAIN = dataclasses.replace(GUESSING, seed=1)
"""A seed asks for an answer that is the same to the last digit: nothing is guessed."""
CHANCE = dataclasses.replace(GUESSING, temperature=1000.0, top_p=1.0, min_p=0.0)
"""Each of the four letters is as likely as the others, whatever was said."""
LONG = 200


@pytest.fixture(params=KINDS)
def worker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Worker]:
    path = gguf_families.write(tmp_path / "m.gguf", request.param)
    worker = Worker(path)
    worker.tell(load(path, context=4096))
    worker.until(ModelLoaded)
    yield worker
    worker.process.stop()


def ask(worker: Worker, number: int, turns: list[str], sampling: Sampling) -> tuple[str, Answered]:
    end = worker.answer(number, *prompt(turns), sampling=sampling, reserve=LONG, max_tokens=LONG)
    return worker.text(number), end


def test_the_words_are_the_same_and_so_is_what_is_remembered(worker: Worker) -> None:
    dice = random.Random(1)
    turns = ["".join(dice.choice("abcd") for _ in range(400))]
    guessed, end = ask(worker, 2, turns, GUESSING)
    assert end.usage.guessed_tokens > end.usage.right_tokens
    assert end.context_used == end.usage.prompt_tokens + LONG - 1
    # What stays behind after wrong guesses is what an answer without any leaves.
    longer = [*turns, guessed, "go on"]
    kept, end = ask(worker, 3, longer, GUESSING)
    assert end.timings.prefill_tokens <= len("go on") + FRAME + NEAR
    plain, end = ask(worker, 4, turns, PLAIN)
    assert end.usage.guessed_tokens == 0
    assert guessed == plain
    fresh, _ = ask(worker, 5, longer, PLAIN)
    assert kept == fresh


def test_a_guess_is_right_as_often_as_chance_has_it(worker: Worker) -> None:
    dice = random.Random(2)
    turns = ["".join(dice.choice("abcd") for _ in range(400))]
    guessed = right = 0
    for number in range(2, 17):
        _, end = ask(worker, number, turns, CHANCE)
        guessed += end.usage.guessed_tokens
        right += end.usage.right_tokens
    assert guessed >= 40
    # Of each four, one letter in three by chance: a guess ends at its first wrong one.
    assert right < guessed / 4


@pytest.fixture
def singer(tmp_path: Path) -> Iterator[Worker]:
    song = [f"{letter}{number}" for letter in "abcdef" for number in range(4)]
    path = gguf_models.write_scripted(tmp_path / "m.gguf", song, for_ever=True, context=512)
    worker = Worker(path)
    worker.tell(load(path, context=512))
    worker.until(ModelLoaded)
    yield worker
    worker.process.stop()


def test_a_refrain_is_guessed(singer: Worker) -> None:
    end = singer.answer(2, *prompt(["sing"]), max_tokens=250)
    assert end.usage.completion_tokens == 250
    assert end.usage.right_tokens >= 4  # as many as the first guess; the rest is a matter of time


def test_a_guess_stops_where_the_answer_does(singer: Worker) -> None:
    end = singer.answer(2, *prompt(["sing"]), stop=("f3a0a1",), max_tokens=250)
    assert end.reason is StopReason.END
    assert singer.text(2).endswith("f2")
    end = singer.answer(3, *prompt(["sing"]))
    assert end.reason is StopReason.CONTEXT
    assert end.context_used <= 512
    again = singer.answer(4, *prompt(["sing"]), max_tokens=30)
    assert singer.text(4) == singer.text(3)[: len(singer.text(4))]
    assert again.usage.cached_tokens > 0
