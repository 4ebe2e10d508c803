"""What the small windows above other programs share; what stands in them is not its business."""

from typing import Final

from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import (
    QCloseEvent,
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QFrame, QLabel, QWidget

from hanlin_ui.quick import compositor
from hanlin_ui.theme import appearance
from hanlin_ui.widgets.buttons import IconButton

_ROUND: Final = 14
"""Pixels."""


class FloatingWindow(QFrame):
    """Has no frame and stays above other windows until it is closed, which only hides it."""

    def __init__(self) -> None:
        super().__init__(None, Qt.WindowType.Window | Qt.WindowType.FramelessWindowHint)
        self.setWindowFlag(Qt.WindowType.WindowStaysOnTopHint)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)  # beside round corners
        self._blends = True
        self._title = QLabel()
        self._title.setProperty("role", "muted")
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._close = IconButton("close", 16)
        self._close.clicked.connect(self.close)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close with Esc, wherever the keyboard is."""
        if event.key() == Qt.Key.Key_Escape:
            self._on_dismissed()
            return
        super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Let the window be moved by its free places."""
        handle = self.windowHandle()
        if event.button() == Qt.MouseButton.LeftButton and handle is not None:
            handle.startSystemMove()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the ground with round corners: a window's own is not the style sheet's."""
        theme = appearance.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(theme.edge))
        painter.setBrush(QColor(theme.ground))
        # What nothing blends would be black in the corners, and a mask has no smooth edge.
        radius = _ROUND if self._blends else 0
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        painter.end()

    def showEvent(self, event: QShowEvent) -> None:
        """Look what the desktop can do: a compositor comes and goes."""
        self._blends = compositor.blends()
        super().showEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Only hide: what was asked is there when the window comes back."""
        event.ignore()
        self.hide()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def _show_for(self, writer: QWidget) -> None:
        """Stand above everything, with the keyboard in ``writer``."""
        self.show()
        self.raise_()
        self.activateWindow()
        writer.setFocus()

    def _on_dismissed(self) -> None:
        self.close()

    def _retranslate(self) -> None:
        """Set every text; called anew when the language changes."""
        raise NotImplementedError
