"""Where in a column a person reads: at its end, which is followed, or at a place that stays.

Heights above that place change while views are built and texts are drawn; what is read is
put back where it stood. What the column is made of is its own business.
"""

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QScrollArea

if TYPE_CHECKING:
    from hanlin_ui.chat.column import Anchor, MessageColumn

_NEAR: Final = 24
"""Pixels from the bottom that still count as being at the bottom."""


class ReadingPlace(QObject):
    """Belongs to one scroll area, whose bar it moves."""

    scrolled = Signal(int)
    """The upper edge is at another height of the column."""

    def __init__(self, area: QScrollArea, column: "MessageColumn") -> None:
        super().__init__(area)
        self._viewport = area.viewport()
        self._bar = area.verticalScrollBar()
        self._column = column
        self.follows = True
        """The end is followed."""
        self.grows_above = False
        """Older messages are coming in above, until the column is taller."""
        self._anchor: Anchor | None = None
        """What stands at the upper edge, to stand there again when heights above it change."""
        self._settling = QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.setInterval(0)
        self._settling.timeout.connect(self._settle)
        self._bar.valueChanged.connect(self._on_scrolled)
        self._bar.rangeChanged.connect(self._on_range_changed)

    def begin(self) -> None:
        """Forget what was read: other messages are shown."""
        self.follows = True
        self._anchor = None

    def settle(self) -> None:
        """Bring what is drawn in line with where everything stands, soon."""
        self._settling.start()

    def follow(self) -> None:
        """Go to the end and follow it from now on."""
        self.follows = True
        self._bar.setValue(self._bar.maximum())

    def show_height(self, y: int) -> None:
        """Have what is at ``y`` in the column a third below the upper edge, unless it is seen."""
        top, room = self._bar.value(), self._viewport.height()
        if not top + room // 8 <= y <= top + room * 7 // 8:
            self._bar.setValue(y - room // 3)
        self.follows = False

    def _on_scrolled(self, value: int) -> None:
        if not self.grows_above:
            self.follows = value >= self._bar.maximum() - _NEAR and self._column.has_end
        self._anchor = self._column.anchor_at(value)
        self._draw_seen()
        self.scrolled.emit(value)

    def _on_range_changed(self, _minimum: int, _maximum: int) -> None:
        self._keep()
        self.grows_above = False

    def _settle(self) -> None:
        self._keep()
        self._draw_seen()

    def _draw_seen(self) -> None:
        self._column.draw_seen(self._bar.value(), self._viewport.height())

    def _keep(self) -> None:
        """Follow the end, or leave what is read where it is."""
        if self.follows:
            self._bar.setValue(self._bar.maximum())
        elif self._anchor is not None and (y := self._anchor.y()) is not None:
            self._bar.setValue(y)
