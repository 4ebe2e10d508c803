"""Two sequences in one context: what is written beside gives way, and loses nothing."""

from pathlib import Path

import pytest

from hanlin.domain.generation import StopReason
from hanlin.engine.commands import Cancel, Generate
from hanlin.engine.events import Answered, Event, Text
from hanlin_fakes.real_worker import GREEDY, Worker, start
from hanlin_fakes.talking import FRAME, Talk, prompt

BESIDE, OTHER = 900, 901
LONG = prompt(["a job that nobody waits for " * 10])
MANY = 120
LASTING = 1_500
"""Tokens that are still being written when a slow test has asked twice."""
AFTER = 24
"""Tokens behind an interruption that must be as if there was none. Behind them two nearly
equal ones may fall the other way: beside others, sums are made in another order."""


def beside(number: int = BESIDE, tokens: int = MANY) -> Generate:
    return Generate(number, LONG, GREEDY, tokens, tokens, beside=True)


def ends(worker: Worker, count: int) -> list[Answered]:
    return [worker.until(Answered) for _ in range(count)]


def end_of(worker: Worker, request: int) -> Answered:
    """Return how ``request`` ended; on a slow computer that may have been long ago."""
    while True:
        for event in worker.said:
            if isinstance(event, Answered) and event.id == request:
                return event
        worker.hear()


def whose(event: Event) -> int:
    return event.id


def test_the_windows_chat_goes_first_and_both_are_as_if_alone(
    started: list[Worker], path: Path
) -> None:
    alone = start(started, path, context=4096)
    alone.answer(BESIDE, *LONG, max_tokens=LASTING, reserve=LASTING)
    talk = Talk(alone)
    turns = ["hello there"]
    talk.ask(turns)
    expected = talk.answer

    worker = start(started, path, context=4096)
    worker.tell(beside(tokens=LASTING))
    while not worker.text(BESIDE):
        worker.hear()
    talk = Talk(worker)
    talk.ask(turns)
    assert talk.answer == expected
    paused = len(worker.text(BESIDE))
    assert paused < LASTING, "it was not yet finished"
    turns += [talk.answer, "and again"]
    assert talk.ask(turns).timings.prefill_tokens <= len(turns[-1]) + FRAME
    end = end_of(worker, BESIDE)
    assert end.usage.completion_tokens == LASTING
    assert worker.text(BESIDE)[: paused + AFTER] == alone.text(BESIDE)[: paused + AFTER]


def test_several_wait_for_each_other_and_each_can_be_stopped(
    started: list[Worker], models: dict[str, Path]
) -> None:
    worker = start(started, models["dense"], context=4096)
    worker.tell(beside(tokens=LASTING), beside(OTHER, LASTING), beside(902, 3))
    while not worker.text(BESIDE):
        worker.hear()
    worker.tell(Cancel(OTHER), Cancel(BESIDE))
    first, second, third = ends(worker, 3)
    assert [first.id, second.id, third.id] == [BESIDE, OTHER, 902]
    assert first.reason is second.reason is StopReason.CANCELLED
    assert second.usage.completion_tokens == 0
    assert third.usage.completion_tokens == 3


@pytest.mark.parametrize("kind", ["dense", "hybrid"])
def test_without_room_for_both_the_chat_has_it_and_the_other_comes_back(
    started: list[Worker], models: dict[str, Path], kind: str
) -> None:
    alone = start(started, models[kind], context=640)
    alone.answer(BESIDE, *LONG, max_tokens=MANY, reserve=MANY)
    worker = start(started, models[kind], context=640)
    worker.tell(beside())
    while not worker.text(BESIDE):
        worker.hear()
    talk = Talk(worker)
    assert talk.ask(["x" * 500]).usage.completion_tokens > 0
    end_of(worker, BESIDE)
    assert worker.text(BESIDE) == alone.text(BESIDE)
    assert talk.ask(["x" * 500]).timings.prefill_tokens <= FRAME


def test_a_question_comes_between_two_steps_of_reading(
    started: list[Worker], models: dict[str, Path]
) -> None:
    worker = start(started, models["dense"], context=32768)
    long = prompt(["something very long " * 100])
    worker.tell(
        Generate(BESIDE, long, GREEDY, 3, 3, beside=True),
        Generate(2, prompt(["hi"]), GREEDY, 3, 3),
    )
    assert [end.id for end in ends(worker, 2)] == [2, BESIDE]
    assert [whose(event) for event in worker.said if isinstance(event, Text)][-1] == BESIDE
