"""A conversation as a person sees it."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from hanlin.domain.conversation import PartKind, Status
from hanlin.domain.generation import StopReason
from hanlin.kernel.clock import SystemClock
from hanlin.kernel.errors import KnownError
from hanlin.services.events import NoticeCause, NoticePosted, NoticeWithdrawn
from hanlin_bench.bench import Bench
from hanlin_ui.chat.entry import TextEntry
from hanlin_ui.chat.thought import ThoughtView
from hanlin_ui.library.sections import Section
from hanlin_ui.main_window import MainWindow


def test_enter_sends_and_the_answer_streams_in(bench: Bench) -> None:
    bench.engine.enqueue("你好，", "我是书童。", hold_after=1)
    bench.write("你好")
    bench.until(lambda: bool(bench.answers()) and bench.answers()[0].text() == "你好，")
    assert bench.questions()[0].text() == "你好"
    assert bench.window.page.composer.text() == ""
    assert bench.button("Stop").isVisible()
    bench.engine.release()
    bench.until(lambda: not bench.is_answering())
    assert bench.answers()[0].text() == "你好，我是书童。"
    assert bench.button("Send").isVisible()


def test_after_a_suggestion_one_goes_on_typing(bench: Bench) -> None:
    bench.engine.enqueue("ok")
    chip = next(b for b in bench.window.page.start.findChildren(QPushButton) if b.text())
    chip.setFocus()
    bench.window.page.start.suggestion_chosen.emit("hello")
    bench.until(lambda: bool(bench.answers()) and not bench.is_answering())
    assert bench.window.focusWidget() is bench.window.page.composer.entry


def test_a_conversation_is_titled_from_its_first_question(bench: Bench) -> None:
    bench.ask("How do I boil an egg?", "Seven minutes.")
    bench.until(lambda: bench.titles() == ["How do I boil an egg?"])
    assert bench.window.sidebar.list.current_id() == bench.workbench.conversations.current


def test_shift_enter_makes_a_new_line_and_does_not_send(bench: Bench) -> None:
    entry = bench.window.page.composer.entry
    QTest.keyClicks(entry, "one")
    QTest.keyClick(entry, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClicks(entry, "two")
    assert entry.toPlainText() == "one\ntwo"
    assert not bench.questions()


def test_enter_during_pre_edit_commits_it_and_never_sends(bench: Bench) -> None:
    entry = bench.window.page.composer.entry
    entry.setFocus()
    QApplication.sendEvent(entry, QInputMethodEvent("nihao", []))
    assert entry.is_composing()
    assert entry.toPlainText() == ""
    assert entry.placeholderText() == ""
    QTest.keyClick(entry, Qt.Key.Key_Return)
    assert entry.toPlainText() == "nihao"
    assert not entry.is_composing()
    assert not bench.app.chat.conversations()
    bench.engine.enqueue("好")
    QTest.keyClick(entry, Qt.Key.Key_Return)
    bench.until(lambda: bool(bench.questions()))
    assert bench.questions()[0].text() == "nihao"
    bench.until(lambda: not bench.is_answering())


def test_an_input_method_commits_chinese(bench: Bench) -> None:
    entry = bench.window.page.composer.entry
    QApplication.sendEvent(entry, QInputMethodEvent("ni hao", []))
    done = QInputMethodEvent()
    done.setCommitString("你好")
    QApplication.sendEvent(entry, done)
    assert entry.toPlainText() == "你好"
    assert not entry.is_composing()


def test_blank_text_is_not_sent(bench: Bench) -> None:
    bench.write("   ")
    assert not bench.button("Send").isEnabled()
    assert not bench.app.chat.conversations()


def test_stop_keeps_what_was_shown_and_says_so(bench: Bench) -> None:
    bench.engine.enqueue("one ", "two ", "three", hold_after=2)
    bench.write("count")
    bench.until(lambda: bool(bench.answers()) and bench.answers()[0].text() == "one two ")
    bench.press("Stop")
    bench.until(lambda: not bench.is_answering())
    assert bench.answers()[0].text() == "one two "
    bench.until(lambda: _says(bench, "Stopped"))


def test_escape_stops(bench: Bench) -> None:
    bench.engine.enqueue("one ", "two", hold_after=1)
    bench.write("count")
    bench.until(lambda: bool(bench.answers()) and bench.answers()[0].text() == "one ")
    QTest.keyClick(bench.window.page.composer.entry, Qt.Key.Key_Escape)
    bench.until(lambda: not bench.is_answering())
    bench.until(lambda: _says(bench, "Stopped"))


def test_a_failed_answer_says_why_and_can_be_tried_again(bench: Bench) -> None:
    error = KnownError("Broken", "The engine could not read this.", "Try a shorter text.")
    bench.engine.enqueue("partial", error=error)
    bench.write("hello")
    bench.until(lambda: bool(bench.answers()) and not bench.is_answering())
    assert bench.answers()[0].text() == "partial"
    bench.until(lambda: _says(bench, "The engine could not read this. Try a shorter text."))
    bench.engine.enqueue("fine now")
    bench.press("Try again")
    bench.until(lambda: bool(bench.answers()) and bench.answers()[-1].text() == "fine now")
    bench.until(lambda: not bench.is_answering())


def test_what_cannot_be_sent_stays_in_the_composer(bench: Bench) -> None:
    bench.engine.enqueue_load_error(KnownError("No", "The file is damaged.", "Get it again."))
    bench.app.session.select("beta")
    bench.until(lambda: bench.app.session.status().error is not None)
    bench.write("are you there?")
    assert "The file is damaged." in bench.message().findChildren(QLabel)[2].text()
    assert bench.window.page.composer.text() == "are you there?"
    bench.message().close()


def test_regenerating_keeps_both_versions(bench: Bench) -> None:
    bench.ask("hello", "first answer")
    bench.engine.enqueue("second answer")
    bench.press("Regenerate", bench.answers()[0])
    bench.until(lambda: bench.answers()[-1].text() == "second answer" and not bench.is_answering())
    assert len(bench.answers()) == 1
    bench.until(bench.answers()[0].versions.isVisible)
    bench.press("Earlier version", bench.answers()[0])
    bench.until(lambda: bench.answers()[0].text() == "first answer")
    bench.press("Later version", bench.answers()[0])
    bench.until(lambda: bench.answers()[0].text() == "second answer")


def test_editing_asks_again_and_keeps_the_old_question(bench: Bench) -> None:
    bench.ask("What is 1+1?", "2")
    bench.engine.enqueue("4")
    bench.press("Edit and ask again", bench.questions()[0])
    editor = bench.questions()[0].findChild(TextEntry)
    assert editor is not None
    QTest.keyClick(editor, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(editor, "What is 2+2?")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    bench.until(lambda: bool(bench.answers()) and bench.answers()[-1].text() == "4")
    bench.until(lambda: not bench.is_answering())
    assert [view.text() for view in bench.questions()] == ["What is 2+2?"]
    bench.press("Earlier version", bench.questions()[0])
    bench.until(lambda: bench.answers()[-1].text() == "2")
    assert [view.text() for view in bench.questions()] == ["What is 1+1?"]


def test_a_thought_is_folded_and_opens(bench: Bench) -> None:
    bench.engine.enqueue((PartKind.THINKING, "Let me see."), "It is four.")
    bench.write("2+2?")
    bench.until(lambda: bool(bench.answers()) and not bench.is_answering())
    answer = bench.answers()[0]
    assert answer.text() == "It is four."
    thought = answer.findChild(ThoughtView)
    assert thought is not None
    assert thought.text() == "Let me see."
    assert not thought.is_open
    header = thought.findChild(QPushButton)
    assert header is not None
    assert header.text().startswith("Thought")
    bench.until(header.isVisible)
    bench.come_to_rest()
    QTest.mouseClick(header, Qt.MouseButton.LeftButton)
    assert thought.is_open


def test_copy_gives_the_markdown_as_it_came(bench: Bench) -> None:
    bench.ask("list", "- **a**\n- b")
    bench.press("Copy", bench.answers()[0])
    assert QGuiApplication.clipboard().text() == "- **a**\n- b"


def test_dropped_turns_are_said(bench: Bench) -> None:
    bench.engine.enqueue("ok", dropped_turns=2)
    bench.write("hello")
    bench.until(lambda: bool(bench.answers()) and not bench.is_answering())
    bench.until(
        lambda: _says(
            bench, "The 2 oldest messages did not fit this model's context and were left out."
        )
    )


def test_a_cut_answer_says_so(bench: Bench) -> None:
    bench.engine.enqueue("a long", reason=StopReason.LIMIT)
    bench.write("hello")
    bench.until(lambda: bool(bench.answers()) and not bench.is_answering())
    bench.until(lambda: _says(bench, "Cut off at the length limit"))


def test_drafts_are_kept_for_each_conversation(bench: Bench) -> None:
    bench.ask("first", "1")
    QTest.keyClicks(bench.window.page.composer.entry, "unsent")
    first = bench.workbench.conversations.current
    bench.press("New conversation")
    assert bench.window.page.composer.text() == ""
    bench.workbench.conversations.open_stored(first)
    assert bench.window.page.composer.text() == "unsent"


def test_an_answer_goes_on_while_another_conversation_is_open(bench: Bench) -> None:
    bench.engine.enqueue("one ", "two", hold_after=1)
    bench.write("count")
    bench.until(lambda: bool(bench.answers()) and bench.answers()[0].text() == "one ")
    first = bench.workbench.conversations.current
    bench.press("New conversation")
    assert bench.window.page.is_at_start()
    bench.engine.release()
    bench.until(lambda: not bench.app.chat.is_answering(first))
    bench.workbench.conversations.open_stored(first)
    assert bench.answers()[0].text() == "one two"


def test_the_starter_refusal_offers_a_real_model(bench: Bench) -> None:
    bench.window.page.transcript.messages.refusals = ("这超出了我的能力，请换用一个真正的模型。",)
    bench.ask("明天天气？", "天气我不懂。这超出了我的能力，请换用一个真正的模型。")
    bench.press("Get a real model", bench.answers()[0])
    library = bench.models_window()
    assert library.current_page() == Section.RECOMMENDED


def test_a_restart_finds_the_conversation_again(
    qtbot: QtBot, tmp_path: Path, dialogs: object
) -> None:
    first = Bench(qtbot, tmp_path / "again")
    first.ask("remember me", "I will.")
    first.close()
    second = Bench(qtbot, tmp_path / "again")
    try:
        assert second.titles() == ["remember me"]
        assert [view.text() for view in second.answers()] == ["I will."]
        assert second.app.session.status().model is not None
    finally:
        second.close()


@pytest.mark.parametrize("status", [Status.INTERRUPTED, Status.FAILED])
def test_a_killed_engine_leaves_the_partial_answer(bench: Bench, status: Status) -> None:
    error = KnownError("Gone", "The engine ended.", "")
    bench.engine.enqueue("half", error=error, engine_alive=status is Status.FAILED)
    bench.write("hello")
    bench.until(lambda: bool(bench.answers()) and not bench.is_answering())
    assert bench.answers()[0].text() == "half"
    said = "Interrupted; what was written is kept"
    bench.until(lambda: _says(bench, said if status is Status.INTERRUPTED else "Not answered"))
    assert bench.button("Try again").isVisible()


def _says(bench: Bench, text: str) -> bool:
    labels = bench.window.page.transcript.findChildren(QLabel)
    return any(label.text() == text and label.isVisible() for label in labels)


def test_who_writes_faster_than_the_disk_loses_no_message(bench: Bench) -> None:
    bench.engine.enqueue("first")
    bench.engine.enqueue("second")
    bench.write("one")
    bench.write("two")  # nothing of the window has run meanwhile
    bench.until(lambda: [view.text() for view in bench.answers()] == ["first", "second"])
    assert [view.text() for view in bench.questions()] == ["one", "two"]
    bench.until(lambda: bench.window.page.composer.text() == "")


def test_a_notice_of_the_engine_goes_when_it_answers_again(bench: Bench) -> None:
    bench.ask("hello", "ok")
    bench.app.bus.publish(NoticePosted("The engine stopped. It is being started again."))
    bench.until(bench.window.page.notice.isVisible)
    bench.ask("again", "I am back.")
    assert not bench.window.page.notice.isVisible()


def test_good_news_looks_otherwise_than_a_warning(bench: Bench) -> None:
    page = bench.window.page
    page.post_notice("qwen is here and verified.", NoticeCause.ARRIVED)
    assert page.notice.property("role") == "good-news"
    page.post_notice("The disk is full.", NoticeCause.DISK)
    assert page.notice.property("role") == "notice"
    page.withdraw_notice(NoticeCause.DISK)
    assert page.notice.text() == "qwen is here and verified."
    assert page.notice.property("role") == "good-news"
    bench.app.bus.publish(NoticeWithdrawn(NoticeCause.ARRIVED))
    bench.until(lambda: not page.notice.isVisible())


def test_an_answer_in_circles_can_be_stopped_from_its_notice(bench: Bench) -> None:
    bench.engine.enqueue("again ", "again ", "again", hold_after=2)
    bench.write("count")
    bench.until(lambda: bool(bench.answers()) and bench.answers()[0].text() == "again again ")
    bench.engine.notice_a_loop()
    notice = bench.window.page.notice
    bench.until(notice.isVisible)
    bench.interface.set_language("zh_CN")
    bench.until(lambda: bool(bench.button("停止", notice)))
    bench.window.sidebar.new_requested.emit()
    bench.until(lambda: not notice.isVisible())  # it is not about what is said elsewhere
    conversation = bench.app.chat.conversations()[0].id
    bench.workbench.conversations.open_stored(conversation)
    bench.until(notice.isVisible)
    bench.press("停止", notice)
    assert bench.window.page.composer.entry.hasFocus(), "the button that had it is gone"
    bench.until(lambda: not notice.isVisible())
    bench.until(lambda: bool(bench.answers()) and not bench.is_answering())
    assert bench.answers()[0].text() == "again again "
    bench.until(lambda: _says(bench, "已停止"))


def test_how_far_a_question_is_read_is_told_in_percent(bench: Bench) -> None:
    bench.engine.enqueue("read", hold_after=0)
    bench.write("hello")
    bench.until(lambda: bool(bench.engine.asked))

    def shown() -> bool:
        bench.engine.tell_reading(420, 1000)  # as a long prompt tells again and again
        return _says(bench, "Reading the conversation… 42 %")

    bench.until(shown)
    bench.engine.release()
    bench.until(lambda: bench.answers()[0].text() == "read")
    assert not _says(bench, "Reading the conversation… 42 %")


def test_a_notice_of_another_kind_has_nothing_to_stop(bench: Bench) -> None:
    bench.app.bus.publish(NoticePosted("The engine stopped. It is being started again."))
    notice = bench.window.page.notice
    bench.until(notice.isVisible)
    assert [one.text() for one in notice.findChildren(QPushButton) if one.isVisible()] == []


def test_what_is_asked_before_the_program_is_open_is_sent_once_it_is(qtbot: QtBot) -> None:
    window = MainWindow(SystemClock())
    qtbot.addWidget(window)
    window.show()
    sent: list[str] = []
    composer = window.page.composer
    composer.send_requested.connect(sent.append)
    window.page.start.suggestion_chosen.emit("What can you do?")
    assert sent == []
    assert composer.text() == "What can you do?"
    composer.set_can_send(possible=True)
    assert sent == ["What can you do?"]


def test_what_is_changed_after_an_early_enter_is_not_sent_half_written(qtbot: QtBot) -> None:
    window = MainWindow(SystemClock())
    qtbot.addWidget(window)
    sent: list[str] = []
    composer = window.page.composer
    composer.send_requested.connect(sent.append)
    composer.submit("hello")
    QTest.keyClicks(composer.entry, " and then")
    composer.set_can_send(possible=True)
    assert (sent, composer.text()) == ([], "hello and then")
    composer.submit(composer.text())
    assert sent == ["hello and then"]


def test_code_in_a_question_has_letters_of_one_width(bench: Bench) -> None:
    bench.engine.enqueue("yes")
    bench.window.page.composer.submit("look:\n```python\nx = 1\n```\nwell?")
    bench.until(lambda: bool(bench.questions()))
    document = bench.questions()[0]._text.document()
    blocks = [document.findBlockByNumber(number) for number in range(document.blockCount())]
    fixed = [block.begin().fragment().charFormat().fontFixedPitch() for block in blocks]
    assert fixed == [False, True, True, True, False]
