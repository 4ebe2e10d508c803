"""Which theme is worn: the person's choice, or the system's when there is none.

The one place that sets palette and style sheet. Widgets that bake colours into
documents or icons ask :func:`current` and do it again on ``PaletteChange``.
"""

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QApplication

from hanlin_ui.theme.palette import INK, PAPER, Theme, qt_palette
from hanlin_ui.theme.style import style_sheet

_THEMES = {"light": PAPER, "dark": INK}
_worn: Theme = PAPER


def current() -> Theme:
    """Return the theme that is worn now."""
    return _worn


class Appearance(QObject):
    """Dresses the application and follows the system's light and dark."""

    changed = Signal()

    def __init__(self, application: QApplication, choice: str) -> None:
        super().__init__(application)
        self._application = application
        self._choice = choice
        application.styleHints().colorSchemeChanged.connect(self._on_system_changed)
        self._wear()

    def choose(self, choice: str) -> None:
        """Wear ``light``, ``dark`` or what the ``system`` has."""
        self._choice = choice
        self._wear()

    @Slot()
    def _on_system_changed(self) -> None:
        if self._choice == "system":
            self._wear()

    def _wear(self) -> None:
        global _worn  # noqa: PLW0603 - an application wears one theme
        dark = self._application.styleHints().colorScheme() is Qt.ColorScheme.Dark
        _worn = _THEMES.get(self._choice, INK if dark else PAPER)
        self._application.setPalette(qt_palette(_worn))
        self._application.setStyleSheet(style_sheet(_worn))
        self.changed.emit()
