"""Leaving an area by Tab: what is passed on the way stays whose it is."""

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QPushButton, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from hanlin_ui.widgets import tab_stops


def test_what_is_passed_outlives_what_stood_before_it(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    area = QWidget(window)
    inside = QPushButton(area)
    passed = QScrollArea(window)
    passed.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    bar = passed.verticalScrollBar()
    beyond = QPushButton(window)
    window.show()
    beyond.clearFocus()
    assert tab_stops.leave(area, forward=True)
    assert window.focusWidget() is beyond
    inside.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    bar.setValue(bar.maximum())  # fails where the bar went with the button
    assert window.isVisible()
