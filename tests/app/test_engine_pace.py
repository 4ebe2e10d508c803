"""A step of reading is as long as whoever waits for its end can bear."""

from hanlin.engine.worker.pace import CHUNK, Pace, giving_way, stoppable

SMALL, LARGE = 600_000_000, 32_000_000_000


def test_reading_that_gives_way_lasts_a_tenth_of_a_second() -> None:
    step = giving_way()
    assert step.size == 16
    step.learn(16, 0.05)
    assert step.size == 32
    step.learn(32, 10.0)
    assert step.size == 16
    step.learn(16, 0.0)
    assert step.size == CHUNK


def test_a_large_model_on_a_slow_computer_reads_less_at_a_time() -> None:
    step = stoppable(64, LARGE)
    assert step.size == 64
    step.learn(64, 32.0)  # two tokens a second: an operation of 64 takes 0.13 s
    assert step.size == 48
    step.learn(48, 0.5)
    assert step.size == CHUNK


def test_a_small_model_reads_whole_chunks_from_the_first_on() -> None:
    step = stoppable(28, SMALL)
    assert step.size == CHUNK
    step.learn(CHUNK, 6.0)
    assert step.size == CHUNK


def test_a_model_of_no_layers_has_a_pace() -> None:
    step = stoppable(0, LARGE)
    step.learn(1, 100.0)
    assert isinstance(step, Pace)
    assert step.size == 16
