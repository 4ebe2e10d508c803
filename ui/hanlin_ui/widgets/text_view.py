"""A read-only piece of text as tall as what it says, to be stacked in a scroll area.

Text can be selected and copied in part. Addresses are reported, never opened,
and no picture or file is ever loaded, whatever the document asks for.
"""

import math
import re
from typing import Final

from PySide6.QtCore import QMimeData, QPointF, QRect, QRectF, QSize, Qt, QUrl, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QImage,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QTextBlock,
    QTextCursor,
    QTextDocument,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextBrowser, QWidget

from hanlin_ui.chat import formulas
from hanlin_ui.chat.markdown.render import BULLET, INDENT, QUOTE_DEPTH, RULE, TASK
from hanlin_ui.theme import appearance

_BAR_WIDTH: Final = 3.0
_OBJECT: Final = re.compile("\N{OBJECT REPLACEMENT CHARACTER}")
_DOT: Final = 2.2
_DOT_GAP: Final = 11.0
_DOT_HEIGHT: Final = 0.66
"""Where the dot stands between the top of the line (0) and the foot of the letters (1)."""
_HOLLOW: Final = 2
_TICKED: Final = 2
_BOX: Final = 12.0


class TextView(QTextBrowser):
    """Shows a document without scroll bars; its height follows its width."""

    link_clicked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ringed = False
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
        """Become ``width`` pixels wide, and return how tall the text is then."""
        if width != self.width():  # once here: told only later, Qt would lay it out once more
            self.resize(width, self.height())
        return self._text_height(width)

    def _text_height(self, width: int) -> int:
        """Return how tall the text is with lines of ``width`` pixels."""
        document: QTextDocument = self.document()
        if document.textWidth() != width:  # Qt lays everything out again, also for the same
            document.setTextWidth(width)
        return max(1, math.ceil(document.size().height()))

    def createMimeDataFromSelection(self) -> QMimeData:
        """Copy formulas as their sources."""
        cursor = self.textCursor()
        text = cursor.selection().toPlainText()
        sources = iter(_formulas_in(self.document(), cursor))
        copied = QMimeData()
        copied.setText(_OBJECT.sub(lambda _found: next(sources, ""), text))
        return copied

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Follow the new width."""
        super().resizeEvent(event)
        self._fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave scrolling to the transcript."""
        event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keyboard is when it came by the keyboard."""
        super().focusInEvent(event)
        self._ringed = event.reason() in (
            Qt.FocusReason.TabFocusReason,
            Qt.FocusReason.BacktabFocusReason,
        )
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show no longer that the keyboard is here."""
        super().focusOutEvent(event)
        self._ringed = False
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what is not text, then the text."""
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_marks(painter, event.rect())
        if self._ringed:
            painter.setPen(QColor(appearance.current().edge))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(
                QRectF(self.viewport().rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4
            )
        painter.end()
        super().paintEvent(event)

    def _paint_marks(self, painter: QPainter, area: QRect) -> None:
        """Draw the bars of quotations, the dots of lists and the lines across within ``area``."""
        layout = self.document().documentLayout()
        place = layout.hitTest(QPointF(0, area.top()), Qt.HitTestAccuracy.FuzzyHit)
        block = self.document().findBlock(max(0, place)).previous()
        if not block.isValid():
            block = self.document().firstBlock()
        while block.isValid():
            where = layout.blockBoundingRect(block)
            if where.top() > area.bottom():
                return
            style = block.blockFormat()
            if depth := style.intProperty(QUOTE_DEPTH):
                self._paint_quote(painter, block, where, depth)
            if task := style.intProperty(TASK):
                _paint_task(painter, block, ticked=task == _TICKED)
            elif depth := style.intProperty(BULLET):
                _paint_dot(painter, block, depth)
            if style.boolProperty(RULE):
                line = QRectF(0, round(where.center().y()), self.viewport().width(), 1)
                painter.fillRect(line, QColor(appearance.current().border))
            block = block.next()

    def _paint_quote(self, painter: QPainter, block: QTextBlock, where: QRectF, depth: int) -> None:
        """Draw the bars beside ``block``, down to the next block of the same quotation."""
        after = block.next()
        shared = after.blockFormat().intProperty(QUOTE_DEPTH) if after.isValid() else 0
        below = self.document().documentLayout().blockBoundingRect(after).top() if shared else 0.0
        for level in range(depth):
            bottom = below if level < shared else where.bottom()
            left = level * INDENT * 0.75 + 2
            bar = QRectF(left, where.top(), _BAR_WIDTH, bottom - where.top())
            painter.fillRect(bar, QColor(appearance.current().border))

    def _fit(self) -> None:
        document: QTextDocument = self.document()
        height = math.ceil(document.size().height())
        if height != self.height():
            self.setFixedHeight(max(height, 1))

    def _on_anchor(self, address: QUrl) -> None:
        self.link_clicked.emit(address.toString())


def _formulas_in(document: QTextDocument, selected: QTextCursor) -> list[str]:
    found: list[str] = []
    place = selected.selectionStart()
    while True:
        cursor = document.find(_OBJECT.pattern, place)
        if cursor.isNull() or cursor.selectionEnd() > selected.selectionEnd():
            return found
        place = cursor.selectionEnd()
        found.append(formulas.source_text(formulas.key_of(cursor.charFormat())))


def _paint_dot(painter: QPainter, block: QTextBlock, depth: int) -> None:
    """Draw the dot before a point of a list: full, hollow, and square by turns."""
    line = block.layout().lineAt(0)
    if not line.isValid():
        return
    colour = QColor(appearance.current().muted)
    origin = block.layout().position()
    middle = QPointF(
        origin.x() + line.x() - _DOT_GAP,
        origin.y() + line.y() + line.ascent() * _DOT_HEIGHT,
    )
    painter.setPen(QPen(colour, 1.2))
    painter.setBrush(Qt.BrushStyle.NoBrush if depth % 3 == _HOLLOW else colour)
    if depth % 3:
        painter.drawEllipse(middle, _DOT, _DOT)
    else:
        painter.drawRect(QRectF(middle.x() - _DOT, middle.y() - _DOT, 2 * _DOT, 2 * _DOT))


def _paint_task(painter: QPainter, block: QTextBlock, *, ticked: bool) -> None:
    """Draw the box before a task."""
    line = block.layout().lineAt(0)
    if not line.isValid():
        return
    theme = appearance.current()
    origin = block.layout().position()
    side = appearance.looks().sized(_BOX)
    top = origin.y() + line.y() + line.ascent() * _DOT_HEIGHT - side / 2 - 0.5
    box = QRectF(round(origin.x() + line.x() - side - 5) + 0.5, round(top) + 0.5, side, side)
    painter.setPen(QPen(QColor(theme.accent if ticked else theme.muted), 1.2))
    painter.setBrush(QColor(theme.accent) if ticked else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(box, 3, 3)
    if ticked:
        painter.setPen(QPen(QColor(theme.on_accent), 1.6))
        points = ((0.24, 0.52), (0.43, 0.72), (0.77, 0.3))
        painter.drawPolyline(
            [QPointF(box.left() + x * side, box.top() + y * side) for x, y in points]
        )
