"""Models kept for a work, with keys alone: code and pictures go to theirs, the rest does not."""

from collections.abc import Callable
from pathlib import Path

import gguf
import pytest
from PIL import Image

from hanlin.domain.conversation import Message, Role, Status
from hanlin_fakes.desktop import Desktop, Window, eventually
from hanlin_fakes.gguf_models import write_scripted
from hanlin_fakes.giving import attach_by_name
from hanlin_fakes.projectors import write_janus

pytestmark = pytest.mark.timeout(400)


def prepare(desk: Desktop, folder: Path, appearance: str) -> Path:
    """Keep a model for programming and one with eyes for pictures; return a picture."""
    folder.mkdir()
    coder = write_scripted(folder / "coder.gguf", ("The sign ", "is wrong."))
    seer = write_scripted(folder / "seer.gguf", ("A red ", "square."))
    width = gguf.GGUFReader(seer).get_field("qwen3.embedding_length")
    assert width is not None
    write_janus(folder / "mmproj-seer.gguf", out=width.contents())
    for model in (coder, seer):
        desk.cli("models", "add", str(model))
    known = desk.models()
    desk.choose(
        appearance=appearance, model_for_coding=known[coder], model_for_pictures=known[seer]
    )
    picture = folder / "square.png"
    Image.new("RGB", (120, 90), "red").save(picture)
    return picture


def asked(desk: Desktop, window: Window, words: str, answers: int) -> Message:
    """Ask, and return the answer when it is there and ``answers`` are in the conversation."""
    window.press("ctrl+l")
    window.type(words)
    window.press("Return")

    def found() -> Message | None:
        there = [one for one in desk.transcript() if one.role is Role.ASSISTANT]
        return desk.answer(Status.COMPLETE) if len(there) == answers else None

    return eventually(found, f"answer {answers}")


@pytest.mark.parametrize(
    ("language", "appearance", "attach"),
    [("en_US.UTF-8", "light", "Attach files"), ("zh_CN.UTF-8", "dark", "添加文件")],
)
def test_code_and_pictures_go_to_their_models_and_the_chosen_one_is_back(
    desktop: Callable[..., Desktop], tmp_path: Path, language: str, appearance: str, attach: str
) -> None:
    desk = desktop(LANG=language)
    picture = prepare(desk, tmp_path / "kept", appearance)
    shot = f"kept-{language[:2]}-{appearance}"
    with desk.window() as window:
        window.wait_until_open()
        plain = asked(desk, window, "hello", 1).model
        window.press("ctrl+3")
        code = asked(desk, window, "what is wrong", 2)
        assert (code.text(), code.model != plain) == ("The sign is wrong.", True)
        window.shot(f"{shot}-code")
        window.press("ctrl+1")
        assert asked(desk, window, "hello", 3).model == plain
        attach_by_name(window, attach, picture)
        window.shot(f"{shot}-attached")
        seen = asked(desk, window, "what is it", 4)  # Enter is heard while the picture is read
        assert (seen.text(), seen.model not in (plain, code.model)) == ("A red square.", True)
        window.shot(f"{shot}-picture")
