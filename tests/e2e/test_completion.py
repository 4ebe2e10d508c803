"""The starter in the box completes code in the message, by the keyboard alone."""

from collections.abc import Callable

import pytest

from hanlin.domain.conversation import Role, Status
from hanlin_fakes.desktop import Desktop, eventually

pytestmark = pytest.mark.timeout(300)


@pytest.mark.parametrize(
    ("language", "appearance"), [("en_US.UTF-8", "light"), ("zh_CN.UTF-8", "dark")]
)
def test_a_function_is_completed_in_the_message_and_sent(
    desktop: Callable[..., Desktop], language: str, appearance: str
) -> None:
    desk = desktop(LANG=language)
    desk.choose(appearance=appearance)
    with desk.window() as window:
        window.wait_until_open()
        window.type("def add(a, b):")
        window.press("shift+Return")
        window.type("    ")
        window.press("ctrl+j")
        eventually(lambda: desk.draft().endswith("return a + b"), "the completion")
        window.shot(f"completion-{language[:2]}-{appearance}")
        window.press("Return")
        eventually(lambda: desk.answer(Status.COMPLETE, Status.TRUNCATED), "the answer")
    [question] = [one for one in desk.transcript() if one.role is Role.USER]
    assert question.text().startswith("def add(a, b):")
    assert "return a + b" in question.text()
