"""Small buttons whose icon follows the theme and whose name is spoken and shown alike."""

from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolButton, QWidget

from hanlin_ui.theme import appearance, shadow
from hanlin_ui.theme.icons import put_on
from hanlin_ui.widgets.tips import tip


class IconButton(QToolButton):
    """An icon with a name: the name is the tooltip and what a screen reader says."""

    def __init__(
        self, name: str, size: int = 16, parent: QWidget | None = None, *, role: str = ""
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", role)
        self._icon_name = name
        self._size = size
        self._veiled = False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._draw()

    def set_label(self, label: str) -> None:
        """Name the button."""
        self.setToolTip(tip(label))
        self.setAccessibleName(label)

    def set_icon(self, name: str) -> None:
        """Show another icon."""
        self._icon_name = name
        self._draw()

    def set_veiled(self, veiled: bool) -> None:  # noqa: FBT001 - a state
        """Show no icon, or show it again; the button stays what it is."""
        if veiled is not self._veiled:
            self._veiled = veiled
            self._draw()

    def is_veiled(self) -> bool:
        """Tell whether only who knows of the button finds it."""
        return self._veiled

    def changeEvent(self, event: QEvent) -> None:
        """Draw the icon for what is worn now, and pale where nothing can be pressed."""
        super().changeEvent(event)
        if event.type() in (*appearance.WORN_ANEW, QEvent.Type.EnabledChange):
            self._draw()

    def _draw(self) -> None:
        if self._veiled:
            self.setIcon(QIcon())
            return
        theme = appearance.current()
        colour = theme.on_accent if self.property("role") == "send" else theme.muted
        pale = None if self.isEnabled() else theme.edge  # most are never seen so
        put_on(self, self._icon_name, colour, self._size, disabled=pale)


class FloatingButton(IconButton):
    """A round one that lies above what scrolls by; the style sheet leaves room for its shadow."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the shadow, then the button."""
        painter = QPainter(self)
        reach = shadow.REACH
        round_part = QRectF(self.rect()).adjusted(reach, reach, -reach, -reach)
        shadow.draw(painter, round_part, round_part.height() / 2)
        painter.end()
        super().paintEvent(event)
