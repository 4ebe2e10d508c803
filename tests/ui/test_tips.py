"""Tooltips show foreign texts letter by letter."""

import pytest
from PySide6.QtGui import QTextDocumentFragment
from pytestqt.qtbot import QtBot

from hanlin_ui.widgets.buttons import IconButton
from hanlin_ui.widgets.tips import tip

PICTURE = '<img src="file:///etc/passwd"> & a "name"'


@pytest.mark.parametrize("text", [PICTURE, "<b>bold</b>\n<table>", "&lt;b&gt;", "a < b", "plain"])
def test_what_looks_like_markup_is_shown_as_it_is(text: str) -> None:
    assert QTextDocumentFragment.fromHtml(tip(text)).toPlainText() == text


def test_a_button_named_after_a_file_shows_no_picture(qtbot: QtBot) -> None:
    button = IconButton("close")
    qtbot.addWidget(button)
    button.set_label(PICTURE)
    assert QTextDocumentFragment.fromHtml(button.toolTip()).toPlainText() == PICTURE
    assert button.accessibleName() == PICTURE


def test_a_button_is_as_pale_as_it_is_useless(qtbot: QtBot) -> None:
    button = IconButton("close")
    qtbot.addWidget(button)
    usual = button.icon().cacheKey()
    button.setEnabled(False)
    assert button.icon().cacheKey() != usual
    button.setEnabled(True)
    assert button.icon().cacheKey() == usual
