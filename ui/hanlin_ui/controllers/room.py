"""The open conversation's room in the model's context: offering what can be done, and doing it."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from hanlin.services.events import ContextEased, ContextFilling
from hanlin_ui.chat.page import ChatPage
from hanlin_ui.chat.room_notice import RoomNotice
from hanlin_ui.desk import Desk

_REMEMBERED = ("summarise", "drop")


class RoomController(QObject):
    """Shows one conversation's offer at a time; ``redraw`` shows the conversation anew."""

    def __init__(
        self, page: ChatPage, desk: Desk, redraw: Callable[[], None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._page = page
        self._desk = desk
        self._redraw = redraw
        self._conversation = ""
        self._offers: dict[str, ContextFilling] = {}
        self._notice: RoomNotice | None = None
        desk.events.listen(ContextFilling, self._on_filling)
        desk.events.listen(ContextEased, self._on_eased)

    def open(self, conversation_id: str) -> None:
        """Hear which conversation is looked at."""
        self._conversation = conversation_id
        offer = self._offers.get(conversation_id)
        if offer is not None:
            self._shown().offer(offer)
        elif self._notice is not None:
            self._notice.hide()

    def _shown(self) -> RoomNotice:
        if self._notice is None:
            self._notice = RoomNotice()
            self._notice.chosen.connect(self._on_chosen)
            self._notice.closed.connect(self._page.composer.setFocus)
            self._page.add_above_composer(self._notice)
        return self._notice

    def _on_filling(self, event: ContextFilling) -> None:
        self._offers[event.conversation_id] = event
        if event.conversation_id == self._conversation:
            self._shown().offer(event)

    def _on_eased(self, event: ContextEased) -> None:
        self._offers.pop(event.conversation_id, None)
        if event.conversation_id != self._conversation:
            return
        if event.working:
            self._shown().set_working()
        elif self._notice is not None:
            self._notice.hide()
            self._redraw()

    def _on_chosen(self, way: str, always: bool) -> None:  # noqa: FBT001 - a Qt slot
        self._page.composer.setFocus()  # the buttons go, and the keyboard would with them
        app, conversation = self._desk.app, self._conversation
        ways = {
            "summarise": app.chat.summarise,
            "drop": app.chat.drop_oldest,
            "enlarge": app.chat.enlarge_context,
        }

        def act() -> None:
            if always and way in _REMEMBERED:
                app.settings.when_full = way
            ways[way](conversation)

        self._desk.tasks.run(self, act).on_failure(self._desk.report)
