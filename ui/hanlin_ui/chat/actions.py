"""What can be done with a message, below it: seen where the mouse or the keyboard is.

The buttons are always there for the keyboard and for screen readers; they only do not
show their icons while nobody is near, so that a conversation reads like a text. They take
half the time that a message takes to build, so they come into their row when the event
loop has time for them, or at once where somebody comes near; the row has its height before.
"""

from collections.abc import Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QEnterEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from hanlin.kernel.i18n import _
from hanlin_ui.chat import turn
from hanlin_ui.chat.more import MoreButton
from hanlin_ui.chat.versions import VersionSwitch
from hanlin_ui.theme import appearance
from hanlin_ui.theme.icons import extent
from hanlin_ui.widgets.buttons import IconButton

COPY: Final = "copy"
AGAIN: Final = "again"
REVISE: Final = "revise"
_ICONS: Final = {COPY: "copy", AGAIN: "again", REVISE: "edit"}
_ICON: Final = 15
_TALLEST: Final = 16
_FRAME: Final = 13
"""Pixels of a button's height that are not its icon."""
_FIRST: Final = 1
"""Where in the row the buttons begin: behind the versions, or behind what pushes them right."""


class ActionRow(QWidget):
    """A row of buttons, the last of which opens a menu, and the versions at the edge.

    What stands beside the versions shows only now and then.
    """

    wished = Signal(str)
    """COPY, AGAIN or REVISE, or from the menu one of the names in :mod:`hanlin_ui.chat.more`."""

    def __init__(
        self, actions: Sequence[str], offers: tuple[str, ...], *, at_right: bool = False
    ) -> None:
        """Make a row for a button each of ``actions`` and a menu of ``offers``."""
        super().__init__()
        self._actions = actions
        self._offers = offers
        self._buttons: list[IconButton] = []
        self._more: MoreButton | None = None
        self._lasting = self._near = False
        self.versions = VersionSwitch()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(2)
        if at_right:
            self._row.addStretch()
        self._row.addWidget(self.versions)
        if not at_right:
            self._row.addStretch()
        self._reserve()
        self._filling = QTimer(self)
        self._filling.setSingleShot(True)
        self._filling.timeout.connect(self._on_filling)

    def fill(self) -> None:
        """Make the buttons now, unless they are there."""
        self._filling.stop()
        if self._buttons:
            return
        for action in self._actions:
            button = IconButton(_ICONS[action], _ICON, self)
            button.clicked.connect(partial(self.wished.emit, action))
            self._buttons.append(button)
        self._more = MoreButton(self._offers, self)
        self._more.chosen.connect(self.wished)
        self._buttons.append(self._more)
        for place, button in enumerate(self._buttons, _FIRST):
            button.installEventFilter(self)
            self._row.insertWidget(place, button)
            button.show()  # now: Tab goes to what is seen alone
        self._row.activate()
        self._retranslate()
        self._show()

    def set_lasting(self, lasting: bool) -> None:  # noqa: FBT001 - a state
        """Show the buttons always, as below the last answer."""
        self._lasting = lasting
        self._show()

    def set_near(self, near: bool) -> None:  # noqa: FBT001 - a state
        """Say whether the mouse is over the message."""
        self._near = near
        if near:
            self.fill()
        self._show()

    def showEvent(self, event: QShowEvent) -> None:
        """Have the buttons made soon."""
        super().showEvent(event)
        if not self._buttons:
            self._filling.start(0)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language, and the size of the buttons."""
        super().changeEvent(event)
        if event.type() in appearance.WORN_ANEW:
            self._reserve()
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Show the buttons while one of them has the keyboard."""
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self._show()
        return super().eventFilter(watched, event)

    def _on_filling(self) -> None:
        if turn.has_time():
            self.fill()
        else:
            self._filling.start(0)

    def _reserve(self) -> None:
        """Be as tall as the buttons will be."""
        self.setMinimumHeight(extent(_TALLEST).height() + _FRAME)

    def _show(self) -> None:
        shown = self._lasting or self._near or any(one.hasFocus() for one in self._buttons)
        for button in self._buttons:
            button.set_veiled(not shown)

    def _retranslate(self) -> None:
        words = {COPY: _("Copy"), AGAIN: _("Regenerate"), REVISE: _("Edit and ask again")}
        for button, action in zip(self._buttons, self._actions, strict=False):
            button.set_label(words[action])
        if self._more is not None:
            self._more.retranslate()


class ActedOn(QWidget):
    """A message with a row of actions, which is there while the mouse is over the message."""

    editing_ended = Signal()
    """Its editor, where the keyboard was, is gone."""
    actions_row: ActionRow

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show what can be done with the message."""
        super().enterEvent(event)
        self.actions_row.set_near(True)

    def leaveEvent(self, event: QEvent) -> None:
        """Show it no longer."""
        super().leaveEvent(event)
        self.actions_row.set_near(False)
