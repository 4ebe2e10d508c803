"""Changing what was said, over the real store and a scripted engine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hanlin.domain.conversation import PartKind, Role, Status
from hanlin.domain.generation import StopReason, Turn
from hanlin.kernel.errors import KnownError
from hanlin.services.reports import AnswerReport, from_json, to_json
from hanlin_fakes.house import House
from hanlin_fakes.waiting import DEADLINE


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.close()


def said(house: House, conversation: str) -> list[str]:
    return [message.text() for message in house.chat.transcript(conversation)]


def test_an_answer_that_was_cut_off_goes_on_where_it_ended(house: House) -> None:
    house.load()
    house.engine.enqueue((PartKind.THINKING, "想"), "一二三", reason=StopReason.LIMIT)
    question = house.chat.send(None, "数数")
    cut = house.answered().message
    assert cut.status is Status.TRUNCATED
    house.engine.enqueue("四五")
    house.chat.revising.go_on(cut.id)
    whole = house.answered().message
    assert (whole.id, whole.status, whole.text()) == (cut.id, Status.COMPLETE, "一二三四五")
    assert house.engine.asked[1].turns == (
        Turn(Role.USER, "数数"),
        Turn(Role.ASSISTANT, "一二三", "想"),
    )
    report = from_json(house.store.report(whole.id))
    assert report is not None
    assert report.continued
    with pytest.raises(KnownError):
        house.chat.revising.go_on(whole.id)
    assert said(house, question.conversation_id) == ["数数", "一二三四五"]


def test_an_answer_can_be_rewritten_and_the_old_one_stays(house: House) -> None:
    house.load()
    house.engine.enqueue("wrong")
    house.engine.enqueue("next")
    question = house.chat.send(None, "q")
    old = house.answered().message
    new = house.chat.revising.rewrite(old.id, "right")
    assert said(house, question.conversation_id) == ["q", "right"]
    assert [version.id for version in house.chat.siblings(new.id)] == [old.id, new.id]
    house.chat.send(question.conversation_id, "and?")
    house.answered()
    assert [turn.text for turn in house.engine.asked[1].turns] == ["q", "right", "and?"]


def test_questions_wait_for_their_turn_and_can_be_taken_back(house: House) -> None:
    house.load()
    house.engine.enqueue("one", "…", hold_after=1)
    house.engine.enqueue("two")
    first = house.chat.send(None, "1")
    assert house.grown.get(timeout=DEADLINE).text == "one"
    house.chat.send(first.conversation_id, "2")
    third = house.chat.send(first.conversation_id, "3")
    house.chat.revising.delete(third.id)
    house.engine.release()
    assert house.answered().message.status is Status.STOPPED  # the one that was taken back
    assert [house.answered().message.text() for _n in range(2)] == ["one…", "two"]
    assert [turn.text for turn in house.engine.asked[1].turns] == ["1", "one…", "2"]
    assert said(house, first.conversation_id) == ["1", "one…", "2", "two"]


def test_deleting_is_undone(house: House) -> None:
    house.load()
    house.engine.enqueue("a")
    question = house.chat.send(None, "q")
    house.answered()
    deletion = house.chat.revising.delete(question.id)
    assert said(house, question.conversation_id) == []
    house.chat.revising.take_back(deletion)
    assert said(house, question.conversation_id) == ["q", "a"]


def test_a_branch_goes_its_own_way(house: House) -> None:
    house.load()
    house.engine.enqueue("a")
    house.engine.enqueue("b")
    house.chat.send(None, "q")
    answer = house.answered().message
    branched = house.chat.revising.branch(answer.id)
    house.chat.send(branched.id, "more")
    house.answered()
    assert said(house, branched.id) == ["q", "a", "more", "b"]
    assert said(house, answer.conversation_id) == ["q", "a"]


def test_a_temporary_conversation_is_answered_and_forgotten(house: House) -> None:
    house.load()
    house.engine.enqueue("a")
    question = house.chat.send(None, "q", temporary=True)
    house.answered()
    assert said(house, question.conversation_id) == ["q", "a"]
    (listed,) = house.chat.conversations()
    assert listed.temporary
    house.chat.delete_forever(listed.id)
    assert house.chat.conversations() == []


def test_reports_are_read_as_they_were_kept_and_nonsense_is_none() -> None:
    report = AnswerReport(turns=3, dropped_turns=1, edited=True, tools=("calculator",))
    assert from_json(to_json(report)) == report
    for nonsense in ("", "{", "[]", "3", '{"sampling": 3}', '{"usage": {"prompt_tokens": 1}}'):
        assert from_json(nonsense) is None
