"""The two texts. Each knows where its sentences are, and shows one of them as chosen."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, QMimeData, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QApplication, QFrame, QPlainTextEdit, QTextEdit, QWidget

from hanlin_ui.theme import appearance

LONGEST: Final = 50_000
"""Characters; longer texts are files."""
_LARGER: Final = 1.19
"""A text to be read stands larger than the words of the window."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place worth seeing. ``kind``: good (a term), careful (a term missed, a doubt)."""

    start: int
    end: int
    kind: str


class TextPane(QPlainTextEdit):
    """A text of sentences."""

    sentence_chosen = Signal(int)
    sentence_hovered = Signal(int)
    """-1 for none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._spans: tuple[tuple[int, int], ...] = ()
        self._marks: tuple[Mark, ...] = ()
        self._chosen = self._hovered = -1
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self._enlarge()
        self.document().setDocumentMargin(4)
        self.viewport().setMouseTracking(True)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the size of the window's letters."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._enlarge()

    def set_sentences(self, spans: Sequence[tuple[int, int]], marks: Sequence[Mark] = ()) -> None:
        """Know where the sentences are, as starts and ends, and what to mark."""
        self._spans, self._marks = tuple(spans), tuple(marks)
        self._show()

    def choose(self, number: int) -> None:
        """Show a sentence as the chosen one, -1 for none."""
        if number != self._chosen:
            self._chosen = number
            self._show()

    def hover(self, number: int) -> None:
        """Show a sentence as the one under the mouse."""
        if number != self._hovered:
            self._hovered = number
            self._show()

    def _enlarge(self) -> None:
        font = QApplication.font()
        points = round(font.pointSizeF() * _LARGER, 1)
        if self.font().pointSizeF() != points:
            font.setPointSizeF(points)
            self.setFont(font)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell which sentence is under the mouse."""
        super().mouseMoveEvent(event)
        self.sentence_hovered.emit(self._at(self.cursorForPosition(event.pos()).position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Choose the sentence that was clicked, unless something was selected."""
        super().mouseReleaseEvent(event)
        if not self.textCursor().hasSelection() and event.button() is Qt.MouseButton.LeftButton:
            self.sentence_chosen.emit(self._at(self.textCursor().position()))

    def refresh(self) -> None:
        """Show the marks in the theme's colours."""
        self._show()

    def _at(self, position: int) -> int:
        for number, (start, end) in enumerate(self._spans):
            if start <= position <= end:
                return number
        return -1

    def _show(self) -> None:
        theme = appearance.current()
        shown = []
        for number, colour in ((self._hovered, theme.hover), (self._chosen, theme.selected)):
            if 0 <= number < len(self._spans):
                ground = QTextCharFormat()
                ground.setBackground(QColor(colour))
                shown.append(self._selection(*self._spans[number], ground))
        for mark in self._marks:
            line = QTextCharFormat()
            line.setUnderlineColor(QColor(theme.good if mark.kind == "good" else theme.warning))
            styles = QTextCharFormat.UnderlineStyle
            line.setUnderlineStyle(
                styles.SingleUnderline if mark.kind == "good" else styles.WaveUnderline
            )
            shown.append(self._selection(mark.start, mark.end, line))
        self.setExtraSelections(shown)

    def _selection(self, start: int, end: int, look: QTextCharFormat) -> QTextEdit.ExtraSelection:
        last = max(0, self.document().characterCount() - 1)
        cursor = QTextCursor(self.document())
        cursor.setPosition(min(start, last))
        cursor.setPosition(min(end, last), QTextCursor.MoveMode.KeepAnchor)
        selection = QTextEdit.ExtraSelection()
        selection.cursor = cursor
        selection.format = look
        return selection


class SourcePane(TextPane):
    """Where the text is written or pasted."""

    pasted = Signal()
    picture_pasted = Signal(QImage)
    files_given = Signal(list)
    """Paths of files that were pasted or dropped."""
    refused = Signal(int)

    def exchange(self, text: str) -> None:
        """Put another text in the place of this one, as a step that can be undone."""
        cursor = QTextCursor(self.document())
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(text)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Take text, pictures and files, but for a model's."""
        if any(url.isLocalFile() for url in source.urls()):
            return bool(files_of(source))
        return source.hasImage() or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Paste text as text, and say so: it is translated at once. Pictures, files are told."""
        if files := files_of(source):
            self.files_given.emit(files)
            return
        if source.hasImage() and not source.hasText():
            self.picture_pasted.emit(QImage(source.imageData()))
            return
        if not source.hasText():
            return
        if len(source.text()) + len(self.toPlainText()) > LONGEST:
            self.refused.emit(len(source.text()))
            return
        self.insertPlainText(source.text())
        self.pasted.emit()


def files_of(data: QMimeData) -> list[Path]:
    """Return the files that were dropped or pasted to be translated: no model is."""
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    return [path for path in paths if path.suffix.lower() != ".gguf"]


def units(text: str) -> int:
    """Return how many places of a Qt text a Python text takes: emoji take two."""
    return len(text) + sum(letter > "\uffff" for letter in text)
