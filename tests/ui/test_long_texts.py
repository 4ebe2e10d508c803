"""Texts of a length that nobody reads: the window stays usable and nothing is lost."""

from PySide6.QtGui import QGuiApplication, QTextOption
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from hanlin.domain.conversation import Message, Part, PartKind, Role, Status
from hanlin.domain.limits import LONGEST_QUESTION
from hanlin_bench.bench import Bench
from hanlin_ui.chat.body import MessageBody
from hanlin_ui.chat.entry import LONGEST_PASTE
from hanlin_ui.chat.question import QuestionView
from hanlin_ui.widgets.buttons import IconButton
from hanlin_ui.widgets.text_view import TextView


def question(text: str) -> Message:
    return Message("m", "c", None, Role.USER, Status.COMPLETE, 0, (Part(PartKind.TEXT, text),))


def shown(view: QuestionView) -> str:
    return view.findChildren(TextView)[0].toPlainText()


def test_of_a_long_question_the_beginning_is_drawn_and_copy_gives_all(qtbot: QtBot) -> None:
    for text in ("字" * 200_000, "line\n" * 20_000):
        view = QuestionView(question(text))
        qtbot.addWidget(view)
        assert len(shown(view)) <= 30_000
        assert shown(view).count("\n") <= 600
        hidden = len(text) - len(shown(view))
        rest = next(label for label in view.findChildren(QLabel) if label.text())
        assert f"{hidden:,} more characters" in rest.text()
        view.actions_row.fill()
        buttons = view.findChildren(IconButton)
        next(button for button in buttons if button.accessibleName() == "Copy").click()
        assert QGuiApplication.clipboard().text() == text


def test_an_ordinary_question_is_drawn_whole(qtbot: QtBot) -> None:
    view = QuestionView(question("a\nb"))
    qtbot.addWidget(view)
    assert shown(view) == "a\nb"
    assert all(label.isHidden() for label in view.findChildren(QLabel) if "more" in label.text())


def test_an_endless_word_is_broken_anywhere_and_painted_in_pieces(qtbot: QtBot) -> None:
    body = MessageBody()
    qtbot.addWidget(body)
    word = "x" * 100_000
    body.set_text(f"before\n\n{word}\n\nafter")
    body.flush()
    views = body.findChildren(TextView)
    assert {view.wordWrapMode() for view in views} == {QTextOption.WrapMode.WrapAnywhere}
    blocks = [block for view in views for block in view.toPlainText().split("\n")]
    assert max(map(len, blocks)) <= 3_000
    assert "".join(blocks) == f"before{word}after"
    body.set_text("汉字" * 5_000)
    body.flush()
    shown = [v for v in body.findChildren(TextView) if not v.isHidden()]
    assert sum(view.toPlainText().count("汉") for view in shown) == 5_000
    modes = {view.wordWrapMode() for view in shown}
    assert modes == {QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere}


def test_a_question_that_is_too_long_is_not_sent_and_says_so(bench: Bench) -> None:
    bench.workbench.chat.send("字" * (LONGEST_QUESTION + 1))
    said = [label.text() for label in bench.message().findChildren(QLabel)]
    assert any("characters, more than any context holds" in text for text in said)
    assert bench.titles() == []
    bench.message().close()


def test_a_long_paste_goes_along_as_a_document(bench: Bench) -> None:
    entry = bench.window.page.composer.entry
    entry.setPlainText("what is it about?")
    QGuiApplication.clipboard().setText("一行 line\n" * (LONGEST_PASTE // 8 + 1))
    entry.paste()
    assert entry.toPlainText() == "what is it about?"
    bench.until(lambda: any(item.prepared for item in bench.workbench.attaching._here()))
    item = bench.workbench.attaching._here()[0]
    assert item.prepared is not None
    assert item.prepared.attachment.name == "Pasted text 1.txt"
    assert item.prepared.content.decode().startswith("一行 line\n一行 line\n")
    bench.workbench.attaching._shaping._put_in(item)
    assert len(entry.toPlainText()) > LONGEST_PASTE
    assert not bench.workbench.attaching._here()


def test_a_paste_that_no_context_holds_is_refused_and_what_is_written_stays(bench: Bench) -> None:
    entry = bench.window.page.composer.entry
    entry.hands_on = False  # as in the small window, which takes no documents
    QGuiApplication.clipboard().setText("line\n" * (LONGEST_QUESTION // 5 + 1))
    entry.setPlainText("written ")
    entry.moveCursor(entry.textCursor().MoveOperation.End)
    entry.paste()
    assert entry.toPlainText() == "written "
    assert "1,000,005 characters" in bench.window.page.notice.text()
    QGuiApplication.clipboard().setText("short")
    entry.paste()
    assert entry.toPlainText() == "written short"
