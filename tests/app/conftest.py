"""What several tests of the application begin with: a clock that is set, an empty database, and
a conversation to be carried out of it and in again.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hanlin.kernel.events import EventBus
from hanlin.services.transfer.service import TransferService
from hanlin.store.conversations import Store
from hanlin_fakes import carried
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


@pytest.fixture
def transfer(store: Store) -> TransferService:
    """Return what carries the conversations of ``store``."""
    return TransferService(store, EventBus())


@pytest.fixture
def conversation(store: Store) -> str:
    """Return the id of a conversation in ``store`` that is hard to carry."""
    return carried.with_versions(store)
