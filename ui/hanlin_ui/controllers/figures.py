"""The figures in the status line: how fast the model writes, and how full its context is."""

from PySide6.QtCore import QObject, Slot

from hanlin.domain.conversation import Role
from hanlin.services.events import (
    AnswerFinished,
    MessageAdded,
    PromptRead,
    SessionChanged,
    SessionState,
)
from hanlin_ui.desk import Desk
from hanlin_ui.widgets.status_line import StatusLine


class FiguresController(QObject):
    """Shows what is known of the open conversation; a figure that is not known is not shown.

    A quick answer may be finished before its new conversation is open, so the figures of
    all are kept.
    """

    def __init__(self, line: StatusLine, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._line = line
        self._size = 0
        """What the context holds, 0 while no model is in memory."""
        self._counted_for = 0
        """The size of the context that ``_used`` is of."""
        self._used: dict[str, int] = {}
        """Tokens that each conversation occupied when it was last answered."""
        self._speeds: dict[str, float] = {}
        """Tokens a second of each conversation's last answer."""
        self._current = ""
        self._take_size(SessionChanged(desk.app.session.status()))
        desk.events.listen(SessionChanged, self._take_size)
        desk.events.listen(MessageAdded, self._on_message_added)
        desk.events.listen(PromptRead, self._on_prompt_read)
        desk.events.listen(AnswerFinished, self._on_answer_finished)

    @Slot(str)
    def open(self, conversation_id: str) -> None:
        """Show the figures of another conversation."""
        self._current = conversation_id
        self._show()

    def _take_size(self, event: SessionChanged) -> None:
        status = event.status
        loaded = status.loaded if status.state is SessionState.READY else None
        if loaded is None and not self._size:  # each step of loading tells
            return
        self._size = loaded.context if loaded is not None else 0
        if self._size not in (0, self._counted_for):
            self._counted_for = self._size
            self._used.clear()
        self._show()

    def _on_message_added(self, event: MessageAdded) -> None:
        if event.message.role is Role.ASSISTANT:
            self._speeds.pop(event.message.conversation_id, None)
            self._show()

    def _on_prompt_read(self, event: PromptRead) -> None:
        self._used[event.conversation_id] = event.total
        self._show()

    def _on_answer_finished(self, event: AnswerFinished) -> None:
        conversation_id = event.message.conversation_id
        if event.context_used:  # unknown after a stop: what was read is still right
            self._used[conversation_id] = event.context_used
        self._speeds[conversation_id] = event.timings.tokens_per_second
        self._show()

    def _show(self) -> None:
        self._line.set_speed(self._speeds.get(self._current, 0.0))
        self._line.set_context(self._used.get(self._current, 0), self._size)
