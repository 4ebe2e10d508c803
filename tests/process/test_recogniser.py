"""The text of a picture, read by the real pack in its sandboxed process, where the pack is."""

import importlib.util
import io
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from hanlin.documents.recogniser import Recogniser
from hanlin.kernel.errors import KnownError

_PACK = importlib.util.find_spec("rapidocr")

needs_pack = pytest.mark.skipif(
    _PACK is None, reason="the OCR pack (the extra “ocr”, 200 MB) is not installed"
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return a data folder with the pack where a user puts it."""
    assert _PACK is not None
    assert _PACK.origin is not None
    (tmp_path / "packs").mkdir()
    (tmp_path / "packs" / "ocr").symlink_to(Path(_PACK.origin).parent.parent)
    return tmp_path


def _picture(*lines: str) -> bytes:
    picture = Image.new("RGB", (640, 60 + 60 * len(lines)), "white")
    draw = ImageDraw.Draw(picture)
    for number, line in enumerate(lines):
        draw.text((20, 20 + 60 * number), line, fill="black", font_size=36)
    written = io.BytesIO()
    picture.save(written, "PNG")
    return written.getvalue()


@needs_pack
def test_the_lines_of_a_screenshot_are_read_from_top_to_bottom(data: Path) -> None:
    with closing(Recogniser(data)) as recogniser:
        text = recogniser.text("a.png", _picture("Where is the cat?", "It is 42 today"))
    assert [line.replace(" ", "") for line in text.splitlines()] == [
        "Whereisthecat?",
        "Itis42today",
    ]


@needs_pack
def test_after_a_file_that_is_no_picture_the_next_one_is_read(data: Path) -> None:
    with closing(Recogniser(data)) as recogniser:
        with pytest.raises(KnownError, match="no picture"):
            recogniser.text("a.png", b"no picture at all")
        assert recogniser.text("b.png", _picture("Hello")).strip() == "Hello"


@needs_pack
def test_a_picture_without_letters_has_no_text(data: Path) -> None:
    with closing(Recogniser(data)) as recogniser:
        assert recogniser.text("white.png", _picture()) == ""


@needs_pack
def test_being_late_is_not_called_damage(data: Path) -> None:
    with (
        closing(Recogniser(data, deadline=0.0)) as recogniser,
        pytest.raises(KnownError) as caught,
    ):
        recogniser.text("a.png", _picture("Hello"))
    assert caught.value.title == "Reading the picture took too long"


def test_a_pack_with_something_missing_is_named(tmp_path: Path) -> None:
    package = tmp_path / "packs" / "ocr" / "rapidocr"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("import a_library_that_is_missing\n", encoding="utf-8")
    with closing(Recogniser(tmp_path)) as recogniser, pytest.raises(KnownError) as caught:
        recogniser.text("a.png", _picture())
    assert caught.value.title == "The pack that reads pictures does not work"
    assert "a_library_that_is_missing" in caught.value.message
