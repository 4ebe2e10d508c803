"""The context is as long as memory and training allow; files of a split model belong together."""

from pathlib import Path

import pytest

from hanlin.domain.models import USUAL_CONTEXT
from hanlin.engine import files, launching
from hanlin.engine.worker.sizing import LONGEST, SHORTEST, choose_context, shorter

GB = 10**9


@pytest.mark.parametrize(
    ("asked", "trained", "per_token", "free", "expected"),
    [
        (0, 131072, 100_000, 64 * GB, LONGEST),
        (0, 40960, 114_688, 16 * GB, 16384),
        (0, 40960, 114_688, 14 * GB, USUAL_CONTEXT),
        (0, 40960, 114_688, 2 * GB, USUAL_CONTEXT),
        (0, 40960, 114_688, 1.95 * GB, USUAL_CONTEXT),
        (0, 40960, 114_688, 1.9 * GB, 4096),
        (0, 6000, 114_688, 1.9 * GB, 6000),
        (0, 40960, 114_688, GB, SHORTEST),
        (0, 40960, 10**9, GB, SHORTEST),
        (0, 2048, 1, 64 * GB, 2048),
        (0, 300, 1, 64 * GB, 300),
        (0, 0, 1, 64 * GB, LONGEST),
        (512, 40960, 114_688, 64 * GB, 512),
        (100_000, 40960, 114_688, 1, 40960),
    ],
)
def test_the_context_fits(
    asked: int, trained: int, per_token: int, free: float, expected: int
) -> None:
    """A gigabyte is to be left beside weights and cache."""
    assert choose_context(asked, trained, per_token, int(free), GB) == expected


def test_shorter_contexts_come_to_an_end() -> None:
    tried = [20000]
    while (smaller := shorter(tried[-1])) is not None:
        tried.append(smaller)
    assert tried[1:] == [16384, 8192, 4096, 2048, 1024, 512]


def test_the_parts_of_a_split_model_belong_together(tmp_path: Path) -> None:
    for number in (1, 2, 3):
        (tmp_path / f"big-0000{number}-of-00003.gguf").write_bytes(b"x" * number)
    first = tmp_path / "big-00001-of-00003.gguf"
    assert [part.name for part in files.parts(first)] == [
        "big-00001-of-00003.gguf",
        "big-00002-of-00003.gguf",
        "big-00003-of-00003.gguf",
    ]
    assert files.size(first) == 6
    assert files.parts(tmp_path / "one.gguf") == (tmp_path / "one.gguf",)
    assert files.size(tmp_path / "missing.gguf") == 0


def test_a_model_bigger_than_memory_does_not_fit(tmp_path: Path) -> None:
    model = tmp_path / "model.gguf"
    with model.open("wb") as file:
        file.truncate(8 * GB)  # sparse: takes no room
    assert not files.fits(model, 8 * GB)
    assert files.fits(model, 9 * GB)


def test_threads_are_as_asked_or_one_for_each_core() -> None:
    assert launching.threads(3, GB) == 3
    assert launching.threads(0, GB) >= 1


def test_a_model_that_fits_the_processors_cache_gets_one_thread() -> None:
    assert launching.threads(0, 12_000_000) == 1
