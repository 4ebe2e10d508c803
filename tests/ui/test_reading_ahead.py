"""What a person looks at and types is read before it is sent."""

import threading
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, QTimer, QUrl
from PySide6.QtTest import QTest

from hanlin.engine.base import UNWRITTEN
from hanlin_bench.bench import Bench
from hanlin_fakes.foreign_files import picture
from hanlin_ui.chat.attachments.chip import AttachmentChip
from hanlin_ui.chat.entry import TextEntry


def test_a_conversation_that_is_looked_at_is_read_ahead(bench: Bench) -> None:
    bench.ask("a question", "an answer")
    conversation = bench.app.chat.conversations()[0].id
    bench.until(lambda: _texts(bench) == ["a question", "an answer"])
    bench.engine.ahead.clear()
    bench.window.sidebar.new_requested.emit()
    bench.workbench.conversations.open_stored(conversation)
    bench.until(lambda: bool(bench.engine.ahead))
    assert bench.engine.ahead[-1].conversation == conversation


def _texts(bench: Bench) -> list[str]:
    return [turn.text for turn in bench.engine.ahead[-1].turns] if bench.engine.ahead else []


def test_a_long_draft_is_read_while_it_is_written(bench: Bench) -> None:
    bench.ask("a question", "an answer")
    bench.window.page.composer.entry.insertPlainText("short")
    bench.until(lambda: len(bench.engine.ahead) > 1)
    assert bench.engine.ahead[-1].question.text == ""
    bench.window.page.composer.entry.insertPlainText("long " * 100)
    bench.until(lambda: bench.engine.ahead[-1].question.text.startswith("shortlong"))
    bench.window.page.composer.set_text("")


def test_what_was_written_during_an_answer_is_read_after_it(bench: Bench) -> None:
    bench.engine.enqueue("an ", "answer", hold_after=1)
    bench.write("a question")
    bench.until(lambda: bool(bench.answers()) and bench.answers()[0].text().startswith("an"))
    bench.window.page.composer.entry.insertPlainText("long " * 100)
    [pause] = bench.workbench.reading_ahead.findChildren(QTimer)
    bench.until(lambda: not pause.isActive())
    said = threading.Event()  # what the pause told is heard before this
    bench.app.chat._answers._executor.post(said.set)
    bench.until(said.is_set)
    bench.engine.release()
    bench.until(
        lambda: bool(bench.engine.ahead) and bench.engine.ahead[-1].question.text == "long " * 100
    )
    bench.window.page.composer.set_text("")


def test_a_document_is_read_before_it_is_sent_and_as_it_will_be(
    bench: Bench, tmp_path: Path
) -> None:
    path = tmp_path / "rent.txt"
    path.write_text("The rent is 100.", encoding="utf-8")
    _attach(bench, path)
    bench.until(
        lambda: bool(bench.engine.ahead) and "rent is 100" in bench.engine.ahead[-1].question.text
    )
    read = bench.engine.ahead[-1].question.text
    bench.window.page.composer.entry.insertPlainText("how " * 100)
    bench.until(lambda: bench.engine.ahead[-1].question.text == f"{read}\n\n{'how ' * 100}")
    bench.window.page.composer.set_text("")
    bench.ask("how much", "100")
    assert bench.engine.asked[-1].turns[-1].text == f"{read}\n\nhow much"


def test_a_new_conversation_is_read_with_its_assistants_words(bench: Bench) -> None:
    bench.window.resize(1100, 800)
    bench.press("Code")
    bench.until(lambda: "programmer" in "".join(_texts(bench)))
    instructions = bench.engine.ahead[-1].turns
    bench.ask("how much", "100")
    assert bench.engine.asked[-1].turns[:-1] == instructions


def test_a_picture_is_read_before_it_is_sent_and_no_more_once_it_is_removed(
    bench: Bench, tmp_path: Path
) -> None:
    path = tmp_path / "cat.png"
    path.write_bytes(picture())
    _attach(bench, path)
    bench.until(lambda: bool(bench.engine.ahead) and bool(bench.engine.ahead[-1].question.media))
    shown = bench.engine.ahead[-1].question.media
    bench.window.page.composer.entry.insertPlainText("what is it " * 100)
    bench.until(lambda: bench.engine.ahead[-1].question.text.startswith("what is it"))
    assert bench.engine.ahead[-1].question.media == shown
    bench.window.page.composer.set_text("")
    [chip] = bench.workbench.attaching.strip.findChildren(AttachmentChip)
    chip.removed.emit()
    bench.until(lambda: bench.engine.ahead[-1].question == UNWRITTEN)


def test_a_long_question_is_read_while_it_is_changed(bench: Bench) -> None:
    bench.ask("one", "first answer")
    bench.ask("word " * 100, "second answer")
    question = bench.questions()[-1]
    question.edit()
    [entry] = question.findChildren(TextEntry)
    QTest.keyClicks(entry, " more")
    bench.until(lambda: bench.engine.ahead[-1].question.text.endswith("word more"))
    assert _texts(bench) == ["one", "first answer"]
    QTest.keyClick(entry, Qt.Key.Key_Escape)
    bench.until(lambda: _texts(bench)[-1] == "second answer")
    assert bench.engine.ahead[-1].question.text == ""


def test_what_stands_before_a_change_is_read_with_its_first_letter(bench: Bench) -> None:
    bench.ask("one two three four", "an answer")
    [question] = bench.questions()
    question.edit()
    [entry] = question.findChildren(TextEntry)
    for _ in range(len("three four")):
        QTest.keyClick(entry, Qt.Key.Key_Left)
    bench.workbench.attaching.changed.emit()  # what goes along with a new question is no matter
    QTest.keyClicks(entry, "and ")
    bench.until(lambda: bench.engine.ahead[-1].question.text == "one two and three four")
    told = [each.question.text for each in bench.engine.ahead if each.question.text]
    assert told[-2:] == ["one two ", "one two and three four"]
    QTest.keyClick(entry, Qt.Key.Key_Escape)
    bench.until(lambda: _texts(bench) == ["one two three four", "an answer"])


def test_what_was_answered_is_not_read_again_for_a_question_that_is_written_anew(
    bench: Bench,
) -> None:
    bench.ask("one", "first answer")
    bench.ask("two", "second answer")
    question = bench.questions()[-1]
    question.edit()
    [entry] = question.findChildren(TextEntry)
    entry.selectAll()
    bench.engine.ahead.clear()
    QTest.keyClick(entry, Qt.Key.Key_Delete)
    bench.until(lambda: bool(bench.engine.ahead))
    assert bench.engine.ahead[-1].question == UNWRITTEN
    assert _texts(bench) == ["one", "first answer"]
    QTest.keyClicks(entry, "three")
    bench.until(lambda: bench.engine.ahead[-1].question.text == "three")
    QTest.keyClick(entry, Qt.Key.Key_Escape)
    bench.until(lambda: _texts(bench)[-1] == "second answer")


def test_what_stands_before_a_change_of_a_draft_is_read_at_once(bench: Bench) -> None:
    bench.ask("a question", "an answer")
    entry = bench.window.page.composer.entry
    entry.insertPlainText("long " * 100)
    bench.until(lambda: bench.engine.ahead[-1].question.text == "long " * 100)
    QTest.keyClick(entry, Qt.Key.Key_Left)
    QTest.keyClick(entry, Qt.Key.Key_Backspace)
    bench.until(lambda: bench.engine.ahead[-1].question.text == ("long " * 100)[:-2])
    bench.until(lambda: bench.engine.ahead[-1].question.text == ("long " * 100)[:-2] + " ")
    bench.window.page.composer.set_text("")


def _attach(bench: Bench, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    bench.window.files_given.emit(data)
    bench.until(lambda: len(bench.workbench.attaching.prepared()) == 1)
