"""The schema's history: whole or not at all, and with a copy before."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hanlin.kernel.errors import HanlinError, KnownError
from hanlin.store.connection import connect
from hanlin.store.database import Database
from hanlin.store.migrations import BACKUPS_KEPT, MIGRATIONS, Step
from hanlin_fakes import disks
from hanlin_fakes.clock import FakeClock

KEY = bytes(range(32))
ONE = Step("CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT")
TWO = Step("ALTER TABLE notes ADD COLUMN tag TEXT; UPDATE notes SET tag = 'old'")
BROKEN = Step("UPDATE notes SET text = 'half done'; CREATE TABLE notes (id)")
DANGLING = Step(
    "CREATE TABLE refs (note INTEGER REFERENCES notes (id)); INSERT INTO refs VALUES (999)"
)


def opened(path: Path, *steps: Step, clock: FakeClock | None = None) -> Database:
    return Database(path, KEY, clock or FakeClock(), steps)


def version_one(path: Path) -> None:
    with opened(path, ONE) as database:
        database.write("INSERT INTO notes (text) VALUES ('天气')")


def test_the_first_start_makes_the_newest_schema_without_a_backup(tmp_path: Path) -> None:
    with Database(tmp_path / "hanlin.db", KEY, FakeClock()) as database:
        assert database.read("PRAGMA user_version") == [(len(MIGRATIONS),)]
    assert not (tmp_path / "backups").exists()


def test_a_step_keeps_the_rows_and_an_encrypted_copy_of_before(tmp_path: Path) -> None:
    path = tmp_path / "hanlin.db"
    version_one(path)
    with opened(path, ONE, TWO) as database:
        assert database.read("SELECT text, tag FROM notes") == [("天气", "old")]
    (backup,) = (tmp_path / "backups").iterdir()
    assert b"SQLite format" not in backup.read_bytes()
    copy = connect(backup, KEY, read_only=True)
    assert copy.pragma("user_version") == 1
    assert copy.execute("SELECT text FROM notes").fetchall() == [("天气",)]
    copy.close()


def test_an_open_without_pending_steps_makes_no_backup(tmp_path: Path) -> None:
    version_one(tmp_path / "hanlin.db")
    version_one(tmp_path / "hanlin.db")
    assert not (tmp_path / "backups").exists()


@pytest.mark.parametrize("step", [BROKEN, DANGLING])
def test_a_step_that_fails_leaves_the_old_version_whole(tmp_path: Path, step: Step) -> None:
    path = tmp_path / "hanlin.db"
    version_one(path)
    with pytest.raises(HanlinError):
        opened(path, ONE, TWO, step)
    with opened(path, ONE) as database:
        assert database.read("SELECT * FROM notes") == [(1, "天气")]
        assert database.problems() == []


def test_only_the_newest_backups_are_kept(tmp_path: Path) -> None:
    path, clock = tmp_path / "hanlin.db", FakeClock()
    version_one(path)
    names: list[str] = []
    for number in range(2, 8):
        clock.move(1000)
        steps = (ONE, *(Step("SELECT 1") for _n in range(number - 1)))
        opened(path, *steps, clock=clock).close()
        names = sorted(file.name for file in (tmp_path / "backups").iterdir())
    assert len(names) == BACKUPS_KEPT
    if os.name == "posix":
        modes = [file.stat().st_mode & 0o777 for file in (tmp_path / "backups").iterdir()]
        assert modes == [0o600] * BACKUPS_KEPT
    assert [name.split("-")[1] for name in names] == ["v4", "v5", "v6"]


def test_two_programs_that_start_at_once_migrate_once(tmp_path: Path) -> None:
    path = tmp_path / "hanlin.db"
    version_one(path)
    start = threading.Barrier(4)

    def begin(_number: int) -> list[tuple[object, ...]]:
        start.wait()
        with opened(path, ONE, TWO) as database:
            return [*database.read("SELECT tag FROM notes")]

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(begin, range(4))) == [[("old",)]] * 4
    assert len(list((tmp_path / "backups").iterdir())) == 1


def test_a_disk_too_full_for_the_backup_stops_the_migration(tmp_path: Path) -> None:
    with disks.small_disk(tmp_path / "disk", "3m") as folder:
        path = folder / "hanlin.db"
        version_one(path)
        with opened(path, ONE) as database:
            database.write("INSERT INTO notes (text) VALUES (?)", ("x" * 500_000,))
        disks.fill(folder, leave=300_000)
        with pytest.raises(KnownError, match="no room left"):
            opened(path, ONE, TWO)
        (folder / "ballast").unlink()
        with opened(path, ONE) as database:
            assert database.read("SELECT count(*) FROM notes") == [(2,)]
        with opened(path, ONE, TWO) as database:
            assert database.read("SELECT DISTINCT tag FROM notes") == [("old",)]
        assert len(list((folder / "backups").iterdir())) == 1
