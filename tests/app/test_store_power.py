"""Power cuts, simulated: what the program was told is kept, is kept."""

import random
import sys
from pathlib import Path

import pytest

from hanlin.domain.conversation import Part, PartKind, Role, Status
from hanlin.kernel.clock import SystemClock
from hanlin.kernel.errors import KnownError
from hanlin.store.conversations import Store
from hanlin_fakes import power

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="records below SQLite's unix files")
KEY = bytes(range(32))
CUTS = 300
CONTROL_CUTS = 100
TEXT = "字" * 300


def record(folder: Path, synchronous: str) -> list[power.Event]:
    """Write conversations; return everything that reached the disk and every promise."""
    folder.mkdir()
    with power.recording(folder) as log:
        store = Store.open(folder / "hanlin.db", KEY, SystemClock())
        writing = store.database._writing
        assert writing.pragma("journal_mode") == "wal"
        writing.pragma("synchronous", synchronous)
        writing.pragma("wal_autocheckpoint", 40)  # so that cuts also hit checkpoints
        conversation = store.create_conversation("power").id
        for _number in range(60):
            parts = (Part(PartKind.TEXT, TEXT),)
            question = store.add_message(conversation, None, Role.USER, Status.COMPLETE, parts)
            log.append(power.Promise(question.id))
            store.extend_message(question.id, (Part(PartKind.TEXT, TEXT),))
        events = list(log)
        store.close()
    return events


def cut(events: list[power.Event], folder: Path, cuts: int) -> tuple[int, int]:
    """Cut the power at ``cuts`` moments; return how often messages or the whole file were lost."""
    dice = random.Random(cuts)
    folder.mkdir()
    first = next(i for i, event in enumerate(events) if isinstance(event, power.Promise))
    moments = sorted(dice.randrange(first + 1, len(events)) for _number in range(cuts))
    platter, promised, done = power.Platter(), [], 0
    lost = damaged = 0
    for moment in moments:
        for event in events[done:moment]:
            platter.apply(event)
            if isinstance(event, power.Promise):
                promised.append(event.what)
        done = moment
        for old in folder.glob("hanlin.db*"):
            if old.is_file() and old.suffix != ".reserve":
                old.unlink()
        for name, content in platter.after_power_cut(dice).items():
            (folder / name).write_bytes(content)
        try:
            with Store.open(folder / "hanlin.db", KEY, SystemClock()) as store:
                damaged += bool(store.database.problems())
                rows = store.database.read("SELECT id FROM messages")
                lost += not set(promised) <= {str(identity) for (identity,) in rows}
                assert all(store.message(i).text().startswith(TEXT) for i in promised[-2:])
        except KnownError:
            lost += 1
    return lost, damaged


def test_a_power_cut_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    events = record(tmp_path / "recorded", "full")
    assert sum(isinstance(event, power.Sync) for event in events) > 120
    assert cut(events, tmp_path / "cut", CUTS) == (0, 0)


def test_the_simulation_does_lose_messages_where_syncs_are_missing(tmp_path: Path) -> None:
    lost, _damaged = cut(record(tmp_path / "recorded", "normal"), tmp_path / "cut", CONTROL_CUTS)
    assert lost > CONTROL_CUTS // 10
