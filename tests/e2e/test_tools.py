"""The starter in the box calls the calculator, and a person allows it with the keyboard."""

from collections.abc import Callable

import pytest

from hanlin.domain.conversation import Message, PartKind, Status
from hanlin.domain.tools import Outcome, ToolCall, ToolResult
from hanlin_fakes.desktop import Desktop, Window, eventually, neighbour

pytestmark = pytest.mark.timeout(300)


def called(desk: Desktop) -> Message | None:
    """Return the answer being written once it has called a tool."""
    message = desk.answer(Status.STREAMING)
    return message if message and message.text(PartKind.TOOL_CALL) else None


def ask(desk: Desktop, window: Window, question: str, shot: str) -> Message:
    """Ask; look at the call; allow it with the keyboard alone; return the finished answer."""
    # What no key stands for would be typed by changing the keys' meanings, which a busy program
    # learns too late.
    with neighbour("text", question):
        window.turn_to_main()
        window.press("ctrl+v")
        eventually(lambda: desk.draft() == question, "the question is written")
    window.turn_to_main()
    window.press("ctrl+l", "Return")
    eventually(lambda: called(desk), "a call")
    window.shot(f"{shot}-asked")
    done = window.insist("alt+o", lambda: desk.answer(Status.COMPLETE), "the answer")
    window.shot(f"{shot}-done")
    return done


@pytest.mark.parametrize(
    ("language", "appearance", "question"),
    [("en_US.UTF-8", "light", "what is 348 * 27"), ("zh_CN.UTF-8", "dark", "算一下 348*27")],
)
def test_the_starter_calls_the_calculator_in_the_window(
    desktop: Callable[..., Desktop], language: str, appearance: str, question: str
) -> None:
    desk = desktop(LANG=language)
    desk.choose(tools=True, appearance=appearance)
    with desk.window() as window:
        window.wait_until_open()
        message = ask(desk, window, question, f"tool-{language[:2]}-{appearance}")
    call = ToolCall.read(message.text(PartKind.TOOL_CALL))
    assert call == ToolCall("calculator", '{"expression": "348*27"}')
    result = ToolResult.read(message.text(PartKind.TOOL_RESULT))
    assert result == ToolResult(Outcome.DONE, "9396")
    assert message.text()  # what it makes of the result is for the starter's own figures
