"""The little that moves: a part grows into its place, a page fades into the next one.

Motion tells where something came from, and nothing else. It is over before anybody waits for
it, rests while an answer streams (each step lays the transcript out anew), and there is none
for who wants none. What is closed is gone at once.
"""

import time
from typing import Final

from PySide6.QtCore import QEasingCurve, QPoint, QRect, Qt, QVariantAnimation
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from hanlin_ui.theme import appearance

MS: Final = 140
"""Milliseconds that anything takes."""
_TALLEST: Final = 320
"""Pixels that a part grows by; the rest of a taller one is there at the end."""
_quiet_until = 0.0


def hold_still(seconds: float) -> None:
    """Have nothing begin to move for so long: the window has other work."""
    global _quiet_until  # noqa: PLW0603 - one window system, one rest
    _quiet_until = time.monotonic() + seconds


def unfold(part: QWidget, height: int = 0) -> None:
    """Show ``part``, growing from nothing to its height where there is motion.

    ``height`` is the one it will have, where it cannot say so before it is shown.
    """
    if not part.isHidden():
        return
    parent = part.parentWidget()
    if parent is None or not moves(parent) or part.findChild(_Growth) is not None:
        part.show()
        return
    width = parent.contentsRect().width()
    hint = part.heightForWidth(width) if part.hasHeightForWidth() else part.sizeHint().height()
    growth = _Growth(part, min(max(hint, height), _TALLEST))
    part.show()
    growth.start()


def fade(page: QWidget) -> None:
    """Let what ``page`` shows now fade out over what it will show in a moment."""
    if moves(page):
        _Veil(page)


def moves(place: QWidget) -> bool:
    """Tell whether anything may move there now."""
    return place.isVisible() and not appearance.looks().still and time.monotonic() > _quiet_until


class _Growth(QVariantAnimation):
    """Lets a part be taller and taller; its child, so that it goes with it."""

    def __init__(self, part: QWidget, height: int) -> None:
        super().__init__(part)
        self._part = part
        self._most = part.maximumHeight()
        self.setDuration(MS)
        self.setStartValue(1)
        self.setEndValue(max(1, height))
        self.setEasingCurve(QEasingCurve.Type.OutCubic)
        self.finished.connect(self._on_finished)
        part.setMaximumHeight(1)

    def updateCurrentValue(self, value: object) -> None:
        """Take one step."""
        if isinstance(value, int) and self.state() is QVariantAnimation.State.Running:
            self._part.setMaximumHeight(min(value, self._most))

    def _on_finished(self) -> None:
        self._part.setMaximumHeight(self._most)
        self.deleteLater()


class _Veil(QWidget):
    """A picture of what was there, thinner and thinner; in nobody's way."""

    def __init__(self, page: QWidget) -> None:
        window = page.window()  # its ground shines through the page, and nothing comes above it
        super().__init__(window)
        self.setObjectName("fading")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        place = QRect(page.mapTo(window, QPoint(0, 0)), page.size())
        self._picture = window.grab(place)
        self._left = 1.0
        self.setGeometry(place)
        fading = QVariantAnimation(self)
        fading.setDuration(MS)
        fading.setStartValue(1.0)
        fading.setEndValue(0.0)
        fading.valueChanged.connect(self._on_value)
        fading.finished.connect(self.deleteLater)
        self.show()
        self.raise_()
        fading.start()

    def _on_value(self, left: float) -> None:
        self._left = left
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw what is left of the picture."""
        painter = QPainter(self)
        painter.setOpacity(self._left)
        painter.drawPixmap(0, 0, self._picture)
        painter.end()
