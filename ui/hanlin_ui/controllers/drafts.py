"""What is written and not sent: kept for each conversation, also over the program's end."""

from typing import Final

from PySide6.QtCore import QObject, QTimer

from hanlin.kernel.errors import HanlinError
from hanlin_ui.chat.composer import Composer
from hanlin_ui.desk import Desk

UNKEPT: Final = "t"
"""A temporary conversation that has not begun: an id of those that are never kept."""
_PAUSE_MS = 1_000
"""After the last letter: each keeping is a write to the disk."""


class DraftsController(QObject):
    """Puts into the composer what was written in a conversation, and keeps what is."""

    def __init__(self, composer: Composer, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._composer = composer
        self._desk = desk
        self._filing = desk.app.filing
        self._current = ""
        self._opened = False
        self._drafts: dict[str, str] = {}
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._keep)
        composer.entry.textChanged.connect(self._pause.start)

    def read(self) -> None:
        """Find what was written before the program's last end."""
        try:
            self._drafts = self._filing.drafts()
        except HanlinError as error:
            self._desk.report(error)

    def open(self, conversation_id: str) -> None:
        """Show what was written in the conversation, "" for a new one.

        What was typed while the program started belongs to the first conversation shown.
        """
        if self._opened:
            self._keep()
        typed = "" if self._opened else self._composer.text()
        self._opened = True
        self._current = conversation_id
        text = typed or self._drafts.get(conversation_id, "")
        if text != self._composer.text():  # the place of the cursor, and what is composed, stay
            self._composer.set_text(text)
        self._pause.stop()

    def follow(self, conversation_id: str) -> None:
        """Hear that the new conversation has been stored, and is this one."""
        self._keep_of(self._current, "")
        self._current = conversation_id
        self._keep()

    def close(self) -> None:
        """Keep what is written now."""
        if self._opened:
            self._keep()

    def _keep(self) -> None:
        self._pause.stop()
        if self._opened:
            self._keep_of(self._current, self._composer.text())

    def _keep_of(self, conversation_id: str, text: str) -> None:
        if text == self._drafts.get(conversation_id, ""):
            return
        self._drafts[conversation_id] = text
        work = lambda: self._filing.keep_draft(conversation_id, text)  # noqa: E731 - one task
        self._desk.tasks.run(self, work).on_failure(self._desk.report)
