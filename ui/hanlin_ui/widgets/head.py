"""The head of the left side: the program's name, a button with every menu, one that hides it.

Where the left side is hidden, the head stands above the page instead.
"""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QMenuBar, QWidget

from hanlin.kernel.i18n import _
from hanlin_ui.widgets.buttons import IconButton
from hanlin_ui.widgets.menu_bar import FOLDS

_ICON = 18
_EDGE = 15
"""Pixels: with them the icon stands above those of the switch, the name above its words."""
_WORDS = 22
"""The same for the name where no icon stands before it."""


class Head(QWidget):
    """Opens the menus of ``bar`` from one button."""

    side_toggled = Signal()

    def __init__(self, bar: QMenuBar, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bar = bar
        self._menu = IconButton("menu", _ICON, self)
        if not FOLDS:
            self._menu.hide()
        self._menu.clicked.connect(self.open_menu)
        self._name = QLabel()
        self._name.setProperty("role", "strong")
        self._side = IconButton("sidebar", _ICON)
        self._side.clicked.connect(self.side_toggled)
        row = QHBoxLayout(self)
        row.setContentsMargins(_EDGE if FOLDS else _WORDS, 8, 10, 0)
        row.setSpacing(0)
        row.addWidget(self._menu)
        row.addWidget(self._name)
        row.addStretch()
        row.addWidget(self._side)
        self._retranslate()

    def open_menu(self) -> None:
        """Show every menu of the bar, one below the other."""
        menu = QMenu(self._menu)
        menu.addActions(self._bar.actions())
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self._menu.mapToGlobal(self._menu.rect().bottomLeft()))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        self._name.setText(_("Hanlin"))
        self._menu.set_label(_("Menu (Alt)"))
        self._side.set_label(_("Show or hide the left side (Ctrl+B)"))
