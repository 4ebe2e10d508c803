"""What can be done with a message: seen near it, there for the keyboard always."""

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QApplication, QWidget

from hanlin_bench.bench import Bench
from hanlin_ui.chat.answer import AnswerView
from hanlin_ui.chat.question import QuestionView


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
    assert (veiled(first), veiled(last)) == ({True}, {False})
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
