"""The context's meter while one writes: what would be sent now, counted when the hands rest."""

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer

from hanlin.services.events import AnswerFinished, SessionChanged
from hanlin.services.metering import NextPrompt
from hanlin_ui.bridges.tasks import Tasks
from hanlin_ui.chat.page import ChatPage
from hanlin_ui.desk import Desk
from hanlin_ui.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hanlin.domain.assistants import Assistant
    from hanlin.domain.attachments import Prepared

_PAUSE_MS: Final = 600
"""After the last letter: a whole prompt is put together and counted."""


class MeterController(QObject):
    """Belongs to one window. ``attached`` and ``assistant`` tell what would go along."""

    def __init__(self, page: ChatPage, line: StatusLine, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self.attached: Callable[[], Sequence[Prepared]] = tuple
        self.assistant: Callable[[], Assistant | None] = lambda: None
        self._entry = page.composer.entry
        self._line = line
        self._desk = desk
        self._conversation = ""
        self._work = Tasks(self)
        """The engine may take its time: nothing else waits for it."""
        self._measured = 0
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._measure)
        self._entry.textChanged.connect(self.refresh)
        desk.events.listen(SessionChanged, self._on_session_changed)
        desk.events.listen(AnswerFinished, lambda _event: self.refresh())

    def open(self, conversation_id: str) -> None:
        """Count for another conversation, "" for a new one."""
        self._conversation = conversation_id
        self.refresh()

    def refresh(self) -> None:
        """Count anew, soon."""
        self._pause.start()

    def close(self) -> None:
        """Count nothing more."""
        self._pause.stop()
        self._work.close()

    def _on_session_changed(self, _event: SessionChanged) -> None:
        self._measured += 1  # what is being counted was for the model of before
        self.refresh()

    def _measure(self) -> None:
        self._measured += 1
        number, conversation = self._measured, self._conversation
        draft, attached, assistant = self._entry.toPlainText(), self.attached(), self.assistant()
        if self._desk.app.chat.is_answering(conversation):
            return  # the answer tells by itself how full it is
        measure = self._desk.app.chat.meter.measure
        task = self._work.run(self, lambda: measure(conversation, draft, attached, assistant))

        def show(found: NextPrompt | None) -> None:
            if found is not None and number == self._measured:
                self._line.set_context(found.tokens, found.size, found.writing)

        task.on_success(show)
        # A conversation that was deleted meanwhile needs no figure.
        task.on_failure(lambda _error: None)
