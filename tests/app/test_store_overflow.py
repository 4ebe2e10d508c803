"""What a full disk refuses of an answer survives the end of the program, and is stored once."""

import os
import random
from pathlib import Path

import pytest

from hanlin.domain.conversation import Part, PartKind, Role, Status
from hanlin.kernel.errors import DiskFullError
from hanlin.store.conversations import Store
from hanlin.store.overflow import SLOT_BYTES, Aside, Overflow, left_behind
from hanlin_fakes import disks
from hanlin_fakes.clock import FakeClock

KEY = bytes(range(32))
TEXT, THINKING = PartKind.TEXT, PartKind.THINKING
TAIL = (Part(THINKING, "思考", 1500), Part(TEXT, "结尾。"))


def opened(path: Path) -> Store:
    return Store.open(path, KEY, FakeClock())


def begun(store: Store) -> str:
    """Begin an answer and store a first piece of it; return its id."""
    conversation = store.create_conversation("c").id
    answer = store.add_message(conversation, None, Role.ASSISTANT, Status.STREAMING, ())
    store.extend_message(answer.id, (Part(THINKING, "开始", 500),))
    return answer.id


def overflows(folder: Path) -> list[Path]:
    return list(folder.glob("*.writers/*.overflow"))


def killed(store: Store) -> None:
    """Let go of everything as the end of a killed process does: nothing is tidied up."""
    kept = store.database.overflow.path.read_bytes()
    store.close()
    store.database.overflow.path.write_bytes(kept)


@pytest.mark.parametrize("status", [None, Status.COMPLETE])
def test_what_was_put_aside_is_read_at_once_and_stored_at_the_next_start(
    tmp_path: Path, status: Status | None
) -> None:
    path = tmp_path / "hanlin.db"
    store = opened(path)
    answer = begun(store)
    assert store.put_aside(answer, TAIL, status)
    shown = store.message(answer)
    assert shown.parts == (Part(THINKING, "开始思考", 2000), Part(TEXT, "结尾。"))
    assert shown.status is (status or Status.STREAMING)
    killed(store)
    with opened(path) as store:
        store.mark_leftovers_interrupted()
        stored = store.message(answer)
        assert stored.parts == shown.parts
        assert stored.status is (status or Status.INTERRUPTED)
    assert overflows(tmp_path) == []


def test_what_was_stored_after_all_is_not_stored_twice(tmp_path: Path) -> None:
    path = tmp_path / "hanlin.db"
    store = opened(path)
    answer, other = begun(store), begun(store)
    store.put_aside(answer, TAIL, None)
    before = store.database.overflow.path.read_bytes()
    store.extend_message(answer, TAIL)
    store.extend_message(other, (), Status.STOPPED)
    store.close()
    # Killed between the commit and the clearing: the file still holds it.
    (tmp_path / "hanlin.db.writers" / "0123456789abcdef.overflow").write_bytes(before)
    for _start in range(2):
        with opened(path) as store:
            store.mark_leftovers_interrupted()
            assert store.message(answer).text() == "结尾。"
            assert store.message(answer).status is Status.INTERRUPTED
            assert store.message(other).status is Status.STOPPED
    assert overflows(tmp_path) == []


def test_what_another_living_program_put_aside_is_left_to_it(tmp_path: Path) -> None:
    path = tmp_path / "hanlin.db"
    window = opened(path)
    answer = begun(window)
    window.put_aside(answer, TAIL, None)
    with opened(path) as terminal:
        terminal.mark_leftovers_interrupted()
        assert terminal.message(answer).text() == ""
    window.extend_message(answer, TAIL, Status.COMPLETE)
    assert window.message(answer).text() == "结尾。"
    window.close()
    assert overflows(tmp_path) == []


def test_on_a_really_full_disk_the_end_of_an_answer_survives_a_kill(tmp_path: Path) -> None:
    with disks.small_disk(tmp_path / "disk", "16m") as folder:
        path = folder / "hanlin.db"
        store = opened(path)
        answer = begun(store)
        ballast = disks.fill(folder)
        written: list[str] = []

        def write_until_full() -> None:
            while True:
                store.extend_message(answer, (Part(TEXT, "字" * 4000),))
                written.append("字" * 4000)

        with pytest.raises(DiskFullError):
            write_until_full()
        tail = "尾" * 20_000
        assert store.put_aside(answer, (Part(TEXT, tail),), Status.COMPLETE)
        killed_with = store.database.overflow.path.read_bytes()
        store.close()
        assert store.database.overflow.path.read_bytes() == killed_with
        ballast.unlink()
        with opened(path) as store:
            store.mark_leftovers_interrupted()
            assert store.message(answer).text() == "".join(written) + tail
            assert store.message(answer).status is Status.COMPLETE


def test_nothing_of_it_can_be_read_off_the_disk_and_only_the_owner_may(tmp_path: Path) -> None:
    overflow = Overflow(tmp_path / "one.overflow", KEY)
    overflow.take_room()
    assert overflow.keep([Aside("id", 1, (Part(TEXT, "geheim"),), None)])
    assert b"geheim" not in overflow.path.read_bytes()
    if os.name == "posix":
        assert overflow.path.stat().st_mode & 0o777 == 0o600
    assert left_behind(overflow.path, bytes(32)) == ()
    overflow.keep(())
    overflow.close()
    assert not overflow.path.exists()


def test_a_torn_writing_leaves_the_one_before(tmp_path: Path) -> None:
    overflow = Overflow(tmp_path / "one.overflow", KEY)
    overflow.take_room()
    asides = [(Aside("id", 1, (Part(TEXT, f"number {n}"),), None),) for n in range(3)]
    for aside in asides:
        assert overflow.keep(aside)
    whole = overflow.path.read_bytes()
    assert left_behind(overflow.path, KEY) == asides[2]
    dice = random.Random(5)
    last = (3 % 2) * SLOT_BYTES
    for _round in range(60):
        torn = bytearray(whole)
        torn[last + dice.randrange(80)] ^= 1 << dice.randrange(8)
        overflow.path.write_bytes(torn)
        assert left_behind(overflow.path, KEY) in (asides[1], asides[2])
    overflow.path.write_bytes(whole[:30])
    assert left_behind(overflow.path, KEY) == ()
    overflow.close()


def test_what_does_not_fit_is_said_and_changes_nothing(tmp_path: Path) -> None:
    overflow = Overflow(tmp_path / "one.overflow", KEY)
    overflow.take_room()
    kept = (Aside("id", 1, (Part(TEXT, "kept"),), None),)
    assert overflow.keep(kept)
    noise = random.Random(1).randbytes(SLOT_BYTES).hex()
    assert not overflow.keep((Aside("id", 1, (Part(TEXT, noise),), None),))
    assert left_behind(overflow.path, KEY) == kept
    overflow.close()
