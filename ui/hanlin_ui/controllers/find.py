"""Finding in the open conversation: the places of a word, one after the other, marked."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from hanlin_ui.chat.page import ChatPage
from hanlin_ui.desk import Desk
from hanlin_ui.search import marking
from hanlin_ui.search.find_bar import FindBar

_PAUSE_MS: Final = 120
_SETTLE_MS: Final = 60
"""Views near the place are built meanwhile."""
_STEPS: Final = 6


@dataclass(frozen=True, slots=True)
class _Place:
    message_id: str
    number: int
    """Which one of its message's."""
    share: float
    """How far down in the message's text."""


class FindController(QObject):
    """Puts the bar above the transcript."""

    def __init__(self, page: ChatPage, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._page = page
        self._desk = desk
        self._conversation = ""
        self._places: list[_Place] = []
        self._current = -1
        self._wished = ""
        """The message that a search led to."""
        self.bar = FindBar(page)
        layout = page.layout()
        if isinstance(layout, QVBoxLayout):
            layout.insertWidget(0, self.bar, alignment=Qt.AlignmentFlag.AlignRight)
        self.bar.moved.connect(self.move)
        self.bar.closed.connect(self._on_closed)
        self._pause = self._timer(_PAUSE_MS, self._look)
        self.bar.wanted.connect(lambda _text: self._pause.start())
        self._approach = self._timer(0, self._go_nearer)
        self._marking = self._timer(_SETTLE_MS, self._mark)
        self._steps = 0
        self._remarking = self._timer(_SETTLE_MS, self._mark_seen)
        page.transcript.verticalScrollBar().valueChanged.connect(self._remarking.start)

    def open(self, conversation_id: str) -> None:
        """Follow to another conversation."""
        self._conversation = conversation_id
        if self.bar.isVisible():
            self.bar.dismiss()

    def begin(self) -> None:
        """Let something be looked for in the open conversation."""
        self._wished = ""
        self.bar.begin()
        if self.bar.box.text():
            self._pause.start()

    def find(self, text: str, message_id: str) -> None:
        """Mark ``text`` and go to its first place in the message."""
        self._wished = message_id
        self.bar.begin(text)
        self._look()

    def move(self, step: int) -> None:
        """Go to the next place, or to the one before."""
        if self._places:
            self._current = (self._current + step) % len(self._places)
            self._go()

    def _look(self) -> None:
        text, conversation = self.bar.box.text().strip(), self._conversation
        if not conversation or not text:
            self._on_looked("", [])
            return
        task = self._desk.tasks.run(self, lambda: self._search(conversation, text))
        task.on_success(lambda places: self._on_looked(text, places))
        task.on_failure(self._desk.report)

    def _search(self, conversation_id: str, text: str) -> list[_Place]:
        app, places = self._desk.app, []
        for message in app.chat.transcript(conversation_id):
            said = message.text()
            for number, (start, _end) in enumerate(app.search.marks(text, said)):
                places.append(_Place(message.id, number, start / len(said)))
        return places

    def _on_looked(self, text: str, places: list[_Place]) -> None:
        if text != self.bar.box.text().strip() or not self.bar.isVisible():
            return
        self._places = places
        wished = [n for n, place in enumerate(places) if place.message_id == self._wished]
        self._current = wished[0] if wished else len(places) - 1
        if not places and self._wished:  # found by what the index knows better
            self._places, self._current = [_Place(self._wished, 0, 0.0)], 0
        self._go()

    def _go(self) -> None:
        self.bar.show_count(self._current + 1, len(self._places))
        if 0 <= self._current < len(self._places):
            self._steps = 0
            self._approach.start()
        else:
            marking.unmark(self._page.transcript)

    def _go_nearer(self) -> None:
        """Scroll to where the place should be, until its view is built."""
        place = self._places[self._current]
        if not self._page.transcript.reveal(place.message_id, place.share):
            if self._page.transcript.can_reveal(place.message_id):
                self._approach.start()
            return
        self._marking.start()

    def _mark(self) -> None:
        """Mark what is built, and bring the place itself into view."""
        strong = self._mark_seen()
        transcript = self._page.transcript
        if strong is None:
            return
        place = self._places[self._current]
        y = marking.place_of(place.number, strong, transcript.messages, self._find_in)
        if y >= 0:
            transcript.show_height(y)
        self._steps += 1
        if self._steps < _STEPS:  # what is built on the way moves what is below it
            self._marking.start()

    def _mark_seen(self) -> QWidget | None:
        """Mark what is built; return the message that the place is in."""
        if not self.bar.isVisible() or not 0 <= self._current < len(self._places):
            return None
        place, views = self._places[self._current], self._page.transcript.messages.views()
        here = next((view for view in views if view.message_id == place.message_id), None)
        marking.mark(self._page.transcript, self._find_in, here)
        return here

    def _find_in(self, said: str) -> marking.Marks:
        return self._desk.app.search.marks(self.bar.box.text(), said)

    def _on_closed(self) -> None:
        for timer in (self._pause, self._approach, self._marking, self._remarking):
            timer.stop()
        self._places, self._current = [], -1
        marking.unmark(self._page.transcript)
        self._page.composer.setFocus()

    def _timer(self, interval: int, work: Callable[[], object]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(interval)
        timer.timeout.connect(work)
        return timer
