"""Conversations out of the program: as a page, a Word document, as they were written."""

import base64
import html
import html.parser
import io
import re
import zipfile
from array import array
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from hanlin.colours.runs import Colours
from hanlin.domain.attachments import Attachment, AttachmentKind, Prepared
from hanlin.domain.conversation import Part, PartKind, Role
from hanlin.domain.transfer import CarriedConversation, CarriedMessage
from hanlin.formulas.shape import Letter, Shape
from hanlin.kernel.errors import KnownError
from hanlin.services.transfer import documents, word
from hanlin.services.transfer.omml import NAMESPACE
from hanlin.services.transfer.service import TransferService, file_name, patient
from hanlin.store.conversations import Store
from hanlin.store.transfer import take_out
from hanlin_fakes.carried import NASTY, say
from hanlin_fakes.foreign_files import picture


def html_text(page: str) -> str:
    return html.unescape(re.sub("<[^>]*>", "", page))


class Tags(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for key, value in attrs if key in ("src", "href")]


def test_a_page_holds_no_markup_of_the_models(transfer: TransferService, conversation: str) -> None:
    page = transfer.content(conversation, "html").decode()
    tags = Tags()
    tags.feed(page)
    assert {"h1", "table", "pre", "li"} <= set(tags.tags)
    assert not {"script", "img", "b", "i", "link", "iframe"} & set(tags.tags)
    assert not any("javascript" in address for address in tags.addresses)
    assert "另一版" not in page


RICH = (
    "因为 \\(a_1\\, b_1\\)[^1]，见 [书](https://example.com/a_b)。\n\n"
    "\\[\n\\begin{cases} x \\\\ y \\end{cases}\n\\]\n\n"
    "- [x] 订票\n- [ ] 带伞\n\n![西湖](https://example.com/x.png)\n\n[^1]: 脚注 **在** 此。\n"
)


def rich() -> CarriedConversation:
    return CarriedConversation("t", (CarriedMessage("1", "", Role.ASSISTANT, RICH),))


def test_a_page_shows_formulas_tasks_footnotes_and_where_pictures_are() -> None:
    def draw(source: str, *, display: bool) -> Shape | None:
        outline = (("M", (0.0, 0.25)), ("Z", ()))
        return None if display else Shape(2.0, 1.0, 0.5, outline, (Letter("因", 0.5, 0.0, 1.0),))

    page = documents.html(rich(), draw, lambda _language, _code: Colours())
    for said in (
        'aria-label="a_1\\, b_1" viewBox="0 -100 200 150"', '<path d="M0 25 Z"/>', ">因</text>",
        "<code>\\begin{cases} x \\\\ y \\end{cases}</code>",
        '<li class="task">☑ 订票</li>', '<li class="task">☐ 带伞</li>',
        "<sup>1</sup>", "1. 脚注 <strong>在</strong> 此。",
        '<a href="https://example.com/x.png">picture: 西湖</a>',
    ):  # fmt: skip
        assert said in page


def test_formulas_are_drawn_in_a_page(transfer: TransferService, store: Store) -> None:
    made = store.create_conversation("t")
    say(store, made.id, None, Role.ASSISTANT, "$x^2$ und $\\nonsense$")
    page = transfer.content(made.id, "html").decode()
    assert page.count("<svg") == 1
    assert "<code>$\\nonsense$</code>" in page


def test_code_is_coloured_in_a_page(transfer: TransferService, store: Store) -> None:
    made = store.create_conversation("t")
    code = "```python title\nx = '😀<b>' + 1  # 注释\n```\n```nonsense\n</code><b>\n```"
    say(store, made.id, None, Role.ASSISTANT, code)
    page = transfer.content(made.id, "html").decode()
    for said in (
        '<code class="language-python">x = <span class="string">&#x27;</span>',
        '<span class="string">😀&lt;b&gt;</span>',
        '<span class="number">1</span>  <span class="comment"># 注释</span>',
        '<code class="language-nonsense">&lt;/code&gt;&lt;b&gt;',
    ):
        assert said in page
    assert page.index(".comment {") < page.index("prefers-color-scheme: dark")


def test_what_a_child_says_of_code_loses_nothing_of_it() -> None:
    runs = array("I", [5, 2, 0, 1, 3, 1, 6, 1, 2, 100, 7, 3, 2**32 - 1, 2**32 - 1, 4])
    said = documents.coloured("a😀<>&b", Colours(runs))
    assert html_text(said) == "a😀<>&b"


def test_an_export_has_patience_for_all_formulas_together_only() -> None:
    asked = list[str]()

    def draw(source: str) -> str:
        asked.append(source)
        return source

    ask = patient(draw, "", seconds=1e-9)
    assert [ask("a"), ask("b")] == ["a", ""]
    assert asked == ["a"]


@pytest.fixture
def with_files(store: Store) -> str:
    """A question with two pictures, of which one says that it is another kind, and a document."""
    made = store.create_conversation("t")
    files = [
        Attachment("a" * 64, AttachmentKind.PICTURE, 'c"<at>.png', "image/png", 9_000, 30, 20),
        Attachment("b" * 64, AttachmentKind.PICTURE, "odd.png", "image/jpeg", 9_000, 30, 20),
        Attachment("c" * 64, AttachmentKind.DOCUMENT, "合同.pdf", "application/pdf", 1_200_000),
    ]
    attached = [Prepared(files[0], picture()), Prepared(files[1], picture())]
    attached.append(Prepared(files[2], b"%PDF-"))
    parts = [*(Part(PartKind.ATTACHMENT, one.written()) for one in files), Part(PartKind.TEXT, "q")]
    store.add_exchange(made.id, None, parts, attached=attached)
    return made.id


def test_a_page_shows_what_was_attached(transfer: TransferService, with_files: str) -> None:
    page = transfer.content(with_files, "html").decode()
    [address] = re.findall(r'<img src="data:image/png;base64,([^"]*)"', page)
    assert base64.b64decode(address) == picture()
    assert "img-src data:" in page
    assert 'alt="c&quot;&lt;at&gt;.png · 9 kB"' in page
    for named in ("odd.png · 9 kB", "合同.pdf · 1.2 MB"):
        assert f'<p class="note">{named}</p>' in page


def test_a_word_document_shows_what_was_attached(
    transfer: TransferService, with_files: str
) -> None:
    with zipfile.ZipFile(io.BytesIO(transfer.content(with_files, "docx"))) as archive:
        assert [one for one in archive.namelist() if "media" in one] == ["word/media/1.png"]
        assert archive.read("word/media/1.png") == picture()
        relations = archive.read("word/_rels/document.xml.rels").decode()
        root = ET.fromstring(archive.read("word/document.xml"))  # noqa: S314 - our own
    [shown] = [one for one in root.iter() if one.tag.endswith("}blip")]
    assert f'Id="{next(iter(shown.attrib.values()))}"' in relations
    assert 'Target="media/1.png"' in relations
    [extent] = [one for one in root.iter() if one.tag.endswith("}extent")]
    assert extent.attrib == {"cx": str(30 * 9525), "cy": str(20 * 9525)}
    said = "".join(root.itertext())
    assert "合同.pdf · 1.2 MB" in said
    assert "odd.png · 9 kB" in said


def test_pictures_beyond_the_room_are_named_and_text_names_all(
    transfer: TransferService, store: Store, with_files: str
) -> None:
    files = take_out(store, with_files, len(picture())).messages[0].files
    assert [len(one.content) for one in files] == [len(picture()), 0, 0]
    for kind in ("markdown", "json"):
        text = transfer.content(with_files, kind).decode()
        assert "[odd.png]" in text
        assert "[合同.pdf]" in text


def test_a_word_document_keeps_formulas_addresses_and_footnotes(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(word.docx(rich(), lambda source, *, display: None))  # noqa: ARG005 - as there
    with zipfile.ZipFile(path) as archive:
        root = ET.fromstring(archive.read("word/document.xml"))  # noqa: S314 - our own
    main = f"{{{root.tag[1:].partition('}')[0]}}}"
    paragraphs = ["".join(p.itertext()) for p in root.iter(f"{main}p")]
    assert paragraphs[2:] == [
        "因为 $a_1\\, b_1$1，见 书。", "\\begin{cases} x \\\\ y \\end{cases}",
        "☑ 订票", "☐ 带伞", "picture: 西湖", "1. 脚注 在 此。",
    ]  # fmt: skip
    fields = [str(one.get(f"{main}instr")).split('"')[1] for one in root.iter(f"{main}fldSimple")]
    assert fields == ["https://example.com/a_b", "https://example.com/x.png"]


def test_formulas_are_words_own_in_a_word_document(transfer: TransferService, store: Store) -> None:
    made = store.create_conversation("t")
    say(
        store,
        made.id,
        None,
        Role.ASSISTANT,
        "$x^2$ und $\\nonsense$\n\n$$\\frac{a<b}{c}$$\n\n|$y$|\n|-|",
    )
    with zipfile.ZipFile(io.BytesIO(transfer.content(made.id, "docx"))) as archive:
        root = ET.fromstring(archive.read("word/document.xml"))  # noqa: S314 - our own
    maths = [one for one in root.iter() if one.tag == f"{{{NAMESPACE}}}oMath"]
    assert ["".join(one.itertext()) for one in maths] == ["x2", "a<bc", "y"]
    assert len(list(root.iter(f"{{{NAMESPACE}}}oMathPara"))) == 1
    assert "$\\nonsense$" in "".join(root.itertext())


def test_markdown_is_what_was_written(transfer: TransferService, conversation: str) -> None:
    text = transfer.content(conversation, "markdown").decode()
    assert NASTY in text
    assert text.startswith("# 天气")


def test_a_word_document_is_whole(
    transfer: TransferService, conversation: str, tmp_path: Path
) -> None:
    path = tmp_path / "导出.docx"
    transfer.write(conversation, "docx", path)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            ET.fromstring(archive.read(name))  # noqa: S314 - our own
        text = archive.read("word/document.xml").decode()
    for said in ("标题", "&lt;script&gt;", "print('&lt;&amp;&gt;')", "w:tbl", "2. "):
        assert said in text
    assert [one.name for one in tmp_path.glob(".*")] == []


def test_without_a_printer_pdf_is_refused(transfer: TransferService, conversation: str) -> None:
    with pytest.raises(KnownError):
        transfer.content(conversation, "pdf")


@pytest.mark.parametrize("kind", ["markdown", "html", "docx", "json"])
def test_a_long_name_in_chinese_can_be_written(
    transfer: TransferService, conversation: str, tmp_path: Path, kind: str
) -> None:
    """Its bytes are near the most that a disk takes; nothing of ours may be added to them."""
    folder = tmp_path / "out"
    folder.mkdir()
    path = folder / file_name("长" * 200, kind)
    path.write_bytes(b"before")
    transfer.write(conversation, kind, path)
    assert list(folder.iterdir()) == [path]
    assert path.read_bytes() != b"before"


def test_a_files_name_is_allowed_everywhere() -> None:
    assert file_name('a/b:c*"d\n?', "pdf") == "a b c d.pdf"
    assert file_name("..", "markdown") == "Conversation.md"
    assert len(file_name("长" * 500, "html")) < 100
