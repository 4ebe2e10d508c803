"""The settings dialog: its pages, and the glyphs its editors take from files."""

import re

from PySide6.QtGui import QImage

from hanlin.settings.schema import SettingsSchema, settings_of
from hanlin_ui.settings.pages import pages_of
from hanlin_ui.theme.looks import Looks
from hanlin_ui.theme.palette import INK, PAPER
from hanlin_ui.theme.style import style_sheet


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
