"""Foreign files in their child, real and in its sandbox."""

import pytest

from hanlin.documents.opener import OpenFile
from hanlin.kernel.errors import KnownError
from hanlin_fakes.foreign_files import bomb, pdf, picture


def test_a_picture_leaves_as_plain_pixels() -> None:
    with OpenFile("a.png", picture()) as file:
        assert (file.facts["kind"], file.facts["width"]) == ("picture", 30)
        seen = file.picture(30, turn=1, crop=(0.0, 0.0, 1.0, 0.5))
        assert (seen.width, seen.height, len(seen.rgb)) == (20, 15, 900)
        assert (file.encoded(15).mime, file.encoded(15).width) == ("image/png", 15)


def test_pages_of_a_pdf_are_read_and_seen() -> None:
    with OpenFile("a.pdf", pdf(["first page", "second page"])) as file:
        assert file.texts(1, 2) == ["first page", "second page"]
        assert file.picture(396, page=2).height == 396


def test_a_bad_file_is_named() -> None:
    with pytest.raises(KnownError, match="100 million"):
        OpenFile("a.png", bomb())
