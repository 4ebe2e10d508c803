"""Assistants in the window: chosen at the start, stored with the conversation, edited."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from hanlin.domain.assistants import Assistant, to_file
from hanlin.domain.conversation import Role
from hanlin_bench.bench import Bench
from hanlin_ui.assistants.editor import AssistantsDialog
from hanlin_ui.assistants.picture_field import PictureField
from hanlin_ui.dialogs.message import MessageDialog


def editor(bench: Bench) -> AssistantsDialog:
    bench.window.menus.assistants_requested.emit()
    dialog = bench.dialog()
    assert isinstance(dialog, AssistantsDialog)
    return dialog


def refusals(bench: Bench) -> list[MessageDialog]:
    return [one for one in bench.window.findChildren(MessageDialog) if one.isVisible()]


def test_one_is_chosen_at_the_start_and_its_question_asked(bench: Bench) -> None:
    bench.window.resize(1100, 800)
    bench.press("Code")
    start = bench.window.page.start
    question = "Write a function that counts how often each word occurs in a text."
    bench.engine.enqueue("done")
    bench.press(question, start)
    bench.until(lambda: bool(bench.answers()) and not bench.is_answering())
    turns = bench.engine.asked[-1].turns
    assert turns[0].role is Role.SYSTEM
    assert "programmer" in turns[0].text
    assert turns[-1].text == question
    current = bench.workbench.conversations.current
    kept = bench.app.assistants.of(current)
    assert kept is not None
    assert kept.id == "code"
    assert bench.workbench.assistants.pill.text() == "Code"
    bench.workbench.conversations.start_new()
    bench.until(lambda: bench.workbench.assistants.pill.text() == "Assistant")
    assert not bench.workbench.assistants.pill.icon().isNull()
    bench.workbench.conversations.open_stored(current)
    bench.until(lambda: bench.workbench.assistants.pill.text() == "Code")


def test_a_new_one_is_written_and_deleted(bench: Bench) -> None:
    dialog = editor(bench)
    bench.press("New", dialog)
    dialog._name.setText("诗人")
    QTest.keyClicks(dialog._prompt, "Answer in verse.")
    bench.press("Save", dialog)
    bench.until(lambda: [one.name for one in bench.app.assistants.own()] == ["诗人"])
    bench.until(lambda: dialog.assistant().id != "")
    assert dialog.assistant().prompt == "Answer in verse."
    bench.press("Delete", dialog)
    asked = bench.message(dialog)
    QTest.keyClick(asked, Qt.Key.Key_Return)  # Cancel has the keyboard
    bench.until(lambda: dialog.findChildren(MessageDialog) == [])
    assert [one.name for one in bench.app.assistants.own()] == ["诗人"]
    bench.press("Delete", dialog)
    bench.press("Delete for good", bench.message(dialog))
    bench.until(lambda: bench.app.assistants.own() == [])
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    bench.until(lambda: bench.workbench.assistants._dialog is None)


@pytest.mark.parametrize("way", ["another", "new"])
def test_what_was_written_is_not_lost_to_another_assistant(bench: Bench, way: str) -> None:
    dialog = editor(bench)
    dialog.activateWindow()
    first = dialog.assistant()
    QTest.keyClicks(dialog._prompt, "More.")
    written = dialog.assistant()
    assert written != first

    def leave() -> MessageDialog:
        if way == "new":
            bench.press("New", dialog)
        else:
            QTest.keyClick(dialog._list, Qt.Key.Key_Down)
        return bench.message(dialog)

    asked = leave()
    QTest.keyClick(asked, Qt.Key.Key_Escape)
    bench.until(lambda: dialog.findChildren(MessageDialog) == [])
    assert dialog.assistant() == written
    assert dialog._list.currentRow() == 0
    bench.press("Discard", leave())
    bench.until(lambda: dialog.assistant().id != written.id)
    assert dialog._list.currentRow() == (-1 if way == "new" else 1)
    dialog.close()  # nothing is written now: no question
    bench.until(lambda: bench.workbench.assistants._dialog is None)


def test_a_file_is_read_and_a_foreign_one_refused(bench: Bench, tmp_path: Path) -> None:
    dialog = editor(bench)
    file = tmp_path / "助手.json"
    file.write_text(to_file([Assistant("x", "诗人", prompt="verse")]), encoding="utf-8")
    dialog._wishes.read(file)
    bench.until(lambda: [one.name for one in bench.app.assistants.own()] == ["诗人"])
    copy = tmp_path / "copy.json"
    dialog._wishes.write(bench.app.assistants.own(), copy)
    bench.until(lambda: copy.exists() and "verse" in copy.read_text(encoding="utf-8"))
    dialog.close()
    bench.until(lambda: bench.workbench.assistants._dialog is None)
    bench.workbench.assistants.edit()
    again = bench.dialog()
    assert isinstance(again, AssistantsDialog)
    file.write_text("[]", encoding="utf-8")
    again._wishes.read(file)
    bench.until(lambda: bool(refusals(bench)))
    (refusal,) = refusals(bench)
    assert refusal.windowTitle() == "This is no file with assistants"
    refusal.accept()
    again.close()


def test_a_name_is_offered_for_the_file(bench: Bench) -> None:
    dialog = editor(bench)
    bench.press("Export…", dialog)
    (files,) = dialog.findChildren(QFileDialog)
    assert [Path(name).name for name in files.selectedFiles()] == ["Writing.json"]
    files.reject()
    dialog.close()


def test_a_picture_is_chosen_or_an_emoji_typed(qtbot: QtBot) -> None:
    field = PictureField()
    qtbot.addWidget(field)
    assert field.picture() == ""
    for picture in (":edit", ":pin", "🍵", ""):  # one offered, one drawn but not offered
        field.set_picture(picture)
        assert field.picture() == picture
    assert field.currentText() == ""
    field.set_picture(":edit")
    assert field.currentText() == "", "the name of a drawn picture is not shown"
    field.setEditText("🍎")
    assert field.picture() == "🍎"
