"""The hunters of the test suite themselves: each must find what it is for."""

import pytest
from PySide6.QtCore import QObject, QThread, QTimer
from PySide6.QtWidgets import QDialog, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from hanlin_hunters import leftovers
from hanlin_hunters.qt import Dialogs, no_qt_left, nothing_flashes_up


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leftovers, "GRACE_SECONDS", 0.2)


def test_an_active_timer_is_found_with_the_line_that_started_it() -> None:
    owner = QObject()
    timer = QTimer(owner)
    with (
        pytest.raises(pytest.fail.Exception, match=r"active timer.*test_hunters\.py:\d+"),
        no_qt_left(),
    ):
        timer.start(10_000)
    timer.stop()


def test_a_running_thread_is_found() -> None:
    thread = QThread()
    with (
        pytest.raises(pytest.fail.Exception, match=r"running QThread.*test_hunters\.py:\d+"),
        no_qt_left(),
    ):
        thread.start()
    thread.quit()
    assert thread.wait(2000)


def test_a_forgotten_window_is_found() -> None:
    with (
        pytest.raises(pytest.fail.Exception, match=r"QWidget 'lost'.*test_hunters\.py:\d+"),
        no_qt_left(),
    ):
        window = QWidget(windowTitle="lost")
    window.deleteLater()


def test_what_is_cleaned_up_is_no_finding(qtbot: QtBot) -> None:
    with no_qt_left():
        window = QWidget()
        timer = QTimer(window)
        timer.start(10_000)
        window.deleteLater()


def test_a_dialog_that_nobody_answers_fails_instead_of_waiting(dialogs: Dialogs) -> None:
    dialog = QDialog()
    dialog.setWindowTitle("Sure?")
    with pytest.raises(pytest.fail.Exception, match=r"Sure\?"):
        dialog.exec()
    with pytest.raises(pytest.fail.Exception, match="question"):
        QMessageBox.question(dialog, "Delete", "Delete it?")
    dialog.deleteLater()


def test_an_expected_dialog_gets_its_answer(dialogs: Dialogs) -> None:
    dialog = QDialog()
    dialogs.answer(QDialog.accept)
    dialogs.answer(lambda _arguments: QMessageBox.StandardButton.Yes)
    assert dialog.exec() == QDialog.DialogCode.Accepted
    assert QMessageBox.question(dialog, "a", "b") is QMessageBox.StandardButton.Yes
    dialog.deleteLater()


def test_a_part_shown_before_it_has_a_parent_is_found(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)

    def build() -> None:
        with nothing_flashes_up():
            part = QWidget()
            part.setVisible(True)
            part.setParent(window)

    found = r"QWidget, shown by .*test_hunters\.py:\d+"
    with pytest.raises(pytest.fail.Exception, match=found):
        build()
