"""Reading pictures, where the pack for it is absent: it is no part of the program."""

import importlib.util
from pathlib import Path

import pytest

from hanlin.documents.recogniser import PackMissingError, Recogniser, is_picture


@pytest.mark.skipif(
    importlib.util.find_spec("rapidocr") is not None, reason="the OCR pack is installed here"
)
def test_an_absent_pack_is_named_with_the_way_to_it(tmp_path: Path) -> None:
    with pytest.raises(PackMissingError) as caught:
        Recogniser(tmp_path)
    assert "hanlin ocr install" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "expected"), [("a.PNG", True), ("截图.jpg", True), ("a.docx", False), ("png", False)]
)
def test_pictures_are_told_by_their_names(name: str, expected: bool) -> None:  # noqa: FBT001
    assert is_picture(name) is expected
