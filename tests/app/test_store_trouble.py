"""What the store does when the world misbehaves: it says a sentence and loses nothing."""

import random
import shutil
from pathlib import Path

import pytest

from hanlin.domain.conversation import Message, Part, PartKind, Role, Status
from hanlin.kernel.errors import DiskFullError, KnownError
from hanlin.store.conversations import Store
from hanlin.store.database import Database
from hanlin.store.migrations import MIGRATIONS
from hanlin.store.reserve import RESERVE_BYTES
from hanlin_fakes import disks
from hanlin_fakes.clock import FakeClock

KEY = bytes(range(32))


def opened(path: Path, key: bytes = KEY) -> Store:
    return Store.open(path, key, FakeClock())


def filled(path: Path, count: int = 40) -> dict[str, str]:
    """Make a database of ``count`` messages; return them by id."""
    with opened(path) as store:
        conversation = store.create_conversation("c").id
        return {
            message.id: message.text()
            for message in (add(store, conversation, f"{n} " * 50) for n in range(count))
        }


def add(store: Store, conversation: str, text: str) -> Message:
    parts = (Part(PartKind.TEXT, text),)
    return store.add_message(conversation, None, Role.USER, Status.COMPLETE, parts)


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_chinese_data_folder_with_spaces(tmp_path: Path) -> None:
    folder = tmp_path / "张 三" / "资料 夹"
    folder.mkdir(parents=True)
    kept = filled(folder / "hanlin.db")
    with opened(folder / "hanlin.db") as store:
        assert {i: store.message(i).text() for i in kept} == kept


def test_nothing_of_a_conversation_can_be_read_off_the_disk(tmp_path: Path) -> None:
    markers = [f"标记marker{number}" for number in range(50)]
    store = opened(tmp_path / "hanlin.db")
    conversation = store.create_conversation(markers[0]).id
    for marker in markers:
        add(store, conversation, marker)
    while_open = snapshot(tmp_path)
    store.close()
    found = [
        (name, marker)
        for files in (while_open, snapshot(tmp_path))
        for name, content in files.items()
        for marker in markers
        if marker.encode() in content or marker.encode("utf-16-le") in content
    ]
    assert found == []
    assert not (tmp_path / "hanlin.db").read_bytes().startswith(b"SQLite format 3")


def test_a_wrong_key_changes_nothing_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "hanlin.db"
    filled(path)
    before = path.read_bytes()
    with pytest.raises(KnownError, match="does not fit"):
        opened(path, bytes(32))
    assert path.read_bytes() == before
    opened(path).close()


@pytest.mark.parametrize("content", [b"hello, I am no database " * 100, bytes(8192), b"x"])
def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "hanlin.db"
    path.write_bytes(content)
    with pytest.raises(KnownError):
        opened(path)
    assert path.read_bytes() == content


def test_a_newer_schema_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "hanlin.db"
    filled(path)
    with opened(path) as store:
        store.database.write(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    before = path.read_bytes()
    with pytest.raises(KnownError, match="newer version"):
        opened(path)
    assert path.read_bytes() == before


def test_no_flipped_bit_gives_a_wrong_text(tmp_path: Path) -> None:
    path = tmp_path / "hanlin.db"
    kept = filled(path)
    whole = path.read_bytes()
    dice = random.Random(3)
    detected = 0
    for _round in range(150):
        damaged = bytearray(whole)
        damaged[dice.randrange(len(damaged))] ^= 1 << dice.randrange(8)
        path.write_bytes(damaged)
        try:
            with opened(path) as store:
                assert {i: store.message(i).text() for i in kept} == kept
                assert store.database.problems() == []
        except KnownError:
            detected += 1
    assert detected > 100


def test_a_truncated_database_is_said_to_be_damaged_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "hanlin.db"
    kept = filled(path, 100)
    whole = path.read_bytes()

    def read_all() -> None:
        with opened(path) as store:
            for identity in kept:
                store.message(identity)

    for left in (1, 511, 512, 4095, 4096, 8192, len(whole) // 2, len(whole) - 4096):
        path.write_bytes(whole[:left])
        with pytest.raises(KnownError, match=r"damaged|does not read back"):
            read_all()
        assert path.read_bytes() == whole[:left]


def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    filled(folder / "hanlin.db")
    before = snapshot(folder)
    with disks.read_only(folder), pytest.raises(KnownError, match="may not be written"):
        opened(folder / "hanlin.db")
    assert snapshot(folder) == before
    with disks.read_only(folder), pytest.raises(KnownError, match="may not be written"):
        opened(folder / "new.db")


def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(KnownError):
        opened(tmp_path / "nowhere" / "hanlin.db")
    assert list(tmp_path.glob("nowhere*")) == []


def test_a_folder_that_becomes_read_only_while_it_is_open(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with disks.small_disk(folder, "16m"):
        store = opened(folder / "hanlin.db")
        conversation = store.create_conversation("c").id
        kept = add(store, conversation, "before")
        with disks.read_only(folder):
            # The open files go on working; what matters is that nothing is pretended.
            later = add(store, conversation, "after")
        assert [m.text() for m in store.siblings(kept.id)] == ["before", later.text()]
        store.close()


@pytest.mark.parametrize("round_", range(12))
def test_a_full_disk_loses_nothing_that_was_acknowledged(tmp_path: Path, round_: int) -> None:
    with disks.small_disk(tmp_path / "disk", "3m") as folder:
        path = folder / "hanlin.db"
        store = opened(path)
        conversation = store.create_conversation("c").id
        disks.fill(folder, leave=20_000 * round_)
        acknowledged: list[Message] = []

        def write_until_full() -> None:
            while True:
                acknowledged.append(add(store, conversation, "文字 " * 400))

        with pytest.raises(KnownError, match="no room left"):
            write_until_full()
        assert [store.message(message.id) for message in acknowledged] == acknowledged
        (folder / "ballast").unlink()
        later = add(store, conversation, "there is room again")
        store.close()
        with opened(path) as store:
            assert store.database.problems() == []
            assert [store.message(m.id) for m in (*acknowledged, later)] == [*acknowledged, later]


def test_a_start_on_a_full_disk_is_said_in_a_sentence(tmp_path: Path) -> None:
    with disks.small_disk(tmp_path / "disk", "3m") as folder:
        kept = filled(folder / "hanlin.db")
        disks.fill(folder)
        with pytest.raises(KnownError, match="no room left"):
            opened(folder / "new.db")
        with pytest.raises(KnownError, match="no room left"):
            opened(folder / "hanlin.db")
        (folder / "ballast").unlink()
        with opened(folder / "hanlin.db") as store:
            assert {i: store.message(i).text() for i in kept} == kept


def test_with_the_reserve_a_full_disk_leaves_everything_readable_and_the_answer_finds_room(
    tmp_path: Path,
) -> None:
    with disks.small_disk(tmp_path / "disk", "160m") as folder:
        path, reserve = folder / "hanlin.db", folder / "hanlin.db.reserve"
        kept = filled(path)
        assert reserve.stat().st_size == RESERVE_BYTES
        store = opened(path)
        conversation = store.create_conversation("c").id
        answer = store.add_message(conversation, None, Role.ASSISTANT, Status.STREAMING, ())
        ballast = disks.fill(folder)

        # Enough to need room beyond what the log of the database has already.
        def answer_on() -> None:
            for _number in range(200):
                store.extend_message(answer.id, (Part(PartKind.TEXT, "字" * 4000),))

        with pytest.raises(DiskFullError):
            answer_on()
        before = len(store.message(answer.id).text())
        assert not reserve.exists()
        store.extend_message(answer.id, (Part(PartKind.TEXT, "字" * 4000),))
        assert len(store.message(answer.id).text()) == before + 4000
        store.close()

        ballast.unlink()
        opened(path).close()
        assert reserve.stat().st_size == RESERVE_BYTES

        disks.fill(folder)
        with opened(path) as store:
            assert {i: store.message(i).text() for i in kept} == kept
        assert not reserve.exists()


def test_a_copied_folder_opens_with_its_leftovers_marked(tmp_path: Path) -> None:
    first, copy = tmp_path / "first", tmp_path / "copy"
    first.mkdir()
    with opened(first / "hanlin.db") as store:
        conversation = store.create_conversation("c").id
        store.add_message(conversation, None, Role.ASSISTANT, Status.STREAMING, ())
        shutil.copytree(first, copy)
        with opened(copy / "hanlin.db") as other:
            assert other.mark_leftovers_interrupted() == 1
        assert store.mark_leftovers_interrupted() == 0


def test_it_is_known_whether_another_program_wrote(tmp_path: Path) -> None:
    path = tmp_path / "hanlin.db"
    with Database(path, KEY, FakeClock()) as mine, Database(path, KEY, FakeClock()) as other:
        mine.write("INSERT INTO drafts VALUES ('', 'a')")
        assert mine.read("SELECT text FROM drafts") == [("a",)]
        assert not mine.others_wrote()
        other.write("UPDATE drafts SET text = 'b'")
        assert mine.others_wrote()
        assert not mine.others_wrote()
        assert other.others_wrote(), "what came before it looked"
