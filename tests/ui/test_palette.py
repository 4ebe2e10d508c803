"""The command palette and the keys, with real key events."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from hanlin_bench.bench import Bench
from hanlin_ui.palette.dialog import CommandPalette
from hanlin_ui.palette.keys import is_typed
from hanlin_ui.palette.keys_dialog import KeysDialog
from hanlin_ui.palette.matching import score

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def palette(bench: Bench) -> CommandPalette:
    QTest.keyClick(bench.window, Qt.Key.Key_P, CONTROL | SHIFT)
    dialog = bench.dialog()
    assert isinstance(dialog, CommandPalette)
    return dialog


@pytest.mark.parametrize(
    ("query", "text", "fits"),
    [("new", "New conversation", True), ("ncv", "New conversation", True),
     ("xdh", "新对话", True), ("xinduihua", "新对话", True), ("新對話", "新对话", True),
     ("conv new", "New conversation", True), ("zzz", "New conversation", False)],
)  # fmt: skip
def test_what_fits(query: str, text: str, fits: bool) -> None:  # noqa: FBT001 - a test's parameter
    assert bool(score(query, text)) is fits


def test_the_beginning_fits_best() -> None:
    assert score("set", "Settings") > score("set", "Reset") > score("set", "some letters")


def test_a_command_is_typed_and_done(bench: Bench) -> None:
    bench.ask("天气", "好")
    dialog = palette(bench)
    QTest.keyClicks(dialog.box, "new conv")
    assert dialog.names()[0] == "New conversation"
    QTest.keyClick(dialog.box, Qt.Key.Key_Return)
    bench.until(lambda: bench.workbench.conversations.current == "")
    dialog = palette(bench)
    QTest.keyClicks(dialog.box, "tianqi")
    assert dialog.names()[0] == "天气"
    QTest.keyClick(dialog.box, Qt.Key.Key_Return)
    bench.until(lambda: bench.workbench.conversations.current != "")
    dialog = palette(bench)
    QTest.keyClicks(dialog.box, "qqqq")
    assert dialog.names() == []
    assert dialog.nothing.isVisible()
    dialog.box.clear()
    assert not dialog.nothing.isVisible()
    QTest.keyClicks(dialog.box, "theme dark")
    QTest.keyClick(dialog.box, Qt.Key.Key_Return)
    bench.until(lambda: bench.app.settings.appearance == "dark")


@pytest.mark.parametrize(("spoken", "name"), [("en", "Language"), ("zh_CN", "语言")])
@pytest.mark.parametrize(
    ("query", "value"),
    [("chinese", "中文（简体）"), ("zhongwen", "中文（简体）"), ("中文", "中文（简体）"),
     ("english", "English"), ("英文", "English"), ("language", "English"), ("语言", "English")],
)  # fmt: skip
def test_the_language_is_found_in_the_one_that_is_spoken_and_in_the_other(
    qtbot: QtBot, tmp_path: Path, spoken: str, name: str, query: str, value: str
) -> None:
    bench = Bench(qtbot, tmp_path / "bench", spoken)
    try:
        dialog = palette(bench)
        dialog.box.setText(query)
        assert any(one.startswith(name) and one.endswith(value) for one in dialog.names()[:8])
    finally:
        bench.close()


def test_keys_are_changed_kept_and_never_given_twice(qtbot: QtBot, tmp_path: Path) -> None:
    first = Bench(qtbot, tmp_path / "bench")
    first.window.menus.keys_requested.emit()
    dialog = first.dialog()
    assert isinstance(dialog, KeysDialog)
    names = list(first.workbench.palette.actions)
    dialog.table.setCurrentCell(names.index("search_requested"), 0)
    dialog._take(QKeySequence("Ctrl+N"))
    assert "New conversation" in dialog._note.text()
    dialog._take(QKeySequence("Ctrl+Alt+S"))
    first.until(lambda: "Ctrl+Alt+S" in first.app.settings.shortcuts)
    dialog.accept()
    # A key that arrives while the dialog still goes away is the dialog's.
    first.until(lambda: QApplication.activeModalWidget() is None)
    first.window.activateWindow()
    first.until(first.window.isActiveWindow)
    QTest.keyClick(first.window, Qt.Key.Key_S, CONTROL | Qt.KeyboardModifier.AltModifier)
    first.until(first.workbench.search.panel.box.hasFocus)
    first.close()
    second = Bench(qtbot, tmp_path / "bench")
    kept = second.workbench.palette.actions["search_requested"].shortcut()
    assert kept == QKeySequence("Ctrl+Alt+S")
    second.close()


@pytest.mark.parametrize(
    ("keys", "typed"),
    [("A", True), ("Shift+A", True), ("Esc", True), ("Return", True), ("Space", True),
     ("F7", False), ("Shift+F7", False), ("Ctrl+A", False), ("Alt+A", False), ("", False)],
)  # fmt: skip
def test_what_is_typed_is_no_shortcut(keys: str, *, typed: bool) -> None:
    assert is_typed(QKeySequence(keys)) is typed


def test_keys_are_changed_with_the_keyboard_alone(bench: Bench) -> None:
    bench.window.menus.keys_requested.emit()
    dialog = bench.dialog()
    assert isinstance(dialog, KeysDialog)
    dialog.activateWindow()
    bench.until(dialog.table.hasFocus)
    QTest.keyClick(dialog.table, Qt.Key.Key_Tab)
    bench.until(lambda: dialog.focusWidget() not in (None, dialog.table))
    field = dialog.focusWidget()
    new = bench.workbench.palette.actions["new_requested"]
    given = new.shortcuts()
    QTest.keyClick(field, Qt.Key.Key_Escape)
    bench.until(dialog._note.isVisible)
    assert new.shortcuts() == given
    QTest.keyClick(field, Qt.Key.Key_X, CONTROL | Qt.KeyboardModifier.AltModifier)
    bench.until(lambda: new.shortcuts() == [QKeySequence("Ctrl+Alt+X")])
    assert not dialog._note.isVisible()
    dialog.accept()


def test_keys_are_as_they_were_made_again_all_of_them(bench: Bench) -> None:
    bench.window.menus.keys_requested.emit()
    dialog = bench.dialog()
    assert isinstance(dialog, KeysDialog)
    larger = bench.workbench.palette.actions["larger_requested"]
    given = larger.shortcuts()
    assert len(given) > 1
    dialog.table.setCurrentCell(list(bench.workbench.palette.actions).index("larger_requested"), 0)
    dialog._take(QKeySequence("Ctrl+Alt+L"))
    assert larger.shortcuts() == [QKeySequence("Ctrl+Alt+L")]
    bench.press("As it was made", dialog)
    assert larger.shortcuts() == given
    dialog.accept()


def test_what_a_command_is_stands_beside_it_and_not_in_its_name(bench: Bench) -> None:
    bench.ask("q", "a")
    dialog = palette(bench)
    QTest.keyClicks(dialog.box, "theme dark")
    row = dialog.found.item(0)
    assert row.text() == dialog.names()[0]
    assert row.data(Qt.ItemDataRole.AccessibleDescriptionRole) == "Setting"
    dialog.close()


def test_a_model_or_a_choice_is_offered_once_with_what_it_is(bench: Bench) -> None:
    dialog = palette(bench)
    assert dialog.names()[:2] == ["Add model file", "Get a real model"]
    QTest.keyClicks(dialog.box, "alpha")
    kinds = [
        dialog.found.item(row).data(Qt.ItemDataRole.AccessibleDescriptionRole)
        for row, name in enumerate(dialog.names())
        if name == "alpha"
    ]
    assert kinds == ["Model"]
    dialog.box.clear()
    QTest.keyClicks(dialog.box, "dark")
    assert "Dark" not in dialog.names()
    dialog.close()
