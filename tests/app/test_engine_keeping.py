"""When states are written and fetched: decisions, with a disk and a worker that are played."""

import queue
from collections.abc import Callable

import pytest

from hanlin.engine.commands import Command, Next, Restore, Snapshot, StatePiece
from hanlin.engine.events import HasRead, Refused, Restored, SnapshotPiece, Taken
from hanlin.engine.keeping import IDLE_SECONDS, Keeper
from hanlin.engine.protocol import Code
from hanlin_fakes.clock import FakeClock

PIECES = [b"one", b"two", b"three"]


class Disk:
    """States in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.abandoned: list[str] = []
        self.refuses = False
        self.damaged = False
        self.memory_short = False

    def write(self, conversation: str, fingerprint: str, size: int) -> "Writing | None":
        assert fingerprint == "f"
        self.take_memory()
        return None if self.refuses else Writing(self, conversation, size)

    def read(self, conversation: str, fingerprint: str) -> "Reading | None":
        assert fingerprint == "f"
        self.take_memory()
        return Reading(self) if conversation in self.kept else None

    def take_memory(self) -> None:
        if self.memory_short:
            raise MemoryError

    def forget(self, conversation: str) -> None:
        self.kept.pop(conversation, None)


class Writing:
    def __init__(self, disk: Disk, name: str, size: int) -> None:
        self.disk, self.name, self.size, self.data = disk, name, size, b""

    def add(self, piece: bytes) -> None:
        if self.disk.damaged:
            raise OSError(28, "full")
        self.data += piece

    def commit(self) -> None:
        assert len(self.data) == self.size
        self.disk.kept[self.name] = self.data

    def abandon(self) -> None:
        self.disk.abandoned.append(self.name)


class Reading:
    size = sum(map(len, PIECES))

    def __init__(self, disk: Disk) -> None:
        self.disk = disk
        self.left = list(PIECES)

    def next(self) -> bytes:
        if self.disk.damaged:
            raise ValueError("damaged")
        if not self.left:
            raise StopIteration
        return self.left.pop(0)

    def close(self) -> None:
        self.left.clear()


class Stage:
    """A keeper whose worker answers by hand."""

    def __init__(self, disk: Disk | None) -> None:
        self.clock = FakeClock()
        self.sent: list[tuple[Command, bytes]] = []
        self.posted = queue.SimpleQueue[Callable[[], None]]()
        numbers = iter(range(1, 1000))
        self.keeper = Keeper(
            disk,
            lambda command, payload: self.sent.append((command, payload)),
            self.posted.put,
            lambda: next(numbers),
            self.clock,
        )
        self.keeper.begin("f")

    def disk_done(self) -> None:
        """Let the next thing the disk's thread did take effect."""
        self.posted.get(timeout=10)()

    def last(self, kind: type) -> Command:
        found = [command for command, _ in self.sent if isinstance(command, kind)]
        assert found, f"no {kind.__name__} was sent: {self.sent}"
        return found[-1]

    def count(self, kind: type) -> int:
        return sum(isinstance(command, kind) for command, _ in self.sent)

    def give_out(self) -> None:
        """Answer the snapshot that was asked for with all its pieces."""
        request = self.last(Snapshot).id
        for number, piece in enumerate(PIECES, start=1):
            left = sum(map(len, PIECES[number:]))
            assert self.keeper.hear(SnapshotPiece(request, left), piece)
            self.disk_done()

    def wait(self, seconds: float, *, idle: bool = True) -> None:
        self.clock.move(int(seconds * 1000))
        self.keeper.tick(idle=idle)


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def stage(disk: Disk) -> Stage:
    return Stage(disk)


def test_a_conversation_is_written_when_nothing_happens_for_a_while(
    stage: Stage, disk: Disk
) -> None:
    stage.keeper.changed("c")
    stage.wait(IDLE_SECONDS / 2)
    stage.keeper.changed("c")
    stage.wait(IDLE_SECONDS / 2)
    assert stage.sent == []
    stage.wait(IDLE_SECONDS / 2)
    assert stage.last(Snapshot) == Snapshot(1, "c")
    stage.give_out()
    assert disk.kept == {"c": b"".join(PIECES)}
    assert stage.count(Next) == len(PIECES) - 1
    assert stage.keeper.deadline is None
    stage.keeper.close()


def test_nothing_is_written_during_an_answer(stage: Stage) -> None:
    stage.keeper.changed("c")
    stage.wait(IDLE_SECONDS, idle=False)
    assert stage.sent == []


def test_a_conversation_that_is_left_is_written_at_once(stage: Stage, disk: Disk) -> None:
    stage.keeper.changed("c")
    stage.keeper.reads_ahead(50, "c")
    assert stage.sent == []
    stage.keeper.reads_ahead(51, "d")
    stage.give_out()
    assert list(disk.kept) == ["c"]
    stage.keeper.close()


def test_much_that_was_read_ahead_is_worth_writing(stage: Stage) -> None:
    stage.keeper.reads_ahead(50, "c")
    assert stage.keeper.hear(HasRead(50, 10), b"")
    assert stage.keeper.deadline is None
    stage.keeper.reads_ahead(51, "c")
    assert stage.keeper.hear(HasRead(51, 1000), b"")
    assert stage.keeper.deadline is not None


def test_the_end_waits_for_everything_but_not_for_ever(stage: Stage, disk: Disk) -> None:
    ended: list[str] = []
    stage.keeper.changed("c")
    stage.keeper.changed("d")
    stage.keeper.flush(4, lambda: ended.append("flushed"))
    stage.give_out()
    assert (list(disk.kept), ended) == (["c"], [])
    stage.give_out()
    assert (list(disk.kept), ended) == (["c", "d"], ["flushed"])
    stage.keeper.changed("c")
    stage.keeper.flush(4, lambda: ended.append("in time"))
    stage.wait(5)
    assert ended == ["flushed", "in time"]
    stage.keeper.flush(4, lambda: ended.append("nothing to write"))
    assert ended[-1] == "nothing to write"
    stage.keeper.close()


def test_a_worker_that_dies_ends_the_waiting(stage: Stage) -> None:
    ended: list[str] = []
    stage.keeper.changed("c")
    stage.keeper.flush(4, lambda: ended.append("gone"))
    stage.keeper.end()
    assert ended == ["gone"]
    assert stage.keeper.deadline is None
    stage.keeper.close()


def test_a_deleted_conversation_is_not_written(stage: Stage, disk: Disk) -> None:
    disk.kept["c"] = b"old"
    stage.keeper.changed("c")
    stage.wait(IDLE_SECONDS)
    stage.keeper.forget("c")
    request = stage.last(Snapshot).id
    assert stage.keeper.hear(SnapshotPiece(request, 0), b"late")
    stage.keeper.changed("d")
    stage.keeper.forget("d")
    stage.wait(IDLE_SECONDS)
    stage.keeper.close()
    assert disk.kept == {}
    assert stage.count(Snapshot) == 1


def test_a_disk_that_refuses_ends_it_quietly(stage: Stage, disk: Disk) -> None:
    for number, trouble in enumerate(("damaged", "refuses"), 1):
        setattr(disk, trouble, True)
        stage.keeper.changed("c")
        stage.wait(IDLE_SECONDS)
        stage.keeper.hear(SnapshotPiece(stage.last(Snapshot).id, 5), b"one")
        assert stage.count(Next) == number  # asked for while the first one is being written
        stage.keeper.hear(SnapshotPiece(stage.last(Snapshot).id, 0), b"two")
        stage.disk_done()
        stage.disk_done()
    assert stage.count(Next) == 2
    assert disk.abandoned == ["c"]
    assert disk.kept == {}
    stage.keeper.close()


def test_a_disk_thread_without_memory_holds_nothing_up(stage: Stage, disk: Disk) -> None:
    disk.kept["c"] = b"x"
    disk.memory_short = True
    order: list[str] = []
    stage.keeper.fetch("c", lambda: order.append("prompt"))
    stage.disk_done()
    assert order == ["prompt"]
    stage.keeper.changed("c")
    stage.keeper.flush(4, lambda: order.append("end"))
    assert stage.keeper.hear(SnapshotPiece(stage.last(Snapshot).id, 5), b"one")
    stage.disk_done()
    stage.keeper.close()
    assert order == ["prompt", "end"]


def test_a_state_is_fetched_before_the_prompt(stage: Stage, disk: Disk) -> None:
    disk.kept["c"] = b"".join(PIECES)
    order: list[str] = []
    stage.keeper.fetch("c", lambda: order.append("prompt"))
    stage.disk_done()
    request = stage.last(Restore).id
    for _ in PIECES:
        stage.disk_done()
        assert stage.keeper.hear(Taken(request), b"")
    assert [payload for command, payload in stage.sent if isinstance(command, StatePiece)] == PIECES
    assert order == []
    assert stage.keeper.hear(Restored(request, 9), b"")
    stage.keeper.fetch("c", lambda: order.append("again"))
    stage.keeper.close()
    assert order == ["prompt", "again"]


@pytest.mark.parametrize("name", ["", "unknown"])
def test_without_a_state_the_prompt_goes_on(stage: Stage, name: str) -> None:
    order: list[str] = []
    stage.keeper.fetch(name, lambda: order.append("prompt"))
    if name:
        stage.disk_done()
    stage.keeper.close()
    assert order == ["prompt"]
    assert stage.sent == []


def test_nothing_is_kept_without_a_disk() -> None:
    stage = Stage(None)
    order: list[str] = []
    stage.keeper.changed("c")
    stage.keeper.fetch("c", lambda: order.append("prompt"))
    stage.keeper.forget("c")
    stage.keeper.flush(4, lambda: order.append("end"))
    stage.keeper.close()
    assert order == ["prompt", "end"]
    assert stage.sent == []


def test_a_cancel_and_a_damaged_file_let_the_prompt_go_on_at_once(stage: Stage, disk: Disk) -> None:
    disk.kept["c"] = b"x"
    order: list[str] = []
    stage.keeper.fetch("c", lambda: order.append("first"))
    stage.keeper.hurry()
    stage.keeper.hurry()
    stage.disk_done()
    assert (order, stage.sent) == (["first"], [])
    disk.damaged = True
    stage.keeper.fetch("c", lambda: order.append("second"))
    stage.disk_done()
    stage.disk_done()
    stage.keeper.close()
    assert order == ["first", "second"]


def test_a_worker_without_memory_for_a_state_holds_nothing_up(stage: Stage, disk: Disk) -> None:
    disk.kept["c"] = b"x"
    order: list[str] = []
    stage.keeper.fetch("c", lambda: order.append("prompt"))
    stage.disk_done()
    assert stage.keeper.hear(Refused(stage.last(Restore).id, Code.MEMORY), b"")
    assert order == ["prompt"]
    stage.disk_done()  # a piece that was under way
    assert stage.count(StatePiece) == 0
    stage.keeper.changed("c")
    stage.keeper.changed("d")
    stage.keeper.flush(4, lambda: order.append("end"))
    assert stage.keeper.hear(Refused(stage.last(Snapshot).id, Code.MEMORY), b"")
    stage.give_out()
    stage.keeper.close()
    assert order == ["prompt", "end"]
    assert disk.kept == {"c": b"x", "d": b"".join(PIECES)}
    assert not stage.keeper.hear(Refused(1000, Code.MEMORY), b""), "an answer's"


def test_a_state_of_no_use_is_removed(stage: Stage, disk: Disk) -> None:
    disk.kept["c"] = b"x"
    order: list[str] = []
    stage.keeper.fetch("c", lambda: order.append("prompt"))
    stage.disk_done()
    assert stage.keeper.hear(Restored(stage.last(Restore).id, 0), b"")
    stage.keeper.close()
    assert (order, disk.kept) == (["prompt"], {})


def test_the_prompt_takes_over_what_is_fetched_for_reading_ahead(stage: Stage, disk: Disk) -> None:
    disk.kept["c"] = b"x"
    order: list[str] = []
    stage.keeper.fetch("c", lambda: order.append("ahead"))
    stage.keeper.fetch("c", lambda: order.append("prompt"))
    stage.disk_done()
    stage.keeper.hear(Restored(stage.last(Restore).id, 5), b"")
    stage.keeper.fetch("d", lambda: order.append("other"))
    stage.disk_done()
    while order[-1] != "other":
        stage.disk_done()
    stage.keeper.close()
    assert order == ["prompt", "other"]
    assert not stage.keeper.hear(object(), b"")
