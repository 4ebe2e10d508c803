"""A picture in the window, with keys alone: attached, looked at, sent, asked about again."""

import json
from collections.abc import Callable
from pathlib import Path

import gguf
import pytest
from PIL import Image, ImageDraw

from hanlin.domain.attachments import AttachmentKind
from hanlin.domain.conversation import Role, Status
from hanlin.kernel import paths
from hanlin_fakes.desktop import Desktop, Window, eventually
from hanlin_fakes.gguf_models import write_scripted
from hanlin_fakes.projectors import write_janus

pytestmark = pytest.mark.timeout(400)
ANSWER = ("A red square, ", "drawn on white.")


def prepare(desk: Desktop, folder: Path) -> Path:
    """Have a model with eyes, chosen already, and a picture; return the picture."""
    folder.mkdir()
    model = write_scripted(folder / "seeing.gguf", ANSWER)
    width = gguf.GGUFReader(model).get_field("qwen3.embedding_length")
    assert width is not None
    write_janus(folder / "mmproj-seeing.gguf", out=width.contents())
    desk.cli("models", "add", str(model))
    known = json.loads(desk.cli("models", "list", "--json"))
    identity = next(one["id"] for one in known if one["path"] == str(model))
    state = paths.under(desk.folder).window_state
    state.parent.mkdir(parents=True, exist_ok=True)
    state.write_text(json.dumps({"version": 1, "last_model": identity}), encoding="utf-8")
    picture = Image.new("RGB", (320, 240), "white")
    picture.paste("red", (90, 60, 230, 180))
    place = folder / "square.png"
    picture.save(place)
    return place


@pytest.mark.parametrize(
    ("language", "appearance", "attach"),
    [("en_US.UTF-8", "light", "Attach files"), ("zh_CN.UTF-8", "dark", "添加文件")],
)
def test_a_picture_is_attached_sent_and_asked_about_again_with_the_keyboard(
    desktop: Callable[..., Desktop], tmp_path: Path, language: str, appearance: str, attach: str
) -> None:
    desk = desktop(LANG=language)
    desk.choose(appearance=appearance)
    picture = prepare(desk, tmp_path / "seeing")
    kept = paths.under(desk.folder).states.with_name("encoded")
    shot = f"picture-{language[:2]}-{appearance}"
    with desk.window() as window:
        window.wait_until_open()
        attached_with_words(desk, window, attach, picture, "what is it", f"{shot}-attached")
        eventually(lambda: desk.answer(Status.COMPLETE), "the answer")
        (question,) = [one for one in desk.transcript() if one.role is Role.USER]
        (attached,) = question.attachments()
        assert (attached.kind, attached.width, attached.height) == (
            AttachmentKind.PICTURE, 320, 240,
        )  # fmt: skip
        encoded = eventually(lambda: stamps(kept), "what was encoded is kept")
        window.shot(f"{shot}-answered")
        window.press("ctrl+l")
        window.type("and its colour")
        window.press("Return")
        eventually(lambda: len(desk.transcript()) == 4, "the second answer begins")
        eventually(lambda: desk.answer(Status.COMPLETE), "the second answer")
        assert stamps(kept) == encoded, "the picture was encoded again"


def test_the_model_in_the_box_tells_what_a_newcomer_drew(
    desktop: Callable[..., Desktop], tmp_path: Path
) -> None:
    desk = desktop(LANG="en_US.UTF-8")
    image = Image.new("RGB", (480, 360), "white")
    pen = ImageDraw.Draw(image)
    for x, y in ((90, 120), (240, 230), (390, 130)):
        pen.ellipse((x - 55, y - 55, x + 55, y + 55), fill="red")
    picture = tmp_path / "circles.png"
    image.save(picture)
    with desk.window() as window:
        window.wait_until_open()
        words = "How many circles are there?"
        attached_with_words(desk, window, "Attach files", picture, words, "starter-sees-attached")
        eventually(lambda: desk.answer(Status.COMPLETE), "the answer")
        window.press("ctrl+l")
        window.type("what do you see")
        window.press("Return")
        eventually(lambda: len(desk.transcript()) == 4, "the second answer begins")
        eventually(lambda: desk.answer(Status.COMPLETE), "the second answer")
        window.shot("starter-sees-answered")
    told = [one.text() for one in desk.transcript() if one.role is Role.ASSISTANT]
    assert told == ["There are three.", "I see three red circles."]


def attached_with_words(
    desk: Desktop, window: Window, attach: str, picture: Path, words: str, shot: str
) -> None:
    """Attach a picture, type the words and send both."""
    window.press("ctrl+shift+a")
    window.turn_to(attach)
    window.type(str(picture))
    window.press("Return")
    window.turn_to_main()
    window.press("ctrl+l")
    window.type(words)
    window.shot(shot)

    def sent() -> bool:
        # Refused with a sentence while the picture is still being read.
        if not desk.transcript():
            window.press("Escape", "ctrl+l", "Return")
        return bool(desk.transcript())

    eventually(sent, "the question with its picture is stored")


def stamps(folder: Path) -> list[tuple[str, int]]:
    """Return the files of encoded pictures, with when each was written."""
    files = [one for one in folder.rglob("*") if one.is_file()] if folder.is_dir() else []
    return sorted((one.name, one.stat().st_mtime_ns) for one in files)
