"""The small window at work: one conversation of its own, which goes on in the large window."""

import time
from typing import Final

from PySide6.QtCore import QObject, Signal

from hanlin.kernel.clock import SystemClock
from hanlin_ui.controllers.chat import ChatController
from hanlin_ui.controllers.revising import RevisingController
from hanlin_ui.controllers.tools import ToolsController
from hanlin_ui.desk import Desk
from hanlin_ui.quick.window import QuickWindow

_FORGET_SECONDS: Final = 600
"""A window that was away for so long comes back empty."""


class QuickController(QObject):
    """Makes the window and opens what is asked there. For the GUI thread."""

    go_on = Signal(str)
    """The conversation is wanted in the large window, "" while there is none."""

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self.window = QuickWindow(SystemClock())
        page = self.window.page
        self._current = ""
        self._used = time.monotonic()
        self._chat = ChatController(page, desk, self)
        self._revising = RevisingController(page, desk, self._chat.follow_path, self)
        self._tools = ToolsController(page, desk, self)
        self._chat.conversation_begun.connect(self._on_begun)
        self._revising.branched.connect(self.go_on)
        self.window.continue_requested.connect(self._on_continue)
        self.window.new_requested.connect(self.begin)
        self.begin()

    def show(self, text: str = "") -> None:
        """Bring the window forward and ask ``text``, if there is any, as a new conversation."""
        away = time.monotonic() - self._used
        if text or (away > _FORGET_SECONDS and not self.window.isVisible()):
            self.begin()
        self._used = time.monotonic()
        self.window.come_forward()
        if text:
            self.window.page.composer.submit(text)

    def begin(self) -> None:
        """Have the next question begin a conversation; what is written stays."""
        self._open("")

    def close(self) -> None:
        """Take the window away for good."""
        self.window.hide()
        self.window.deleteLater()

    def _open(self, conversation_id: str) -> None:
        self._current = conversation_id
        self._chat.open(conversation_id)
        self._revising.forget()
        self._tools.open(conversation_id)

    def _on_begun(self, conversation_id: str) -> None:
        self._current = conversation_id
        self._tools.open(conversation_id)

    def _on_continue(self) -> None:
        self.window.hide()
        self.go_on.emit(self._current)
        self.begin()
