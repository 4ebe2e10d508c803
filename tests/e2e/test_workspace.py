"""A folder of code in the window: a file chosen, asked about, its change applied and undone.

Keys alone, with a small model that always answers with the same change.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from hanlin.domain.conversation import Status
from hanlin_fakes.desktop import Desktop, Window, eventually
from hanlin_fakes.gguf_models import write_scripted

pytestmark = pytest.mark.timeout(400)
CODE = "def add(a, b):\n    return a - b\n"
FIXED = CODE.replace("a - b", "a + b")
ANSWER = ("The sign:\n\n```python\n", "def add(a, b):\n", "    return a + b\n", "```")


def prepare(desk: Desktop, folder: Path) -> Path:
    """Have a model, and a folder that was open the last time; return its file."""
    (folder / "src").mkdir(parents=True)
    place = folder / "src" / "计算.py"
    place.write_text(CODE, encoding="utf-8")
    model = write_scripted(folder.parent / "changing.gguf", ANSWER)
    desk.add_model(model, code_folder=str(folder))
    return place


def choose_the_file(window: Window) -> None:
    """Unfold the folder and the file, whose parts a child then looks for, and tick the file."""

    def unfolded() -> bool:
        if any("symbols" in child.cmdline() for child in window.children()):
            return True
        window.press("Home", "Right", "Down", "Right")
        return False

    window.press("ctrl+3")
    eventually(unfolded, "the parts of the file are looked for")
    window.press("Home", "Down", "Return")


def review(window: Window, title: str) -> None:
    """Ask to see the changes as soon as they are offered."""
    window.insist("alt+r", lambda: window.has(title), "the changes are shown")
    window.turn_to(title)


@pytest.mark.parametrize(
    ("language", "appearance", "title"),
    [("en_US.UTF-8", "light", "Review changes"), ("zh_CN.UTF-8", "dark", "审阅改动")],
)
def test_a_change_is_reviewed_applied_and_undone_with_the_keyboard(
    desktop: Callable[..., Desktop], tmp_path: Path, language: str, appearance: str, title: str
) -> None:
    desk = desktop(LANG=language)
    desk.choose(appearance=appearance)
    place = prepare(desk, tmp_path / "project")
    shot = f"code-{language[:2]}-{appearance}"
    with desk.window() as window:
        window.wait_until_open()
        choose_the_file(window)
        window.press("ctrl+l")
        window.type("fix it")
        window.shot(f"{shot}-chosen")
        window.press("Return")
        eventually(lambda: desk.answer(Status.COMPLETE), "the answer")
        assert CODE.strip() in desk.transcript()[0].text()
        review(window, title)
        window.shot(f"{shot}-review")
        assert place.read_text("utf-8") == CODE
        window.close(title, "Return")
        eventually(lambda: place.read_text("utf-8") == FIXED, "the change is written")
        window.insist("alt+u", lambda: place.read_text("utf-8") == CODE, "the change is taken back")
        window.shot(f"{shot}-undone")
