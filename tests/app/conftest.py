"""What several tests of the application begin with: a clock that is set, and an empty database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hanlin.store.conversations import Store
from hanlin_fakes.clock import FakeClock
from hanlin_fakes.house import KEY


@pytest.fixture
def clock() -> FakeClock:
    """Return the clock of ``store``."""
    return FakeClock()


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock) -> Iterator[Store]:
    """Return a new database on the disk, locked with KEY."""
    with Store.open(tmp_path / "hanlin.db", KEY, clock) as opened:
        yield opened
