"""A picture in the window, with keys alone: attached, looked at, sent, asked about again."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from hanlin.domain.attachments import AttachmentKind
from hanlin.domain.conversation import Role
from hanlin.kernel import paths
from hanlin_fakes.desktop import Desktop, eventually
from hanlin_fakes.giving import attach_by_name, choose_model, send
from hanlin_fakes.projectors import write_janus

pytestmark = pytest.mark.timeout(400)
ANSWER = ("A red square, ", "drawn on white.")


def prepare(desk: Desktop, folder: Path) -> Path:
    """Have a model with eyes, chosen already, and a picture; return the picture."""
    choose_model(desk, folder, ANSWER, write_janus)
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
        attach_by_name(window, attach, picture)
        window.shot(f"{shot}-attached")
        (attached,) = send(desk, window, "what is it")
        assert (attached.kind, attached.width, attached.height) == (
            AttachmentKind.PICTURE, 320, 240,
        )  # fmt: skip
        encoded = eventually(lambda: kept_files(kept), "what was encoded is kept")
        window.shot(f"{shot}-answered")
        send(desk, window, "and its colour")
        assert kept_files(kept) == encoded, "the picture was encoded again"
    # A new start has a new engine, which is given what the old one made.
    with desk.window() as window:
        window.wait_until_open()
        send(desk, window, "and where is it")
        assert kept_files(kept) == encoded, "the picture was encoded again after the start"


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
        attach_by_name(window, "Attach files", picture)
        send(desk, window, "What color is it?")
        send(desk, window, "what do you see")
        window.shot("starter-sees-answered")
    told = [one.text() for one in desk.transcript() if one.role is Role.ASSISTANT]
    assert ["red" in one for one in told] == [True, True], told
    assert "circle" in told[1]


def kept_files(folder: Path) -> dict[str, str]:
    """Return what is in the files of encoded pictures: each writing has a salt of its own."""
    files = [one for one in folder.rglob("*.state") if one.is_file()] if folder.is_dir() else []
    return {one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in files}
