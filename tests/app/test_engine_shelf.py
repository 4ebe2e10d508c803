"""Which states of conversations are kept, and which one serves a prompt best."""

import ctypes
import random

import pytest

from hanlin.engine.worker.shelf import Held, Mark, Marks, Parked, Shelf, common_length

ROOMY = 1 << 30


def blob(size: int) -> ctypes.Array[ctypes.c_uint8]:
    return (ctypes.c_uint8 * size)()


def marks(*positions: int, size: int = 1, room: int = ROOMY) -> Marks:
    found = Marks(room)
    for position in positions:
        found.add(Mark(position, blob(size)))
    return found


def held(tokens: list[int], *positions: int, free: int = ROOMY) -> Held:
    return Held(free, marks(*positions), tokens)


def test_common_lengths() -> None:
    dice = random.Random(0)
    for _ in range(300):
        common = [dice.randrange(3) for _ in range(dice.randrange(70))]
        one, other = common + [7] * dice.randrange(5), common + [8] * dice.randrange(5)
        assert common_length(one, other) == len(common)


@pytest.mark.parametrize(
    ("conversation", "prompt", "usable"),
    [
        (held([1, 2, 3]), [1, 2, 3, 4], 3),
        (held([1, 2, 3]), [1, 2, 3], 2),
        (held([1, 2, 3]), [1, 9], 1),
        (held([1, 2, 3], free=0), [1, 2, 3, 4], 3),
        (held([1, 2, 3], free=0), [1, 2, 3], 0),
        (held([1, 2, 3], 2, free=0), [1, 2, 3], 2),
        (held([1, 2, 3, 4], 1, 3, free=0), [1, 2, 9], 1),
        (held([1, 2, 3, 4], 3, free=4), [1, 2, 9], 2),
        (held([1, 2, 3, 4], 3, free=3), [1, 2, 9], 0),
        (held([]), [1], 0),
    ],
)
def test_how_much_of_a_prompt_is_there(conversation: Held, prompt: list[int], usable: int) -> None:
    assert conversation.usable(prompt) == usable


def test_the_mark_that_is_missed_least_goes() -> None:
    found = marks(100, 110, 200, 300, 310, size=10, room=45)
    assert [position for position in range(1, 400) if _is_mark(found, position)] == [
        100,
        200,
        300,
        310,
    ]
    assert found.size == 40


def test_the_newest_two_marks_always_stay() -> None:
    found = marks(10, 20, 30, size=100, room=1)
    assert [position for position in range(1, 40) if _is_mark(found, position)] == [20, 30]


def test_marks_behind_a_cut_are_forgotten() -> None:
    found = marks(10, 20, 30)
    copy = found.copy(ROOMY)
    found.forget_after(20)
    assert found.before(99) == found.before(20)
    assert copy.serve(30, between=True)
    assert not found.serve(30, between=True)


def test_marks_between_turns_go_before_the_newest_of_turns() -> None:
    found = marks(100, 200)
    for position in (264, 328):
        found.add(Mark(position, blob(1), between=True))
    assert [mark.position for mark in found.newest(3)] == [100, 200]
    tight = marks(100, 200, size=10, room=30)
    for position in (264, 328, 392):
        tight.add(Mark(position, blob(10), between=True))
        assert {100, 200} <= {p for p in range(1, 400) if _is_mark(tight, p)}


def test_a_mark_between_turns_does_not_stand_for_one_of_a_turn() -> None:
    found = Marks(ROOMY)
    found.add(Mark(100, blob(1), between=True))
    assert found.serve(108, between=True)
    assert not found.serve(108, between=False)
    found.add(Mark(107, blob(1)))
    assert found.serve(108, between=False)


@pytest.mark.parametrize(
    ("positions", "size", "room", "within", "gap"),
    [
        ((100, 200), 1, ROOMY, range(100, 200), range(100, 200, 8)),
        ((100, 108, 116, 200), 1, ROOMY, range(100, 200), range(116, 200, 8)),
        ((100, 108, 116), 1, ROOMY, range(100, 120), None),
        ((100,), 1, ROOMY, range(100, 109), range(100, 109, 8)),
        ((97,), 1, ROOMY, range(100, 104), None),
        ((), 1, ROOMY, range(4, 60), range(0, 60, 8)),
        ((100,), 1, ROOMY, range(100, 100), None),
        # Ten fit, of which two turns take two and what is to come another one.
        ((50, 100), 10, 100, range(100, 212), range(100, 212, 16)),
        # However many turns there are, half of the room is the question's.
        (tuple(range(0, 1000, 100)), 10, 100, range(900, 1000), range(900, 1000, 24)),
        ((100,), 100, 50, range(100, 200), None),
    ],
)
def test_where_ways_back_are_missing(
    positions: tuple[int, ...], size: int, room: int, within: range, gap: range | None
) -> None:
    assert marks(*positions, size=size, room=room).gap(within, size) == gap


def test_marks_of_the_question_stay_longer_than_others() -> None:
    found = marks(8, 100, 200, 300, size=10, room=50)
    for position in range(308, 340, 8):
        found.add(Mark(position, blob(10), between=True), range(300, 340))
    assert {308, 316, 324} <= {p for p in range(1, 400) if _is_mark(found, p)}
    assert {200, 300} <= {p for p in range(1, 400) if _is_mark(found, p)}


def test_a_copy_has_as_many_marks_as_there_is_room_for() -> None:
    found = marks(10, 18, 26, 100, 200, size=10)
    copy = found.copy(30)
    assert copy.size == 30
    assert found.size == 50
    assert _is_mark(copy, 100)
    assert _is_mark(copy, 200)


def _is_mark(found: Marks, position: int) -> bool:
    mark = found.before(position)
    return mark is not None and mark.position == position


def test_the_longest_unused_conversation_goes_first() -> None:
    shelf = Shelf(room=25)
    for start in (1, 2, 3):
        shelf.put(Parked(held([start, 5, 6]), blob(10)))
    assert shelf.take([1, 5, 6, 7], 1) is None
    found = shelf.take([2, 5, 6, 7], 1)
    assert found is not None
    assert found.held.tokens == [2, 5, 6]
    assert shelf.take([2, 5, 6, 7], 1) is None
    shelf.put(Parked(held([4]), blob(26)))
    assert shelf.take([4, 1], 1) is None


def test_a_longer_conversation_replaces_its_beginnings() -> None:
    shelf = Shelf(room=100)
    shelf.put(Parked(held([1, 2]), blob(10)))
    shelf.put(Parked(held([1, 9, 9]), blob(10)))
    shelf.put(Parked(held([1, 2, 3]), blob(10)))
    assert shelf.take([1, 2, 3, 4], 3) is not None
    assert shelf.take([1, 2, 3, 4], 2) is None
    assert shelf.take([1, 9, 9, 4], 4) is None
    assert shelf.take([1, 9, 9, 4], 3) is not None
