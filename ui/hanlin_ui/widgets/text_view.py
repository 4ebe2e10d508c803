"""A read-only piece of text as tall as what it says, to be stacked in a scroll area.

Text can be selected and copied in part. Addresses are reported, never opened,
and no picture or file is ever loaded, whatever the document asks for.
"""

import math
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, QUrl, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextDocument,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextBrowser, QWidget

from hanlin_ui.chat.markdown.render import INDENT, QUOTE_DEPTH
from hanlin_ui.theme import appearance

_BAR_WIDTH: Final = 3.0


class TextView(QTextBrowser):
    """Shows a document without scroll bars; its height follows its width."""

    link_clicked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAcceptDrops(False)
        self.setOpenLinks(False)
        self.setUndoRedoEnabled(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setWordWrapMode(self.wordWrapMode().WrapAtWordBoundaryOrAnywhere)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
            | Qt.TextInteractionFlag.LinksAccessibleByMouse
            | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.viewport().setAutoFillBackground(False)
        self.document().setDocumentMargin(0)
        self.document().setDefaultFont(self.font())
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self.anchorClicked.connect(self._on_anchor)

    def loadResource(self, kind: int, name: QUrl | str) -> object:  # noqa: ARG002 - Qt's name
        """Return an empty picture: None would let Qt open the file or share by itself."""
        return QImage()

    def minimumSizeHint(self) -> QSize:
        """Be as narrow as the window wants."""
        return QSize(40, self.height())

    def height_for(self, width: int) -> int:
        """Return how tall the text is at ``width`` pixels."""
        self.document().setTextWidth(width)
        return max(1, math.ceil(self.document().size().height()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Follow the new width."""
        super().resizeEvent(event)
        self._fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave scrolling to the transcript."""
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bars of quotations, then the text."""
        self._paint_quotes(event)
        super().paintEvent(event)

    def _paint_quotes(self, event: QPaintEvent) -> None:
        layout = self.document().documentLayout()
        painter: QPainter | None = None
        block = self.document().firstBlock()
        while block.isValid():
            depth = block.blockFormat().intProperty(QUOTE_DEPTH)
            if depth:
                area = layout.blockBoundingRect(block)
                if area.top() > event.rect().bottom():
                    break
                painter = painter or QPainter(self.viewport())
                for level in range(depth):
                    left = level * INDENT * 0.75 + 2
                    bar = QRectF(left, area.top(), _BAR_WIDTH, area.height())
                    painter.fillRect(bar, QColor(appearance.current().border))
            block = block.next()
        if painter is not None:
            painter.end()

    def _fit(self) -> None:
        document: QTextDocument = self.document()
        height = math.ceil(document.size().height())
        if height != self.height():
            self.setFixedHeight(max(height, 1))

    def _on_anchor(self, address: QUrl) -> None:
        self.link_clicked.emit(address.toString())
