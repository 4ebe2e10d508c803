"""When the next worker's process is started: after some quiet, once, and with memory to spare."""

from hanlin.engine.spare import SpareTimer
from hanlin_fakes.clock import FakeClock

PLENTY, LITTLE = 8 * 2**30, 2**29


def timer(clock: FakeClock, seconds: float | None = 3.0, free: int = PLENTY) -> SpareTimer:
    return SpareTimer(clock, seconds, lambda: free)


def test_it_is_due_after_the_quiet_and_once() -> None:
    clock = FakeClock()
    spare = timer(clock)
    assert not spare.due()
    spare.rests(loaded=True)
    clock.move(2900)
    assert not spare.due()
    clock.move(200)
    assert spare.due()
    assert not spare.due()
    assert spare.deadline is None


def test_a_question_begins_the_quiet_anew() -> None:
    clock = FakeClock()
    spare = timer(clock)
    spare.rests(loaded=True)
    clock.move(2000)
    spare.rests(loaded=False)
    clock.move(10000)
    assert not spare.due()
    spare.rests(loaded=True)
    assert not spare.due()
    clock.move(3000)
    assert spare.due()


def test_little_memory_or_no_wish_has_none() -> None:
    clock = FakeClock()
    for spare in (timer(clock, free=LITTLE), timer(clock, None)):
        spare.rests(loaded=True)
        clock.move(60000)
        assert not spare.due()
