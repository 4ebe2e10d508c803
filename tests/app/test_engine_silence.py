"""When silence of the worker is told: after five seconds, each second, and when it is over."""

from hanlin.engine.silence import SilenceWatch
from hanlin_fakes.clock import FakeClock


def told(watch: SilenceWatch, clock: FakeClock, sign: float | None, seconds: int) -> list[int]:
    """Look once a second; return what is to be told."""
    news = []
    for _second in range(seconds):
        clock.move(1000)
        news.append(watch.look(sign))
    return [one for one in news if one is not None]


def test_five_seconds_of_silence_are_told_then_each_second_then_that_it_is_over() -> None:
    clock = FakeClock()
    watch = SilenceWatch(clock)
    sign = clock.monotonic()
    assert watch.look(sign) is None
    assert told(watch, clock, sign, 4) == []
    assert told(watch, clock, sign, 3) == [5, 6, 7]
    assert told(watch, clock, clock.monotonic() + 1, 1) == [0]


def test_silence_of_an_idle_worker_does_not_count() -> None:
    clock = FakeClock()
    watch = SilenceWatch(clock)
    sign = clock.monotonic()
    assert told(watch, clock, None, 60) == []
    assert told(watch, clock, sign, 5) == []  # it was just given something to do
    assert told(watch, clock, sign, 2) == [5, 6]
    assert told(watch, clock, None, 3) == [0]


def test_who_was_asleep_itself_does_not_blame_the_worker() -> None:
    clock = FakeClock()
    watch = SilenceWatch(clock)
    sign = clock.monotonic()
    assert told(watch, clock, sign, 2) == []
    clock.move(3_600_000)
    assert watch.look(sign) is None
    assert told(watch, clock, sign, 4) == []
