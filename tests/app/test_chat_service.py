"""The chat service over the real store and a scripted engine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hanlin.domain.conversation import Message, PartKind, Role, Status
from hanlin.domain.generation import StopReason
from hanlin.domain.limits import LONGEST_QUESTION
from hanlin.kernel.clock import SystemClock
from hanlin.kernel.errors import KnownError
from hanlin.services.chat import TITLE_LENGTH, title_from
from hanlin.store.conversations import Store
from hanlin_fakes.house import KEY, House
from hanlin_fakes.waiting import DEADLINE


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


def test_a_question_longer_than_any_context_is_refused_and_not_stored(house: House) -> None:
    house.load()
    with pytest.raises(KnownError, match=f"{LONGEST_QUESTION + 1:,} characters"):
        house.chat.send(None, "字" * (LONGEST_QUESTION + 1))
    assert house.chat.conversations() == []
    house.engine.enqueue("short enough")
    question = house.chat.send(None, "q")
    house.answered()
    with pytest.raises(KnownError, match="characters"):
        house.chat.edit(question.id, "字" * (LONGEST_QUESTION + 1))
    assert len(house.chat.siblings(question.id)) == 1


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
    assert [ahead.question.text for ahead in house.engine.ahead] == ["", "and a draft", ""]


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
    house.choices.thinking_budget = 512
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
    assert asked.options.thinking_budget == 512
    house.chat.answer_now(conversation)
    assert len(house.engine.hurried) == 1


def test_what_the_engine_works_on_is_stopped_in_whichever_conversation(house: House) -> None:
    house.load()
    house.chat.stop_running()  # nothing runs
    house.engine.enqueue("half", " more", hold_after=1)
    house.chat.send(None, "q")
    house.grown.get(timeout=DEADLINE)
    house.chat.stop_running()
    assert house.answered().message.status is Status.STOPPED
