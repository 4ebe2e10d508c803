"""States on disk: encrypted, owner-only, bound to what made them, never more than allowed."""

import os
import stat
import sys
from pathlib import Path

import pytest

from hanlin.store import states
from hanlin.store.states import DamagedStateError, StateFiles

KEY = bytes(range(32))
SECRET = b"what a person wrote" * 100


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "states"


def kept(folder: Path, *, key: bytes = KEY, limit: int = 10**6) -> StateFiles:
    return StateFiles(folder, key, lambda: limit)


def put(files: StateFiles, name: str, *pieces: bytes, fingerprint: str = "f") -> bool:
    writer = files.write(name, fingerprint, sum(map(len, pieces)))
    if writer is None:
        return False
    for piece in pieces:
        writer.add(piece)
    writer.commit()
    return True


def get(files: StateFiles, name: str, fingerprint: str = "f") -> bytes | None:
    reader = files.read(name, fingerprint)
    if reader is None:
        return None
    found = b""
    while len(found) < reader.size:
        found += reader.next()
    reader.close()
    return found


def entries(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def test_what_was_written_is_read(folder: Path) -> None:
    assert get(kept(folder), "c") is None
    assert put(kept(folder), "c", b"old")
    assert put(kept(folder), "c", SECRET, b"more")
    assert put(kept(folder), "d", b"other")
    assert get(kept(folder), "c") == SECRET + b"more"
    assert get(kept(folder), "d") == b"other"
    assert len(entries(folder)) == 2


def test_nobody_else_can_read_it(folder: Path) -> None:
    put(kept(folder), "conversation-name", SECRET)
    (path,) = entries(folder)
    assert SECRET[:19] not in path.read_bytes()
    assert "conversation" not in path.name
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    other = kept(folder, key=bytes(32)).read("conversation-name", "f")
    assert other is not None
    with pytest.raises(DamagedStateError):
        other.next()
    assert entries(folder) == []


def test_the_same_state_never_looks_the_same(folder: Path) -> None:
    put(kept(folder), "c", SECRET)
    before = entries(folder)[0].read_bytes()
    put(kept(folder), "c", SECRET)
    after = entries(folder)[0].read_bytes()
    assert before[100:] != after[100:]


def test_a_state_for_something_else_is_removed(folder: Path) -> None:
    put(kept(folder), "c", SECRET)
    assert get(kept(folder), "c", "another model") is None
    assert entries(folder) == []


def test_a_state_under_another_name_is_not_believed(folder: Path) -> None:
    put(kept(folder), "c", SECRET)
    put(kept(folder), "d", b"x")
    one, other = entries(folder)
    if one.stat().st_size > other.stat().st_size:
        one, other = other, one
    other.replace(one)
    reader = kept(folder).read("d", "f") or kept(folder).read("c", "f")
    assert reader is not None
    with pytest.raises(DamagedStateError):
        reader.next()


@pytest.mark.parametrize("at", [0, 10, 50, 75, 82, 90, 2000, -1])
def test_every_changed_byte_is_noticed_and_the_file_removed(folder: Path, at: int) -> None:
    put(kept(folder), "c", SECRET, b"more")
    (path,) = entries(folder)
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
    with pytest.raises((DamagedStateError, AssertionError)):
        assert get(kept(folder), "c") is not None
    assert entries(folder) == []


@pytest.mark.parametrize("length", [0, 40, 84, 1500, -1])
def test_a_shortened_file_is_noticed_and_removed(folder: Path, length: int) -> None:
    put(kept(folder), "c", SECRET, b"more")
    (path,) = entries(folder)
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises((DamagedStateError, AssertionError)):
        assert get(kept(folder), "c") is not None
    assert entries(folder) == []


def test_the_longest_unused_goes_first_when_there_is_too_much(folder: Path) -> None:
    files = kept(folder, limit=7000)
    for name in "abc":
        put(files, name, SECRET)
    assert all(get(files, name) == SECRET for name in "abc")
    for path in entries(folder):
        os.utime(path, (1000, 1000))
    assert get(files, "b") == SECRET  # used just now
    put(files, "d", SECRET, b"x" * 1000)
    assert get(files, "b") == SECRET
    assert get(files, "d") is not None
    assert sum(path.stat().st_size for path in entries(folder)) <= 7000 + 200  # heads


def test_nothing_is_kept_beyond_the_limit_or_with_none(folder: Path) -> None:
    put(kept(folder), "c", SECRET)
    assert not put(kept(folder, limit=100), "c", SECRET)
    assert entries(folder) == []
    put(kept(folder), "c", SECRET)
    kept(folder, limit=0).tidy(["c"])
    assert entries(folder) == []


def test_a_disk_nearly_full_is_left_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(states, "_LEFT_FREE", 1 << 62)
    assert not put(kept(folder), "c", SECRET)
    assert entries(folder) == []


def test_tidying_removes_what_belongs_to_nobody(folder: Path) -> None:
    files = kept(folder)
    put(files, "c", SECRET)
    put(files, "d", SECRET)
    begun = files.write("e", "f", 100)
    assert begun is not None
    begun.abandon()
    (folder / "left.state.1.tmp").write_bytes(b"x")
    files.tidy(["d"])
    assert get(files, "d") == SECRET
    assert len(entries(folder)) == 1
    files.forget("d")
    files.forget("d")
    assert entries(folder) == []


def test_an_unfinished_state_never_replaces_the_old_one(folder: Path) -> None:
    files = kept(folder)
    put(files, "c", SECRET)
    writer = files.write("c", "f", 100)
    assert writer is not None
    writer.add(b"too little")
    writer.commit()
    assert get(files, "c") == SECRET
    assert len(entries(folder)) == 1
