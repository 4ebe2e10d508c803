"""The text of a block of code: as tall as its lines, scrolling sideways alone, in its colours.

It is never wrapped, unless a person wants it or a line is absurdly long. How much of a code
it is given, and which colours, is not decided here.
"""

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QTextCharFormat, QTextLayout, QWheelEvent
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QSizePolicy

from hanlin_ui.theme.fonts import code_font

_WRAP_ABOVE: Final = 3_000
"""Characters of a line that is wrapped whatever a person wants: it has no end."""
_MEASURED_LINES: Final = 1_500
"""Lines that are measured one by one; more are taken to be of one height."""


class CodeText(QPlainTextEdit):
    """Code that can be selected, not written."""

    ringed = Signal(bool)
    """The keyboard came by Tab, or has gone."""

    def __init__(self) -> None:
        super().__init__()
        self.setReadOnly(True)
        self.setAcceptDrops(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFont(code_font(self.font()))
        self.setUndoRedoEnabled(False)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.viewport().setAutoFillBackground(False)
        self.document().setDocumentMargin(6)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._wrapped = self._endless = False
        self._colours: dict[int, list[QTextLayout.FormatRange]] = {}
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self.horizontalScrollBar().rangeChanged.connect(self._fit)

    def replace(self, text: str) -> None:
        """Show ``text``."""
        longest = max((len(line) for line in text.split("\n")), default=0)
        self._endless = longest > _WRAP_ABOVE
        self._set_mode()
        self.setWordWrapMode(self.wordWrapMode().WrapAnywhere)
        self.setPlainText(text)
        self._fit()

    def wrap(self, *, wanted: bool) -> None:
        """Break lines at the edge, or let them run beyond it unless one has no end."""
        self._wrapped = wanted
        self._set_mode()
        self._fit()

    def _set_mode(self) -> None:
        modes = QPlainTextEdit.LineWrapMode
        wraps = self._wrapped or self._endless
        self.setLineWrapMode(modes.WidgetWidth if wraps else modes.NoWrap)

    def add(self, text: str) -> None:
        """Show ``text`` behind what is there, at the cost of ``text`` alone."""
        if not text:
            return
        cursor = self.textCursor()
        cursor.movePosition(cursor.MoveOperation.End)
        cursor.insertText(text)
        line = cursor.block().length()
        if line > _WRAP_ABOVE and self.lineWrapMode() is QPlainTextEdit.LineWrapMode.NoWrap:
            self.replace(self.toPlainText())
        self._fit()

    def forget_colours(self) -> None:
        """Drop the colours collected so far."""
        self._colours.clear()

    def remember_colour(self, position: int, length: int, style: QTextCharFormat) -> None:
        """Colour a run of characters at the next :meth:`apply_colours`."""
        end = position + length
        block = self.document().findBlock(position)
        while block.isValid() and block.position() < end:
            start = max(position, block.position())
            stop = min(end, block.position() + block.length() - 1)
            if stop > start:
                run = QTextLayout.FormatRange()
                run.start = start - block.position()
                run.length = stop - start
                run.format = style
                self._colours.setdefault(block.blockNumber(), []).append(run)
            block = block.next()

    def apply_colours(self) -> None:
        """Show the colours of the lines that were touched since the last time."""
        numbers = sorted(self._colours)
        for number in numbers:
            block = self.document().findBlockByNumber(number)
            block.layout().setFormats(self._colours[number])
            self.document().markContentsDirty(block.position(), block.length())
        for number in numbers[:-1]:  # the last line may get more in the next slice
            del self._colours[number]

    def _text_height(self) -> float:
        document = self.document()
        if document.blockCount() > _MEASURED_LINES:
            return document.documentLayout().documentSize().height() * self.fontMetrics().height()
        height = 0.0  # Chinese lines are taller than others, so each line is asked
        block = document.firstBlock()
        while block.isValid():
            height += self.blockBoundingRect(block).height()
            block = block.next()
        return height

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keyboard is when it came by the keyboard."""
        super().focusInEvent(event)
        reasons = Qt.FocusReason
        if event.reason() in (reasons.TabFocusReason, reasons.BacktabFocusReason):
            self.ringed.emit(True)  # noqa: FBT003 - the signal's one argument

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show no longer that the keyboard is here."""
        super().focusOutEvent(event)
        self.ringed.emit(False)  # noqa: FBT003 - the signal's one argument

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll sideways alone; leave up and down to the transcript."""
        if abs(event.angleDelta().x()) > abs(event.angleDelta().y()):
            super().wheelEvent(event)
        else:
            event.ignore()

    def _fit(self) -> None:
        height = self._text_height() + 2 * self.document().documentMargin()
        bar = self.horizontalScrollBar()
        if bar.maximum() > 0:
            height += bar.sizeHint().height()
        if round(height) != self.height():
            self.setFixedHeight(round(height))
