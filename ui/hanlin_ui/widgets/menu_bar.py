"""A menu bar that stays out of sight until it is called: with Alt, F10 or a menu's own letter.

Its menus open from a button too (:mod:`hanlin_ui.widgets.head`). What is in them is not
its business. On macOS the bar stands at the top of the screen, and nothing is folded.
"""

import sys
from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QFocusEvent, QShortcut
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

FOLDS: Final = sys.platform != "darwin"
_AS_HIGH_AS_IT_LIKES: Final = 16_777_215
"""Qt's own QWIDGETSIZE_MAX."""


class FoldingMenuBar(QMenuBar):
    """Has no height while nobody uses it. It is never hidden: a hidden bar hears no keys."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stays = not FOLDS
        self._key = QShortcut(Qt.Key.Key_F10, self)
        self._key.activated.connect(self._call)
        self._fold()

    def set_stays(self, stays: bool) -> None:  # noqa: FBT001 - a state
        """Show the bar always, or only when it is called."""
        self._stays = stays or not FOLDS
        self._fold()

    def is_folded(self) -> bool:
        """Tell whether the bar is out of sight."""
        return self.maximumHeight() == 0

    def add_menu(self) -> QMenu:
        """Return a new menu of the bar, which comes into sight while the menu is open."""
        menu = QMenu(self)
        self.addMenu(menu)
        # Before it is asked whether the menu was opened here, or by the button.
        menu.aboutToShow.connect(self._fold_later)
        menu.aboutToHide.connect(self._fold_later)
        return menu

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Come into sight: Alt was pressed."""
        super().focusInEvent(event)
        self._fold()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Go when the keyboard is elsewhere."""
        super().focusOutEvent(event)
        self._fold_later()

    def _call(self) -> None:
        if first := next(iter(self.actions()), None):
            self.setFocus(Qt.FocusReason.MenuBarFocusReason)
            self.setActiveAction(first)

    def _fold_later(self) -> None:
        QTimer.singleShot(0, self, self._fold)

    def _fold(self) -> None:
        used = self._stays or self.hasFocus() or self.activeAction() is not None
        self.setMaximumHeight(_AS_HIGH_AS_IT_LIKES if used else 0)
