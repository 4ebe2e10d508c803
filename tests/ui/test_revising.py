"""Changing what was said, in the window: versions, editing, going on, branching, undoing."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMenu, QWidget
from pytestqt.qtbot import QtBot

from hanlin.domain.generation import StopReason
from hanlin_bench.bench import Bench
from hanlin_ui.chat import more
from hanlin_ui.chat.answer import AnswerView
from hanlin_ui.chat.editor import MessageEditor
from hanlin_ui.chat.question import QuestionView
from hanlin_ui.sidebar.filing_menu import ask_for_name, fill_for_filing
from hanlin_ui.sidebar.item_model import FOLDER_ROLE


def choose(bench: Bench, view: AnswerView | QuestionView, what: str) -> None:
    """Choose from the three dots of a message; the menu itself needs a real screen."""
    bench.more(view).chosen.emit(what)


def said(bench: Bench) -> list[str]:
    return [view.text() for view in bench.window.page.transcript.messages.views()]


def retype(bench: Bench, view: QWidget, text: str) -> None:
    bench.until(lambda: bool(view.findChildren(MessageEditor)))
    editor = view.findChildren(MessageEditor)[0].focusProxy()
    assert editor is not None
    QTest.keyClick(editor, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(editor, text)
    QTest.keyClick(editor, Qt.Key.Key_Return)


def test_up_in_the_empty_entry_edits_the_last_question(bench: Bench) -> None:
    bench.ask("one", "first")
    bench.engine.enqueue("second")
    QTest.keyClick(bench.window.page.composer.entry, Qt.Key.Key_Up)
    retype(bench, bench.questions()[0], "two")
    bench.until(lambda: said(bench) == ["two", "second"])
    bench.press("Earlier version", bench.questions()[0])
    bench.until(lambda: said(bench) == ["one", "first"])


def test_an_answer_is_rewritten_and_both_versions_can_be_seen(bench: Bench) -> None:
    bench.ask("q", "wrong")
    bench.ask("r", "more")
    choose(bench, bench.answers()[0], more.EDIT)
    retype(bench, bench.answers()[0], "right")
    bench.until(lambda: said(bench) == ["q", "right"])
    bench.press("Earlier version", bench.answers()[0])
    bench.until(lambda: said(bench) == ["q", "wrong", "r", "more"])


def test_the_keyboard_is_in_the_entry_again_once_an_editor_is_closed(bench: Bench) -> None:
    bench.ask("q", "an answer")
    choose(bench, bench.answers()[0], more.EDIT)
    views: list[QWidget] = [bench.answers()[0], bench.questions()[0]]
    for view in views:
        assert view.findChildren(MessageEditor)
        QTest.keyClick(bench.window.focusWidget(), Qt.Key.Key_Escape)
        assert bench.window.focusWidget() is bench.window.page.composer.entry
        QTest.keyClick(bench.window.page.composer.entry, Qt.Key.Key_Up)


def test_an_answer_that_was_cut_off_goes_on(bench: Bench) -> None:
    bench.engine.enqueue("begin", reason=StopReason.LIMIT)
    bench.write("q")
    bench.until(lambda: said(bench) == ["q", "begin"] and not bench.is_answering())
    bench.engine.enqueue(" end")
    bench.press("Continue")
    bench.until(lambda: said(bench) == ["q", "begin end"] and bench.answers()[0].is_final)


def test_a_branch_is_opened_and_the_old_conversation_stays(bench: Bench) -> None:
    bench.ask("q", "a")
    bench.ask("r", "b")
    first = bench.workbench.conversations.current
    choose(bench, bench.answers()[0], more.BRANCH)
    bench.until(lambda: bench.workbench.conversations.current != first)
    assert said(bench) == ["q", "a"]
    assert bench.titles() == ["q (2)", "q"]


def test_deleting_is_undone_with_one_key(bench: Bench) -> None:
    bench.ask("q", "a")
    bench.ask("r", "b")
    choose(bench, bench.questions()[1], more.DELETE)
    bench.until(lambda: said(bench) == ["q", "a"])
    undo = bench.button("Undo: bring the deleted messages back")
    undo.setFocus()
    QTest.keyClick(undo, Qt.Key.Key_Space)
    bench.until(lambda: said(bench) == ["q", "a", "r", "b"])


def test_a_question_waits_while_an_answer_is_written(bench: Bench) -> None:
    bench.engine.enqueue("one", "…", hold_after=1)
    bench.engine.enqueue("two")
    bench.write("q")
    bench.until(lambda: said(bench) == ["q", "one"])
    bench.write("r")
    bench.until(lambda: said(bench) == ["q", "one", "r", ""])
    bench.until(lambda: bench.window.page.composer.text() == "")
    bench.engine.release()
    bench.until(lambda: said(bench) == ["q", "one…", "r", "two"] and not bench.is_answering())


def test_a_temporary_conversation_is_marked_and_never_on_the_disk(bench: Bench) -> None:
    entry = bench.window.page.composer.entry
    QTest.keyClick(
        bench.window,
        Qt.Key.Key_N,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    )
    bench.until(lambda: "_temporary" in bench.window.page.__dict__)
    bench.ask("q", "a")
    assert bench.app.chat.conversations()[0].temporary
    assert bench.app.store.database.read("SELECT count(*) FROM messages") == [(0,)]
    assert bench.app.state.last_conversation == ""
    assert bench.engine.asked[0].conversation.startswith("t")
    QTest.keyClicks(entry, "unsent")
    bench.workbench.conversations.start_new()
    assert bench.window.page.composer.text() == ""


def test_drafts_come_back_after_a_restart(qtbot: QtBot, tmp_path: Path) -> None:
    first = Bench(qtbot, tmp_path)
    first.ask("q", "a")
    QTest.keyClicks(first.window.page.composer.entry, "half a")
    first.workbench.conversations.start_new()
    QTest.keyClicks(first.window.page.composer.entry, "new one")
    first.close()
    second = Bench(qtbot, tmp_path)
    try:
        assert second.window.page.composer.text() == "new one"
        (kept,) = second.app.chat.conversations()
        second.workbench.conversations.open_stored(kept.id)
        assert second.window.page.composer.text() == "half a"
    finally:
        second.close()


def test_pins_folders_and_tags_order_the_list(bench: Bench) -> None:
    for title in ("one", "two", "three"):
        bench.workbench.conversations.start_new()
        bench.ask(title, "a")
    shown = bench.window.sidebar.list
    ids = {one.title: one.id for one in shown.items.conversations()}
    shown.pin_requested.emit(ids["one"], True)  # noqa: FBT003 - a signal's argument
    shown.folder_chosen.emit(ids["two"], "work")
    shown.tags_chosen.emit(ids["three"], ["zh"])

    def headings() -> list[str]:
        rows = (shown.items.index(number) for number in range(shown.items.rowCount()))
        return [str(row.data()) for row in rows]

    wanted = ["Pinned", "one", "work", "two", "Today", "three"]
    bench.until(lambda: headings() == wanted and shown.items.tags() == ["zh"])
    folder = shown.items.index(2)
    assert folder.data(FOLDER_ROLE) == "work"
    where = shown.visualRect(folder).center()
    QTest.mouseClick(shown.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert headings() == ["Pinned", "one", "work", "Today", "three"]
    shown.filter_by("zh")
    assert headings() == ["Today", "three"]


def test_the_menu_of_a_conversation_offers_folders_and_tags(bench: Bench) -> None:
    bench.ask("q", "a")
    shown = bench.window.sidebar.list
    identity = bench.workbench.conversations.current
    dialog = ask_for_name(
        shown, "New folder", "", lambda name: shown.folder_chosen.emit(identity, name)
    )
    field = dialog.findChildren(QLineEdit)[0]
    QTest.keyClicks(field, "work")
    QTest.keyClick(field, Qt.Key.Key_Return)
    bench.until(lambda: shown.items.folders() == ["work"])
    menu = QMenu(bench.window)
    fill_for_filing(menu, shown, identity)
    assert [action.text() for action in menu.actions()] == ["Pin", "Folder", "Tags"]
