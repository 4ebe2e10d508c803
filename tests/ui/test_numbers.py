"""Fields for numbers that say a word where none was chosen."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from hanlin_ui.widgets.numbers import DecimalField, NumberField


@pytest.mark.parametrize("kind", [NumberField, DecimalField])
def test_what_is_typed_takes_the_place_of_the_word(
    qtbot: QtBot, kind: type[NumberField] | type[DecimalField]
) -> None:
    field = kind()
    qtbot.addWidget(field)
    field.setMaximum(9999)
    field.setSuffix(" kB")
    field.setSpecialValueText("未设置")
    field.show()
    line = field.lineEdit()
    QTest.mouseClick(line, Qt.MouseButton.LeftButton, pos=line.rect().center())
    QTest.keyClicks(field, "512")
    assert field.value() == 512
    QTest.keyClicks(field, "3")  # behind a number it goes on
    assert field.value() == 5123
    field.setValue(0)
    QTest.keyClick(field, Qt.Key.Key_End)
    QTest.keyClick(field, Qt.Key.Key_Backspace)
    QTest.keyClicks(field, "7")
    assert field.value() == 7


def test_thousands_are_told_apart_and_need_not_be_typed_so(qtbot: QtBot) -> None:
    field = NumberField()
    qtbot.addWidget(field)
    field.setMaximum(99_999)
    field.setValue(4096)
    field.show()
    line = field.lineEdit()
    assert line.text() == "4,096"
    QTest.keyClick(line, Qt.Key.Key_End)
    QTest.keyClick(line, Qt.Key.Key_Backspace)
    QTest.keyClicks(line, "75")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert (field.value(), line.text()) == (40_975, "40,975")
