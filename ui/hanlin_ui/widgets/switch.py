"""A switch: what a check box is for, where something is on or off from now on.

To keyboard and screen reader it is a check box. It says by the place of its knob, not by colour
alone, how it stands. In lists, where things are picked, check boxes stay what they are.
"""

from typing import Final

from PySide6.QtCore import QEasingCurve, QPoint, QRectF, QSize, Qt, QVariantAnimation
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QSizePolicy, QWidget

from hanlin_ui.theme import appearance
from hanlin_ui.widgets import motion

_LEAST: Final = 18
"""Pixels of height; with larger letters it is larger."""
_LONG: Final = 1.8
"""Its width, in heights."""
_RING: Final = 3
"""Pixels around it for the ring that shows where the keyboard is."""
_INSIDE: Final = 3.5
"""Pixels between knob and edge."""


class SwitchBox(QCheckBox):
    """Has no words of its own: they stand beside it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._way = 0.0
        """How far the knob is on its way from off to on."""
        self.toggled.connect(self._on_toggled)

    def sizeHint(self) -> QSize:
        """Return its size, with room for the ring."""
        height = max(_LEAST, self.fontMetrics().height())
        return QSize(round(height * _LONG) + 2 * _RING, height + 2 * _RING)

    def minimumSizeHint(self) -> QSize:
        """Be never smaller."""
        return self.sizeHint()

    def hitButton(self, where: QPoint) -> bool:
        """Take a click anywhere on it."""
        return self.rect().contains(where)

    def _on_toggled(self, on: bool) -> None:  # noqa: FBT001 - a Qt slot
        for sliding in self.findChildren(QVariantAnimation):
            sliding.stop()
        if not motion.moves(self):
            self._on_slid(float(on))
            return
        sliding = QVariantAnimation(self)
        sliding.setDuration(motion.MS)
        sliding.setEasingCurve(QEasingCurve.Type.OutCubic)
        sliding.setStartValue(self._way)
        sliding.setEndValue(float(on))
        sliding.valueChanged.connect(self._on_slid)
        sliding.start(QVariantAnimation.DeletionPolicy.DeleteWhenStopped)

    def _on_slid(self, way: float) -> None:
        self._way = way
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw track and knob, and the ring while the keyboard is here."""
        theme, on = appearance.current(), self.isChecked()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(1.0 if self.isEnabled() else 0.5)
        whole = QRectF(self.rect())
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.text), 1.4))
            _pill(painter, whole.adjusted(0.7, 0.7, -0.7, -0.7))
        track = whole.adjusted(_RING, _RING, -_RING, -_RING)
        hovered = self.underMouse()
        filled = theme.accent_hover if hovered else theme.accent
        left = theme.hover if hovered else theme.raised
        painter.setBrush(QColor(filled if on else left))
        painter.setPen(QPen(QColor(filled if on else theme.muted), 1))
        _pill(painter, track.adjusted(0.5, 0.5, -0.5, -0.5))
        knob = track.height() - 2 * _INSIDE
        at = track.left() + _INSIDE + self._way * (track.width() - knob - 2 * _INSIDE)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.on_accent if on else theme.muted))
        painter.drawEllipse(QRectF(at, track.top() + _INSIDE, knob, knob))
        painter.end()


def _pill(painter: QPainter, area: QRectF) -> None:
    painter.drawRoundedRect(area, area.height() / 2, area.height() / 2)
