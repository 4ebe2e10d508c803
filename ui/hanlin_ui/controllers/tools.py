"""Calls of tools in the open conversation: shown when they wait, decided by the person."""

from PySide6.QtCore import QObject, QTimer

from hanlin.domain.tools import Decision
from hanlin.kernel.i18n import Said, _
from hanlin.services.events import SessionChanged, ToolAsked
from hanlin.settings.store import SettingChanged
from hanlin_ui.chat.page import ChatPage
from hanlin_ui.chat.tool_switch import ToolSwitch
from hanlin_ui.desk import Desk


class ToolsController(QObject):
    """Brings the question to the answer that asks, and the person's word back."""

    def __init__(self, page: ChatPage, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._page = page
        self._desk = desk
        self._chat = desk.app.chat
        self._current = ""
        page.transcript.messages.tool_decided.connect(self._on_decided)
        desk.events.listen(ToolAsked, self._on_asked)
        self._chat.offer_tools()
        self._switch = ToolSwitch()
        page.composer.add_pill(self._switch)
        self._switch.clicked.connect(self._on_switched)
        desk.events.listen(SessionChanged, lambda _event: self._show_switch())
        desk.events.listen(SettingChanged, lambda _event: self._show_switch())
        self._show_switch()

    def open(self, conversation_id: str) -> None:
        """Follow another conversation, and ask again what waits in it."""
        self._current = conversation_id
        QTimer.singleShot(0, self, self._ask_again)  # one that has just begun is drawn after this

    def _ask_again(self) -> None:
        waiting = self._page.transcript.messages.ids()[-1:]
        for message_id in waiting:
            number = self._chat.asked_call(message_id)
            if number is not None:
                self._page.transcript.messages.ask(message_id, number)

    def _show_switch(self) -> None:
        app = self._desk.app
        loaded = app.session.status().loaded
        known = loaded is not None and loaded.tools
        self._switch.show_state(on=app.settings.tools and known, known=known)

    def _on_switched(self, on: bool) -> None:  # noqa: FBT001 - a Qt slot
        task = self._desk.tasks.run(self, lambda: setattr(self._desk.app.settings, "tools", on))
        task.on_failure(self._desk.report)

    def _on_asked(self, event: ToolAsked) -> None:
        if event.conversation_id == self._current:
            self._desk.stream.flush()
            self._page.transcript.messages.ask(event.message_id, event.number)
        elif self._current:  # a conversation that is just being begun asks when it is there
            self._page.post_notice(
                Said(lambda: _("In another conversation a tool waits for your word."))
            )

    def _on_decided(self, message_id: str, number: int, decision: Decision) -> None:
        self._page.composer.setFocus()  # the buttons go, and the keyboard would with them
        task = self._desk.tasks.run(self, lambda: self._chat.decide(message_id, number, decision))
        task.on_failure(self._desk.report)
