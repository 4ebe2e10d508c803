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
        self._edited = ("", "")
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.timeout.connect(self._tell)
        entry.textChanged.connect(self.refresh)
        desk.events.listen(SessionChanged, self._on_session)

    def open(self, conversation_id: str) -> None:
        """Hear that the conversation ("" a new one) is looked at from now on."""
        self._conversation = conversation_id
        self._edited = ("", "")
        self._pause.start(_LOOK_MS)

    def follow_edit(self, message_id: str, text: str) -> None:
        """Hear what a question says in its editor, "" once that is closed."""
        self._edited = (message_id, text)
        self._pause.start(_PAUSE_MS)

    def refresh(self) -> None:
        """Hear that what would be sent has changed."""
        self._edited = ("", "")
        self._pause.start(_PAUSE_MS)

    def _on_session(self, event: SessionChanged) -> None:
        if event.status.state is SessionState.READY:
            self._pause.start(_LOOK_MS)

    def _tell(self) -> None:
        message_id, text = self._edited
        if len(text) >= _LONG_DRAFT:
            self._chat.expect_edit(message_id, text)
            return
        draft = self._entry.toPlainText()
        long = draft if len(draft) >= _LONG_DRAFT else ""
        self._chat.expect(self._conversation, long, self.attached(), self.assistant())
