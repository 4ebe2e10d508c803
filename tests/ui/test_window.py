"""Sidebar, menus, status line, settings and models as a person sees them."""

import errno
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QAbstractItemModel, QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent, QFontMetrics, QPalette
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QTextEdit,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from hanlin.bootstrap import Application, Protection, open_application
from hanlin.domain.conversation import Conversation
from hanlin.kernel import i18n, jsonfile
from hanlin.kernel.errors import KnownError, from_os_error
from hanlin.kernel.events import EventBus
from hanlin.kernel.paths import Paths
from hanlin.services.events import (
    EngineSilent,
    KeyProtected,
    NoticeCause,
    NoticePosted,
    NoticeWithdrawn,
    SessionState,
)
from hanlin.settings.schema import SettingsSchema
from hanlin.settings.store import Settings
from hanlin_bench.bench import Bench
from hanlin_fakes.gguf_models import write_scripted
from hanlin_ui.dialogs.message import MessageDialog, show_text
from hanlin_ui.settings.dialog import SettingsDialog
from hanlin_ui.sidebar.delegate import tags_within
from hanlin_ui.sidebar.item_model import TAGS_ROLE, ConversationItemModel, age_of
from hanlin_ui.sidebar.list_view import ConversationList
from hanlin_ui.theme.palette import INK, PAPER
from hanlin_ui.widgets.notice import Notice

NOW = datetime(2026, 3, 15, 12, 0, tzinfo=UTC)


def action(bench: Bench, text: str, menu: QMenu | None = None) -> QAction:
    """Return the menu action that says ``text``."""
    actions = menu.actions() if menu is not None else bench.window.menuBar().actions()
    for entry in actions:
        submenu = entry.menu()
        if entry.text().replace("&", "") == text:
            return entry
        if isinstance(submenu, QMenu) and (found := _find(submenu, text)) is not None:
            return found
    raise AssertionError(text)


def _find(menu: QMenu, text: str) -> QAction | None:
    for entry in menu.actions():
        if entry.text().replace("&", "") == text:
            return entry
        submenu = entry.menu()
        if isinstance(submenu, QMenu) and (found := _find(submenu, text)) is not None:
            return found
    return None


def line_says(bench: Bench, text: str) -> bool:
    labels = bench.window.status_line.findChildren(QLabel)
    return any(label.text() == text and label.isVisible() for label in labels)


def conversation(number: int, days_ago: float) -> Conversation:
    moment = int((NOW - timedelta(days=days_ago)).timestamp() * 1000)
    return Conversation(f"id{number}", f"title {number}", moment, moment)


@pytest.mark.parametrize(
    ("days", "heading"),
    [(0, "Today"), (1, "Yesterday"), (5, "Last 7 days"), (20, "Last 30 days"), (90, "Older")],
)
def test_conversations_stand_under_their_age(days: int, heading: str) -> None:
    assert age_of(conversation(1, days).updated_at, NOW) == heading


def test_an_age_is_no_place_in_a_queue_in_chinese_too(bench: Bench) -> None:
    bench.interface.set_language("zh_CN")
    assert age_of(conversation(1, 90).updated_at, NOW) == "更早"


@pytest.mark.parametrize(
    ("days", "headings"),
    [
        ([0, 2000, 0, 1], ["Today", "Yesterday"]),  # the battery of the clock was flat for a day
        ([0, 1, -400, 3], ["Today", "Yesterday", "Last 7 days"]),  # or it was set too far
        ([-400, 3], ["Today", "Last 7 days"]),
    ],
)
def test_a_clock_that_was_wrong_does_not_shuffle_the_headings(
    qtbot: QtBot, days: list[float], headings: list[str]
) -> None:
    items = ConversationItemModel()
    items.set_conversations([conversation(number, ago) for number, ago in enumerate(days)], NOW)
    texts = [items.index(row, 0).data() for row in range(items.rowCount())]
    assert [text for text in texts if not text.startswith("title")] == headings


def test_the_tag_that_is_filtered_by_is_named_first(qtbot: QtBot) -> None:
    items = ConversationItemModel()
    items.set_conversations([replace(conversation(1, 0), tags=("家", "工作", "旅行"))], NOW)
    named: list[object] = []
    items.dataChanged.connect(lambda first: named.append(first.siblingAtRow(1).data(TAGS_ROLE)))
    for tag in ("旅行", "工作", ""):  # the rows stay the same
        items.filter_by(tag)
    assert named == [
        ["#旅行", "#家", "#工作"],
        ["#工作", "#家", "#旅行"],
        ["#家", "#工作", "#旅行"],
    ]


def test_the_item_model_keeps_qts_contract(qtbot: QtBot) -> None:
    items = ConversationItemModel()
    tester = QAbstractItemModelTester(items, QAbstractItemModelTester.FailureReportingMode.Fatal)
    items.set_conversations([conversation(1, 0), conversation(2, 3), conversation(3, 40)], NOW)
    model: QAbstractItemModel = items
    texts = [model.index(row, 0).data() for row in range(model.rowCount())]
    assert texts == ["Today", "title 1", "Last 7 days", "title 2", "Older", "title 3"]
    items.set_answering(frozenset({"id2"}))
    items.set_conversations([], NOW)
    assert model.rowCount() == 0
    assert tester.model() is items


def test_a_refusal_before_the_window_is_there_is_told_in_it(
    qtbot: QtBot, tmp_path: Path, dialogs: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, _content: object) -> None:
        raise from_os_error(PermissionError(errno.EACCES, ""), path.name)

    def opened(*folders: Paths, **given: object) -> Application:
        app = open_application(*folders, **given)  # type: ignore[arg-type]
        with monkeypatch.context() as patch:
            patch.setattr(jsonfile, "write", refuse)
            app.state.code_width = 300
        return app

    monkeypatch.setattr("hanlin_bench.bench.open_application", opened)
    bench = Bench(qtbot, tmp_path / "bench")
    bench.until(lambda: "will be forgotten" in bench.window.page.notice.text())
    bench.close()


def test_renaming_in_place(bench: Bench) -> None:
    bench.ask("old title", "ok")
    bench.window.sidebar.list.setFocus()
    QTest.keyClick(bench.window.sidebar.list, Qt.Key.Key_F2)
    editor = bench.window.sidebar.list.findChild(QLineEdit)
    assert editor is not None
    editor.setText("new title")
    items = bench.window.sidebar.list.items  # an answer begins while the title is typed
    items.set_answering(frozenset({items.conversations()[0].id}))
    assert editor.text() == "new title"
    QTest.keyClick(editor, Qt.Key.Key_Return)
    bench.until(lambda: bench.titles() == ["new title"])


def test_arrows_go_through_the_list_and_enter_leads_to_the_message(bench: Bench) -> None:
    for question in ("one", "two", "three"):
        bench.workbench.conversations.start_new()
        bench.ask(question, "ok")
    shown, entry = bench.window.sidebar.list, bench.window.page.composer.entry

    def press(key: Qt.Key) -> str:
        """Press a key where the keyboard is; return what is open."""
        where = bench.window.focusWidget()
        assert where is shown
        QTest.keyClick(where, key)
        return bench.app.store.conversation(bench.workbench.conversations.current).title

    shown.setFocus()
    assert press(Qt.Key.Key_Down) == "two"
    assert press(Qt.Key.Key_Down) == "one"
    assert press(Qt.Key.Key_Home) == "three"
    assert press(Qt.Key.Key_End) == "one"
    assert press(Qt.Key.Key_Return) == "one"
    assert bench.window.focusWidget() is entry
    bench.write("more")
    bench.until(lambda: len(bench.app.store.path_ids(bench.workbench.conversations.current)) > 2)


def test_delete_goes_to_the_trash_and_undo_brings_it_back(bench: Bench) -> None:
    bench.ask("keep me", "ok")
    bench.window.sidebar.list.setFocus()
    QTest.keyClick(bench.window.sidebar.list, Qt.Key.Key_Delete)
    bench.until(lambda: bench.titles() == [])
    assert bench.window.page.is_at_start()
    bench.until(lambda: bool(_named(bench, "Undo")))
    bench.press("Undo")
    bench.until(lambda: bench.titles() == ["keep me"])
    bench.until(lambda: [view.text() for view in bench.answers()] == ["ok"])


def test_delete_leaves_the_keyboard_in_the_list_on_the_next_conversation(bench: Bench) -> None:
    for question in ("one", "two", "three"):
        bench.workbench.conversations.start_new()
        bench.ask(question, "ok")
    shown, entry = bench.window.sidebar.list, bench.window.page.composer.entry

    def after_delete() -> tuple[QWidget | None, str]:
        """Delete what the keyboard is on; return where it is then and what is open."""
        left = len(bench.titles()) - 1
        QTest.keyClick(shown, Qt.Key.Key_Delete)
        bench.until(lambda: len(bench.titles()) == left)
        current = bench.workbench.conversations.current
        assert shown.current_id() == current
        title = bench.app.store.conversation(current).title if current else ""
        return bench.window.focusWidget(), title

    shown.setFocus()
    QTest.keyClick(shown, Qt.Key.Key_Down)
    assert after_delete() == (shown, "one")
    assert after_delete() == (shown, "three")  # the last went: the one above it
    assert after_delete() == (entry, "")
    bench.press("Trash")
    bench.until(lambda: len(bench.titles()) == 3)
    shown.select(shown.items.conversations()[1].id)
    shown.setFocus()
    below = shown.items.conversations()[2].id
    QTest.keyClick(shown, Qt.Key.Key_Delete)
    bench.press("Delete for good", bench.message())
    bench.until(lambda: len(bench.titles()) == 2)
    assert shown.current_id() == below


def test_what_the_keyboard_is_on_stays_in_sight_when_the_list_gets_lower(bench: Bench) -> None:
    for number in range(4):
        bench.workbench.conversations.start_new()
        bench.ask(str(number), "ok")
    shown = bench.window.sidebar.list
    shown.setFocus()
    QTest.keyClick(shown, Qt.Key.Key_End)
    shown.setMaximumHeight(60)
    bench.until(lambda: shown.height() == 60)
    row = shown.visualRect(shown.currentIndex())
    assert shown.viewport().rect().contains(row)


def _named(bench: Bench, text: str) -> list[QWidget]:
    buttons = bench.window.sidebar.findChildren(QWidget)
    return [b for b in buttons if getattr(b, "text", str)() == text and b.isVisible()]


def test_a_title_is_told_whole_and_as_it_was_written(bench: Bench) -> None:
    bench.ask("<b>bold</b> & so on", "ok")
    tip = bench.window.sidebar.list.currentIndex().data(Qt.ItemDataRole.ToolTipRole)
    assert tip == "<qt>&lt;b&gt;bold&lt;/b&gt; &amp; so on</qt>"


def test_the_trash_restores_and_deletes_for_good(bench: Bench) -> None:
    for name in ("one", "two"):
        bench.ask(name, "ok")
        bench.window.sidebar.list.delete_current()
        bench.until(lambda: bench.titles() == [])
    bench.press("Trash")
    bench.until(lambda: sorted(bench.titles()) == ["one", "two"])
    items = bench.window.sidebar.list.items
    assert bench.window.sidebar.list.current_id() == items.conversations()[0].id
    two = next(c.id for c in items.conversations() if c.title == "two")
    bench.window.sidebar.list.select(two)
    bench.press("Restore")
    bench.until(lambda: bench.titles() == ["one"])
    bench.window.sidebar.list.select(items.conversations()[0].id)
    bench.press("Delete for good")
    question = bench.message()
    QTest.keyClick(question, Qt.Key.Key_Return)  # the answer of a hasty hand: Cancel
    assert question.result() == QDialog.DialogCode.Rejected
    bench.until(lambda: bench.window.findChildren(MessageDialog) == [])
    assert bench.titles() == ["one"]
    bench.press("Delete for good")
    bench.press("Delete for good", bench.message())
    bench.until(lambda: bench.titles() == [])
    bench.press("Back to the conversations")
    bench.until(lambda: bench.titles() == ["two"])


def test_the_model_can_be_switched_in_the_middle_of_a_conversation(bench: Bench) -> None:
    bench.ask("hello", "from alpha")
    assert bench.answers()[0].model == "alpha"
    action(bench, "beta").trigger()
    bench.until(lambda: bench.button("Model: beta. Choose another").isVisible())
    bench.ask("again", "from beta")
    assert [view.model for view in bench.answers()] == ["alpha", "beta"]
    assert action(bench, "beta").isChecked()
    assert not action(bench, "alpha").isChecked()


def drop(bench: Bench, file: Path) -> None:
    """Drag the file onto the window and let go."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file))])
    how = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton)
    keys = Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(400, 300), *how, keys)
    QApplication.sendEvent(bench.window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(bench.window, QDropEvent(QPointF(400, 300), *how, keys))


def test_a_dropped_file_that_is_no_model_is_refused(bench: Bench, tmp_path: Path) -> None:
    file = tmp_path / "damaged.gguf"
    file.write_text("<html>")
    drop(bench, file)
    said = " ".join(label.text() for label in bench.message().findChildren(QLabel))
    assert "damaged.gguf" in said
    bench.message().close()


def test_the_status_line_tells_speed_context_and_connections(bench: Bench) -> None:
    assert line_says(bench, "0 connections since start")
    assert line_says(bench, "not protected")
    bench.until(lambda: line_says(bench, "Context 0 / 4,096"))
    bench.ask("hello", "a", "b", "c")
    bench.until(lambda: line_says(bench, "100 tokens/s"))
    # 8 as soon as it is answered; soon after, what an empty next message would send.
    bench.until(lambda: line_says(bench, "Context 11 / 4,096"))


def test_a_model_that_fails_to_load_says_so(bench: Bench) -> None:
    bench.engine.enqueue_load_error(KnownError("Damaged", "The file is damaged.", "Get it again."))
    action(bench, "beta").trigger()
    bench.until(lambda: line_says(bench, "Could not be loaded"))
    notice = bench.window.page.notice
    assert notice.text() == "The file is damaged. Get it again."
    assert notice.isVisible()
    action(bench, "alpha").trigger()
    bench.until(lambda: not notice.isVisible())


def test_language_changes_every_word_at_once(bench: Bench, tmp_path: Path) -> None:
    bench.ask("hello", "ok")
    settings = action(bench, "All settings…")
    settings.trigger()
    dialog = bench.dialog()
    assert isinstance(dialog, SettingsDialog)
    combo = next(c for c in dialog.findChildren(QComboBox) if c.objectName() == "language")
    combo.setCurrentIndex(combo.findData("zh_CN"))
    combo.activated.emit(combo.currentIndex())
    bench.until(lambda: i18n.current_language() == "zh_CN")
    bench.until(lambda: bench.window.windowTitle() == i18n._("Hanlin"))
    # Qt puts the program's name behind every title that does not end with it.
    assert QApplication.applicationDisplayName() == i18n._("Hanlin")
    assert dialog.windowTitle() == i18n._("Settings")
    assert bench.button(i18n._("New conversation")).isVisible()
    dialog.close()


def test_appearance_changes_at_once_and_is_kept(bench: Bench) -> None:
    bench.ask("hello", "# title\n\ntext")
    action(bench, "Dark").trigger()
    ground = QPalette.ColorRole.Window
    bench.until(lambda: QApplication.palette().color(ground).name() == INK.ground)
    assert bench.app.settings.appearance == "dark"
    assert bench.answers()[0].text() == "# title\n\ntext"
    action(bench, "Light").trigger()
    bench.until(lambda: QApplication.palette().color(ground).name() == PAPER.ground)


def test_the_thinking_switch_reaches_the_model(bench: Bench) -> None:
    bench.until(lambda: bench.button("Thinking").isEnabled())
    bench.press("Thinking")
    bench.until(lambda: bench.app.settings.thinking)
    bench.until(action(bench, "Thinking").isChecked)
    bench.ask("hello", "ok")
    assert bench.engine.asked[-1].options.thinking is True
    bench.press("Thinking")
    bench.until(lambda: not bench.app.settings.thinking)
    bench.ask("again", "ok")
    assert bench.engine.asked[-1].options.thinking is False


def test_every_message_dialog_opens_and_closes(bench: Bench) -> None:
    for name in ("Keyboard shortcuts", "About Hanlin"):
        action(bench, name).trigger()
        dialog = bench.message()
        assert dialog.windowTitle()
        bench.press("Close", dialog)
        bench.until(lambda: not any(d.isVisible() for d in bench.window.findChildren(QDialog)))


def test_a_long_line_of_a_list_goes_on_behind_its_first_column(bench: Bench) -> None:
    dialog = show_text(bench.window, "t", "m", "Key\t" + "word " * 60, prose=True)
    first = dialog.findChildren(QTextEdit)[0].document().firstBlock()
    bench.until(lambda: first.layout().lineCount() > 1)
    assert first.layout().lineAt(1).x() > first.layout().lineAt(0).x() + 50
    dialog.accept()


def test_the_sidebar_can_be_hidden(bench: Bench) -> None:
    entry = action(bench, "Show or hide the conversations")
    entry.trigger()
    assert not bench.window.sidebar.isVisible()
    entry.trigger()
    assert bench.window.sidebar.isVisible()


def test_a_suggestion_is_asked(bench: Bench) -> None:
    bench.engine.enqueue("Many things.")
    bench.press("What can you do?")
    bench.until(lambda: bool(bench.answers()) and not bench.is_answering())
    assert bench.questions()[0].text() == "What can you do?"


def test_a_settings_number_reloads_the_model(bench: Bench) -> None:
    loads = len(bench.engine.loads)
    bench.app.settings.context = 2048
    bench.until(lambda: len(bench.engine.loads) == loads + 1)
    assert bench.engine.loads[-1][1].context == 2048


def test_the_context_of_a_stopped_answer_is_known(bench: Bench) -> None:
    bench.engine.enqueue("one ", "two", hold_after=1)
    bench.write("hello")
    bench.until(lambda: bool(bench.answers()) and bench.answers()[0].text() == "one ")
    bench.until(lambda: line_says(bench, "Context 5 / 4,096"))
    bench.press("Stop")
    bench.until(lambda: not bench.is_answering())
    assert line_says(bench, "Context 5 / 4,096")
    bench.press("New conversation")
    bench.until(lambda: line_says(bench, "Context 0 / 4,096"))


def test_a_load_is_told_in_percent_and_can_be_stopped(bench: Bench) -> None:
    line = bench.window.status_line
    line.set_loading(0.424)
    bench.until(lambda: line_says(bench, "Loading… 42 %"))
    stop = line.findChild(QToolButton, "stop")
    assert stop is not None
    assert stop.isVisible()
    wishes: list[bool] = []
    line.stop_requested.connect(lambda: wishes.append(True))
    QTest.mouseClick(stop, Qt.MouseButton.LeftButton)
    assert wishes == [True]
    line.set_loading(None)
    assert not line_says(bench, "Loading… 42 %")
    assert not stop.isVisible()


def test_a_model_that_takes_long_is_stopped_and_the_next_one_answers(bench: Bench) -> None:
    bench.engine.hold_load(0.37)
    action(bench, "beta").trigger()
    bench.until(lambda: line_says(bench, "Loading… 37 %"))
    stop = bench.window.status_line.findChild(QToolButton, "stop")
    assert stop is not None
    QTest.mouseClick(stop, Qt.MouseButton.LeftButton)
    bench.until(lambda: line_says(bench, "Loading was stopped"))
    assert "The model is not loaded." in bench.window.page.notice.text()
    assert not stop.isVisible()
    action(bench, "alpha").trigger()
    bench.until(lambda: not bench.window.page.notice.isVisible())
    bench.ask("hello", "I am alpha")
    assert bench.answers()[-1].text() == "I am alpha"


def test_a_way_that_the_processor_cannot_go_is_left_and_told_in_one_line(bench: Bench) -> None:
    died = KnownError("Stopped", "The engine ended unexpectedly.")
    bench.engine.enqueue_load_error(died, instruction=True)
    action(bench, "beta").trigger()
    notice = bench.window.page.notice
    bench.until(notice.isVisible)
    bench.until(lambda: bench.app.session.status().state is SessionState.READY)
    bench.ask("hello", "slowly")
    assert notice.text() == (
        "The engine now avoids what only newer processors can, which is slower."
    )
    assert [options.plain for _path, options in bench.engine.loads[-2:]] == [False, True]
    assert notice.isVisible(), "somebody who was away reads it later"
    action(bench, "alpha").trigger()
    bench.until(lambda: not notice.isVisible())


def test_a_narrow_window_says_less_and_cuts_nothing(bench: Bench) -> None:
    bench.ask("hello", "a")
    bench.until(lambda: line_says(bench, "100 tokens/s"))
    bench.window.resize(bench.window.minimumSize())
    bench.until(lambda: not line_says(bench, "100 tokens/s"))
    assert line_says(bench, "0 connections since start")
    line = bench.window.status_line
    bench.until(
        lambda: all(
            label.width() >= label.sizeHint().width()
            for label in line.findChildren(QLabel)
            if label.isVisible()
        )
    )
    bench.window.resize(1100, 700)
    bench.until(lambda: line_says(bench, "100 tokens/s"))


def test_errors_are_told_one_at_a_time_and_none_twice(bench: Bench) -> None:
    first = KnownError("The engine stopped twice", "It ended with this model.")
    second = KnownError("Not found", "This conversation is not there any more.")
    for error in (first, first, second, first):
        bench.window.report(error)

    def shown() -> list[str]:
        dialogs = bench.window.findChildren(MessageDialog)
        return [dialog.windowTitle() for dialog in dialogs if dialog.isVisible()]

    assert shown() == ["The engine stopped twice"]
    bench.press("Close", bench.message())
    bench.until(lambda: shown() == ["Not found"])
    bench.press("Close", bench.message())
    bench.until(lambda: shown() == [])


def test_a_notice_goes_when_its_cause_is_over_and_shows_the_one_behind_it(bench: Bench) -> None:
    page = bench.window.page
    publish = bench.app.bus.publish
    publish(NoticePosted("no room left", NoticeCause.DISK))
    publish(NoticePosted("settings damaged", NoticeCause.FILES))
    publish(NoticePosted("starting again", NoticeCause.ENGINE))
    bench.until(lambda: page.notice.text() == "starting again")
    publish(NoticeWithdrawn(NoticeCause.ENGINE))
    bench.until(lambda: page.notice.text() == "settings damaged")
    bench.ask("an answer does not mend files", "ok")
    assert page.notice.text() == "settings damaged"
    bench.press("Close", page.notice)
    bench.until(lambda: page.notice.text() == "no room left")
    publish(NoticeWithdrawn(NoticeCause.DISK))
    bench.until(lambda: not page.notice.isVisible())


@pytest.mark.parametrize("name", ["settings", "window_state", "models"])
def test_a_damaged_file_is_told_in_the_window(qtbot: QtBot, tmp_path: Path, name: str) -> None:
    first = Bench(qtbot, tmp_path)
    first.app.settings.appearance = "dark"
    first.close()
    damaged = first.folders.data / "models.json"
    if name != "models":
        damaged = getattr(first.folders, name)
    damaged.with_name(f"{damaged.name}.bak").write_bytes(damaged.read_bytes())
    damaged.write_bytes(b"{ half a")
    glance = Settings(first.folders.settings, EventBus(), glance=True)
    assert glance.note == ""
    bench = Bench(qtbot, tmp_path, "zh_CN")
    bench.until(bench.window.page.notice.isVisible)
    assert damaged.name in bench.window.page.notice.text()
    assert f"{damaged.name}.bad1" in bench.window.page.notice.text()
    bench.close()


def test_the_sign_of_a_notice_stands_beside_its_sentence(qtbot: QtBot) -> None:
    notice = Notice("The engine has stopped.", closable=True)
    qtbot.addWidget(notice)
    notice.set_action("Try again")
    notice.resize(600, notice.sizeHint().height())
    notice.show()
    parts = [*notice.findChildren(QLabel), *notice.focus_chain()]
    assert len(parts) == 4
    heights = [part.geometry().center().y() for part in parts]
    assert max(heights) - min(heights) <= 1


def test_what_will_be_forgotten_is_told_once_in_the_window(bench: Bench, tmp_path: Path) -> None:
    notice, in_the_way = bench.window.page.notice, tmp_path / "a file"
    in_the_way.write_text("where the folder should be")
    bench.app.state.path = in_the_way / "state.json"
    bench.ask("one", "ok")  # what is open is remembered
    bench.until(lambda: "will be forgotten" in notice.text() and str(in_the_way) in notice.text())
    bench.press("Close", notice)
    bench.workbench.conversations.start_new()
    bench.ask("two", "ok")
    assert not notice.isVisible()


def test_a_model_file_dropped_on_the_window_is_added_and_used(bench: Bench, tmp_path: Path) -> None:
    dropped = write_scripted(tmp_path / "拖进来 的.gguf", ["unused"])
    drop(bench, dropped)
    bench.press("Switch to it", bench.message())
    bench.until(lambda: bench.engine.loads[-1][0] == dropped)
    bench.until(lambda: bench.app.session.status().state is SessionState.READY)
    model = bench.app.session.status().model
    assert model is not None
    assert model.path == dropped
    assert bench.app.state.last_model == model.id
    bench.ask("who answers?", "I do")
    assert bench.answers()[-1].model == model.name


def test_a_silent_engine_is_told_and_can_be_stopped(bench: Bench) -> None:
    bench.engine.enqueue("half", " more", hold_after=1)
    bench.write("hello")
    bench.until(lambda: bool(bench.answers()) and bench.answers()[-1].text() == "half")
    stop = bench.window.status_line.findChild(QToolButton, "stop")
    assert stop is not None
    assert not stop.isVisible()
    bench.app.bus.publish(EngineSilent(7))
    bench.until(lambda: line_says(bench, "The engine has not answered for 7 seconds"))
    QTest.mouseClick(stop, Qt.MouseButton.LeftButton)
    bench.until(lambda: not bench.is_answering())
    assert bench.answers()[-1].text() == "half"
    bench.app.bus.publish(EngineSilent(0))
    bench.until(lambda: not stop.isVisible())
    assert not line_says(bench, "The engine has not answered for 7 seconds")


def test_a_keyring_that_comes_later_takes_the_key_and_the_badge_goes(bench: Bench) -> None:
    assert line_says(bench, "not protected")
    assert bench.app.paths.carried, "a carried folder keeps its key"
    bench.app.protection = Protection(protected=True)
    bench.app.bus.publish(KeyProtected())
    bench.until(lambda: not line_says(bench, "not protected"))
    assert "protected" in bench.window.page.notice.text()


def test_the_left_side_is_never_narrower_than_its_words(bench: Bench) -> None:
    bench.app.settings.text_percent = SettingsSchema.text_percent.maximum
    points = QApplication.font().pointSizeF()
    bench.until(lambda: QApplication.font().pointSizeF() > points)
    bench.window.splitter.setSizes([1, 900])
    new = bench.button("New conversation")
    bench.until(lambda: new.width() >= new.sizeHint().width())


def test_tags_shorten_with_the_left_side_and_never_hold_it_wide(bench: Bench) -> None:
    bench.ask("Letters", "ok")
    (one,) = bench.window.sidebar.list.items.conversations()
    tags = ["work", "a tag with a long name"]
    bench.window.sidebar.list.tags_chosen.emit(one.id, tags)
    bench.until(lambda: bench.window.sidebar.list.items.tags() == sorted(tags))
    chooser = bench.window.sidebar.tag_filter
    bench.window.splitter.setSizes([600, 900])
    chooser._choose(tags[1])
    bench.until(lambda: chooser.text() == tags[1])
    bench.window.splitter.setSizes([1, 900])
    bench.until(lambda: chooser.text().endswith("…") and tags[1].startswith(chooser.text()[:-1]))
    assert tags[1] in chooser.toolTip()


def test_a_row_shows_whole_tags_and_counts_the_others(qtbot: QtBot) -> None:
    metrics = QFontMetrics(QApplication.font())
    tags = ["#work", "#letters", "#2026"]

    def within(text: str) -> str:
        return tags_within(tags, metrics, metrics.horizontalAdvance(text))

    assert within("#work  #letters  #2026") == "#work  #letters  #2026"
    assert within("#work  #letters  +1") == "#work  #letters  +1"
    assert within("#work  +2") == "#work  +2"
    assert within("#wor…").startswith("#w")
    assert within("#") == ""
    assert tags_within([], metrics, 100) == ""


def test_the_left_side_fits_words_that_change_after_the_window_heard(bench: Bench) -> None:
    new = bench.button("New conversation")
    bench.window.splitter.setSizes([1, 900])
    QApplication.sendEvent(bench.window, QEvent(QEvent.Type.StyleChange))  # in any order
    new.setText(new.text() * 2)
    bench.until(lambda: new.width() >= new.sizeHint().width())


def test_the_open_conversation_is_in_sight_and_a_reader_of_the_list_is_left_alone(
    qtbot: QtBot,
) -> None:
    made = [
        Conversation(str(number), f"title {number}", 0, 0, folder="work" if number == 150 else "")
        for number in range(200)
    ]
    listed = ConversationList()
    qtbot.addWidget(listed)
    listed.resize(200, 300)
    listed.show()
    listed.set_conversations(made, NOW)
    seen = listed.viewport().rect()

    def sight(identity: str) -> bool:
        index = listed.items.index_of(identity)
        return index.isValid() and seen.contains(listed.visualRect(index).center())

    listed.select("180")
    assert sight("180")
    listed.verticalScrollBar().setValue(0)
    listed.set_conversations(made[1:], NOW)  # as after an answer elsewhere
    assert listed.current_id() == "180"
    assert not sight("180")
    listed.items.toggle("work")
    listed.select("150")
    assert sight("150")
