"""The conversations at the left: their order and names, the trash, the keyboard, tags, width."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import QAbstractItemModel, QEvent, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from hanlin.domain.conversation import Conversation
from hanlin.settings.schema import SettingsSchema
from hanlin_bench.bench import Bench
from hanlin_ui.dialogs.message import MessageDialog
from hanlin_ui.sidebar.delegate import tags_within
from hanlin_ui.sidebar.item_model import TAGS_ROLE, ConversationItemModel, age_of
from hanlin_ui.sidebar.list_view import ConversationList

NOW = datetime(2026, 3, 15, 12, 0, tzinfo=UTC)


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
