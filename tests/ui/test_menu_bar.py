"""The menus: from their button, by Alt and a letter, and as a bar that is in sight when wanted."""

import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QVBoxLayout

from hanlin_bench.bench import Bench
from hanlin_ui.widgets.menu_bar import FoldingMenuBar

pytestmark = pytest.mark.skipif(
    sys.platform == "darwin", reason="macOS has its own menu bar at the top of the screen"
)


def menu_bar(bench: Bench) -> FoldingMenuBar:
    found = bench.window.menuBar()
    assert isinstance(found, FoldingMenuBar)
    return found


def popup(bench: Bench) -> QMenu:
    """Return the menu that is open, waiting for it."""
    bench.until(lambda: isinstance(QApplication.activePopupWidget(), QMenu))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def test_every_menu_opens_from_one_button(bench: Bench) -> None:
    bar = menu_bar(bench)
    assert bar.height() == 0
    bench.button("Menu (Alt)").click()
    menu = popup(bench)
    assert menu.actions() == bar.actions()
    QTest.keyClick(menu, Qt.Key.Key_F)  # opens the first menu below this one
    below = popup(bench)
    assert "New conversation" in [one.text().replace("&", "") for one in below.actions()]
    assert bar.is_folded(), "a menu of the button needs no bar"
    QTest.keyClick(below, Qt.Key.Key_Escape)
    QTest.keyClick(popup(bench), Qt.Key.Key_Escape)
    bench.until(lambda: QApplication.activePopupWidget() is None)


def test_a_menus_letter_opens_it_in_its_bar_which_goes_again(bench: Bench) -> None:
    bar, entry = menu_bar(bench), bench.window.page.composer.entry
    entry.setFocus()
    QTest.keyClick(entry, Qt.Key.Key_S, Qt.KeyboardModifier.AltModifier)
    menu = popup(bench)
    bench.until(lambda: bar.height() > 0)
    QTest.keyClick(menu, Qt.Key.Key_Escape)
    bench.until(lambda: QApplication.activePopupWidget() is None)
    if bar.hasFocus():
        QTest.keyClick(bar, Qt.Key.Key_Escape)
    bench.until(lambda: bar.height() == 0)
    assert entry.hasFocus()


def test_the_bar_is_called_by_a_key(bench: Bench) -> None:
    bar, entry = menu_bar(bench), bench.window.page.composer.entry
    entry.setFocus()
    QTest.keyClick(entry, Qt.Key.Key_F10)
    bench.until(lambda: bar.height() > 0)
    entry.setFocus()
    bench.until(lambda: bar.height() == 0)


def test_who_wants_the_bar_has_it_at_once(bench: Bench) -> None:
    bar = menu_bar(bench)
    bench.app.settings.menu_bar = True
    bench.until(lambda: bar.height() > 0)
    bench.app.settings.menu_bar = False
    bench.until(lambda: bar.height() == 0)


def test_the_menus_stay_where_the_left_side_is_hidden(bench: Bench) -> None:
    window = bench.window
    bench.press("Show or hide the left side (Ctrl+B)")
    assert not window.side.isVisible()
    bench.button("Menu (Alt)").click()
    QTest.keyClick(popup(bench), Qt.Key.Key_Escape)
    window.menus.code_requested.emit()
    assert window.side.isVisible(), "the folder of code stands there"
    column = window.side.layout()
    assert isinstance(column, QVBoxLayout)
    assert column.indexOf(window.head) == 0


def test_a_folder_of_code_has_a_width_of_its_own(bench: Bench) -> None:
    window = bench.window
    window.resize(1300, 700)
    window.splitter.setSizes([250, 1050])
    bench.until(lambda: window.side.width() == 250)
    usual = window.side.width()
    window.menus.code_requested.emit()
    bench.until(lambda: window.side.width() > usual)
    window.splitter.setSizes([500, window.splitter.width() - 500])
    bench.until(lambda: window.side.width() == 500)
    window.menus.chat_requested.emit()
    bench.until(lambda: window.side.width() == usual)
    window.menus.code_requested.emit()
    bench.until(lambda: window.side.width() == 500)
    assert window.code_width() == 500
    layout = window.layout_text()
    assert window.code_width() == 500
    window.restore("", layout, 500)
    bench.until(lambda: window.side.width() == usual)
