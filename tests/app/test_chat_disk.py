"""The chat service on a disk that is full, for a while or for good."""

import queue
import random
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from hanlin.domain.conversation import Part, Status
from hanlin.kernel.clock import SystemClock
from hanlin.kernel.errors import DiskFullError, KnownError
from hanlin.services.events import NoticeCause, NoticePosted, NoticeWithdrawn, SessionState
from hanlin.store.conversations import Store
from hanlin_fakes import disks
from hanlin_fakes.house import KEY, House
from hanlin_fakes.waiting import DEADLINE


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.close()


def test_what_a_full_disk_refuses_is_shown_all_the_same(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.load()
    full = KnownError("The disk is full", "There is no room left.", "Free some space.")

    def refuse(*_arguments: object) -> None:
        raise full

    house.engine.enqueue("kept", " in memory", hold_after=1)
    house.chat.send(None, "q")
    house.grown.get(timeout=DEADLINE)
    monkeypatch.setattr(house.store, "extend_message", refuse)
    house.engine.release()
    event = house.answered()
    assert (event.message.status, event.error) == (Status.COMPLETE, None)
    assert event.message.text() == "kept in memory"
    assert house.chat.transcript(event.message.conversation_id)[-1] == event.message

    monkeypatch.setattr(house.store, "put_aside", lambda *_arguments: False)
    monkeypatch.setattr(house.store, "extend_message", refuse)
    house.engine.enqueue("only here")
    house.chat.regenerate(event.message.id)
    event = house.answered()
    assert (event.message.status, event.error) == (Status.INTERRUPTED, full)
    assert event.message.text() == "only here"


def test_who_looks_waits_for_no_disk(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.load()
    saving, go_on = threading.Event(), threading.Event()
    extend = house.store.extend_message

    def slowly(message: str, parts: Sequence[Part], status: Status | None = None) -> None:
        saving.set()
        assert go_on.wait(DEADLINE)
        extend(message, parts, status)

    monkeypatch.setattr(house.store, "extend_message", slowly)
    house.engine.enqueue("one", " two", hold_after=1)
    conversation = house.chat.send(None, "q").conversation_id
    assert saving.wait(DEADLINE)  # with the chat's lock
    assert house.chat.answering() == {conversation}
    assert house.chat.asked_call(house.added[-1].id) is None
    assert house.session.status().state is SessionState.READY
    go_on.set()
    house.engine.release()
    assert house.answered().message.text() == "one two"
    assert house.chat.answering() == frozenset()


def test_what_a_full_disk_refused_is_stored_once_there_is_room_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.load()
    refused = threading.Event()

    def refuse(*_arguments: object) -> None:
        refused.set()
        raise DiskFullError("The disk is full", "There is no room left.", "Free some space.")

    house.engine.enqueue("kept", " in memory", hold_after=1)
    conversation = house.chat.send(None, "q").conversation_id
    house.grown.get(timeout=DEADLINE)
    with monkeypatch.context() as full:
        full.setattr(house.store, "extend_message", refuse)
        house.engine.release()
        assert house.answered().message.text() == "kept in memory"
        refused.clear()
        assert refused.wait(DEADLINE), "it is tried again"
    stored = house.chat.transcript(conversation)[-1]
    deadline = time.monotonic() + DEADLINE
    while stored.status is Status.STREAMING and time.monotonic() < deadline:
        time.sleep(0.02)
        stored = house.chat.transcript(conversation)[-1]
    assert (stored.status, stored.text()) == (Status.COMPLETE, "kept in memory")


def test_the_notice_of_a_full_disk_goes_when_there_is_room_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.load()
    told: queue.SimpleQueue[NoticePosted | NoticeWithdrawn] = queue.SimpleQueue()
    house.bus.subscribe(NoticePosted, told.put)

    def refuse(*_arguments: object) -> None:
        raise DiskFullError("The disk is full", "There is no room left.", "Free some space.")

    with monkeypatch.context() as full:
        full.setattr(house.store, "extend_message", refuse)
        house.engine.enqueue("kept")
        house.chat.send(None, "q")
        house.answered()
        assert told.get(timeout=DEADLINE) == NoticePosted(
            "There is no room left. Free some space.", NoticeCause.DISK
        )
        house.bus.subscribe(NoticeWithdrawn, told.put)
    assert told.get(timeout=DEADLINE) == NoticeWithdrawn(NoticeCause.DISK)


def test_quitting_on_a_really_full_disk_loses_nothing_of_the_answer(tmp_path: Path) -> None:
    with disks.small_disk(tmp_path / "disk", "16m") as folder:
        house = House(folder)
        house.load()
        dice = random.Random(7)
        written = [
            "".join(chr(dice.randrange(0x4E00, 0x9FA5)) for _n in range(4000)) for _p in "xyz"
        ]
        house.engine.enqueue("开始", *written, hold_after=1)
        conversation = house.chat.send(None, "q").conversation_id
        house.grown.get(timeout=DEADLINE)
        ballast = disks.fill(folder)

        # What the database's log still has room for is used up as well.
        def use_up() -> None:
            while True:
                house.store.create_conversation("字" * 2000)

        with pytest.raises(DiskFullError):
            use_up()
        house.engine.release()
        event = house.answered()
        assert event.message.text() == "开始" + "".join(written)
        house.close()
        ballast.unlink()
        with Store.open(folder / "hanlin.db", KEY, SystemClock()) as store:
            store.mark_leftovers_interrupted()
            answer = store.transcript(conversation)[-1]
        assert (answer.status, answer.text()) == (Status.COMPLETE, event.message.text())
