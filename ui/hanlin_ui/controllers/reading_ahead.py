"""While a person looks and types, the model reads the certain beginning of its next prompt."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QPlainTextEdit

from hanlin.services.events import SessionChanged, SessionState
from hanlin_ui.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hanlin.domain.assistants import Assistant
    from hanlin.domain.attachments import Prepared

_PAUSE_MS = 400
"""After the last letter: a prompt is not rendered for each."""
_LOOK_MS = 2_500
"""Who only passes by a conversation does not want it computed."""
_LONG_DRAFT = 300
"""Characters; a shorter draft is read in no time once it is sent, and still changes."""


class ReadingAheadController(QObject):
    """Tells the chat which conversation is looked at, and what is being written into ``entry``.

    ``attached`` and ``assistant`` tell what would go along.
    """

    def __init__(self, entry: QPlainTextEdit, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self.attached: Callable[[], Sequence[Prepared]] = tuple
        self.assistant: Callable[[], Assistant | None] = lambda: None
        self._entry = entry
        self._chat = desk.app.chat
        self._conversation = ""
        self._edited = ""
        """The question that is being changed."""
        self._text = ""
        """What is being written, there or as a new one."""
        self._known = ""
        """What of that the model was told last; "" before the first pause and since a change."""
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.timeout.connect(self._tell_all)
        entry.textChanged.connect(self._follow_entry)
        desk.events.listen(SessionChanged, self._on_session)

    def open(self, conversation_id: str) -> None:
        """Hear that the conversation ("" a new one) is looked at from now on."""
        self._conversation = conversation_id
        self._edited = self._known = ""
        self._text = self._entry.toPlainText()
        self._pause.start(_LOOK_MS)

    def follow_edit(self, message_id: str, text: str | None) -> None:
        """Hear what a question says in its editor: at first as it stands, None once closed."""
        if text is None:
            self._follow_entry()
        elif message_id != self._edited:
            self._edited, self._text, self._known = message_id, text, text
        else:
            self._write(text)

    def refresh(self) -> None:
        """Hear that what would go along with a new question has changed."""
        if not self._edited:
            self._write(self._entry.toPlainText())

    def _follow_entry(self) -> None:
        if self._edited:
            self._edited = self._known = ""
        self._write(self._entry.toPlainText())

    def _write(self, text: str) -> None:
        """Take note of what is written; what stands before a change is read at once.

        A model that cannot forget what it read last goes back for that, and is there when
        the change is sent without a pause.
        """
        self._text = text
        if not text.startswith(self._known):
            before, self._known = _common_beginning(self._known, text), ""
            if before:
                self._tell(before)
        self._pause.start(_PAUSE_MS)

    def _on_session(self, event: SessionChanged) -> None:
        if event.status.state is SessionState.READY:
            self._pause.start(_LOOK_MS)

    def _tell_all(self) -> None:
        self._known = self._text if self._edited or len(self._text) >= _LONG_DRAFT else ""
        self._tell(self._known)

    def _tell(self, text: str) -> None:
        if self._edited:
            self._chat.expect_edit(self._edited, text)
        else:
            self._chat.expect(self._conversation, text, self.attached(), self.assistant())


def _common_beginning(one: str, other: str) -> str:
    pairs = enumerate(zip(one, other, strict=False))
    return one[: next((at for at, (its, another) in pairs if its != another), len(other))]
