"""A day's work without the mouse: versions, branches, deleting, search, palette, export.

Everything is done with real keys in the real window; what came of it is read from the person's
own data folder.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from hanlin.domain.conversation import Status
from hanlin_fakes.desktop import Desktop, Window, eventually
from hanlin_fakes.gguf_models import write_scripted

pytestmark = pytest.mark.timeout(600)
ANSWER = "A **short** answer."


@dataclass(frozen=True)
class Words:
    """What a person of one language reads and types."""

    locale: str
    appearance: str
    palette: str
    export: str
    study: str


ENGLISH = Words(
    "en_US.UTF-8", "light", "Command palette", "Export this conversation", "study assistant"
)
CHINESE = Words("zh_CN.UTF-8", "dark", "命令面板", "导出本对话", "xuexi")


def prepare(desk: Desktop, folder: Path) -> None:
    """Have a model that always says the same, and was used last."""
    desk.add_model(write_scripted(folder / "kind.gguf", ["A ", "**short** ", "answer", "."]))


def ask(desk: Desktop, window: Window, *texts: str) -> str:
    """Say ``texts`` one after the other and wait for each answer; return the conversation's id."""
    for text in texts:
        window.press("ctrl+l")
        window.type(text)
        window.press("Return")

        def answered(text: str = text) -> bool:
            last = [message.text() for message in desk.transcript()][-2:]
            return last == [text, ANSWER] and desk.answer(Status.COMPLETE) is not None

        eventually(answered, f"the answer to {text}")
    return eventually(desk.open_conversation, "the conversation is remembered")


def begin(desktop: Callable[..., Desktop], tmp_path: Path, words: Words) -> tuple[Desktop, str]:
    """Return a prepared desktop and the end of its screenshots' names."""
    desk = desktop(LANG=words.locale)
    desk.choose(appearance=words.appearance)
    prepare(desk, tmp_path)
    return desk, f"{words.locale[:2]}-{words.appearance}"


def run(window: Window, words: Words, query: str, shot: str = "") -> None:
    """Choose from the command palette."""
    window.press("ctrl+shift+p")
    window.turn_to(words.palette)
    window.type(query)
    if shot:
        window.shot(shot)
    window.close(words.palette, "Return")


@pytest.mark.parametrize("words", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_versions_branches_and_deleting_with_the_keyboard(
    desktop: Callable[..., Desktop], tmp_path: Path, words: Words
) -> None:
    desk, shot = begin(desktop, tmp_path, words)
    with desk.window() as window:
        first = ask(desk, window, "apple pie")
        window.press("ctrl+shift+e", "ctrl+a")
        window.type("pear tart")
        window.press("Return")
        eventually(lambda: desk.said(first) == ["pear tart", ANSWER], "the question asked anew")
        eventually(lambda: desk.answer(Status.COMPLETE), "its answer")
        window.press("ctrl+bracketleft")
        eventually(lambda: desk.said(first)[0] == "apple pie", "the version before")
        window.press("ctrl+bracketright")
        eventually(lambda: desk.said(first)[0] == "pear tart", "the version after it")

        answer = desk.transcript()[-1].id
        window.press("ctrl+shift+r")
        eventually(lambda: (m := desk.answer(Status.COMPLETE)) and m.id != answer, "another answer")
        window.shot(f"versions-{shot}")
        window.press("ctrl+bracketleft")
        eventually(lambda: desk.transcript()[-1].id == answer, "the answer before")

        window.press("ctrl+alt+b")
        eventually(lambda: desk.open_conversation() != first, "the branch is open")
        branch = desk.open_conversation()
        window.press("ctrl+shift+Delete")
        eventually(lambda: desk.said(branch) == ["pear tart"], "the answer is gone")
        window.shot(f"deleted-{shot}")
        window.press("ctrl+alt+z")
        eventually(lambda: desk.said(branch) == ["pear tart", ANSWER], "the answer is back")
        assert desk.said(first) == ["pear tart", ANSWER]
        assert {one.id for one in desk.conversations()} == {first, branch}


@pytest.mark.parametrize("words", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_search_palette_assistants_and_export_with_the_keyboard(
    desktop: Callable[..., Desktop], tmp_path: Path, words: Words
) -> None:
    desk, shot = begin(desktop, tmp_path, words)
    with desk.window() as window:
        pie = ask(desk, window, "apple pie", "a needle in hay")
        window.press("ctrl+n")
        eventually(lambda: not desk.open_conversation(), "an empty conversation")
        run(window, words, words.study, f"palette-{shot}")
        zebra = ask(desk, window, "zebra")
        assert desk.assistant_of(zebra) == "study"
        assert not desk.assistant_of(pie)

        window.press("ctrl+shift+f")
        window.type("needle")

        def found() -> bool:
            window.press("Return")
            return desk.open_conversation() == pie

        eventually(found, "what was looked for is open")
        window.shot(f"search-{shot}")
        run(window, words, "zebra")
        eventually(lambda: desk.open_conversation() == zebra, "the palette's conversation")

        run(window, words, "markdown")
        window.turn_to(words.export)
        window.shot(f"export-{shot}")
        written = tmp_path / "zebra.md"
        window.press("ctrl+a")
        window.type(str(written))
        window.close(words.export, "Return")
        eventually(written.exists, "the file")
        eventually(lambda: ANSWER in written.read_text(encoding="utf-8"), "what was said")
