"""Answers that call tools: asked about, run, told, gone on with, stopped, kept."""

import json
import queue
from collections.abc import Iterator
from pathlib import Path

import pytest

from hanlin.domain.conversation import Part, PartKind, Role, Status
from hanlin.domain.tools import Decision, Outcome, ToolCall, ToolResult
from hanlin.services.events import ToolAsked
from hanlin.services.tools.asking import MOST_CALLS
from hanlin.services.turns import rounds
from hanlin_fakes.house import House
from hanlin_fakes.waiting import DEADLINE

Asked = queue.SimpleQueue[ToolAsked]


def call(expression: str, name: str = "calculator") -> tuple[PartKind, str]:
    told = {"name": name, "arguments": {"expression": expression}}
    return PartKind.TOOL_CALL, json.dumps(told)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    house.choices.tools = True
    house.chat.offer_tools()
    house.load()
    yield house
    house.close()


@pytest.fixture
def asked(house: House) -> Asked:
    found: Asked = queue.SimpleQueue()
    house.bus.subscribe(ToolAsked, found.put)
    return found


def decide(house: House, asked: Asked, decision: Decision) -> ToolAsked:
    event = asked.get(timeout=DEADLINE)
    assert house.chat.asked_call(event.message_id) == event.number
    house.chat.decide(event.message_id, event.number, decision)
    return event


def kinds(parts: tuple[Part, ...]) -> list[PartKind]:
    return [part.kind for part in parts]


def test_the_inspector_shows_the_tools_that_were_offered(house: House, asked: Asked) -> None:
    house.engine.enqueue("Let me see.", call("17*6"))
    house.engine.enqueue("17 × 6 = 102")
    house.chat.send(None, "17*6?")
    decide(house, asked, Decision.ONCE)
    found = house.chat.inspecting.inspect(house.answered().message.id)
    assert found.prompt is not None
    offered = ",".join(tool.name for tool in house.engine.asked[-1].options.tools)
    assert found.prompt[0].text == f"<tools {offered}>"
    said = [segment.text for segment in found.prompt if not segment.control]
    assert said == [turn.text for turn in house.engine.asked[-1].turns]


def test_a_call_waits_for_the_person_and_its_result_goes_back(house: House, asked: Asked) -> None:
    house.engine.enqueue("Let me see.", call("17*6"))
    house.engine.enqueue("17 × 6 = 102")
    question = house.chat.send(None, "17*6?")
    decide(house, asked, Decision.ONCE)

    message = house.answered().message

    assert message.status is Status.COMPLETE
    assert message.text() == "Let me see.\n\n17 × 6 = 102"
    assert house.chat.transcript(question.conversation_id)[-1].parts == message.parts
    assert kinds(message.parts) == [
        PartKind.TEXT, PartKind.TOOL_CALL, PartKind.TOOL_RESULT, PartKind.TEXT,
    ]  # fmt: skip
    first, second = house.engine.asked
    assert [tool.name for tool in first.options.tools] == [t.name for t in second.options.tools]
    assert [(turn.role, turn.text) for turn in second.turns] == [
        (Role.USER, "17*6?"),
        (Role.ASSISTANT, "Let me see."),
        (Role.TOOL, "102"),
    ]
    assert second.turns[1].calls == (ToolCall("calculator", '{"expression": "17*6"}'),)


def test_the_next_question_carries_the_calls_along(house: House, asked: Asked) -> None:
    house.engine.enqueue(call("1+1"))
    house.engine.enqueue("two")
    house.engine.enqueue("three")
    first = house.chat.send(None, "a")
    decide(house, asked, Decision.ONCE)
    house.answered()
    house.chat.send(first.conversation_id, "b")
    house.answered()
    turns = house.engine.asked[-1].turns
    assert [(turn.role, turn.text) for turn in turns] == [
        (Role.USER, "a"),
        (Role.ASSISTANT, ""),
        (Role.TOOL, "2"),
        (Role.ASSISTANT, "two"),
        (Role.USER, "b"),
    ]


def test_a_refused_call_is_not_run_and_the_model_hears_of_it(house: House, asked: Asked) -> None:
    house.engine.enqueue(call("1+1"))
    house.engine.enqueue("Then not.")
    house.chat.send(None, "q")
    decide(house, asked, Decision.REFUSE)
    message = house.answered().message
    result = ToolResult.read(message.text(PartKind.TOOL_RESULT))
    assert result.outcome is Outcome.REFUSED
    assert house.engine.asked[1].turns[-1].text == result.text


def test_what_is_allowed_for_a_conversation_is_asked_in_another(house: House, asked: Asked) -> None:
    for text in (call("1+1"), call("2+2"), "done", call("3+3"), "other"):
        house.engine.enqueue(text)
    house.chat.send(None, "one")
    decide(house, asked, Decision.CONVERSATION)
    assert house.answered().message.text() == "done"
    assert asked.empty()
    house.chat.send(None, "two")
    decide(house, asked, Decision.ONCE)
    assert house.answered().message.text() == "other"


def test_two_calls_at_once_are_asked_one_after_the_other(house: House, asked: Asked) -> None:
    house.engine.enqueue(call("1+1"), call("5*5"))
    house.engine.enqueue("done")
    house.chat.send(None, "q")
    assert decide(house, asked, Decision.ONCE).number == 0
    assert decide(house, asked, Decision.ONCE).number == 1
    message = house.answered().message
    told = [part.text for part in message.parts if part.kind is PartKind.TOOL_RESULT]
    assert [ToolResult.read(text).text for text in told] == ["2", "25"]
    assert [turn.text for turn in house.engine.asked[1].turns] == ["q", "", "2", "25"]


def test_a_malformed_call_is_told_to_the_model_and_never_asked(house: House, asked: Asked) -> None:
    house.engine.enqueue(call("1", name="delete_everything"))
    house.engine.enqueue("sorry")
    house.chat.send(None, "q")
    message = house.answered().message
    assert asked.empty()
    assert ToolResult.read(message.text(PartKind.TOOL_RESULT)).outcome is Outcome.FAILED
    assert message.text() == "sorry"


def test_a_model_that_calls_for_ever_is_ended_with_a_sentence(house: House, asked: Asked) -> None:
    for _ in range(MOST_CALLS + 1):
        house.engine.enqueue(call("1+1"))
    house.chat.send(None, "q")
    decide(house, asked, Decision.CONVERSATION)
    message = house.answered().message
    assert message.status is Status.STOPPED
    assert str(MOST_CALLS) in message.text(PartKind.NOTICE)
    house.engine.enqueue("fine")
    house.chat.send(message.conversation_id, "again")
    assert house.answered().message.text() == "fine"


def test_a_waiting_call_can_be_stopped_and_is_told_as_not_run(house: House, asked: Asked) -> None:
    house.engine.enqueue(call("1+1"))
    house.engine.enqueue("later")
    question = house.chat.send(None, "q")
    event = asked.get(timeout=DEADLINE)
    assert house.chat.is_answering(question.conversation_id)
    house.chat.stop(question.conversation_id)
    assert house.answered().message.status is Status.STOPPED
    house.chat.decide(event.message_id, event.number, Decision.ONCE)  # too late: nothing happens
    assert house.chat.asked_call(event.message_id) is None
    house.chat.send(question.conversation_id, "r")
    house.answered()
    roles = [turn.role for turn in house.engine.asked[-1].turns]
    assert roles == [Role.USER, Role.ASSISTANT, Role.TOOL, Role.USER]


def test_another_conversation_is_answered_while_a_call_waits(house: House, asked: Asked) -> None:
    house.engine.enqueue(call("1+1"))
    house.engine.enqueue("other")
    house.engine.enqueue("two")
    house.chat.send(None, "q")
    event = asked.get(timeout=DEADLINE)
    house.chat.send(None, "r")
    assert house.answered().message.text() == "other"
    house.chat.decide(event.message_id, event.number, Decision.ONCE)
    assert house.answered().message.text() == "two"


def test_the_programs_end_keeps_a_waiting_answer(house: House, asked: Asked) -> None:
    house.engine.enqueue("Well.", call("1+1"))
    house.chat.send(None, "q")
    asked.get(timeout=DEADLINE)
    house.chat.close()
    message = house.answered().message
    assert message.status is Status.INTERRUPTED
    assert kinds(message.parts) == [PartKind.TEXT, PartKind.TOOL_CALL]


def test_no_tools_are_offered_where_nobody_is_asked(tmp_path: Path) -> None:
    house = House(tmp_path)
    try:
        house.choices.tools = True
        house.load()
        house.engine.enqueue("a")
        house.chat.send(None, "q")
        house.answered()
        assert house.engine.asked[0].options.tools == ()
    finally:
        house.close()


def test_rounds_survive_parts_that_nobody_can_read() -> None:
    parts = [
        Part(PartKind.TOOL_CALL, "\0nonsense"),
        Part(PartKind.TOOL_RESULT, "[1, 2"),
        Part(PartKind.TOOL_RESULT, '{"text": 7}'),
        Part(PartKind.TEXT, "\n\nend"),
    ]
    turns = rounds(parts)
    assert [turn.role for turn in turns] == [Role.ASSISTANT, Role.TOOL, Role.ASSISTANT]
    assert turns[-1].text == "end"
