"""A picture to look at: nearer, turned, and cut where that is wanted."""

import functools
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeySequence,
    QMouseEvent,
    QPen,
    QResizeEvent,
    QShortcut,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QGraphicsPixmapItem,
    QGraphicsRectItem,
    QGraphicsScene,
    QGraphicsView,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from hanlin.domain.attachments import Thumbnail
from hanlin.kernel.i18n import _
from hanlin_ui.chat.attachments.chip import pixmap_of
from hanlin_ui.theme import appearance
from hanlin_ui.widgets.buttons import IconButton
from hanlin_ui.widgets.sizes import fitting
from hanlin_ui.widgets.tips import tip

_STEP: Final = 1.25
_NEAREST, _FARTHEST = 16.0, 0.05
_LEAST: Final = 8
"""Pixels of the picture: a smaller selection was a click."""
Crop = tuple[float, float, float, float]


class PictureCanvas(QGraphicsView):
    """One picture, fitted into the window until a person comes nearer."""

    selected = Signal()

    def __init__(self, small: Thumbnail, *, selectable: bool) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setScene(QGraphicsScene(self))
        self._item = QGraphicsPixmapItem(pixmap_of(small))
        self._item.setTransformationMode(Qt.TransformationMode.SmoothTransformation)
        self.scene().addItem(self._item)
        self._frame = QGraphicsRectItem()
        self._frame.setPen(QPen(QColor(appearance.current().accent), 0, Qt.PenStyle.DashLine))
        self._frame.setBrush(QColor(0, 0, 0, 40))
        self._frame.hide()
        self.scene().addItem(self._frame)
        self._fitted = True
        self._selectable = selectable
        self._from: QPointF | None = None
        self.turn = 0
        """Quarters clockwise."""
        self.setAccessibleName(_("Picture"))
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.AnchorUnderMouse)
        if not selectable:
            self.setDragMode(QGraphicsView.DragMode.ScrollHandDrag)

    def crop(self) -> Crop:
        """Return what is selected, as shares of the turned picture."""
        whole = self._bounds()
        if not self._frame.isVisible():
            return 0.0, 0.0, 1.0, 1.0
        chosen = self._frame.rect()
        return (
            (chosen.left() - whole.left()) / whole.width(),
            (chosen.top() - whole.top()) / whole.height(),
            (chosen.right() - whole.left()) / whole.width(),
            (chosen.bottom() - whole.top()) / whole.height(),
        )

    def rotate_quarters(self, quarters: int) -> None:
        """Turn the picture; what was selected is forgotten."""
        self.turn = (self.turn + quarters) % 4
        self._item.setTransform(QTransform().rotate(90 * self.turn))
        self._frame.hide()
        self.scene().setSceneRect(self._bounds())
        self.fit()

    def zoom(self, factor: float) -> None:
        """Come nearer, or go farther away."""
        now = self.transform().m11()
        factor = min(_NEAREST, max(_FARTHEST, now * factor)) / now
        self._fitted = False
        self.scale(factor, factor)

    def fit(self) -> None:
        """Show the whole picture."""
        self._fitted = True
        bounds = self._bounds()
        self.fitInView(bounds, Qt.AspectRatioMode.KeepAspectRatio)
        if self.transform().m11() > 1.0:
            self.resetTransform()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom."""
        self.zoom(_STEP if event.angleDelta().y() > 0 else 1 / _STEP)
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stay fitted."""
        super().resizeEvent(event)
        if self._fitted:
            self.fit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a selection."""
        if self._selectable and event.button() is Qt.MouseButton.LeftButton:
            self._from = self.mapToScene(event.position().toPoint())
            self._frame.hide()
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Draw the selection."""
        if self._from is None:
            super().mouseMoveEvent(event)
            return
        here = self.mapToScene(event.position().toPoint())
        chosen = QRectF(self._from, here).normalized().intersected(self._bounds())
        if min(chosen.width(), chosen.height()) >= _LEAST:
            self._frame.setRect(chosen)
            self._frame.show()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the selection."""
        self._from = None
        super().mouseReleaseEvent(event)
        self.selected.emit()

    def _bounds(self) -> QRectF:
        return self._item.mapRectToScene(self._item.boundingRect())


class PictureDialog(QDialog):
    """Shows a picture; with ``editable`` it can be turned and cut."""

    shaped = Signal(int, object)
    """Quarters clockwise, and the shares left, top, right, bottom that stay."""

    def __init__(self, name: str, small: Thumbnail, parent: QWidget, *, editable: bool) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(name)
        self.resize(fitting(self, 760, 620))
        self.canvas = PictureCanvas(small, selectable=editable)
        row = QHBoxLayout()
        self._add(row, "add", _("Nearer"), lambda: self.canvas.zoom(_STEP), "+", "=")
        self._add(row, "minus", _("Farther"), lambda: self.canvas.zoom(1 / _STEP), "-")
        self._add(row, "fit", _("Whole picture"), self.canvas.fit, "0")
        if editable:
            left, right = (functools.partial(self.canvas.rotate_quarters, one) for one in (-1, 1))
            self._add(row, "restore", _("Rotate left"), left, "L")
            self._add(row, "again", _("Rotate right"), right, "R")
            hint = QLabel(_("Drag over the picture to keep only that part."))
            hint.setProperty("role", "muted")
            row.addSpacing(8)
            row.addWidget(hint)
        row.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 14, 14, 14)
        layout.setSpacing(10)
        layout.addWidget(self.canvas, stretch=1)
        layout.addLayout(row)
        buttons = QDialogButtonBox()
        if editable:
            use = buttons.addButton(_("Use"), QDialogButtonBox.ButtonRole.AcceptRole)
            use.setProperty("role", "primary")
            buttons.accepted.connect(self._on_accepted)
            buttons.addButton(_("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        else:
            buttons.addButton(_("Close"), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.rejected.connect(self.reject)
        row.addWidget(buttons)

    def _add(
        self, row: QHBoxLayout, sign: str, label: str, act: Callable[[], object], *keys: str
    ) -> None:
        button = IconButton(sign, 18)
        button.set_label(label)
        button.setToolTip(tip(f"{label} ({keys[0]})"))
        button.clicked.connect(lambda _checked=False: act())
        row.addWidget(button)
        for key in keys:
            QShortcut(QKeySequence(key), self).activated.connect(act)

    def _on_accepted(self) -> None:
        self.shaped.emit(self.canvas.turn, self.canvas.crop())
        self.accept()
