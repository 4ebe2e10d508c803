"""Conversations in and out. The samples of other programs are synthetic: made for these tests
after the sources named in ``hanlin.services.transfer.foreign``.
"""

import base64
import html
import html.parser
import io
import json
import os
import re
import zipfile
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from hanlin.colours.runs import Colours
from hanlin.domain.attachments import Attachment, AttachmentKind, Prepared
from hanlin.domain.conversation import Message, Part, PartKind, Role, Status
from hanlin.domain.transfer import CarriedConversation, CarriedMessage, ImportReport
from hanlin.formulas.shape import Letter, Shape
from hanlin.kernel.errors import KnownError
from hanlin.kernel.events import EventBus
from hanlin.services.transfer import documents, word
from hanlin.services.transfer.omml import NAMESPACE
from hanlin.services.transfer.service import TransferService, file_name, patient, sentences
from hanlin.store.conversations import Store
from hanlin.store.transfer import take_out
from hanlin_fakes.clock import FakeClock
from hanlin_fakes.foreign_files import picture

KEY = bytes(range(32))
NASTY = (
    "# 标题\n\n<script>alert(1)</script> **粗** `a<b`\n\n- 一\n- 二\n\n1. x\n2. y\n\n"
    "| 甲 | 乙 |\n|---|---|\n| 1 | 2 |\n\n```py\nprint('<&>')\n```\n\n"
    "![p](http://x/y.png) [l](javascript:alert(1))\n\n> 引\n\x0b\u202e尾"
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "hanlin.db", KEY, FakeClock()) as opened:
        yield opened


@pytest.fixture
def transfer(store: Store) -> TransferService:
    return TransferService(store, EventBus())


def html_text(page: str) -> str:
    return html.unescape(re.sub("<[^>]*>", "", page))


def say(store: Store, conversation: str, parent: str | None, role: Role, text: str) -> Message:
    parts = (Part(PartKind.THINKING, "想\n想"), Part(PartKind.TEXT, text))
    return store.add_message(conversation, parent, role, Status.COMPLETE, parts, model="书童")


@pytest.fixture
def conversation(store: Store) -> str:
    made = store.create_conversation("天气 <b>与</b> \x00 旅行")
    question = say(store, made.id, None, Role.USER, "下周 <i>怎样</i>？")
    say(store, made.id, question.id, Role.ASSISTANT, "另一版")
    say(store, made.id, question.id, Role.ASSISTANT, NASTY)
    return made.id


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


def test_our_own_file_brings_every_version_back(
    transfer: TransferService, store: Store, conversation: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.json"
    transfer.write(conversation, "json", path)
    before = [one.text() for one in store.transcript(conversation)]
    store.delete_forever(conversation)
    report = transfer.take_in(path)
    assert (report.conversations, report.messages, report.problems) == (1, 3, [])
    [copy] = store.conversations()
    path_there = store.transcript(copy.id)
    assert [one.text() for one in path_there] == before
    assert path_there[1].text(PartKind.THINKING) == "想\n想"
    assert len(store.siblings(path_there[1].id)) == 2
    assert store.database.problems() == []


def test_without_a_printer_pdf_is_refused(transfer: TransferService, conversation: str) -> None:
    with pytest.raises(KnownError):
        transfer.content(conversation, "pdf")


CHATGPT: list[dict[str, Any]] = [
    {
        "title": "Trip", "create_time": 1_700_000_000.5, "current_node": "d",
        "mapping": {
            "r": {"id": "r", "message": None, "parent": None, "children": ["s"]},
            "s": {"message": {"author": {"role": "system"}, "content": {"content_type": "text",
                  "parts": [""]}}, "parent": "r", "children": ["a"]},
            "a": {"message": {"author": {"role": "user"}, "create_time": 1_700_000_001,
                  "content": {"content_type": "multimodal_text", "parts": ["去哪？", {"x": 1}]}},
                  "parent": "s", "children": ["b", "d"]},
            "b": {"message": {"author": {"role": "assistant"}, "content": {"content_type": "text",
                  "parts": ["旧"]}}, "parent": "a", "children": []},
            "d": {"message": {"author": {"role": "assistant"}, "metadata": {"model_slug": "g"},
                  "content": {"content_type": "text", "parts": ["重庆"]}},
                  "parent": "a", "children": ["a"]},
            "e": {"message": 7, "parent": "d", "children": []},
        },
    },
    {"title": "broken", "mapping": 3},
]  # fmt: skip
CHATGPT[0]["mapping"]["d"]["children"].append("e")
CHERRY = {
    "time": 1, "version": 5,
    "localStorage": {"persist:cherry-studio": json.dumps({"assistants": json.dumps(
        {"assistants": [{"topics": [{"id": "t", "name": "Trip"}]}]})})},
    "indexedDB": {
        "topics": [{"id": "t", "messages": [
            {"id": "1", "role": "user", "createdAt": "2025-01-02T03:04:05.000Z", "blocks": ["x"]},
            {"id": "2", "role": "assistant", "model": {"name": "Qwen"}, "blocks": ["y", "z"]},
            {"id": "3", "role": "robot"}]}, None],
        "message_blocks": [
            {"id": "x", "messageId": "1", "type": "main_text", "content": "去哪？"},
            {"id": "y", "messageId": "2", "type": "thinking", "content": "想"},
            {"id": "z", "messageId": "2", "type": "main_text", "content": "重庆"},
            {"id": "w", "messageId": "2", "type": "image"}],
    },
}  # fmt: skip
LM_STUDIO = {
    "name": "Trip", "createdAt": 1_700_000_000_000,
    "messages": [
        {"versions": [{"type": "singleStep", "role": "user",
                       "content": [{"type": "text", "text": "去哪？"}]}], "currentlySelected": 0},
        {"versions": [
            {"type": "multiStep", "role": "assistant", "senderInfo": {"senderName": "qwen"},
             "steps": [{"type": "contentBlock", "content": [{"type": "text", "text": "旧"}]}]},
            {"type": "multiStep", "role": "assistant", "steps": [
                {"type": "contentBlock", "style": {"type": "thinking"},
                 "content": [{"type": "text", "text": "想"}]},
                {"type": "debugInfoBlock"},
                {"type": "contentBlock", "content": [{"type": "text", "text": "重庆"}]}]}],
         "currentlySelected": 1},
        "broken",
    ],
}  # fmt: skip
JAN = [
    {"role": "user", "content": [{"type": "text", "text": {"value": "去哪？"}}],
     "created_at": 1_700_000_000},
    {"role": "assistant", "content": [{"type": "reasoning", "text": {"value": "想"}},
     {"type": "text", "text": {"value": "重庆"}}, {"type": "image_url"}]},
]  # fmt: skip


def chatgpt(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "export.zip", "w") as archive:
        archive.writestr("conversations.json", json.dumps(CHATGPT))
        archive.writestr("chat.html", "x")
    return folder / "export.zip"


def cherry(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "cherry.zip", "w") as archive:
        archive.writestr("data.json", json.dumps(CHERRY))
    return folder / "cherry.zip"


def lm_studio(folder: Path) -> Path:
    path = folder / "1.conversation.json"
    path.write_text(json.dumps(LM_STUDIO), encoding="utf-8")
    return path


def jan(folder: Path) -> Path:
    thread = folder / "threads" / "t1"
    thread.mkdir(parents=True)
    (thread / "thread.json").write_text(json.dumps({"title": "Trip"}), encoding="utf-8")
    lines = [json.dumps(one) for one in JAN]
    (thread / "messages.jsonl").write_text("\n".join([*lines, '{"role": "us']), encoding="utf-8")
    return folder / "threads"


@pytest.mark.parametrize(
    ("make", "program", "thinks", "problems"),
    [(chatgpt, "ChatGPT", False, 2), (cherry, "Cherry Studio", True, 2),
     (lm_studio, "LM Studio", True, 1), (jan, "Jan", True, 1)],
)  # fmt: skip
def test_other_programs_conversations_come_over(
    transfer: TransferService, store: Store, tmp_path: Path, make: Callable[[Path], Path],
    program: str,
    thinks: bool, problems: int,  # noqa: FBT001 - parameters of a test
) -> None:  # fmt: skip
    report = transfer.take_in(make(tmp_path))
    assert (report.program, report.conversations, len(report.problems)) == (program, 1, problems)
    assert "Trip" in report.problems[0]
    (one,) = store.conversations()
    assert one.title == "Trip"
    said = store.transcript(one.id)
    assert [(message.role, message.text()) for message in said] == [
        (Role.USER, "去哪？"),
        (Role.ASSISTANT, "重庆"),
    ]
    assert said[1].text(PartKind.THINKING) == ("想" if thinks else "")
    assert store.database.problems() == []
    assert all(sentences(report))


@pytest.mark.parametrize("make", [chatgpt, cherry, lm_studio, jan])
def test_a_conversation_comes_over_once(
    transfer: TransferService, store: Store, tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    path = make(tmp_path)
    transfer.take_in(path)
    [here] = store.conversations()
    store.rename(here.id, "another title")
    store.delete_message(store.transcript(here.id)[-1].id)
    again = transfer.take_in(path)
    assert (again.conversations, again.messages, again.here, again.trashed) == (0, 0, 1, 0)
    assert "Already here: 1" in sentences(again)
    store.move_to_trash(here.id)
    assert transfer.take_in(path).trashed == 1
    store.delete_forever(here.id)
    assert transfer.take_in(path).conversations == 1
    assert store.database.problems() == []


def test_a_title_orders_nothing(transfer: TransferService, store: Store, tmp_path: Path) -> None:
    path = tmp_path / "1.conversation.json"
    name = " Trip \x1b[31m\u202eexe.\u2066gnp\n\x00"
    path.write_text(json.dumps({**LM_STUDIO, "name": name}), encoding="utf-8")
    transfer.take_in(path)
    thread = jan(tmp_path) / "t1" / "thread.json"
    thread.write_text(json.dumps({"title": name}), encoding="utf-8")
    transfer.take_in(tmp_path / "threads")
    assert [one.title for one in store.conversations()] == ["Trip [31mexe.gnp"] * 2


def test_what_grew_since_comes_over_whole(
    transfer: TransferService, store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "conversations.json"
    said = {"content_type": "text", "parts": ["去哪？"]}
    node = {"message": {"author": {"role": "user"}, "content": said}, "parent": None}
    nodes: dict[str, Any] = {"a": {**node, "children": []}}
    other = {"title": "other", "id": "2", "mapping": {"a": {**node, "children": []}}}
    listed = [{"title": "Trip", "id": "1", "mapping": nodes}, other]
    path.write_text(json.dumps(listed), encoding="utf-8")
    assert transfer.take_in(path).conversations == 2, "another id is another conversation"
    nodes["a"]["children"] = ["b"]
    nodes["b"] = {**node, "parent": "a", "children": []}  # the same words once more
    path.write_text(json.dumps(listed), encoding="utf-8")
    for grown, here in ((1, 1), (0, 2)):
        report = transfer.take_in(path)
        assert (report.conversations, report.grown, report.here) == (grown, grown, here)
    newest = store.conversations()[0]
    assert [one.text() for one in store.transcript(newest.id)] == ["去哪？", "去哪？"]
    assert len(store.conversations()) == 3


def test_our_own_file_is_not_taken_in_where_its_conversation_is(
    transfer: TransferService, store: Store, conversation: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.json"
    transfer.write(conversation, "json", path)
    assert transfer.take_in(path).here == 1
    say(store, conversation, None, Role.USER, "noch etwas")
    assert transfer.take_in(path).here == 1, "the file is only older"
    transfer.write(conversation, "json", path)
    store.move_to_trash(conversation)
    assert transfer.take_in(path).trashed == 1
    store.delete_forever(conversation)
    assert transfer.take_in(path).conversations == 1


def test_versions_of_chatgpt_and_lm_studio_stay(
    transfer: TransferService, store: Store, tmp_path: Path
) -> None:
    for make in (chatgpt, lm_studio):
        transfer.take_in(make(tmp_path))
    for one in store.conversations():
        answer = store.transcript(one.id)[-1]
        assert [version.text() for version in store.siblings(answer.id)] == ["旧", "重庆"]


@pytest.mark.parametrize(
    "content",
    [b"", b"nonsense", b"{}", b"[]", b"[1, 2]", b"[" * 200_000, b"PK\x03\x04broken",
     b"\xff\xfe\x00",
     b'{"messages": [{"versions": [{}]}]}', b'[{"mapping": {"a": {"parent": "a"}}}]',
     b'{"indexedDB": {"topics": 5, "message_blocks": {}}}',
     b'{"format": "hanlin-conversation", "conversations": [{"messages": [{"id": 1}]}]}'],
)  # fmt: skip
def test_a_damaged_file_stores_nothing(
    transfer: TransferService, store: Store, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content)
    try:
        report = transfer.take_in(path)
    except KnownError:
        report = ImportReport()
    assert report.conversations == 0
    assert store.conversations() == []


def test_a_bomb_is_refused(transfer: TransferService, store: Store, tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("conversations.json", b" " * 50_000_000)
    with pytest.raises(KnownError, match="unpacks"):
        transfer.take_in(path)
    assert store.conversations() == []


def test_what_is_whole_in_a_damaged_archive_comes_over(
    transfer: TransferService, store: Store, tmp_path: Path
) -> None:
    one = json.dumps({"messages": [{"versions": [_said("user", "完整")]}]})
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number, kind in enumerate((zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2, zipfile.ZIP_STORED)):
            archive.writestr(f"{number}.conversation.json", one, kind)
    content = bytearray(path.read_bytes())
    for kind in (zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2):
        packed = content.index(f"{0 if kind == zipfile.ZIP_LZMA else 1}.conversation.json".encode())
        for place in range(packed + 25, packed + 60):
            content[place] ^= 0xFF
    path.write_bytes(content)
    report = transfer.take_in(path)
    assert (report.conversations, len(report.problems)) == (1, 2)
    [kept] = store.conversations()
    assert store.transcript(kept.id)[-1].text() == "完整"


def _said(role: str, text: str) -> dict[str, object]:
    return {"role": role, "content": [{"type": "text", "text": text}]}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names here")
def test_a_pipe_is_not_waited_for(transfer: TransferService, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    with pytest.raises(KnownError):
        transfer.take_in(tmp_path / "pipe.json")


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
