"""The settings dialog: its pages, and the glyphs its editors take from files."""

import re
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QComboBox, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from hanlin.kernel.events import EventBus
from hanlin.settings.schema import SettingsSchema, settings_of
from hanlin.settings.store import Settings
from hanlin_bench.bench import Bench
from hanlin_ui.settings.dialog import SettingsDialog
from hanlin_ui.settings.pages import pages_of
from hanlin_ui.theme import appearance
from hanlin_ui.theme.looks import Looks
from hanlin_ui.theme.palette import INK, PAPER
from hanlin_ui.theme.style import style_sheet
from hanlin_ui.widgets import motion
from hanlin_ui.widgets.sections import Sections
from hanlin_ui.widgets.switch import SwitchBox


def test_every_setting_with_words_stands_on_one_page() -> None:
    pages = pages_of(settings_of(SettingsSchema))
    shown = [setting.key for page in pages for setting in page.settings]
    assert shown == [s.key for s in settings_of(SettingsSchema) if s.label is not None]
    assert all(page.settings and page.words() for page in pages)
    names = [page.words() for page in pages]
    assert len(set(names)) == len(names)


def test_what_the_style_sheet_draws_is_there() -> None:
    for theme in (PAPER, INK):
        files = re.findall(r'url\("([^"]+)"\)', style_sheet(theme, Looks(), 10.5))
        assert files
        for file in files:
            assert not QImage(file).isNull(), file
            assert not QImage(file.replace(".png", "@2x.png")).isNull(), file


def test_what_is_on_or_off_is_a_switch_that_keys_and_clicks_turn(
    qtbot: QtBot, tmp_path: Path
) -> None:
    settings = Settings(tmp_path / "settings.json", EventBus())
    window = QWidget()
    qtbot.addWidget(window)
    dialog = SettingsDialog(settings, window)
    assert all(isinstance(box, SwitchBox) for box in dialog.findChildren(QCheckBox))
    switch = dialog.findChild(SwitchBox, SettingsSchema.keep_running.key)
    assert switch is not None
    dialog.show()
    kept = []
    QTest.keyClick(switch, Qt.Key.Key_Space)
    kept.append(settings.keep_running)
    QTest.mouseClick(switch, Qt.MouseButton.LeftButton, pos=QPoint(2, 2))
    kept.append(settings.keep_running)
    assert kept == [True, False]
    said = QAccessible.queryAccessibleInterface(switch)
    assert said.role() is QAccessible.Role.CheckBox
    assert said.text(QAccessible.Text.Name) == "Keep running in the tray"


@pytest.mark.parametrize("key", ["appearance", "text_percent"])
def test_the_wheel_scrolls_the_page_and_changes_no_choice_under_it(bench: Bench, key: str) -> None:
    bench.window.menus.settings_requested.emit()
    dialog = bench.dialog()
    dialog.resize(780, 260)
    (sections,) = dialog.findChildren(Sections)
    sections.setCurrentRow(1)
    (field,) = dialog.findChildren(QWidget, key)
    page = next(one for one in dialog.findChildren(QScrollArea) if one.isAncestorOf(field))
    bench.until(lambda: field.isVisible() and page.verticalScrollBar().maximum() > 0)
    field.setFocus()
    page.verticalScrollBar().setValue(0)
    settings = bench.app.settings
    kept = (settings.appearance, settings.text_percent)
    where = field.mapTo(dialog, field.rect().center())
    QTest.wheelEvent(dialog.windowHandle(), QPointF(where), QPoint(0, -120))
    bench.until(lambda: page.verticalScrollBar().value() > 0)
    assert (settings.appearance, settings.text_percent) == kept
    dialog.close()


def test_no_choice_is_cut_off(bench: Bench) -> None:
    bench.window.menus.settings_requested.emit()
    dialog = bench.dialog()
    named_here = [
        box
        for box in dialog.findChildren(QComboBox)
        if box.objectName() != SettingsSchema.font_family.key
    ]
    assert named_here
    for box in named_here:
        assert box.sizeHint().width() <= box.width(), box.objectName()
    dialog.close()


def test_nothing_is_cut_off_when_the_letters_grow_while_it_is_open(bench: Bench) -> None:
    bench.window.menus.settings_requested.emit()
    dialog = bench.dialog()
    bench.interface.wear(Looks("light", text_percent=150))
    (sections,) = dialog.findChildren(Sections)
    for number in range(sections.count()):
        sections.setCurrentRow(number)
        (area,) = (one for one in dialog.findChildren(QScrollArea) if one.isVisible())
        page = area.widget()
        assert page is not None
        assert page.minimumSizeHint().width() <= area.viewport().width(), sections.item(
            number
        ).text()
    dialog.close()


@pytest.mark.parametrize("still", [False, True])
def test_the_knob_of_a_switch_slides_where_there_is_motion(qtbot: QtBot, *, still: bool) -> None:
    switch = SwitchBox()
    qtbot.addWidget(switch)
    switch.show()
    motion.hold_still(60 if still else -1)

    def knob() -> bool:
        """Tell whether the knob is seen at the right end."""
        image, theme = switch.grab().toImage(), appearance.current()
        middle = image.height() // 2
        left, right = (
            image.pixelColor(middle, middle),
            image.pixelColor(image.width() - middle, middle),
        )
        tracks = [QColor(theme.accent), QColor(theme.accent_hover)]
        return left in tracks and right == QColor(theme.on_accent)

    assert not knob()
    switch.click()
    assert knob() is still
    qtbot.waitUntil(knob, timeout=20_000)
    motion.hold_still(-1)
