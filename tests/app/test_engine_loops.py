"""Answers that go round in circles are noticed, others are not."""

import random

import pytest

from hanlin.engine.worker.loops import LoopWatch


def noticed_at(tokens: list[int]) -> list[int]:
    watch = LoopWatch()
    return [size for size in range(1, len(tokens) + 1) if watch.noticed(tokens[:size])]


@pytest.mark.parametrize("length", [1, 2, 7, 40, 128])
def test_a_circle_is_noticed_once_and_soon(length: int) -> None:
    dice = random.Random(length)
    before = [dice.randrange(1000) for _ in range(333)]
    circle = list(range(2000, 2000 + length))
    found = noticed_at(before + circle * 600)
    assert len(found) == 1
    assert len(before) < found[0] <= len(before) + max(4 * length, 96 + length) + 16


def test_ordinary_text_is_left_alone() -> None:
    dice = random.Random(0)
    for _ in range(20):
        words = [[dice.randrange(900) for _ in range(dice.randrange(2, 9))] for _ in range(40)]
        text = [token for _ in range(300) for token in dice.choice(words)]
        assert noticed_at(text) == []


def test_a_row_of_one_sign_is_no_circle() -> None:
    assert noticed_at([1, 2, 3, *([4] * 80), *range(5, 100)]) == []
