"""Foreign files opened: what is in them, page by page; what is bad has a name."""

import io
import re

import pytest
from PIL import Image

from hanlin.documents.opener import refused
from hanlin.documents.opening import package as packages
from hanlin.documents.opening.kinds import opened
from hanlin.documents.opening.opened import View
from hanlin.documents.splicing import UnreadableError
from hanlin_fakes.foreign_files import bomb, package, pdf, picture, sound, word


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF"])
def test_a_picture_leaves_as_plain_pixels(form: str) -> None:
    file = opened("a.bin", picture(form=form))
    assert (file.facts()["kind"], file.facts()["width"], file.facts()["height"]) == (
        "picture",
        30,
        20,
    )
    seen = file.picture(View(15))
    assert (seen.width, seen.height, len(seen.rgb)) == (15, 10, 450)
    assert file.picture(View(30, turn=1)).height == 30
    cut = file.picture(View(30, crop=(0.5, 0.0, 1.0, 0.5)))
    assert (cut.width, cut.height) == (15, 10)
    made = file.encoded(View(30))
    assert (made.mime, made.width, made.height) == ("image/png", 30, 20)
    again = opened("b", made.content)
    assert again.picture(View(30)).rgb[:1] >= b"\xf0"


def test_what_is_transparent_is_white() -> None:
    target = io.BytesIO()
    Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(target, "PNG")
    file = opened("a.png", target.getvalue())
    assert set(file.picture(View(4)).rgb) == {255}


def test_pages_of_a_pdf_are_read_and_seen() -> None:
    file = opened("a.pdf", pdf(["first page", "second page"]))
    assert (file.facts()["pages"], file.facts()["paged"]) == (2, True)
    assert file.texts(1, 2) == ["first page", "second page"]
    assert file.texts(2, 2) == ["second page"]
    seen = file.picture(View(396, page=2))
    assert (seen.width, seen.height) == (306, 396)
    assert min(seen.rgb) < 100 < max(seen.rgb)


def test_pages_that_word_marked_are_kept() -> None:
    content = word(
        "<w:p><w:r><w:t>one</w:t></w:r></w:p><w:p><w:r><w:lastRenderedPageBreak/>"
        "<w:t>two &amp; 三</w:t></w:r></w:p><w:tbl><w:tr><w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p>"
        "</w:tc><w:tc><w:p><w:r><w:t>b</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
    )
    file = opened("a.docx", content)
    assert file.facts()["paged"] is True
    assert file.texts(1, 9) == ["one", "two & 三\na  | b"]


def test_slides_come_in_the_order_of_the_show() -> None:
    link = '<Relationship Id="{}" Type="x/slide" Target="slides/{}.xml"/>'
    slide = "<p:sld><a:p><a:r><a:t>{}</a:t></a:r></a:p></p:sld>"
    content = package(
        **{
            "ppt/presentation.xml": '<p:p><p:sldId r:id="r2"/><p:sldId r:id="r1"/></p:p>',
            "ppt/_rels/presentation.xml.rels": "<R>"
            + link.format("r1", "slide1")
            + link.format("r2", "slide2")
            + "</R>",
            "ppt/slides/slide1.xml": slide.format("last"),
            "ppt/slides/slide2.xml": slide.format("first"),
        }
    )
    file = opened("a.pptx", content)
    assert file.texts(1, 9) == ["first", "last"]


def test_cells_keep_their_columns() -> None:
    content = package(
        **{
            "xl/workbook.xml": '<w><sheet name="数据" r:id="r1"/></w>',
            "xl/_rels/workbook.xml.rels": '<R><Relationship Id="r1" Type="x" '
            'Target="worksheets/sheet1.xml"/></R>',
            "xl/sharedStrings.xml": "<sst><si><t>名</t></si></sst>",
            "xl/worksheets/sheet1.xml": '<s><row><c r="A1" t="s"><v>0</v></c>'
            '<c r="C1"><v>3.5</v></c></row></s>',
        }
    )
    file = opened("a.xlsx", content)
    assert file.texts(1, 9) == ["# 数据\n名\t\t3.5"]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16", "big5", "shift_jis"])
def test_texts_are_read_in_their_encoding(encoding: str) -> None:
    texts = {"big5": "這是一個文件，我們的國家說中文。", "shift_jis": "これは日本語の文書です。"}
    text = texts.get(encoding, "这是一个文件，我们说中文。") * 4
    file = opened("a.txt", text.encode(encoding))
    assert file.texts(1, 1) == [text]


def test_a_page_of_the_web_is_read_as_text() -> None:
    page = (
        "<html><head><title>no</title><script>x()</script></head><body><h1>Top</h1><p>a&amp;b</p>"
    )
    file = opened("a.html", page.encode())
    assert file.texts(1, 1) == ["no\n\n# Top\n\na&b"]


def test_sound_becomes_what_a_model_hears() -> None:
    file = opened("a.wav", sound())
    assert (file.facts()["kind"], file.facts()["milliseconds"]) == ("sound", 500)
    assert len(file.samples(16_000)) == pytest.approx(8_000 * 4, rel=0.01)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        pytest.param("a.png", bomb(), "100 million pixels", id="40,000 by 40,000"),
        pytest.param("a.png", picture()[:40], "damaged", id="half a picture"),
        pytest.param("a.png", b"hello", "not what its name says", id="a wrong name"),
        pytest.param("a.txt", b"", "empty", id="nothing"),
        pytest.param("a.pdf", pdf(["x"])[:60], "damaged", id="half a PDF"),
        pytest.param("a.pdf", pdf([]), "damaged|empty", id="a PDF without pages"),
        pytest.param("a.docx", word("")[:50], "damaged", id="half a Word file"),
        pytest.param("a.docx", word("<w:p/>"), "empty", id="an empty Word file"),
        pytest.param(
            "a.docx", package(**{"word/document.xml": " " * 1_100_000}), "unpacked", id="a bomb"
        ),
        pytest.param(
            "a.docx",
            package(**{"word/document.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}),
            "unpacked",
            id="entities",
        ),
        pytest.param(
            "a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "password", id="old"
        ),
        pytest.param("a.exe", bytes(range(256)) * 40, "of a kind", id="no text"),
        pytest.param("a.heic", bytes(4) + b"ftypheic" + bytes(90), "HEIC", id="heic"),
        pytest.param("a.zip", package(a="b"), "of a kind", id="any ZIP"),
    ],
)
def test_bad_files_are_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, name: str, content: bytes, said: str
) -> None:
    monkeypatch.setattr(packages, "_MOST", 1_000_000)
    with pytest.raises(UnreadableError) as caught:
        opened(name, content)
    error = refused(name, caught.value.code)
    assert re.search(said, error.message)
    assert name in error.message
    assert error.hint
