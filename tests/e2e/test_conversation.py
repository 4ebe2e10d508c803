"""A person asks, stops, switches, closes, comes back."""

import json
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from hanlin.domain.conversation import Role, Status
from hanlin_fakes.desktop import DEADLINE, Desktop, eventually
from hanlin_fakes.gguf_models import write_endless, write_scripted

Make = Callable[..., Desktop]
pytestmark = pytest.mark.timeout(300)
ENDED = (Status.COMPLETE, Status.STOPPED, Status.TRUNCATED, Status.INTERRUPTED, Status.FAILED)


def test_a_conversation_in_english_comes_back_after_a_restart(
    desktop: Make, tmp_path: Path
) -> None:
    desk = desktop()
    desk.add_model(
        write_scripted(tmp_path / "kind.gguf", ["# Hello\n\n", "I am ", "**here**", "."])
    )
    with desk.window() as window:
        window.type("hello there")
        window.press("Return")
        answer = eventually(lambda: desk.answer(*ENDED), "an answer")
        window.shot("conversation-en-light")
    assert (answer.status, answer.text()) == (Status.COMPLETE, "# Hello\n\nI am **here**.")
    assert [c.title for c in desk.conversations()] == ["hello there"]

    with desk.window() as window:
        window.type("again")
        window.press("Return")
        eventually(lambda: len(desk.transcript()) == 4 and desk.answer(*ENDED), "a second answer")
    assert [m.text() for m in desk.transcript() if m.role is Role.USER] == ["hello there", "again"]
    assert len(desk.conversations()) == 1
    assert {m.model for m in desk.transcript() if m.role is Role.ASSISTANT} == {"kind"}


def test_escape_stops_an_endless_answer_at_once(desktop: Make, tmp_path: Path) -> None:
    desk = desktop()
    desk.add_model(write_endless(tmp_path / "endless.gguf"))
    with desk.window() as window:
        window.type("go")
        window.press("Return")
        eventually(lambda: (m := desk.answer(Status.STREAMING)) and m.text(), "streaming")
        window.shot("streaming-en-light")
        window.press("Escape")
        stopped = eventually(lambda: desk.answer(Status.STOPPED), "the stop")
        window.type("more")
        window.press("Return")
        eventually(lambda: (m := desk.answer(Status.STREAMING)) and m.text(), "the next answer")
        window.press("Escape")
        eventually(lambda: desk.answer(Status.STOPPED), "the second stop")
    assert desk.transcript()[1].text() == stopped.text()


def test_the_settings_menu_switches_models_in_a_conversation(desktop: Make, tmp_path: Path) -> None:
    desk = desktop()
    desk.add_model(write_scripted(tmp_path / "second.gguf", ["two"]))
    desk.add_model(write_scripted(tmp_path / "first.gguf", ["one"]))
    with desk.window() as window:
        window.type("q")
        window.press("Return")
        eventually(lambda: desk.answer(*ENDED), "the first answer")
        window.press("alt+s", "Return")  # the Model submenu is the first entry
        window.shot("menu-models-en-light")
        names = [model["name"] for model in json.loads(desk.cli("models", "list", "--json"))]
        names.sort(key=lambda name: name != "first")  # the last used one stands first
        window.press(*["Down"] * names.index("second"), "Return")
        window.press("ctrl+l")
        window.type("r")
        window.press("Return")
        eventually(lambda: len(desk.transcript()) == 4 and desk.answer(*ENDED), "the second answer")
    answers = [(m.model, m.text()) for m in desk.transcript() if m.role is Role.ASSISTANT]
    assert answers == [("first", "one"), ("second", "two")]


@pytest.mark.parametrize("appearance", ["light", "dark"])
def test_a_chinese_conversation(desktop: Make, tmp_path: Path, appearance: str) -> None:
    desk = desktop(LANG="zh_CN.UTF-8")
    answer = [
        "<think>", "先想一想", "怎样说明。", "</think>", "\n\n", "今天天气", "**很好**，",
        "适合出门：",
        "\n\n1. 散步", "\n2. 读书", "\n\n```python\n", "print('你好')", "\n```",
    ]  # fmt: skip
    desk.add_model(write_scripted(tmp_path / "中文.gguf", answer))
    desk.choose(appearance=appearance, thinking=True)
    with desk.window() as window:
        window.shot(f"start-zh-{appearance}")
        window.type("hello")
        window.press("Return")
        message = eventually(lambda: desk.answer(*ENDED), "an answer")
        window.shot(f"conversation-zh-{appearance}")
    assert desk.transcript()[0].text() == "hello"
    assert message.text().startswith("今天天气**很好**")


def test_a_second_start_raises_the_first_window(desktop: Make, tmp_path: Path) -> None:
    desk = desktop()
    desk.add_model(write_scripted(tmp_path / "m.gguf", ["one"]))
    with desk.window() as window:
        second = desk.start()
        assert second.wait(DEADLINE) == 0
        assert window.process.poll() is None


def test_a_killed_window_leaves_no_process_and_no_lost_text(desktop: Make, tmp_path: Path) -> None:
    desk = desktop()
    desk.add_model(write_endless(tmp_path / "endless.gguf"))
    with desk.window() as window:
        window.type("go")
        window.press("Return")
        eventually(lambda: (m := desk.answer(Status.STREAMING)) and m.text(), "streaming")
        children = window.children()
        assert children
        window.kill()
        _gone, alive = psutil.wait_procs(children, timeout=DEADLINE)
        assert not alive
        with desk.window() as again:
            left = eventually(lambda: desk.answer(Status.INTERRUPTED), "the mark at the next start")
            again.shot("interrupted-en-light")
            assert left.text()
