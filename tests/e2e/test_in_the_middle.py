"""What a person does in the middle of an answer: nothing of it is lost, and nothing hangs."""

from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from hanlin.domain.conversation import Message, Status
from hanlin_fakes.desktop import DEADLINE, Desktop, Window, eventually
from hanlin_fakes.gguf_models import write_endless, write_scripted

pytestmark = pytest.mark.timeout(300)


def begun(desk: Desktop, window: Window) -> Message:
    """Ask; return the answer when something of it is there, of which there is no end."""
    window.wait_until_open()
    window.type("go")
    window.press("Return")

    def streaming() -> Message | None:
        answer = desk.answer(Status.STREAMING)
        return answer if answer is not None and answer.text() else None

    return eventually(streaming, "streaming")


def test_the_language_changes_in_mid_answer_and_nothing_of_it_is_lost(
    desktop: Callable[..., Desktop], tmp_path: Path
) -> None:
    desk = desktop(LANG="zh_CN.UTF-8")
    desk.add_model(write_endless(tmp_path / "endless.gguf"))
    with desk.window() as window:
        before = begun(desk, window).text()
        window.press("ctrl+shift+p")
        window.turn_to("命令面板")
        window.type("english")
        window.close("命令面板", "Return")
        eventually(lambda: window.has("^Hanlin$"), "the window speaks English")
        window.shot("language-in-mid-answer")
        now = desk.transcript()[-1].text()
        assert now.startswith(before)

        def grown() -> bool:
            return len(desk.transcript()[-1].text()) > len(now)

        eventually(grown, "the answer goes on")
        window.press("ctrl+l", "Escape")
        stopped = eventually(lambda: desk.answer(Status.STOPPED), "the stop")
        assert stopped.text().startswith(now)


def test_the_window_is_closed_in_mid_answer_and_opened_again(
    desktop: Callable[..., Desktop], tmp_path: Path
) -> None:
    desk = desktop()
    desk.add_model(write_endless(tmp_path / "endless.gguf"))
    with desk.window() as window:
        before = begun(desk, window).text()
        children = window.children()
        window.quit()
    _gone, alive = psutil.wait_procs(children, timeout=DEADLINE)
    assert not alive
    left = desk.answer(Status.STOPPED, Status.INTERRUPTED)
    assert left is not None
    assert left.text().startswith(before)

    desk.add_model(write_scripted(tmp_path / "kind.gguf", ["I am ", "here", "."]))
    with desk.window() as window:
        window.wait_until_open()
        window.press("ctrl+l")
        window.type("again")
        window.press("Return")
        answer = eventually(lambda: desk.answer(Status.COMPLETE), "the next answer")
        window.shot("after-a-close-in-mid-answer")
    assert answer.text() == "I am here."
