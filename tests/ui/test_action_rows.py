"""What can be done with a message: seen near it, there for the keyboard always."""

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from hanlin_bench.bench import Bench
from hanlin_ui.chat import turn
from hanlin_ui.chat.answer import AnswerView
from hanlin_ui.chat.question import QuestionView
from hanlin_ui.theme.looks import Looks
from hanlin_ui.widgets.buttons import IconButton
from hanlin_ui.widgets.text_view import TextView


def veiled(view: AnswerView | QuestionView) -> set[bool]:
    return {one.is_veiled() for one in view.actions_row._buttons}


def enter(view: QWidget, *, inside: bool) -> None:
    here = QPointF(1, 1)
    event = QEnterEvent(here, here, here) if inside else QEvent(QEvent.Type.Leave)
    QApplication.sendEvent(view, event)


def test_only_the_last_answer_shows_its_buttons_until_the_mouse_comes(bench: Bench) -> None:
    bench.ask("q", "a")
    bench.ask("r", "b")
    first, last = bench.answers()
    bench.until(lambda: (veiled(first), veiled(last)) == ({True}, {False}))
    enter(first, inside=True)
    assert veiled(first) == {False}
    enter(first, inside=False)
    assert veiled(first) == {True}
    question = bench.questions()[0]
    enter(question, inside=True)
    assert veiled(question) == {False}


def test_the_keyboard_shows_them_and_their_names_are_always_there(bench: Bench) -> None:
    bench.ask("q", "a")
    bench.ask("r", "b")
    first = bench.answers()[0]
    button = bench.button("Regenerate", first)
    assert veiled(first) == {True}
    bench.window.activateWindow()
    button.setFocus(Qt.FocusReason.TabFocusReason)
    bench.until(button.hasFocus)
    assert veiled(first) == {False}
    bench.window.page.composer.setFocus()
    assert veiled(first) == {True}


def test_arrows_between_versions_stand_at_the_edge(bench: Bench) -> None:
    bench.ask("q", "a")
    bench.engine.enqueue("another")
    bench.button("Regenerate", bench.answers()[0]).click()
    bench.until(lambda: [one.text() for one in bench.answers()] == ["another"])
    versions = bench.answers()[0].versions
    bench.until(versions.isVisible)
    assert versions.x() == 0
    bench.until(lambda: not bench.is_answering())
    bench.engine.enqueue("again")
    bench.questions()[0].edited.emit(bench.questions()[0].message_id, "q again")
    bench.until(lambda: [one.text() for one in bench.answers()] == ["again"])
    question = bench.questions()[0]
    bench.until(question.versions.isVisible)
    bench.until(lambda: question.versions.geometry().right() == question.actions_row.width() - 1)


@pytest.mark.parametrize("percent", [100, 150])
def test_the_row_is_as_tall_before_its_buttons_are_there(bench: Bench, percent: int) -> None:
    bench.interface.wear(Looks("light", text_percent=percent))
    bench.ask("q", "a")
    bench.button("Regenerate", bench.answers()[0])
    bench.button("Edit and ask again", bench.questions()[0])
    for view in (bench.answers()[0], bench.questions()[0]):
        assert view.actions_row.height() == view.actions_row.minimumHeight()
        buttons = view.actions_row._buttons
        assert max(one.sizeHint().height() for one in buttons) == view.actions_row.height()


def test_tab_reaches_the_buttons_that_nobody_had_time_to_make(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn, "has_time", lambda: False)
    bench.ask("q", "a")
    question = bench.questions()[0]
    assert not question.findChildren(IconButton)
    text = question.findChildren(TextView)[0]
    text.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(text, Qt.Key.Key_Tab)
    bench.until(lambda: QApplication.focusWidget() is question.actions_row._buttons[0])
    monkeypatch.undo()


def test_the_mouse_has_the_buttons_made_at_once(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn, "has_time", lambda: False)
    bench.ask("q", "a")
    question = bench.questions()[0]
    enter(question, inside=True)
    assert veiled(question) == {False}
    assert question.findChildren(IconButton)
