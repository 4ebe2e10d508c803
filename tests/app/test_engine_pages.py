"""Weights move into huge pages: the same bytes at the same place, no longer the file's."""

import mmap
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
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


@pytest.fixture
def table() -> Iterator[int]:
    """Return what the system knows of our pages."""
    found = os.open("/proc/self/pagemap", os.O_RDONLY)
    yield found
    os.close(found)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have files mapped in small pages, whatever this system did with what was just written."""
    monkeypatch.setattr(Pages, "_is_huge", lambda *_of: False)


def go_through(moving: Pages) -> int:
    moving.look_again()
    steps = 0
    while moving.move_some():
        steps += 1
    return steps


def test_the_bytes_stay_where_they_are_and_the_file_is_let_go(
    file: Path, mapped: mmap.mmap
) -> None:
    moving = Pages([file])
    assert moving.left == _SIZE
    assert mapped[:] == file.read_bytes()[_OFFSET:]
    assert go_through(moving) > 1
    assert moving.left == 0
    assert mapped[:] == file.read_bytes()[_OFFSET:]
    assert Pages([file]).left == 0, "some of it is still the file's"


def test_what_the_model_does_not_read_takes_no_memory(
    file: Path, mapped: mmap.mmap, table: int
) -> None:
    assert mapped[:] == file.read_bytes()[_OFFSET:]  # llama.cpp goes through it while it loads
    moving = Pages([file], table)
    assert resident(mapped) == 0
    go_through(moving)
    assert moving.left == _SIZE
    assert mapped[_SIZE // 2 :] == file.read_bytes()[_OFFSET + _SIZE // 2 :]
    go_through(moving)
    # The bit in the middle was read in part, as was what the system fetches beside it.
    assert abs(moving.left - _SIZE // 2) <= 2**21
    assert abs(resident(mapped) - _SIZE // 2) <= 2**22
    assert mapped[:] == file.read_bytes()[_OFFSET:]
    go_through(moving)
    assert moving.left == 0


def test_what_is_known_not_to_be_read_is_given_back(
    file: Path, mapped: mmap.mmap, table: int
) -> None:
    """Though the system fetched it beside what was: whole files, where it keeps them so."""
    asked = []
    half = _OFFSET + _SIZE // 2

    def unread() -> list[list[range]]:
        asked.append(1)
        return [[], [range(half, half + 2**22), range(half + 2**22, _OFFSET + _SIZE)]]

    other = file.parent / "another part"
    other.write_bytes(b"x")
    moving = Pages([other, file], table, unread)
    assert mapped[:] == file.read_bytes()[_OFFSET:]
    go_through(moving)
    assert abs(moving.left - _SIZE // 2) <= 2**21
    assert abs(resident(mapped) - _SIZE // 2) <= 2**21
    assert mapped[:] == file.read_bytes()[_OFFSET:]
    go_through(moving)
    assert abs(moving.left - _SIZE // 2) <= 2**21
    assert asked == [1]


def test_what_was_allocated_becomes_huge_where_it_is(file: Path, mapped: mmap.mmap) -> None:
    size = 32 * 2**20
    with mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as memory:
        content = os.urandom(size // 2)
        memory[: size // 2] = content
        go_through(Pages([file]))
        if not huge(memory):
            pytest.skip("this kernel gathers small pages in its own time (before Linux 6.1)")
        assert memory[: size // 2] == content
        assert resident(memory) < size * 3 // 4, "what nobody wrote to takes memory"


def test_where_each_page_cannot_be_known_a_file_moves_when_all_of_it_was_read(
    file: Path, mapped: mmap.mmap, monkeypatch: pytest.MonkeyPatch
) -> None:
    shares = iter([0.8, 1.0])
    moving = Pages([file])
    field = pages._field

    def of_file(path: str, name: str) -> int:
        return int(next(shares) * _SIZE) if name == "RssFile" else field(path, name)

    monkeypatch.setattr(pages, "_field", of_file)
    assert mapped[:] == file.read_bytes()[_OFFSET:]
    go_through(moving)
    assert moving.left == _SIZE
    go_through(moving)
    assert moving.left == 0
    assert mapped[:] == file.read_bytes()[_OFFSET:]


def test_what_lies_in_huge_pages_as_it_is_stays_the_files(
    tmp_path: Path, table: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    size = 64 * 2**20
    file = tmp_path / "a"
    file.write_bytes(os.urandom(size))
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), size, prot=mmap.PROT_READ) as mapped:
        moving = Pages([file], table)
        content = mapped[:]
        huge_as_it_is = sum(_counted(mapped, "FilePmdMapped"))
        if not huge_as_it_is:
            pytest.skip("this system does not map files in huge pages")
        go_through(moving)
        assert abs(moving.left - huge_as_it_is) <= 2**22
        assert sum(_counted(mapped, "FilePmdMapped")) == huge_as_it_is
        assert mapped[:] == content


def resident(memory: mmap.mmap) -> int:
    return sum(_counted(memory, "Rss"))


def huge(memory: mmap.mmap) -> int:
    return sum(_counted(memory, "AnonHugePages"))


def _counted(memory: mmap.mmap, name: str) -> Iterator[int]:
    """Yield a field of /proc/self/smaps for every mapping in ``memory``, in bytes."""
    # Private memory that is only read has no address for ctypes; the table of a view has.
    start = np.frombuffer(memory, np.uint8).__array_interface__["data"][0]
    inside = False
    for line in Path("/proc/self/smaps").read_text("utf-8", "replace").splitlines():
        if found := re.match(r"([0-9a-f]+)-([0-9a-f]+) ", line):
            inside = start <= int(found[1], 16) < start + len(memory)
        elif inside and line.startswith(f"{name}:"):
            yield 1024 * int(line.split()[1])


def test_where_memory_is_short_the_file_stays_mapped(
    file: Path, mapped: mmap.mmap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "_available", lambda: 2 * _SIZE - 1)
    moving = Pages([file])
    assert moving.left == 0
    assert mapped[:] == file.read_bytes()[_OFFSET:]
    go_through(moving)
    monkeypatch.setattr(pages, "_available", lambda: 2 * _SIZE)
    assert Pages([file]).left == len(mapped)


def test_a_system_that_has_none_is_asked_again_at_the_next_look(
    file: Path, mapped: mmap.mmap, table: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    moving = Pages([file], table)
    assert mapped[:] == file.read_bytes()[_OFFSET:]
    with monkeypatch.context() as short:
        short.setattr(pages, "_field", lambda _file, _name: 0)
        go_through(moving)
        assert moving.left == _SIZE, "what is in small pages all the same takes memory for nothing"
        assert mapped[:] == file.read_bytes()[_OFFSET:]
    go_through(moving)
    assert moving.left == 0
    assert mapped[:] == file.read_bytes()[_OFFSET:]


def test_what_is_not_mapped_or_not_there_is_nothing_to_move(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"x")
    assert Pages([other]).left == 0
    assert Pages([tmp_path / "missing"]).left == 0
    assert Pages([]).left == 0
