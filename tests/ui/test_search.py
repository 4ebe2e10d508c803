"""The search above the conversations and in the open one, with real keys."""

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from hanlin.domain.conversation import Part, PartKind, Role, Status
from hanlin_bench.bench import Bench
from hanlin_ui.search.marking import texts
from hanlin_ui.search.results import rows_of


def marked(bench: Bench) -> list[str]:
    """Return what is marked on screen."""
    found = []
    for view in texts(bench.window.page.transcript):
        found += [one.cursor.selectedText() for one in view.extraSelections()]
    return found


def search(bench: Bench, text: str) -> list[str]:
    """Type ``text`` into the search; return the rows once the index knows everything."""
    panel = bench.workbench.search.panel
    QTest.keyClick(
        bench.window,
        Qt.Key.Key_F,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    )
    bench.until(panel.box.hasFocus)
    bench.until(lambda: not bench.app.search.search(text).unindexed)
    QTest.keyClicks(panel.box, text)
    bench.until(lambda: panel.found.isVisible() or panel.note.isVisible())
    return [("# " if row.is_title else "") + row.shown.text for row in rows_of(panel.items)]


def fill(bench: Bench, title: str, *texts: str) -> str:
    """Store a conversation; return its id."""
    store = bench.app.store
    conversation = store.create_conversation(title)
    parent = None
    for number, text in enumerate(texts):
        role = Role.ASSISTANT if number % 2 else Role.USER
        parts = (Part(PartKind.TEXT, text),)
        parent = store.add_message(conversation.id, parent, role, Status.COMPLETE, parts).id
    bench.workbench.conversations.refresh()
    return conversation.id


def test_the_keyboard_in_the_field_has_the_conversations_in_memory_soon(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = threading.Event()
    monkeypatch.setattr(bench.app.store.database.ahead, "read", lambda _wanted: begun.set())
    bench.until(bench.window.page.composer.entry.hasFocus)
    assert not begun.is_set()
    bench.workbench.search.begin()
    bench.until(begun.is_set)


def test_a_search_by_pinyin_leads_to_the_place_in_another_conversation(bench: Bench) -> None:
    filler = [f"第{n}句，说的是别的。\n\n" * 12 for n in range(40)]
    there = fill(bench, "很长的一段", "问", "答：重庆的天气很好。", *filler)
    fill(bench, "另一段", "天气呢", "不知道。")
    bench.workbench.conversations.open_stored("")
    bench.app.search.index_all()
    rows = search(bench, "tianqi")
    assert rows == ["# 另一段", "天气呢", "# 很长的一段", "答：重庆的天气很好。"]
    panel = bench.workbench.search.panel
    QTest.keyClick(panel.box, Qt.Key.Key_Down)
    bench.until(panel.found.hasFocus)
    for _step in range(3):
        QTest.keyClick(panel.found, Qt.Key.Key_Down)
    QTest.keyClick(panel.found, Qt.Key.Key_Return)
    bench.until(lambda: bench.workbench.conversations.current == there)
    bench.until(lambda: marked(bench) == ["天气"])
    bench.until(lambda: not bench.window.page.transcript.is_at_bottom())


def test_a_place_in_another_version_becomes_visible(bench: Bench) -> None:
    bench.ask("问题", "第一种回答")
    first = bench.answers()[-1].message_id
    bench.engine.enqueue("第二种说法")
    bench.app.chat.regenerate(first)
    bench.until(lambda: bench.answers()[-1].message_id != first and not bench.is_answering())
    bench.app.search.index_all()
    panel = bench.workbench.search.panel
    search(bench, "diyizhong")
    bench.until(lambda: [row.hit.message_id for row in rows_of(panel.items)][-1:] == [first])
    QTest.mouseClick(
        panel.found.viewport(),
        Qt.MouseButton.LeftButton,
        pos=panel.found.visualRect(panel.items.index(panel.items.rowCount() - 1)).center(),
    )
    bench.until(lambda: [view.message_id for view in bench.answers()] == [first])
    bench.until(lambda: marked(bench) == ["第一种"])


def test_finding_in_the_open_conversation_goes_round(bench: Bench) -> None:
    conversation = fill(bench, "题", "one two one", "two one")
    bench.workbench.conversations.open_stored(conversation)
    QTest.keyClick(bench.window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    bar = bench.workbench.find.bar
    bench.until(bar.box.hasFocus)
    QTest.keyClicks(bar.box, "one")
    bench.until(lambda: marked(bench) == ["one"] * 3)
    assert "3" in _count(bench)
    QTest.keyClick(bar.box, Qt.Key.Key_Return)
    bench.until(lambda: "1" in _count(bench))
    QTest.keyClick(bar.box, Qt.Key.Key_Escape)
    bench.until(lambda: marked(bench) == [])
    assert not bar.isVisible()
    bench.until(bench.window.page.composer.entry.hasFocus)


def test_escape_brings_the_list_back(bench: Bench) -> None:
    fill(bench, "题目", "内容")
    bench.app.search.index_all()
    assert search(bench, "meiyouzhege") == []
    panel = bench.workbench.search.panel
    assert panel.note.text() == "Nothing was found."
    assert not bench.window.sidebar.list.isVisible()
    QTest.keyClick(panel.box, Qt.Key.Key_Escape)
    bench.until(bench.window.sidebar.list.isVisible)
    assert panel.text() == ""


def test_the_choice_of_a_tag_makes_room_for_what_is_found(bench: Bench) -> None:
    bench.ask("rent", "ok")
    sidebar, panel = bench.window.sidebar, bench.workbench.search.panel
    sidebar.list.tags_chosen.emit(bench.workbench.conversations.current, ["home"])
    bench.until(lambda: bool(sidebar.list.items.tags()) and sidebar.tag_filter.isVisible())
    panel.box.setText("rent")
    bench.until(panel.found.isVisible)
    bench.workbench.conversations.refresh()  # as after an answer
    assert not sidebar.tag_filter.isVisible()
    panel.box.clear()
    bench.until(sidebar.tag_filter.isVisible)


def test_an_old_folder_is_indexed_behind_the_window(qtbot: QtBot, tmp_path: Path) -> None:
    first = Bench(qtbot, tmp_path / "bench")
    fill(first, "题", "很久以前")
    first.close()
    second = Bench(qtbot, tmp_path / "bench")
    second.until(lambda: len(second.app.search.search("以前").hits) == 1)
    second.close()


def _count(bench: Bench) -> str:
    return bench.workbench.find.bar.count_text()
