"""What was written before is guessed again, as long as it pays."""

import random
from collections.abc import Callable

import pytest

from hanlin.engine.worker.speculation import MOST, Account, Costs, Lookup


@pytest.mark.parametrize(
    ("tokens", "token", "guess"),
    [
        ([1, 2, 3, 4, 5, 6, 7, 1, 2], 3, [4, 5, 6, 7]),
        ([1, 2, 3, 4, 9, 1, 2, 3, 5, 9, 1, 2], 3, [5, 9, 1, 2]),
        ([1, 2, 3, 1, 2], 3, [1, 2, 3, 1]),
        ([7, 7, 7], 7, [7, 7, 7, 7]),
        ([1, 2, 3, 4], 5, []),
        ([1, 2], 3, []),
        ([], 1, []),
    ],
)
def test_what_followed_is_guessed(tokens: list[int], token: int, guess: list[int]) -> None:
    assert Lookup().guess(tokens, token, 4) == guess


def test_a_growing_text_is_remembered() -> None:
    dice = random.Random(1)
    lookup, tokens = Lookup(), [dice.randrange(4) for _ in range(3)]
    for _ in range(500):
        token = dice.randrange(4)
        guess = lookup.guess(tokens, token, 1)
        known = (*tokens[-2:], token)
        places = [i for i in range(3, len(tokens)) if tuple(tokens[i - 3 : i]) == known]
        at_end = tuple(tokens[-3:]) == known
        tokens.append(token)
        assert guess == ([token] if at_end else [tokens[places[-1]]] if places else [])


def drafting(account: Account, steps: int, *, right: bool, cost: float) -> tuple[int, float]:
    """Take steps, each with a guess if it pays; return the tokens and how long they took."""
    tokens, seconds = 0, 0.0
    for _ in range(steps):
        if account.pays:
            count = account.size(MOST)
            good = count if right else 0
            account.guessed(count, good, cost)
            tokens, seconds = tokens + good + 1, seconds + cost
        else:
            account.usual(1.0)
            tokens, seconds = tokens + 1, seconds + 1.0
    return tokens, seconds


def test_right_guesses_are_made_longer_and_go_on() -> None:
    account = Account(Costs())
    tokens, seconds = drafting(account, 100, right=True, cost=2.0)
    assert account.size(MOST) == MOST
    assert tokens > 4 * seconds


def test_wrong_guesses_cost_next_to_nothing() -> None:
    account = Account(Costs())
    tokens, seconds = drafting(account, 3000, right=False, cost=2.0)
    assert tokens < seconds < 1.015 * tokens


def test_a_short_text_loses_little_however_dear_a_wrong_guess_is() -> None:
    for cost in (2.0, 4.0):
        tokens, seconds = drafting(Account(Costs()), 60, right=False, cost=cost)
        assert seconds - tokens <= 2 * (cost - 1)


def test_a_loop_outlives_steps_that_something_else_held_up() -> None:
    account = Account(Costs())
    drafting(account, 1, right=True, cost=9.0)
    drafting(account, 1, right=True, cost=9.0)
    tokens, seconds = drafting(account, 100, right=True, cost=2.0)
    assert tokens > 1.5 * seconds


def test_right_guesses_that_take_too_long_do_not_pay() -> None:
    account = Account(Costs())
    tokens, seconds = drafting(account, 3000, right=True, cost=20.0)
    assert seconds < 1.11 * tokens


STEP = 0.05
"""Seconds of a usual step."""
AVX2 = {
    4: 3.5 * STEP,
    6: 5.1 * STEP,
    10: 9.1 * STEP,
    15: 10.7 * STEP,
    31: 18.5 * STEP,
    63: 26.5 * STEP,
}
"""8 tokens take longer than twice 4, 16 hardly longer, and 64 less than 48."""


def tried(
    account: Account, tokens: int, costs: dict[int, float], *, step: float = STEP
) -> list[int]:
    """Write so many tokens with right guesses, as far as they fit; return how long each was."""
    account.usual(step)
    sizes: list[int] = []
    left = tokens - 1
    while (size := account.size(left - 1)) in costs:
        sizes.append(size)
        account.guessed(size, size, costs[size])
        left -= size + 1
    return sizes


def test_of_the_sizes_the_quickest_is_taken() -> None:
    assert tried(Account(Costs()), 270, AVX2) == [4, 4, 6, 10, 15, 31, 63, 63, 63]
    dear = AVX2 | {15: 12.9 * STEP, 31: 25.0 * STEP, 63: 60.0 * STEP}
    assert tried(Account(Costs()), 153, dear) == [4, 4, 6, 10, 15, 31, 63, 4, 4]


def test_a_guess_does_not_hold_an_answer_for_long() -> None:
    large = {size: 8 * seconds for size, seconds in AVX2.items()}  # a model on a slow processor
    sizes = tried(Account(Costs()), 152, large, step=8 * STEP)
    assert sizes == [4, 4, 6, 10, 15, 31, 63, 4, 4]


def test_what_one_answer_found_out_the_next_ones_need_not() -> None:
    costs = Costs()
    tried(Account(costs), 270, AVX2)
    assert tried(Account(costs), 259, AVX2) == [4, 4, 6, 15, 31, 63, 63, 63]


def test_a_size_that_an_answer_was_held_up_with_is_tried_again_in_another() -> None:
    costs = Costs()
    tried(Account(costs), 270, AVX2 | {63: 3 * AVX2[63]})
    assert any(63 in tried(Account(costs), 270, AVX2) for _ in range(10))


def test_no_more_is_guessed_than_may_be_written() -> None:
    costs = Costs()
    tried(Account(costs), 270, AVX2)
    account = Account(costs)
    account.usual(STEP)
    account.guessed(MOST, MOST, AVX2[MOST])
    assert [account.size(most) for most in (100, 63, 62, 5, 3, 0)] == [63, 63, 31, 4, 3, 0]


def singing(account: Account, tokens: int, weather: Callable[[float], float]) -> float:
    """Repeat so many tokens with guesses; return how many came in the time of a usual step.

    ``weather`` is told what a guess would take on a quiet computer and says what it took.
    """
    account.usual(STEP)
    written, quiet = 0, 0.0
    while written < tokens:
        size = account.size(MOST)
        cost = AVX2[size]
        account.guessed(size, size, weather(cost))
        written, quiet = written + size + 1, quiet + cost
    return written / (quiet / STEP)


def test_a_size_that_was_held_up_once_is_tried_again() -> None:
    account, disturbed = Account(Costs()), [True]

    def once(cost: float) -> float:
        return 1.5 * cost if cost == AVX2[MOST] and disturbed and disturbed.pop() else cost

    singing(account, 1000, once)
    assert not disturbed
    assert singing(account, 1000, once) > 1.65


def test_on_a_busy_computer_the_quickest_size_is_found_all_the_same() -> None:
    paces = []
    for seed in range(200):
        dice, slow, left = random.Random(seed), 1.0, 0.0

        def weather(cost: float, dice: random.Random = dice) -> float:
            nonlocal slow, left
            if left <= 0:
                slow, left = max(1.0, dice.uniform(0.5, 1.5)), dice.expovariate(1 / 20)
            left -= cost / STEP
            return cost * slow * dice.uniform(1.0, 1.05)

        paces.append(singing(Account(Costs()), 512, weather))
    assert sorted(paces)[20] > 1.5


def test_a_repetition_that_begins_late_is_guessed_though_others_were_wrong() -> None:
    account = Account(Costs())
    account.usual(1.0)
    while account.pays:
        account.guessed(account.size(MOST), 0, 3.5)
    for _ in range(20):
        account.usual(1.0, foreseen=True)
    assert account.pays


def test_tokens_foreseen_here_and_there_are_no_repetition() -> None:
    account = Account(Costs())
    account.usual(1.0)
    while account.pays:
        account.guessed(account.size(MOST), 0, 3.5)
    for number in range(40):
        account.usual(1.0, foreseen=number % 4 > 0)
    assert not account.pays


def test_nothing_is_guessed_before_a_step_was_taken() -> None:
    account = Account(Costs())
    assert not account.pays
    account.guessed(4, 0, 1.0)
    account.usual(1.0)
    assert account.pays
