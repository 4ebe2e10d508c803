"""The chat service over the real store and a scripted engine."""

import queue
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hanlin.domain.conversation import LONGEST_QUESTION, Message, PartKind, Role, Status
from hanlin.domain.generation import StopReason
from hanlin.engine.base import EngineEvent, EngineState, StateChanged
from hanlin.kernel.clock import SystemClock
from hanlin.kernel.errors import DiskFullError, KnownError
from hanlin.services.chat import TITLE_LENGTH, title_from
from hanlin.services.events import (
    NoticeCause,
    NoticePosted,
    NoticeWithdrawn,
    SessionState,
    SessionStatus,
)
from hanlin.store.conversations import Store
from hanlin_fakes import disks
from hanlin_fakes.house import DEADLINE, KEY, OTHER, STARTER, House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.close()


def texts(messages: list[Message]) -> list[tuple[Role, str]]:
    return [(message.role, message.text()) for message in messages]


def test_a_question_is_answered_and_both_are_kept(house: House) -> None:
    house.load()
    house.engine.enqueue((PartKind.THINKING, "想一想"), "你好", "，世界")

    question = house.chat.send(None, "你好")
    event = house.answered()

    assert event.message.status is Status.COMPLETE
    assert event.message.text(PartKind.THINKING) == "想一想"
    transcript = house.chat.transcript(question.conversation_id)
    assert texts(transcript) == [(Role.USER, "你好"), (Role.ASSISTANT, "你好，世界")]
    assert transcript[1].model == "Shutong"
    assert house.chat.conversations()[0].title == "你好"


def test_the_history_goes_along(house: House) -> None:
    house.load()
    house.engine.enqueue("one")
    house.engine.enqueue("two")
    first = house.chat.send(None, "1")
    house.answered()
    house.chat.send(first.conversation_id, "2")
    house.answered()

    turns = house.engine.asked[1].turns
    assert [(turn.role, turn.text) for turn in turns] == [
        (Role.USER, "1"),
        (Role.ASSISTANT, "one"),
        (Role.USER, "2"),
    ]


def test_stop_keeps_what_was_shown_and_nothing_more(house: House) -> None:
    house.load()
    house.engine.enqueue("shown", "never", hold_after=1)
    question = house.chat.send(None, "q")
    assert house.grown.get(timeout=DEADLINE).text == "shown"

    house.chat.stop(question.conversation_id)
    event = house.answered()

    assert event.message.status is Status.STOPPED
    assert event.message.text() == "shown"
    measured = house.measured.get(timeout=DEADLINE)
    assert measured.conversation_id == question.conversation_id
    assert measured.context_size > 0
    assert not house.chat.is_answering(question.conversation_id)
    house.engine.enqueue("next")
    house.chat.send(question.conversation_id, "again")
    assert house.answered().message.text() == "next"


def test_a_failed_answer_keeps_its_text_and_its_reason(house: House) -> None:
    house.load()
    error = KnownError("Engine", "The engine stopped.", "Send again.")
    house.engine.enqueue("half", error=error, engine_alive=False)
    question = house.chat.send(None, "q")
    event = house.answered()

    assert event.error is error
    kept = house.chat.transcript(question.conversation_id)[-1]
    assert kept.status is Status.INTERRUPTED
    assert kept.text() == "half"
    assert kept.text(PartKind.NOTICE) == "The engine stopped. Send again."


def test_a_notice_is_never_sent_to_the_model(house: House) -> None:
    house.load()
    house.engine.enqueue("half", error=KnownError("t", "why"))
    house.engine.enqueue("fine")
    first = house.chat.send(None, "q")
    house.answered()
    house.chat.send(first.conversation_id, "r")
    house.answered()
    assert [turn.text for turn in house.engine.asked[1].turns] == ["q", "half", "r"]


def test_regenerating_and_editing_add_siblings(house: House) -> None:
    house.load()
    for text in ("first", "second", "third"):
        house.engine.enqueue(text)
    question = house.chat.send(None, "q")
    first = house.answered().message
    house.chat.regenerate(first.id)
    second = house.answered().message
    assert [m.text() for m in house.chat.siblings(second.id)] == ["first", "second"]

    edited = house.chat.edit(question.id, "Q")
    house.answered()
    conversation = question.conversation_id
    assert texts(house.chat.transcript(conversation)) == [
        (Role.USER, "Q"),
        (Role.ASSISTANT, "third"),
    ]
    assert [m.text() for m in house.chat.siblings(edited.id)] == ["q", "Q"]

    house.chat.select_sibling(first.id)
    assert texts(house.chat.transcript(conversation)) == [
        (Role.USER, "q"),
        (Role.ASSISTANT, "first"),
    ]


def test_a_question_asked_while_the_model_loads_is_answered_afterwards(house: House) -> None:
    house.engine.enqueue("late")
    house.session.select(STARTER.id)
    house.chat.send(None, "early")
    assert house.answered().message.text() == "late"


def test_two_conversations_wait_for_each_other(house: House) -> None:
    house.load()
    house.engine.enqueue("a", "b", hold_after=1)
    house.engine.enqueue("c")
    one = house.chat.send(None, "one")
    house.grown.get(timeout=DEADLINE)
    two = house.chat.send(None, "two")
    assert house.chat.is_answering(two.conversation_id)
    house.engine.release()
    assert house.answered().message.conversation_id == one.conversation_id
    assert house.answered().message.conversation_id == two.conversation_id


def test_a_waiting_answer_can_be_stopped(house: House) -> None:
    house.load()
    house.engine.enqueue("a", "b", hold_after=1)
    house.chat.send(None, "one")
    house.grown.get(timeout=DEADLINE)
    two = house.chat.send(None, "two")
    house.chat.stop(two.conversation_id)
    event = house.answered()
    assert (event.message.conversation_id, event.message.status) == (
        two.conversation_id,
        Status.STOPPED,
    )
    house.engine.release()
    assert house.answered().message.text() == "ab"


def test_nothing_is_stored_without_a_model(house: House) -> None:
    house.session.remove(STARTER.id)
    house.session.remove(OTHER.id)
    house.session.start()
    with pytest.raises(KnownError) as caught:
        house.chat.send(None, "q")
    assert caught.value.hint
    assert house.chat.conversations() == []


def test_a_question_before_the_start_waits_for_it(house: House) -> None:
    house.engine.enqueue("here")
    house.chat.send(None, "quick fingers")
    house.session.start()
    answer = house.answered().message
    assert (answer.text(), answer.model) == ("here", STARTER.name)


def test_a_model_that_does_not_load_fails_what_waits(house: House) -> None:
    house.engine.enqueue_load_error(KnownError("Damaged", "The file is damaged.", "Get it again."))
    house.session.select(STARTER.id)
    house.chat.send(None, "q")
    event = house.answered()
    assert event.message.status is Status.FAILED
    assert event.error is not None
    assert house.session.status().state is SessionState.FAILED
    with pytest.raises(KnownError, match="damaged"):
        house.chat.send(None, "q")


def test_closing_in_the_middle_keeps_the_answer_as_interrupted(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.load()
    house.engine.enqueue("half", "never", hold_after=1)
    question = house.chat.send(None, "q")
    house.grown.get(timeout=DEADLINE)
    house.close()

    store = Store.open(tmp_path / "hanlin.db", KEY, SystemClock())
    kept = store.transcript(question.conversation_id)[-1]
    store.close()
    assert (kept.status, kept.text()) == (Status.INTERRUPTED, "half")


def test_what_was_left_out_is_said(house: House) -> None:
    house.load()
    house.engine.enqueue("ok", dropped_turns=3)
    house.chat.send(None, "q")
    assert "3 oldest" in house.answered().message.text(PartKind.NOTICE)


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        (StopReason.END, Status.COMPLETE),
        (StopReason.LIMIT, Status.TRUNCATED),
        (StopReason.CONTEXT, Status.TRUNCATED),
    ],
)
def test_how_an_answer_ended_is_kept(house: House, reason: StopReason, status: Status) -> None:
    house.load()
    house.engine.enqueue("text", reason=reason)
    house.chat.send(None, "q")
    assert house.answered().message.status is status


def test_the_trash_gives_back(house: House) -> None:
    house.load()
    house.engine.enqueue("a")
    conversation = house.chat.send(None, "q").conversation_id
    house.answered()
    house.chat.rename(conversation, "  新 标题\n")
    house.chat.move_to_trash(conversation)
    assert house.chat.conversations() == []
    assert [c.title for c in house.chat.conversations(trash=True)] == ["新 标题"]
    house.chat.restore(conversation)
    assert [c.id for c in house.chat.conversations()] == [conversation]


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("你好", "你好"),
        ("\n\n  two   words \nmore", "two words"),
        ("长" * 100, "长" * (TITLE_LENGTH - 1) + "…"),
        ("", ""),
    ],
)
def test_titles_come_from_the_first_line(question: str, title: str) -> None:
    assert title_from(question) == title


def test_switching_the_model_in_the_middle_of_a_conversation(house: House) -> None:
    house.load()
    house.engine.enqueue("by the first")
    house.engine.enqueue("by the second")
    conversation = house.chat.send(None, "q").conversation_id
    house.answered()
    house.load(OTHER)
    house.chat.send(conversation, "r")
    house.answered()
    models = [m.model for m in house.chat.transcript(conversation) if m.role is Role.ASSISTANT]
    assert models == ["Shutong", "Other"]
    assert house.memory.last_model == OTHER.id


def test_a_model_that_killed_the_program_is_not_loaded_again_by_itself(house: House) -> None:
    house.memory.last_model = house.memory.loading_model = OTHER.id
    wait: queue.SimpleQueue[SessionState] = queue.SimpleQueue()
    house.session.on_change(lambda status: wait.put(status.state))
    house.session.start()
    while wait.get(timeout=DEADLINE) is not SessionState.READY:
        pass
    assert house.engine.loads[-1][0] == STARTER.path


def test_a_question_longer_than_any_context_is_refused_and_not_stored(house: House) -> None:
    house.load()
    with pytest.raises(KnownError, match=f"{LONGEST_QUESTION + 1} characters"):
        house.chat.send(None, "字" * (LONGEST_QUESTION + 1))
    assert house.chat.conversations() == []
    house.engine.enqueue("short enough")
    question = house.chat.send(None, "q")
    house.answered()
    with pytest.raises(KnownError, match="characters"):
        house.chat.edit(question.id, "字" * (LONGEST_QUESTION + 1))
    assert len(house.chat.siblings(question.id)) == 1


def test_leaving_while_a_model_loads_says_nothing_against_it(house: House) -> None:
    house.memory.loading_model = OTHER.id
    house.session.close()
    assert house.memory.loading_model == ""


def test_a_model_that_cannot_be_loaded_again_after_a_death_is_a_failure(house: House) -> None:
    house.load()
    states: queue.SimpleQueue[SessionState] = queue.SimpleQueue()
    house.session.on_change(lambda status: states.put(status.state))
    house.engine.die("other.gguf does not exist any more.")
    while states.get(timeout=DEADLINE) is not SessionState.LOADING:
        pass
    house.chat.send(None, "asked while it restarts")
    house.engine.release()
    while states.get(timeout=DEADLINE) is not SessionState.FAILED:
        pass
    event = house.answered()
    assert event.message.status is Status.FAILED
    assert "does not exist" in str(event.error)
    house.load(OTHER)


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


def test_adding_a_model_that_is_too_big_adds_it_and_says_so(house: House) -> None:
    notices: list[str] = []
    house.bus.subscribe(NoticePosted, lambda event: notices.append(event.text))
    house.session.add(Path("small.gguf"))
    assert notices == []
    house.session.add(Path("giant.gguf"))
    assert notices == ["too big"]
    assert [model.name for model in house.session.models()][-2:] == ["small", "giant"]


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


def test_how_long_a_thought_took_is_stored(house: House) -> None:
    house.load()
    house.engine.enqueue(
        (PartKind.THINKING, "hm"), (PartKind.THINKING, "…"), (PartKind.THINKING, "!"), "so",
        seconds_per_piece=0.05,
    )  # fmt: skip
    house.chat.send(None, "q")
    message = house.answered().message
    assert message.milliseconds(PartKind.THINKING) >= 80
    assert message.milliseconds(PartKind.TEXT) == 0
    assert house.chat.transcript(message.conversation_id)[-1] == message


def test_the_next_prompt_is_read_ahead_when_an_answer_ends_and_when_one_looks(
    house: House,
) -> None:
    house.load()
    house.engine.enqueue("answer")
    question = house.chat.send(None, "question")
    conversation = question.conversation_id
    house.answered()
    house.chat.expect(conversation, "and a draft")
    house.chat.expect("", "")
    house.chat.expect("gone", "")
    house.executor.close()
    asked = house.engine.asked[0]
    assert asked.conversation == conversation
    told = [[turn.text for turn in ahead.turns] for ahead in house.engine.ahead]
    assert told == [["question", "answer"], ["question", "answer"], []]
    assert [ahead.draft for ahead in house.engine.ahead] == ["", "and a draft", ""]


def test_nothing_is_read_ahead_during_an_answer_or_without_a_model(house: House) -> None:
    house.chat.expect("", "")
    house.load()
    house.engine.enqueue("one", "two", hold_after=1)
    house.chat.send(None, "question")
    house.grown.get(timeout=DEADLINE)
    house.chat.expect("", "")
    house.executor.close()
    assert house.engine.ahead == []


def test_what_was_kept_of_a_deleted_conversation_goes_with_it(house: House) -> None:
    house.load()
    house.engine.enqueue("answer")
    conversation = house.chat.send(None, "question").conversation_id
    house.answered()
    house.chat.move_to_trash(conversation)
    assert house.engine.forgotten == []
    house.chat.delete_forever(conversation)
    assert house.engine.forgotten == [conversation]


def test_a_thought_can_be_ended_and_its_effort_chosen(house: House) -> None:
    house.choices.effort = "high"
    house.load()
    house.engine.enqueue((PartKind.THINKING, "hm"), "so", hold_after=1)
    conversation = house.chat.send(None, "q").conversation_id
    house.grown.get(timeout=DEADLINE)
    house.chat.answer_now(conversation)
    house.chat.answer_now("another")
    house.engine.release()
    house.answered()
    (asked,) = house.engine.asked
    assert house.engine.hurried == [asked.request]
    assert asked.options.effort == "high"
    house.chat.answer_now(conversation)
    assert len(house.engine.hurried) == 1


def waited_for(house: House, wanted: SessionState) -> SessionStatus:
    deadline = time.monotonic() + DEADLINE
    while (status := house.session.status()).state is not wanted:
        assert time.monotonic() < deadline, status
        time.sleep(0.01)
    return status


def test_loading_can_be_stopped_and_begun_again(house: House) -> None:
    def stop_at_once(event: EngineEvent) -> None:
        if isinstance(event, StateChanged) and event.state is EngineState.LOADING:
            house.session.stop_loading()

    unsubscribe = house.engine.subscribe(stop_at_once)
    house.session.select(STARTER.id)
    assert "stopped" in str(waited_for(house, SessionState.FAILED).error)
    unsubscribe()
    house.load()
    house.session.stop_loading()  # nothing is loading any more
    assert house.session.status().state is SessionState.READY


def test_a_restart_of_the_engine_can_be_stopped(house: House) -> None:
    house.load()
    house.engine.die("it cannot be loaded any more")
    waited_for(house, SessionState.LOADING)
    house.session.stop_loading()
    assert waited_for(house, SessionState.FAILED).error is not None
    house.engine.release()
    house.load(OTHER)


def test_what_the_engine_works_on_is_stopped_in_whichever_conversation(house: House) -> None:
    house.load()
    house.chat.stop_running()  # nothing runs
    house.engine.enqueue("half", " more", hold_after=1)
    house.chat.send(None, "q")
    house.grown.get(timeout=DEADLINE)
    house.chat.stop_running()
    assert house.answered().message.status is Status.STOPPED


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
