"""The column of messages by itself: what comes into it above and below, and what is marked."""

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from hanlin.domain.conversation import Message, Role, Status
from hanlin.kernel.clock import SystemClock
from hanlin.kernel.i18n import _
from hanlin_ui.chat.column import MessageColumn


@pytest.fixture
def column(qtbot: QtBot) -> Iterator[MessageColumn]:
    room = QWidget()
    qtbot.addWidget(room)
    room.resize(600, 400)
    made = MessageColumn(SystemClock(), room)
    qtbot.addWidget(made)
    yield made
    made.clear()


def message(name: str, role: Role = Role.USER, status: Status = Status.COMPLETE) -> Message:
    return Message(name, "c", None, role, status, created_at=0)


def waiting(name: str) -> Message:
    return message(name, Role.ASSISTANT, Status.STREAMING)


def queued(column: MessageColumn) -> list[str]:
    """Return the ids of the answers that say they wait for others."""
    return [
        view.message_id
        for view in column.views()
        if _("Waits for its turn") in {label.text() for label in view.findChildren(QLabel)}
    ]


def test_messages_stand_in_their_order_whichever_came_first(column: MessageColumn) -> None:
    column.put_below([message("3")])
    column.put_above(message("2"))
    column.put_below([message("4"), message("5")])
    column.put_above(message("1"))
    column.resize(600, column.sizeHint().height())
    assert column.ids() == ["1", "2", "3", "4", "5"]
    assert column.ids() == [view.message_id for view in sorted(column.views(), key=QWidget.y)]
    column.remove_after("2")
    assert column.ids() == ["1", "2"]


def test_the_first_unfinished_answer_waits_for_no_other_wherever_others_come_in(
    column: MessageColumn,
) -> None:
    column.put_below([waiting("2"), message("3"), waiting("4")])
    assert queued(column) == ["4"]
    column.put_above(waiting("1"))
    assert queued(column) == ["2", "4"]
    column.finish(message("1", Role.ASSISTANT))
    assert queued(column) == ["4"]
