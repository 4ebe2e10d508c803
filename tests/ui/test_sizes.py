"""Windows grow with the letters, and no further than the screen."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QDialog, QWidget
from pytestqt.qtbot import QtBot

from hanlin_ui.theme import appearance
from hanlin_ui.theme.looks import Looks
from hanlin_ui.widgets.sizes import fitting

Wear = Callable[[int], None]


@pytest.fixture
def wear(monkeypatch: pytest.MonkeyPatch) -> Wear:
    return lambda percent: monkeypatch.setattr(appearance, "_looks", Looks(text_percent=percent))


@pytest.mark.parametrize(("percent", "grown"), [(100, (200, 100)), (150, (300, 150))])
def test_a_window_is_as_large_as_its_letters(
    qtbot: QtBot, wear: Wear, percent: int, grown: tuple[int, int]
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    wear(percent)
    assert fitting(window, 200, 100) == QSize(*grown)


def test_a_dialog_keeps_within_the_screen_of_its_parent(
    qtbot: QtBot, wear: Wear, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = QDialog(parent)

    class Small:
        def availableSize(self) -> QSize:
            return QSize(800, 600)

    monkeypatch.setattr(parent, "screen", Small)
    wear(150)
    assert fitting(dialog, 700, 300) == QSize(720, 450)
    assert fitting(dialog, 300, 500) == QSize(450, 540)
