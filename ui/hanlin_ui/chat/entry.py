"""A text field that grows with its text and knows what Enter means, also in Chinese.

While an input method shows text that is not committed yet (pinyin before the
characters are chosen), Enter belongs to that text and never sends.
"""

from typing import Final

from PySide6.QtCore import QMimeData, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QGuiApplication, QInputMethodEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QSizePolicy, QWidget

from hanlin.domain.limits import LONGEST_QUESTION

_MOST_LINES: Final = 10
LONGEST_PASTE: Final = 20_000
"""Characters that are put into the field; more are a document rather than a message."""


class TextEntry(QPlainTextEdit):
    """Enter submits, Shift+Enter makes a new line, Esc dismisses."""

    submitted = Signal()
    dismissed = Signal()
    recalled = Signal()
    """Up was pressed where nothing is written: the last message is wanted back."""
    focus_changed = Signal(bool)
    given = Signal(QMimeData)
    """Files or a picture were pasted."""
    long_pasted = Signal(object)
    """A text was pasted that is too long to be read in the field; only with ``hands_on``.

    Passed on as it is: as Qt's own text it would be copied twice.
    """
    refused = Signal(int)
    """So many characters were pasted that they are not taken: laying them out takes minutes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hint = ""
        self.hands_on = False
        """Whether somebody takes long pastes, by :attr:`long_pasted`."""
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAcceptDrops(False)
        self.setTabChangesFocus(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setWordWrapMode(self.wordWrapMode().WrapAtWordBoundaryOrAnywhere)
        self.document().setDocumentMargin(2)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self._fit()

    def is_composing(self) -> bool:
        """Tell whether an input method shows text that is not committed yet."""
        return bool(self._preedit())

    def set_hint(self, hint: str) -> None:
        """Say in the empty entry what it is for."""
        self._hint = hint
        self._show_hint()

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """Keep the hint from shining through text that is not committed yet."""
        super().inputMethodEvent(event)
        self._show_hint()

    def sizeHint(self) -> QSize:
        """Ask for the height of the text."""
        return QSize(super().sizeHint().width(), self.height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Give Enter and Esc their meaning."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.is_composing():
                self._commit()
            elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self.insertPlainText("\n")
                self.ensureCursorVisible()
            else:
                self.submitted.emit()
            event.accept()
            return
        if event.key() == Qt.Key.Key_Escape and not self.is_composing():
            self.dismissed.emit()
            event.accept()
            return
        if event.key() == Qt.Key.Key_Up and self.document().isEmpty() and not self.is_composing():
            self.recalled.emit()
            event.accept()
            return
        super().keyPressEvent(event)

    def replace_selected(self, text: str) -> None:
        """Write ``text`` in place of the selection, as one step that can be undone, and select it.

        One key removes it again.
        """
        cursor = self.textCursor()
        first = cursor.selectionStart()
        cursor.insertText(text)
        last = cursor.position()
        cursor.setPosition(first)
        cursor.setPosition(last, cursor.MoveMode.KeepAnchor)
        self.setTextCursor(cursor)
        self.ensureCursorVisible()

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Offer to paste text, files and pictures."""
        return source.hasText() or holds_files(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Paste text as text; files and pictures are others' business."""
        if holds_files(source):
            self.given.emit(source)
            return
        if not source.hasText():
            return
        text = source.text()
        if self.hands_on and len(text) > LONGEST_PASTE:
            self.long_pasted.emit(text)
        elif len(text) > LONGEST_QUESTION:
            self.refused.emit(len(text))
        else:
            self.insertPlainText(text)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Tell the frame around."""
        super().focusInEvent(event)
        self.focus_changed.emit(True)  # noqa: FBT003 - the signal's one argument

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Tell the frame around."""
        super().focusOutEvent(event)
        self.focus_changed.emit(False)  # noqa: FBT003 - the signal's one argument

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Follow a new width."""
        super().resizeEvent(event)
        self._fit()

    def _show_hint(self) -> None:
        # Nobody composes out of sight, and the first look at the layout costs the first paint.
        composing = self.isVisible() and self.is_composing()
        self.setPlaceholderText("" if composing else self._hint)

    def _preedit(self) -> str:
        return self.textCursor().block().layout().preeditAreaText()

    def _commit(self) -> None:
        """Turn the uncommitted text into text, with the input method's help or without."""
        QGuiApplication.inputMethod().commit()
        if left := self._preedit():
            event = QInputMethodEvent()
            event.setCommitString(left)
            self.inputMethodEvent(event)

    def _fit(self) -> None:
        lines = max(1.0, self.document().documentLayout().documentSize().height())
        spacing = self.fontMetrics().lineSpacing()
        height = round(min(lines, _MOST_LINES) * spacing + 2 * self.document().documentMargin()) + 2
        policies = Qt.ScrollBarPolicy
        self.setVerticalScrollBarPolicy(
            policies.ScrollBarAsNeeded if lines > _MOST_LINES else policies.ScrollBarAlwaysOff
        )
        if height != self.height():
            self.setFixedHeight(height)


def holds_files(source: QMimeData) -> bool:
    """Tell whether files or a picture are in it, rather than words that also have a picture."""
    if any(url.isLocalFile() for url in source.urls()):
        return True
    return source.hasImage() and not source.hasText()
