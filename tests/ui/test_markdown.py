"""What becomes of a model's Markdown, and of text made to hang or to reach out."""

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QImage, QTextBlock, QTextDocument
from PySide6.QtWidgets import QDialog, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from hanlin_bench.bench import Bench
from hanlin_ui.chat.body import MessageBody
from hanlin_ui.chat.code import CodeView
from hanlin_ui.chat.code_folding import FOLD_ABOVE
from hanlin_ui.chat.markdown.blocks import (
    Block,
    Code,
    Footnote,
    Heading,
    ListItem,
    Paragraph,
    Quote,
    Rule,
    Span,
    Table,
)
from hanlin_ui.chat.markdown.parse import DEEPEST, MOST_MARKS, normalise, parse
from hanlin_ui.chat.segments import ProseSegment
from hanlin_ui.widgets.text_view import TextView


def blocks(source: str) -> list[Block]:
    return [placed.block for placed in parse(normalise(source))]


def shown(body: MessageBody) -> str:
    """Return everything the body shows, in order."""
    body.flush()
    texts = []
    for segment in body.segments():
        if isinstance(segment.view, CodeView):
            texts.append(segment.view.code())
        elif isinstance(segment.view, TextView):
            texts.append(segment.view.toPlainText())
    return "\n".join(texts)


@pytest.fixture
def body(qtbot: QtBot) -> MessageBody:
    made = MessageBody()
    qtbot.addWidget(made)
    made.resize(700, 400)
    made.show()
    return made


def test_each_kind_of_block_is_understood() -> None:
    source = "# T\n\ntext\n\n- a\n- b\n\n> q\n\n---\n\n```py\nx = 1\n```\n\n|a|\n|-|\n|1|\n"
    kinds = [type(block) for block in blocks(source)]
    assert kinds == [Heading, Paragraph, ListItem, ListItem, Quote, Rule, Code, Table]


def test_emphasis_code_and_links_are_spans() -> None:
    (paragraph,) = blocks("**b** *i* ~~s~~ `c` [l](https://a.example) https://b.example/x.")
    assert isinstance(paragraph, Paragraph)
    styled = {span.text: span for span in paragraph.spans if span.text.strip(" .")}
    assert styled["b"].bold
    assert styled["i"].italic
    assert styled["s"].strike
    assert styled["c"].code
    assert styled["l"].link == "https://a.example"
    assert styled["https://b.example/x"].link == "https://b.example/x"


def test_offsets_lead_back_to_the_source() -> None:
    source = "one\n\n- two\n- three\n\n```\nfour\n```\n"
    starts = [source[placed.offset :][:5] for placed in parse(source)]
    assert starts == ["one\n\n", "- two", "- thr", "```\nf"]


def test_html_is_text() -> None:
    (paragraph,) = blocks("<img src=x onerror=alert(1)> <b>bold</b>")
    assert paragraph == Paragraph((Span("<img src=x onerror=alert(1)> <b>bold</b>"),))


@pytest.mark.parametrize(
    "source",
    [
        "> " * 500 + "deep",
        "- " * 500 + "deep",
        "[" * 20_000 + "deep",
        "![" * 5_000 + "deep",
        "**" * 20_000 + "deep",
        "`" * 20_000 + "deep",
        "|a" * 500 + "\n" + "|-" * 500 + "\n" + ("|deep" * 500 + "\n") * 5,
    ],
    ids=["quotes", "lists", "brackets", "images", "stars", "ticks", "columns"],
)
def test_hostile_nesting_is_kept_as_text(source: str) -> None:
    assert "deep" in repr(blocks(source))


@pytest.mark.parametrize(("pairs", "bold"), [(MOST_MARKS // 4, True), (MOST_MARKS, False)])
def test_a_paragraph_of_hardly_anything_but_marks_is_kept_as_text(
    pairs: int, *, bold: bool
) -> None:
    source = "**a** " * pairs + "deep"
    (paragraph,) = blocks(source)
    assert isinstance(paragraph, Paragraph)
    assert any(span.bold for span in paragraph.spans) is bold
    if not bold:
        assert paragraph.spans == (Span(source),)


def test_nesting_is_capped() -> None:
    depth = 0
    block = blocks("> " * 40 + "x")[0]
    while isinstance(block, Quote):
        depth += 1
        block = block.blocks[0]
    assert depth == DEEPEST


def test_a_streamed_answer_looks_like_a_whole_one(qtbot: QtBot, body: MessageBody) -> None:
    source = (
        "# 标题\n\n正文 **粗** `code`。\n\n1. one\n2. two\n   - in\n3. three\n\n"
        "```python\ndef f():\n    return 1\n```\n\n|a|b|\n|-|-|\n|1|2|\n\n> quote\n\nlast *word*"
    )
    for start in range(0, len(source), 3):
        body.append(source[start : start + 3])
    body.set_text(source)
    whole = MessageBody()
    qtbot.addWidget(whole)
    whole.set_text(source)
    assert shown(body) == shown(whole)
    assert "标题" in shown(body)
    assert "    return 1" in shown(body)


def test_finished_blocks_are_not_drawn_again(body: MessageBody) -> None:
    body.append("first paragraph\n\nsecond")
    view = body.findChildren(TextView)[0]
    changes: list[int] = []
    view.document().contentsChange.connect(lambda position, _gone, _new: changes.append(position))
    for _number in range(50):
        body.append(" more")
        body.flush()
    assert "second more more" in view.toPlainText()
    assert changes
    assert min(changes) >= len("first paragraph")


def test_a_growing_code_block_keeps_its_widget(body: MessageBody) -> None:
    body.append("```python\na = 1\n")
    body.flush()
    view = body.findChildren(CodeView)[0]
    body.append("b = 2\n")
    body.flush()
    body.append("```\n\nafter")
    body.flush()
    assert body.findChildren(CodeView) == [view]
    assert view.code() == "a = 1\nb = 2"
    assert shown(body).endswith("after")


def test_code_is_coloured_and_copied(bench: Bench) -> None:
    bench.ask("code", "```python\ndef f(): return 'x'\n```")
    view = bench.answers()[0].findChild(CodeView)
    assert view is not None
    bench.until(lambda: bool(view.colours()))
    bench.press("Copy this code", view)
    bench.until(lambda: bench.button("Copy this code", view).text() == "Copied")


def test_an_unknown_language_stays_plain(body: MessageBody) -> None:
    body.set_text("```klingon\nnuqneH\n```")
    assert shown(body) == "nuqneH"


def test_very_long_code_is_folded_until_asked_for(body: MessageBody) -> None:
    code = "x = 1\n" * (FOLD_ABOVE // 6 + 10)
    body.set_text(f"```\n{code}```")
    view = body.findChildren(CodeView)[0]
    more = next(b for b in view.findChildren(QPushButton) if b.text() == "Show all of this code")
    assert not more.isHidden()
    assert len(view.shown_code()) < FOLD_ABOVE
    more.click()
    assert len(view.shown_code()) == len(view.code())


def test_an_endless_paragraph_is_kept_whole(body: MessageBody) -> None:
    word = "word and "
    for _number in range(300):
        body.append(word * 10)
        body.flush()
    body.set_text(word * 3_000)
    assert shown(body).replace("\n", "").replace(" ", "") == (word * 3_000).replace(" ", "")


def test_nothing_is_loaded_whatever_a_document_asks_for(qtbot: QtBot) -> None:
    view = TextView()
    qtbot.addWidget(view)
    for kind in QTextDocument.ResourceType:
        answer = view.loadResource(kind.value, QUrl("file:///etc/passwd"))
        assert isinstance(answer, QImage)
        assert answer.isNull()


def test_a_picture_is_a_grey_chip_with_its_description(body: MessageBody) -> None:
    body.set_text("![a cat](file:///etc/passwd)")
    assert "picture: a cat" in shown(body)
    assert "passwd" not in shown(body)


def test_a_link_opens_after_a_question_that_shows_it_whole(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(
        "hanlin_ui.controllers.help.QDesktopServices.openUrl",
        lambda url: opened.append(url.toString()),
    )
    bench.ask("link", "[bank](https://evil.example/a?b=c)")
    bench.answers()[0].link_clicked.emit("https://evil.example/a?b=c")
    dialog = bench.message()
    assert "https://evil.example/a?b=c" in [label.text() for label in dialog.findChildren(QLabel)]
    assert not opened
    bench.press("Open", dialog)
    assert opened == ["https://evil.example/a?b=c"]


@pytest.mark.parametrize("address", ["file:///etc/passwd", "javascript:alert(1)", "ssh://host"])
def test_other_addresses_are_never_opened(bench: Bench, address: str) -> None:
    bench.ask("link", f"[x]({address})")
    bench.answers()[0].link_clicked.emit(address)
    assert bench.window.page.notice.isVisible()
    assert not [dialog for dialog in bench.window.findChildren(QDialog) if dialog.isVisible()]


@pytest.mark.parametrize(
    ("written", "latex", "display"),
    [
        (r"\(a^2\)", "a^2", False),
        (r"\[x\]", "x", True),
        ("$E=mc^2$", "E=mc^2", False),
        ("$$x*y*z$$", "x*y*z", True),
    ],
)
def test_a_formula_is_told_from_the_text_and_from_code(
    written: str,
    latex: str,
    display: bool,  # noqa: FBT001 - a parameter of the table
) -> None:
    formula = Span(latex, math=True, display=display)
    spans = (Span("so "), formula, Span(" holds, "), Span(written, code=True), Span(" too"))
    assert blocks(f"so {written} holds, `{written}` too") == [Paragraph(spans)]


@pytest.mark.parametrize(
    "text", ["$5 and $6", "价格 $5，还有 $6 元", r"an open \( and \[", "a $ b $ c", "$$", r"\)"]
)
def test_money_and_open_brackets_are_no_formulas(text: str) -> None:
    assert blocks(text) == [Paragraph((Span(text),))]


@pytest.mark.parametrize(
    "source",
    [
        "$$\na\n- b\n= c\n$$",
        "\\[\na\n- b\n= c\n\\]",
        "\\begin{align}\na\n- b\n= c\n\\end{align}",
    ],
)
def test_a_formula_of_several_lines_is_one_block(source: str) -> None:
    first, second = blocks(f"{source}\n\nbehind")
    assert isinstance(first, Paragraph)
    assert first.spans[0].math
    assert "- b\n= c" in first.spans[0].text
    assert second == Paragraph((Span("behind"),))


def test_tasks_and_footnotes() -> None:
    waits, done, note = blocks("- [ ] a\n- [x] b[^1]\n\n[^1]: see *there*")
    assert isinstance(waits, ListItem)
    assert isinstance(done, ListItem)
    assert (waits.done, done.done) == (False, True)
    assert done.blocks == (Paragraph((Span("b"), Span("1", raised=True))),)
    assert note == Footnote("1", (Span("see "), Span("there", italic=True)))


@pytest.mark.parametrize("letters", [1, 7, 100_000])
def test_a_list_that_says_1_before_every_point_is_counted(body: MessageBody, letters: int) -> None:
    source = "".join(f"1. point {number}\n" for number in range(120)) + "\nend"
    for start in range(0, len(source), letters):
        body.append(source[start : start + letters])
    body.set_text(source)
    said: list[int] = []
    for segment in body.segments():
        assert isinstance(segment, ProseSegment)
        document = segment.view.document() if segment.view is not None else None
        block = document.begin() if document is not None else QTextBlock()
        while block.isValid():
            if (listed := block.textList()) is not None:
                said.append(listed.format().start())
            block = block.next()
    assert said == list(range(1, 121))
