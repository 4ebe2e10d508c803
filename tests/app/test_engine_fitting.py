"""The oldest exchanges leave first, as few as possible; the system and the question stay."""

import pytest

from hanlin.domain.conversation import Role
from hanlin.domain.generation import Turn
from hanlin.engine.fitting import Fitting

SYSTEM = Turn(Role.SYSTEM, "s")


def conversation(exchanges: int, size: int = 10) -> list[Turn]:
    turns = [
        Turn(role, str(number).ljust(size, "."))
        for number in range(exchanges)
        for role in (Role.USER, Role.ASSISTANT)
    ]
    return [*turns, Turn(Role.USER, "last")]


def fit(fitting: Fitting, frame: int = 5) -> int:
    """Drop as the client does; one character is a token. Return the rounds."""
    rounds = 0
    while True:
        counts = [len(turn.text) for turn in fitting.kept]
        tokens = sum(counts) + frame * len(counts) + frame
        if tokens + fitting.reserve <= fitting.context:
            return rounds
        assert not fitting.only_the_last
        fitting.drop(tokens, counts)
        rounds += 1


def test_what_fits_stays_whole() -> None:
    turns = [SYSTEM, *conversation(3)]
    fitting = Fitting(turns, 1000)
    assert fit(fitting) == 0
    assert fitting.kept == turns
    assert fitting.dropped_turns == 0


@pytest.mark.parametrize("context", range(60, 400, 17))
def test_as_few_as_possible_leave_and_the_system_stays(context: int) -> None:
    turns = [SYSTEM, *conversation(12)]
    fitting = Fitting(turns, context, max_tokens=8)
    rounds = fit(fitting)
    kept = fitting.kept
    assert rounds <= 2
    assert kept[0] == SYSTEM
    assert kept[-1].text == "last"
    assert kept[1].role is Role.USER, "an answer without its question"
    assert kept[1:] == turns[1 + fitting.dropped_turns :]
    if fitting.dropped_turns:
        one_more = 30  # an exchange with its frame
        used = sum(len(turn.text) + 5 for turn in kept) + 5
        assert used + one_more + fitting.reserve > context


def test_the_question_alone_may_fill_more_of_the_context() -> None:
    fitting = Fitting([Turn(Role.USER, "x")], 1000, max_tokens=900)
    assert fitting.only_the_last
    assert fitting.reserve == 64
    assert Fitting([Turn(Role.USER, "x")], 1000, max_tokens=8).reserve == 8


def test_the_reserve_follows_the_limit_but_leaves_room_for_the_prompt() -> None:
    turns = conversation(3)
    assert Fitting(turns, 4096).reserve == 512
    assert Fitting(turns, 400).reserve == 100
    assert Fitting(turns, 4096, max_tokens=700).reserve == 700
    assert Fitting(turns, 1000, max_tokens=4000).reserve == 500


def test_answers_without_a_question_leave_with_the_first_exchange() -> None:
    turns = [Turn(Role.ASSISTANT, "hello".ljust(200)), *conversation(1)]
    fitting = Fitting(turns, 100)
    fit(fitting)
    assert fitting.dropped_turns == 1
    assert fitting.kept[0].role is Role.USER
