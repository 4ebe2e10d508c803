"""Calls of tools in an answer: seen with their arguments, allowed, refused, shown again."""

import json
import os
import threading
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel

from hanlin.domain.conversation import PartKind, Role
from hanlin.services.events import ToolAsked
from hanlin.services.tools import calculator
from hanlin.services.tools.box import LONGEST_RESULT
from hanlin_bench.bench import Bench
from hanlin_ui.chat.tool import ToolView


def call(**arguments: object) -> tuple[PartKind, str]:
    return PartKind.TOOL_CALL, json.dumps({"name": "calculator", "arguments": arguments})


def words(view: ToolView) -> str:

    labels = view.findChildren(QLabel)
    return "\n".join(label.text() for label in labels if label.isVisible() and label.text())


def tool_views(bench: Bench) -> list[ToolView]:
    return [view for view in bench.window.findChildren(ToolView) if view.isVisible()]


def test_a_call_is_shown_with_its_arguments_and_runs_when_allowed(bench: Bench) -> None:
    bench.app.settings.tools = True
    bench.engine.enqueue("Let me calculate.", call(expression="17*6<b>"))
    bench.engine.enqueue("It cannot be.")
    bench.engine.enqueue(call(expression="17*6"))
    bench.engine.enqueue("It is **102**.")
    bench.write("what is 17*6")
    bench.button("Allow once")
    assert "17*6<b>" in words(tool_views(bench)[0])
    assert bench.app.chat.is_answering(bench.workbench.conversations.current)
    bench.press("Allow once")
    assert bench.window.page.composer.entry.hasFocus(), "the buttons are gone"
    bench.until(lambda: bench.answers()[-1].is_final)
    assert "Not run" in words(tool_views(bench)[0])
    assert bench.answers()[-1].text() == "Let me calculate.\n\nIt cannot be."

    bench.write("again")
    bench.press("Allow once")
    bench.until(lambda: bench.answers()[-1].is_final and len(bench.answers()) == 2)
    bench.until(lambda: len(tool_views(bench)) == 2)
    assert words(tool_views(bench)[-1]).split("\n") == ["Calculator", "Done", "17*6", "102"]
    bench.come_to_rest()
    views = tool_views(bench)
    assert all(view.height() > 30 for view in views)


def test_a_call_that_comes_before_its_conversation_is_on_screen_is_asked(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.app.settings.tools = True
    bench.engine.enqueue(call(expression="17*6"))
    bench.engine.enqueue("102")
    asked = threading.Event()
    bench.app.bus.subscribe(ToolAsked, lambda _event: asked.set())
    send = bench.app.chat.send

    def send_late(*words: object, **named: object) -> object:
        message = send(*words, **named)  # type: ignore[arg-type]  # as the window calls it
        assert asked.wait(60)
        return message

    monkeypatch.setattr(bench.app.chat, "send", send_late)
    bench.write("what is 17*6")
    bench.press("Allow once")
    bench.until(lambda: bench.answers()[-1].is_final)


def test_a_call_that_was_handed_over_before_its_answer_is_in_sight_is_asked(bench: Bench) -> None:
    bench.ask("first", "one")
    bench.app.settings.tools = True
    bench.engine.enqueue(call(expression="1+1"))
    asked = threading.Event()
    bench.app.bus.subscribe(ToolAsked, lambda _event: asked.set())
    bench.app.chat.send(bench.workbench.conversations.current, "second")
    assert asked.wait(60)
    bench.workbench._desk.stream.flush()  # as the end of the answer before does
    bench.press("Do not allow")


def test_a_call_that_waits_is_asked_again_after_a_look_elsewhere(bench: Bench) -> None:
    bench.ask("first", "one")
    first = bench.workbench.conversations.current
    bench.app.settings.tools = True
    bench.engine.enqueue(call(expression="1+1"))
    bench.engine.enqueue("two")
    bench.write("second")
    bench.button("Allow once")
    bench.window.sidebar.new_requested.emit()
    bench.until(lambda: bench.workbench.conversations.current != first)
    bench.workbench.conversations.open_stored(first)
    bench.press("Do not allow")
    bench.until(lambda: bench.answers()[-1].text() == "two" and bench.answers()[-1].is_final)
    assert "Not allowed" in words(tool_views(bench)[-1])


def test_a_stored_answer_shows_its_calls_where_they_stood(bench: Bench) -> None:
    bench.app.settings.tools = True
    bench.engine.enqueue("Before.", call(expression="2*3"))
    bench.engine.enqueue("After.")
    bench.write("q")
    bench.press("Allow in this conversation")
    bench.until(lambda: bench.answers()[-1].is_final)
    current = bench.workbench.conversations.current
    bench.window.sidebar.new_requested.emit()
    bench.until(lambda: bench.workbench.conversations.current != current)
    bench.workbench.conversations.open_stored(current)
    bench.until(lambda: len(tool_views(bench)) == 1)
    bench.come_to_rest()
    view = tool_views(bench)[0]
    assert words(view).split("\n") == ["Calculator", "Done", "2*3", "6"]
    body = view.parentWidget()
    assert body is not None
    assert 0 < view.y() < body.height() - view.height()


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("calculator", {}, 'left out "expression"'),
        ("calculator", {"expression": ["1"]}, "not what the tool takes"),
        ("delete_everything", {"path": "/"}, 'no tool "delete_everything"'),
    ],
)
def test_a_malformed_call_is_one_sentence_and_is_not_asked(
    bench: Bench, name: str, arguments: dict[str, object], said: str
) -> None:
    bench.app.settings.tools = True
    bench.engine.enqueue(
        (PartKind.TOOL_CALL, json.dumps({"name": name, "arguments": arguments})),
    )
    bench.engine.enqueue("Sorry.")
    bench.write("q")
    bench.until(lambda: bool(bench.answers()) and bench.answers()[-1].is_final)
    bench.until(lambda: len(tool_views(bench)) == 1)
    shown = words(tool_views(bench)[0])
    assert "Not run" in shown
    assert said in shown
    assert bench.answers()[-1].text() == "Sorry."


def test_a_file_of_100_mb_is_told_by_its_beginning_and_a_pipe_is_no_file(
    bench: Bench, tmp_path: Path
) -> None:
    flood, pipe = tmp_path / "flood.txt", tmp_path / "pipe"
    with flood.open("wb") as file:
        file.write(b"line\n" * 1000)
        file.seek(100_000_000)
        file.write(b"end")
    os.mkfifo(pipe)
    bench.app.settings.tools = True
    for place in (flood, pipe):
        told = {"name": "read_file", "arguments": {"path": str(place)}}
        bench.engine.enqueue((PartKind.TOOL_CALL, json.dumps(told)))
    bench.engine.enqueue("Done.")
    bench.write(f"read {flood} and {pipe}")
    bench.press("Allow in this conversation")
    bench.until(lambda: bench.answers()[-1].is_final)
    results = [turn.text for turn in bench.engine.asked[-1].turns if turn.role is Role.TOOL]
    assert len(results) == 2
    assert all(len(text) < 2 * LONGEST_RESULT for text in results)
    bench.until(lambda: len(tool_views(bench)) == 2)
    assert "no file with text" in words(tool_views(bench)[-1])


def test_a_tool_that_hangs_is_stopped_by_the_person(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, begun = threading.Event(), threading.Event()

    def hang(_expression: str) -> str:
        begun.set()
        gone.wait(60)
        return "late"

    monkeypatch.setattr(calculator, "calculate", hang)
    bench.app.settings.tools = True
    bench.engine.enqueue(call(expression="1+1"))
    bench.write("q")
    bench.press("Allow once")
    bench.until(begun.is_set)
    bench.press("Stop")
    bench.until(lambda: bench.answers()[-1].is_final)
    gone.set()
    assert "Not run" in words(tool_views(bench)[0])
    bench.ask("again", "Here I am.")
    assert bench.answers()[-1].text() == "Here I am."
