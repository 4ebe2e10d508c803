"""The page of an empty conversation on screens of all sizes."""

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from hanlin_ui.chat.start_page import StartPage, suggestions


@pytest.mark.parametrize("size", [(870, 580), (600, 370), (380, 300)])
def test_suggestions_stay_readable(qtbot: QtBot, size: tuple[int, int]) -> None:
    page = StartPage()
    qtbot.addWidget(page)
    page.resize(*size)
    page.show()
    chips = [b for b in page.findChildren(QPushButton) if b.text() in suggestions()]
    assert len(chips) == len(suggestions())
    qtbot.waitUntil(
        lambda: all(
            chip.width() >= chip.sizeHint().width() and chip.height() >= chip.sizeHint().height()
            for chip in chips
        )
    )
