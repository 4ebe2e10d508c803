"""Weights move into huge pages: the same bytes at the same place, no longer the file's."""

import mmap
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hanlin.engine.worker import pages
from hanlin.engine.worker.pages import Pages

_HUGE = Path("/sys/kernel/mm/transparent_hugepage/enabled")
_OFFSET = mmap.ALLOCATIONGRANULARITY
_SIZE = 21 * 2**20 + mmap.ALLOCATIONGRANULARITY

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or not _HUGE.exists() or "[never]" in _HUGE.read_text("ascii"),
    reason="this system gives no huge pages",
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    found = tmp_path / "模型 a.gguf"
    found.write_bytes(os.urandom(_SIZE + _OFFSET))
    return found


@pytest.fixture
def mapped(file: Path) -> Iterator[mmap.mmap]:
    with file.open("rb") as opened:
        made = mmap.mmap(opened.fileno(), _SIZE, access=mmap.ACCESS_READ, offset=_OFFSET)
    with made:
        yield made


def test_the_bytes_stay_where_they_are_and_the_file_is_let_go(
    file: Path, mapped: mmap.mmap
) -> None:
    moving = Pages([file])
    assert moving.left == _SIZE
    steps = 0
    while moving.move_some():
        steps += 1
    assert steps > 1
    assert moving.left == 0
    assert mapped[:] == file.read_bytes()[_OFFSET:]
    assert Pages([file]).left == 0, "some of it is still the file's"


def test_where_memory_is_short_the_file_stays_mapped(
    file: Path, mapped: mmap.mmap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "_available", lambda: 2 * _SIZE - 1)
    moving = Pages([file])
    assert moving.left == 0
    assert not moving.move_some()
    monkeypatch.setattr(pages, "_available", lambda: 2 * _SIZE)
    assert Pages([file]).left == len(mapped)


def test_a_system_that_gives_none_is_asked_once(
    file: Path, mapped: mmap.mmap, monkeypatch: pytest.MonkeyPatch
) -> None:
    moving = Pages([file])
    monkeypatch.setattr(pages, "_field", lambda _file, _name: 0)
    assert moving.move_some()
    assert moving.left == 0
    assert mapped[:] == file.read_bytes()[_OFFSET:]


def test_what_is_not_mapped_or_not_there_is_nothing_to_move(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"x")
    assert Pages([other]).left == 0
    assert Pages([tmp_path / "missing"]).left == 0
    assert Pages([]).left == 0
