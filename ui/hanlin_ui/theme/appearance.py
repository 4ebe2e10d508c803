"""What is worn: the person's choice of colours, letters and gaps, or the system's.

The one place that sets font, palette and style sheet. Widgets that bake them into
documents or icons ask :func:`current` and :func:`looks`, and do it again on ``StyleChange``,
which comes last (icons: on what :data:`WORN_ANEW` lists).
"""

from dataclasses import replace
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication

from hanlin_ui.theme.fonts import interface_font
from hanlin_ui.theme.looks import Looks
from hanlin_ui.theme.palette import INK, INK_CLEAR, PAPER, PAPER_CLEAR, Theme, qt_palette
from hanlin_ui.theme.style import style_sheet

WORN_ANEW: Final = (QEvent.Type.PaletteChange, QEvent.Type.FontChange)
"""What a widget hears when other colours or letters are put on."""
_BLINK_MS: Final = 1_060
_SYSTEM_FONT: Final = "hanlin_system_font"
"""The application's property that keeps the font it was started with."""
_worn: Theme = PAPER
_looks = Looks()


def current() -> Theme:
    """Return the theme that is worn now: another object whenever something is put on."""
    return _worn


def looks() -> Looks:
    """Return what else is worn now."""
    return _looks


class Appearance(QObject):
    """Dresses the application and follows the system's light and dark."""

    changed = Signal()

    def __init__(self, application: QApplication, chosen: Looks, *, dressed: bool = True) -> None:
        super().__init__(application)
        self._application = application
        self._dressed = dressed
        application.styleHints().colorSchemeChanged.connect(self._on_system_changed)
        self.wear(chosen)

    def wear(self, chosen: Looks) -> None:
        """Put on what was chosen."""
        global _worn, _looks  # noqa: PLW0603 - an application wears one theme
        application = self._application
        font = interface_font(_system_font(application), chosen.family, chosen.text_percent)
        _looks = chosen
        # Another object, so that whoever drew with the last one sees that it is over.
        _worn = replace(_theme(chosen, dark=self._is_system_dark()))
        application.setCursorFlashTime(0 if chosen.still else _BLINK_MS)
        if font != application.font():
            application.setFont(font)
        application.setPalette(qt_palette(_worn))
        if self._dressed:
            self._put_on_sheet()
        self.changed.emit()

    def dress(self) -> None:
        """Put on the style sheet, once for a whole window that was built without.

        Built under a style sheet, each widget is polished again with each parent it is given.
        """
        self._dressed = True
        self._put_on_sheet()

    def _put_on_sheet(self) -> None:
        points = self._application.font().pointSizeF()
        self._application.setStyleSheet(style_sheet(_worn, _looks, points))

    def _is_system_dark(self) -> bool:
        return self._application.styleHints().colorScheme() is Qt.ColorScheme.Dark

    @Slot()
    def _on_system_changed(self) -> None:
        if _looks.choice == "system":
            self.wear(_looks)


def _theme(chosen: Looks, *, dark: bool) -> Theme:
    if chosen.choice == "dark" or (chosen.choice == "system" and dark):
        return INK_CLEAR if chosen.high_contrast else INK
    return PAPER_CLEAR if chosen.high_contrast else PAPER


def _system_font(application: QApplication) -> QFont:
    """Return the font the desktop chose, which :meth:`Appearance.wear` writes over."""
    kept = application.property(_SYSTEM_FONT)
    if not isinstance(kept, QFont):
        kept = QFont(application.font())
        application.setProperty(_SYSTEM_FONT, kept)
    return kept
