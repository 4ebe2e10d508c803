"""Chinese typed with a real input method: ibus with libpinyin, key by key."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hanlin.domain.conversation import Status
from hanlin_fakes.desktop import Desktop, eventually
from hanlin_fakes.gguf_models import write_scripted

ENGINE = "libpinyin"
pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(
        shutil.which("ibus-daemon") is None
        or not Path("/usr/share/ibus/component/libpinyin.xml").exists(),
        reason="needs ibus and ibus-libpinyin",
    ),
    pytest.mark.skipif(
        "DBUS_SESSION_BUS_ADDRESS" not in os.environ,
        reason="needs a session bus (dbus-run-session)",
    ),
]


def ibus(*words: str) -> str:
    command = [str(shutil.which("ibus")), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    return done.stdout.strip()


def choose_pinyin() -> None:
    """Choose the engine for whoever has the keyboard now."""
    eventually(lambda: ibus("engine", ENGINE) == "" and ibus("engine") == ENGINE, "pinyin in ibus")


@pytest.fixture
def pinyin() -> Iterator[None]:
    """Let ibus run with pinyin chosen, in the test's own home.

    Its socket lies in /tmp: below the test's folder the name would be too long for one.
    """
    daemon = subprocess.Popen(
        [
            str(shutil.which("ibus-daemon")),
            "--panel=disable",
            "--emoji-extension=disable",
            "--address=unix:tmpdir=/tmp",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    choose_pinyin()
    yield
    ibus("exit")
    daemon.wait(30)


@pytest.mark.usefixtures("pinyin")
def test_pinyin_becomes_characters_and_enter_first_commits(
    desktop: Callable[..., Desktop], tmp_path: Path
) -> None:
    desk = desktop(LANG="zh_CN.UTF-8", QT_IM_MODULE="ibus")
    desk.cli("models", "add", str(write_scripted(tmp_path / "kind.gguf", ["好的", "。"])))
    state = desk.folder / "state" / "state.json"
    with desk.window() as window:
        eventually(lambda: state.exists() and "last_model" in state.read_text(), "a loaded model")
        choose_pinyin()
        window.type("nihao")
        window.shot("input-method-zh-light")
        window.press("space")  # takes the first candidate
        window.type("ma")
        window.press("Return")  # belongs to the pre-edit: commits the letters, sends nothing
        assert desk.conversations() == []
        window.press("Return")
        eventually(lambda: desk.answer(Status.COMPLETE), "an answer")
    assert desk.transcript()[0].text() == "你好ma"
