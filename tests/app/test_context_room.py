"""A conversation that fills its model's context: nothing is left out without a choice."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hanlin.domain.conversation import Message, Part, PartKind, Role, Status
from hanlin.domain.generation import Turn
from hanlin.engine.messages import conversation_full
from hanlin.services.events import AnswerFinished, ContextEased
from hanlin.services.summarising import last_covered, turns_of
from hanlin_fakes.house import House
from hanlin_fakes.waiting import DEADLINE

CONTEXT = 512


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = House(tmp_path)
    opened.choices.context = CONTEXT
    opened.load()
    yield opened
    opened.close()


def message(role: Role, text: str, summary: str = "") -> Message:
    parts = [Part(PartKind.TEXT, text), *([Part(PartKind.SUMMARY, summary)] if summary else [])]
    return Message(text, "c", None, role, Status.COMPLETE, 0, tuple(parts))


def exchange(text: str, summary: str = "") -> list[Message]:
    return [message(Role.USER, f"q{text}"), message(Role.ASSISTANT, f"a{text}", summary)]


def filled(house: House, exchanges: int = 3) -> str:
    """Have a conversation that does not fit any more; return its id."""
    conversation = None
    for number in range(exchanges):
        house.engine.enqueue(f"answer {number}")
        conversation = house.chat.send(conversation, f"question {number}").conversation_id
        house.answered()
    assert conversation is not None
    assert house.filling.empty()
    house.engine.enqueue(error=conversation_full(600, CONTEXT))
    house.chat.send(conversation, "the last")
    assert house.answered().message.status is Status.FAILED
    return conversation


def last_asked(house: House) -> list[str]:
    return [turn.text for turn in house.engine.asked[-1].turns]


def test_a_context_nearly_full_is_told_and_offered(house: House) -> None:
    house.engine.enqueue("a")
    conversation = house.chat.send(None, "x" * 440).conversation_id
    told = house.filling.get(timeout=DEADLINE)
    assert (told.conversation_id, told.used, told.size) == (conversation, 441, CONTEXT)
    assert (told.larger, told.summarises, told.full) == (2 * CONTEXT, False, False)
    assert house.engine.asked[0].options.keep_all


def test_the_offer_goes_when_a_changed_question_made_room(house: House) -> None:
    house.engine.enqueue("a")
    question = house.chat.send(None, "x" * 440)
    house.filling.get(timeout=DEADLINE)
    house.answered()
    house.engine.enqueue("b")
    changed = house.chat.edit(question.id, "short")
    house.answered()
    assert house.eased.get(timeout=DEADLINE) == ContextEased(question.conversation_id)
    house.engine.enqueue("c")
    house.chat.edit(changed.id, "shorter")
    house.answered()
    assert house.eased.empty()


def test_an_answer_that_was_stopped_before_it_began_withdraws_no_offer(house: House) -> None:
    house.engine.enqueue("a")
    question = house.chat.send(None, "x" * 440)
    house.filling.get(timeout=DEADLINE)
    house.answered()
    house.engine.enqueue("b", hold_after=0)
    house.chat.send(question.conversation_id, "more")
    house.chat.stop(question.conversation_id)
    house.answered()
    assert house.eased.empty()


def test_leaving_out_the_oldest_is_a_choice(house: House) -> None:
    conversation = filled(house)
    told = house.filling.get(timeout=DEADLINE)
    assert (told.full, told.summarises) == (True, True)
    house.engine.enqueue("at last", dropped_turns=2)
    house.chat.drop_oldest(conversation)
    end = house.answered()
    assert end.message.text() == "at last"
    assert "2 oldest" in end.message.text(PartKind.NOTICE)
    assert not house.engine.asked[-1].options.keep_all
    assert last_asked(house)[-1] == "the last"
    assert house.eased.get(timeout=DEADLINE) == ContextEased(conversation)


def test_a_summary_stands_for_the_older_turns(house: House) -> None:
    conversation = filled(house)
    house.engine.enqueue((PartKind.THINKING, "hm"), "in ", "short")
    house.engine.enqueue("at last")
    house.chat.summarise(conversation)
    assert house.answered().message.text() == "at last"
    wish = house.engine.asked[-2]
    assert [turn.text for turn in wish.turns][:-1] == [
        "question 0", "answer 0", "question 1", "answer 1",
    ]  # fmt: skip
    assert not wish.options.keep_all
    first, *others = house.engine.asked[-1].turns
    assert (first.role, first.text.splitlines()[-1]) == (Role.SYSTEM, "in short")
    assert [turn.text for turn in others] == ["question 2", "answer 2", "the last"]
    assert house.engine.asked[-1].options.keep_all
    path = house.chat.transcript(conversation)
    assert [m.text(PartKind.SUMMARY) for m in path if m.text(PartKind.SUMMARY)] == ["in short"]
    assert path[0].text() == "question 0"
    assert [house.eased.get(timeout=DEADLINE).working for _ in range(2)] == [True, False]


def test_a_question_waits_for_the_summary_and_stopping_gives_it_up(house: House) -> None:
    conversation = filled(house)
    house.engine.enqueue("half", "more", hold_after=1)
    house.chat.summarise(conversation)
    house.engine.enqueue("elsewhere")
    other = house.chat.send(None, "another").conversation_id
    assert house.chat.is_answering(other)
    house.engine.enqueue(error=conversation_full(600, CONTEXT))
    house.chat.stop(conversation)
    ends = [house.answered(), house.answered()]
    assert {end.message.conversation_id for end in ends} == {conversation, other}
    assert not any(m.text(PartKind.SUMMARY) for m in house.chat.transcript(conversation))


def test_a_summary_that_fails_is_told(house: House) -> None:
    conversation = filled(house)
    house.engine.enqueue(error=conversation_full(600, CONTEXT))
    house.engine.enqueue("again")
    house.chat.summarise(conversation)
    assert house.answered().message.text() == "again"


def test_a_larger_context_is_loaded_and_the_question_answered(house: House) -> None:
    conversation = filled(house)
    house.engine.enqueue("at last")
    house.chat.enlarge_context(conversation)
    end: AnswerFinished = house.answered()
    assert (end.message.text(), end.context_size) == ("at last", 2 * CONTEXT)
    assert [options.context for _, options in house.engine.loads] == [CONTEXT, 2 * CONTEXT]
    house.session.reload()
    assert house.engine.loads[-1][1].context == 2 * CONTEXT
    house.choices.context = 768
    house.session.reload()
    assert house.engine.loads[-1][1].context == 768


def test_what_was_chosen_for_ever_is_done_without_asking(house: House) -> None:
    house.choices.when_full = "drop"
    house.engine.enqueue("a" * 20)
    conversation = house.chat.send(None, "x" * 440).conversation_id
    house.answered()
    assert not house.engine.asked[-1].options.keep_all
    house.choices.when_full = "summarise"
    house.engine.enqueue("b")
    house.engine.enqueue("in short")
    house.chat.send(conversation, "y" * 10)
    house.answered()
    assert house.eased.get(timeout=DEADLINE).working
    assert not house.eased.get(timeout=DEADLINE).working
    assert house.filling.empty()
    covered = house.chat.transcript(conversation)[1]
    assert covered.text(PartKind.SUMMARY) == "in short"


def test_where_nobody_can_choose_the_oldest_leave(house: House) -> None:
    house.chat.never_ask()
    house.engine.enqueue("a")
    house.chat.send(None, "x" * 440)
    house.answered()
    assert not house.engine.asked[-1].options.keep_all
    house.executor.close()
    assert house.filling.empty()


def test_the_last_question_and_a_part_before_it_stay_word_for_word() -> None:
    assert last_covered([]) is None
    assert last_covered(exchange("1")) is None
    assert last_covered([*exchange("1"), *exchange("2")]) == 1
    long = [*exchange("1" * 300), *exchange("2"), *exchange("3" * 100), *exchange("4" * 100)]
    assert last_covered(long) == 3
    assert last_covered([*exchange("1", "short"), *exchange("2")]) is None
    assert last_covered([*exchange("1", "short"), *exchange("2"), *exchange("3")]) == 3


class Plain:
    def turn(self, message: Message) -> Turn:
        return Turn(message.role, message.text())


def test_the_newest_summary_counts() -> None:
    path = [*exchange("1", "old"), *exchange("2", "new"), *exchange("3")]
    first, *others = turns_of(path, Plain())
    assert first.text.endswith("new")
    assert [turn.text for turn in others] == ["q3", "a3"]
    assert [turn.role for turn in turns_of(exchange("1"), Plain())] == [Role.USER, Role.ASSISTANT]
