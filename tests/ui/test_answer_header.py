"""Who wrote an answer, above it."""

from dataclasses import replace

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from hanlin.domain.conversation import Message, Role, Status
from hanlin.kernel.clock import SystemClock
from hanlin_ui.chat.answer import AnswerView


def test_the_name_of_a_model_that_was_loading_comes_with_the_answer(qtbot: QtBot) -> None:
    waiting = Message("m", "c", None, Role.ASSISTANT, Status.STREAMING, created_at=0)
    view = AnswerView(waiting, SystemClock(), width=400)
    qtbot.addWidget(view)
    view.finish(replace(waiting, status=Status.COMPLETE, model="alpha"))
    assert "alpha" in {label.text() for label in view.findChildren(QLabel)}
