"""What scrolls by is moved as it is, and what stands is kept when something grows below it."""

from typing import TYPE_CHECKING

from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from hanlin_ui.widgets.still import stand_still

if TYPE_CHECKING:
    from PySide6.QtCore import QRect

_ROOM = 400
_STEP = 20


class _Page(QWidget):
    """Remembers what of it was painted."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.painted: list[QRect] = []

    def paintEvent(self, event: QPaintEvent) -> None:
        self.painted.append(event.rect())


def test_only_what_comes_into_sight_is_painted(qtbot: QtBot) -> None:
    area = QScrollArea()
    qtbot.addWidget(area)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    column = QWidget()
    stand_still(column)
    column.setFixedSize(_ROOM, 3 * _ROOM)
    page = _Page(column)
    page.resize(_ROOM, 3 * _ROOM)
    area.setWidget(column)
    area.resize(_ROOM + area.verticalScrollBar().sizeHint().width(), _ROOM)
    area.show()
    qtbot.waitExposed(area)
    qtbot.waitUntil(lambda: bool(page.painted))
    assert page.painted[0].height() == _ROOM
    page.painted.clear()
    area.verticalScrollBar().setValue(_STEP)
    qtbot.waitUntil(lambda: bool(page.painted))
    assert [one.height() for one in page.painted] == [_STEP]
    page.painted.clear()
    column.setFixedHeight(4 * _ROOM)  # below, out of sight
    area.verticalScrollBar().setValue(2 * _STEP)
    qtbot.waitUntil(lambda: bool(page.painted))
    assert [one.height() for one in page.painted] == [_STEP]
