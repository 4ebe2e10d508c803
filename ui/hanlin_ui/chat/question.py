"""A person's own message: a bubble with plain text, which can be copied and edited."""

import math
import re
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import (
    QGuiApplication,
    QResizeEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from hanlin.domain.attachments import Thumbnail
from hanlin.domain.conversation import Message
from hanlin.kernel.i18n import Said, _, ngettext
from hanlin_ui.chat import more
from hanlin_ui.chat.actions import COPY, REVISE, ActedOn, ActionRow
from hanlin_ui.chat.attachments.chip import AttachmentChip
from hanlin_ui.chat.editor import MessageEditor
from hanlin_ui.theme import appearance
from hanlin_ui.theme.fonts import code_font
from hanlin_ui.widgets.text_view import TextView

_FENCE: Final = re.compile(r"(?:^|\u2029) {0,3}(`{3,}|~{3,})")
"""At the beginning of a line; Qt ends lines with U+2029."""
_WIDEST = 0.82
"""Share of the column that a bubble may take."""
_PADDING = 16
_LINE_GAP = 4.0
_MOST_LETTERS = 30_000
_MOST_LINES = 600
"""What is shown of a pasted book: to lay out all of it would stop the window for minutes."""


class QuestionView(ActedOn):
    """Shows one message of the person's."""

    edited = Signal(str, str)
    """Message id and the new text."""
    changing = Signal(str, object)
    """Message id and what its editor says: at first the message itself, None once it is closed."""
    version_chosen = Signal(str)
    branch_requested = Signal(str)
    delete_requested = Signal(str)
    attachment_opened = Signal(str, object)
    """Message id and the Attachment."""

    def __init__(self, message: Message, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._message = message
        self._text = TextView()
        shown = _beginning(message.text())
        self._text.setPlainText(shown)
        self._hidden = len(message.text()) - len(shown)
        self._space_lines()
        self._set_code_apart()
        self._bubble = QFrame()
        self._bubble.setProperty("role", "bubble")
        self._inside = inside = QVBoxLayout(self._bubble)
        inside.addWidget(self._text)
        self._rest = QLabel()
        self._rest.setProperty("role", "muted")
        self._rest.setWordWrap(True)
        inside.addWidget(self._rest)
        self._rest.setVisible(bool(self._hidden))  # inside: else it flashes up as a window
        self.actions_row = ActionRow((COPY, REVISE), (more.BRANCH, more.DELETE), at_right=True)
        self.actions_row.wished.connect(self._on_wished)
        self.versions = self.actions_row.versions
        self.versions.chosen.connect(self.version_chosen)
        self._editor: MessageEditor | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setSpacing(3)
        self._attachments = QWidget()
        chips = QVBoxLayout(self._attachments)
        chips.setContentsMargins(0, 0, 0, 2)
        chips.setSpacing(4)
        self._attachments.hide()
        self._layout.addWidget(self._attachments)
        self._layout.addWidget(self._bubble, alignment=Qt.AlignmentFlag.AlignRight)
        self._bubble.setVisible(bool(shown))  # inside: else it flashes up as a window of its own
        self._layout.addWidget(self.actions_row)
        self._retranslate()

    @property
    def message_id(self) -> str:
        """The id of the message shown."""
        return self._message.id

    def text(self) -> str:
        """Return the text of the message."""
        return self._message.text()

    def show_attachments(self, thumbnail: Callable[[str, str], Thumbnail | None]) -> None:
        """Show what is attached, with the small pictures that ``thumbnail`` returns."""
        layout = self._attachments.layout()
        for about in self._message.attachments():
            chip = AttachmentChip(removable=False)
            chip.show_attachment(about, thumbnail(self._message.id, about.hash), cost=False)
            chip.opened.connect(
                lambda about=about: self.attachment_opened.emit(self._message.id, about)
            )
            if layout is not None:
                layout.addWidget(chip)
                layout.setAlignment(chip, Qt.AlignmentFlag.AlignRight)
            self._attachments.show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Make the bubble as wide as its text, within the column."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        widest = round(self.width() * _WIDEST)
        document = self._text.document().clone(self)
        document.setTextWidth(-1)
        wanted = math.ceil(document.idealWidth()) + 2 * _PADDING + 2
        document.deleteLater()  # PySide does not own it
        self._bubble.setFixedWidth(max(48, min(widest, wanted)))

    def changeEvent(self, event: QEvent) -> None:
        """Follow language, letters and gaps."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._set_code_apart()
            self._retranslate()
            self._fit()
        elif event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def _space_lines(self) -> None:
        cursor = QTextCursor(self._text.document())
        cursor.select(QTextCursor.SelectionType.Document)
        layout = QTextBlockFormat()
        layout.setLineHeight(_LINE_GAP, QTextBlockFormat.LineHeightTypes.LineDistanceHeight.value)
        cursor.mergeBlockFormat(layout)

    def _set_code_apart(self) -> None:
        """Give what stands between code fences letters of one width; its columns have a meaning."""
        if not _FENCE.search(self._text.document().toRawText()):
            return
        letters = QTextCharFormat()
        letters.setFont(code_font(self._text.font()))
        fence = ""
        block = self._text.document().begin()
        while block.isValid():
            opened = _FENCE.match(block.text())
            if fence or opened:
                cursor = QTextCursor(block)
                cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
                cursor.mergeCharFormat(letters)
            if opened and not fence:
                fence = opened[1]
            elif fence and block.text().strip() == fence:
                fence = ""
            block = block.next()

    def edit(self) -> None:
        """Let the message be changed."""
        if self._editor is not None:
            return
        text = self._message.text()
        self._editor = MessageEditor(
            text, Said(lambda: _("Edit your message")), Said(lambda: _("Send"))
        )
        self._editor.changed.connect(lambda text: self.changing.emit(self._message.id, text))
        self._editor.accepted.connect(self._on_accepted)
        self._editor.dismissed.connect(self._close_editor)
        self._bubble.hide()
        self.actions_row.hide()
        self._layout.insertWidget(0, self._editor)
        self._editor.setFocus()
        self.changing.emit(self._message.id, text)

    def _on_wished(self, wish: str) -> None:
        if wish == COPY:
            QGuiApplication.clipboard().setText(self._message.text())
            return
        if wish == REVISE:
            self.edit()
            return
        wishes = {more.BRANCH: self.branch_requested, more.DELETE: self.delete_requested}
        wishes[wish].emit(self._message.id)

    def _on_accepted(self, text: str) -> None:
        self._close_editor()
        self.edited.emit(self._message.id, text)

    def _close_editor(self) -> None:
        if self._editor is None:
            return
        self._editor.hide()
        self._editor.deleteLater()
        self._editor = None
        self.changing.emit(self._message.id, None)
        self._bubble.setVisible(bool(self._message.text()))
        self.actions_row.show()
        self.editing_ended.emit()

    def _retranslate(self) -> None:
        spaced = appearance.looks().spaced
        self._layout.setContentsMargins(0, spaced(10), 0, spaced(6))
        self._inside.setContentsMargins(_PADDING, spaced(10), _PADDING, spaced(10))
        self._text.setAccessibleName(_("Your message"))
        self._rest.setText(
            ngettext(
                "… and {count} more character. Copy gives all of it.",
                "… and {count} more characters. Copy gives all of them.",
                self._hidden,
            ).format(count=f"{self._hidden:,}")
        )


def _beginning(text: str) -> str:
    """Return what is shown of ``text``."""
    lines = text[:_MOST_LETTERS].split("\n", _MOST_LINES)
    return "\n".join(lines[:_MOST_LINES])
