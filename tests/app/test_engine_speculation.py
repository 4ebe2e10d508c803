"""What was written before is guessed again, as long as it pays."""

import random
from collections.abc import Callable

import pytest

from hanlin.engine.worker.speculation import MOST, Account, Lookup


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
            count = account.size
            good = count if right else 0
            account.guessed(count, good, cost)
            tokens, seconds = tokens + good + 1, seconds + cost
        else:
            account.usual(1.0)
            tokens, seconds = tokens + 1, seconds + 1.0
    return tokens, seconds


def test_right_guesses_are_made_longer_and_go_on() -> None:
    account = Account()
    tokens, seconds = drafting(account, 100, right=True, cost=2.0)
    assert account.size == MOST
    assert tokens > 4 * seconds


def test_wrong_guesses_cost_next_to_nothing() -> None:
    account = Account()
    tokens, seconds = drafting(account, 3000, right=False, cost=2.0)
    assert tokens < seconds < 1.015 * tokens


def test_a_short_text_loses_little_however_dear_a_wrong_guess_is() -> None:
    for cost in (2.0, 4.0):
        tokens, seconds = drafting(Account(), 60, right=False, cost=cost)
        assert seconds - tokens <= 2 * (cost - 1)


def test_a_loop_outlives_steps_that_something_else_held_up() -> None:
    account = Account()
    drafting(account, 1, right=True, cost=9.0)
    drafting(account, 1, right=True, cost=9.0)
    tokens, seconds = drafting(account, 100, right=True, cost=2.0)
    assert tokens > 1.5 * seconds


def test_right_guesses_that_take_too_long_do_not_pay() -> None:
    account = Account()
    tokens, seconds = drafting(account, 3000, right=True, cost=20.0)
    assert seconds < 1.11 * tokens


def test_of_the_sizes_the_quickest_is_taken() -> None:
    # As llama.cpp multiplies with AVX2: 8 tokens take longer than twice 4, and 16 hardly longer.
    costs = {4: 3.5, 6: 5.1, 10: 9.1, 15: 10.7, 31: 18.5}
    account = Account()
    account.usual(1.0)
    tried = []
    for _ in range(8):
        tried.append(account.size)
        account.guessed(account.size, account.size, costs[account.size])
    assert tried == [4, 4, 6, 10, 15, 31, 31, 31]
    costs |= {15: 12.9, 31: 25.0}
    account = Account()
    account.usual(1.0)
    for _ in range(8):
        tried.append(account.size)
        account.guessed(account.size, account.size, costs[account.size])
    assert tried[8:] == [4, 4, 6, 10, 15, 31, 4, 4]


AVX2 = {4: 3.5, 6: 5.1, 10: 9.1, 15: 10.7, 31: 18.5}


def singing(account: Account, tokens: int, weather: Callable[[float], float]) -> float:
    """Repeat so many tokens with guesses; return how many came in the time of a usual step.

    ``weather`` is told what a guess would take on a quiet computer and says what it took.
    """
    account.usual(1.0)
    written, quiet = 0, 0.0
    while written < tokens:
        size, cost = account.size, AVX2[account.size]
        account.guessed(size, size, weather(cost))
        written, quiet = written + size + 1, quiet + cost
    return written / quiet


def test_a_size_that_was_held_up_once_is_tried_again() -> None:
    account, disturbed = Account(), [True]

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
            left -= cost
            return cost * slow * dice.uniform(1.0, 1.05)

        paces.append(singing(Account(), 512, weather))
    assert sorted(paces)[20] > 1.5


def test_a_repetition_that_begins_late_is_guessed_though_others_were_wrong() -> None:
    account = Account()
    account.usual(1.0)
    while account.pays:
        account.guessed(account.size, 0, 3.5)
    for _ in range(20):
        account.usual(1.0, foreseen=True)
    assert account.pays


def test_tokens_foreseen_here_and_there_are_no_repetition() -> None:
    account = Account()
    account.usual(1.0)
    while account.pays:
        account.guessed(account.size, 0, 3.5)
    for number in range(40):
        account.usual(1.0, foreseen=number % 4 > 0)
    assert not account.pays


def test_nothing_is_guessed_before_a_step_was_taken() -> None:
    account = Account()
    assert not account.pays
    account.guessed(4, 0, 1.0)
    account.usual(1.0)
    assert account.pays
