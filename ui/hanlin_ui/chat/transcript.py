"""The scroll area around the messages of one conversation: which of them are there, and seen.

Only the newest messages are there at first; others follow when a person scrolls to
them, so that a long conversation opens as fast as a short one.
Knows no service: it shows what it is given and reports what is asked for. What is said
and wished of one message is the business of its column.
"""

import math
import time
from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QPlainTextEdit,
    QScrollArea,
    QTextEdit,
    QWidget,
)

from hanlin.domain.conversation import Message, Role
from hanlin.kernel.clock import Clock
from hanlin.kernel.i18n import _
from hanlin_ui.chat.above import Above
from hanlin_ui.chat.answer import AnswerView
from hanlin_ui.chat.column import MessageColumn
from hanlin_ui.chat.reading_place import ReadingPlace
from hanlin_ui.widgets import tab_stops
from hanlin_ui.widgets.buttons import FloatingButton

_MOST_NEW: Final = 16
"""Messages of another path that are built behind those which both paths have."""
_BUILDING_SECONDS: Final = 0.016
"""Processor time for messages above what is built, before the event loop has its turn."""


class Transcript(QScrollArea):
    """Follows the bottom while the reader is there, and leaves them alone when not."""

    opening_seconds = 0.024
    """Processor time for what is seen of a conversation, before it is shown."""
    older_wanted = Signal(object)
    """What is above this message is wanted; answer with :meth:`give_older`."""
    newer_wanted = Signal(str)
    """What follows this message is wanted; answer with :meth:`give_newer`."""
    end_wanted = Signal()
    """The end of the conversation is to be shown."""
    place_wanted = Signal(str)
    """This message is to be shown; answer with :meth:`show_around`."""

    def __init__(self, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._above = Above()
        self._unseen = 0
        """Pixels of what is seen at first for which no answer is drawn yet."""
        self._building = QTimer(self)
        self._building.setSingleShot(True)
        self._building.timeout.connect(self._build_due)
        self.setProperty("role", "transcript")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.messages = MessageColumn(clock, self.viewport())
        """The messages that are built."""
        self.setWidget(self.messages)
        self.viewport().setAutoFillBackground(False)
        self._place = ReadingPlace(self, self.messages)
        self.messages.moved.connect(self._place.settle)
        self._place.scrolled.connect(self._on_scrolled)
        self._to_bottom = FloatingButton("down", 18, self, role="floating")
        self._to_bottom.clicked.connect(self.scroll_to_bottom)
        self._to_bottom.hide()
        if isinstance(application := QApplication.instance(), QApplication):
            application.focusChanged.connect(self._on_focus_changed)
        self._retranslate()

    def show_messages(self, messages: Sequence[Message]) -> None:
        """Show ``messages``, the end of a conversation, instead of what is shown.

        The newest come first; for what there is no time now, there is soon.
        """
        self._begin(messages)
        self._unseen = self.viewport().height()
        self._above.make_due(self._unseen, self.messages.text_width())
        self._build_above(self._above.count_due(), self.opening_seconds)
        self._make_room_above()
        self._building.start(0)
        self.scroll_to_bottom()

    def is_opening(self) -> bool:
        """Tell whether some of what is seen at first is not built yet."""
        return self._above.count_due() > 0

    def show_around(self, messages: Sequence[Message], *, newer: bool) -> None:
        """Show ``messages`` of the middle, to be scrolled in by :meth:`reveal`."""
        self._begin(messages, newer=newer)
        self._build_above(len(messages), math.inf)
        self._place.follows = False

    def give_older(self, messages: Sequence[Message]) -> None:
        """Take what is above the first message, up to the conversation's beginning if none."""
        self._above.hold(messages)
        if messages:
            self._build_older()

    def give_newer(self, messages: Sequence[Message], *, more: bool) -> None:
        """Take what follows the last message; with ``more`` it is not the end."""
        self.messages.put_below(messages, more=more)

    def first_id(self) -> str | None:
        """Return the id of the first message that is there, built or not."""
        return self._above.first_id() or next(iter(self.messages.ids()), None)

    def _begin(self, messages: Sequence[Message], *, newer: bool = False) -> None:
        """Take away what is shown; ``messages`` are to be built."""
        self.messages.clear(more=newer)
        self._above.hold(messages)
        self._unseen = 0
        self._place.begin()

    def show_path(self, messages: Sequence[Message]) -> None:
        """Show another path through the same conversation; what both have stays where it is.

        ``messages`` begin with the first one that is there, or are the end of the path.
        """
        ids = [message.id for message in messages]
        shown = self.messages.ids()
        start = ids.index(shown[0]) if shown and shown[0] in ids else -1
        both = 0
        if start >= 0:
            pairs = zip(shown, ids[start:], strict=False)
            both = next((n for n, (one, other) in enumerate(pairs) if one != other), None) or min(
                len(shown), len(ids) - start
            )
        rest = messages[start + both :]
        if start < 0 or shown[0] != ids[start] or len(rest) > _MOST_NEW:
            self.show_messages(messages)
            return
        self.messages.remove_after(shown[both - 1])
        self.messages.put_below(rest)

    def add(self, message: Message) -> None:
        """Show a new message at the end; scrolls there when a person wrote it."""
        if self.messages.holds(message.id) or not self.messages.has_end:
            return
        self.messages.put_below((message,))
        if message.role is Role.USER:
            self.scroll_to_bottom()

    def is_at_bottom(self) -> bool:
        """Tell whether the view follows the end."""
        return self._place.follows

    def scroll_to_bottom(self) -> None:
        """Go to the end and follow it from now on."""
        if not self.messages.has_end:
            self.end_wanted.emit()
            return
        self._to_bottom.hide()
        self._place.follow()

    def can_reveal(self, message_id: str) -> bool:
        """Tell whether the message is there, built or not."""
        return self.messages.holds(message_id) or self._above.holds(message_id)

    def reveal(self, message_id: str, share: float = 0.0) -> bool:
        """Scroll to where ``share`` of the message is above; False: what is near was built.

        Then it is to be called again, after the event loop had its turn.
        """
        self._place.follows = False
        view = self.messages.view_of(message_id)
        if view is None:
            if not self.can_reveal(message_id):
                self.place_wanted.emit(message_id)
            elif not self._place.grows_above:
                self._build_older()
            return False
        self.show_height(view.y() + round(share * view.height()))
        return True

    def show_height(self, y: int) -> None:
        """Have what is at ``y`` in the column a third below the upper edge, unless it is seen."""
        self._place.show_height(y)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show an edge to who came with a key; after a click one knows where one is."""
        super().focusInEvent(event)
        reached = event.reason() is not Qt.FocusReason.MouseFocusReason
        if self.property("reached") is not reached:
            self.setProperty("reached", reached)
            self.style().unpolish(self)
            self.style().polish(self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the column in the middle."""
        self._lay_out()  # first, as all texts are laid out anew where the column changes its width
        super().resizeEvent(event)

    def _lay_out(self) -> None:
        self.messages.fit()
        self._place.settle()
        size = self._to_bottom.sizeHint()
        self._to_bottom.move(
            (self.viewport().width() - size.width()) // 2,
            self.viewport().height() - size.height(),
        )

    def changeEvent(self, event: QEvent) -> None:
        """Follow language and size of letters."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._lay_out()
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: FBT001 - Qt's signature
        """Go with Tab from top to bottom as it looks, from what is seen."""
        for view in self.messages.views():
            view.actions_row.fill()
        stops = tab_stops.stops_in(self)
        focused = QApplication.focusWidget()
        if focused is self:
            following = [stop for stop in stops if self._is_seen(stop)][:1] if forward else []
        else:
            place = next((n for n, stop in enumerate(stops) if stop is focused), -1)
            after = place + (1 if forward else -1)
            following = stops[after : after + 1] if place >= 0 and after >= 0 else []
        if not following:
            return tab_stops.leave(self, forward=forward)
        tab_stops.give_keyboard(following[0], forward=forward)
        if following[0] is not self._to_bottom:
            self.ensureWidgetVisible(following[0])
        return True

    def _is_seen(self, part: QWidget) -> bool:
        top = part.mapTo(self, QPoint(0, 0)).y()
        return top < self.height() and top + part.height() > 0

    def _build_older(self) -> None:
        """Build the next messages above; more are asked for while their upper end is near."""
        self._place.grows_above = True
        self._build_above(self._above.count(), _BUILDING_SECONDS)

    def _build_due(self) -> None:
        """Go on with what is seen at first."""
        if due := self._above.count_due():
            self._build_above(due, _BUILDING_SECONDS)
            self._make_room_above()
            self._building.start(0)

    def _make_room_above(self) -> None:
        """Leave what is due its room: it moves nothing when it comes."""
        self.messages.leave_room_above(self._above.height_due())
        # The area gives the column its height now, and not after the column was laid out in the
        # one that it had, where everything is squeezed for a moment.
        QApplication.sendEvent(self.viewport(), QEvent(QEvent.Type.LayoutRequest))

    def _build_above(self, most: int, seconds: float) -> None:
        """Build up to ``most`` messages above, the lowest first, in ``seconds``, or one of them."""
        until = time.thread_time() + seconds
        for built in range(most):
            if built and time.thread_time() >= until:
                break
            view = self.messages.put_above(self._above.take())
            if self._unseen > 0 and isinstance(view, AnswerView):  # it has no place yet
                left = max(0.0, until - time.thread_time())
                self._unseen -= view.show_last(self._unseen, left)
        if not self._above.count_due():
            self._unseen = 0

    def _on_scrolled(self, value: int) -> None:
        follows = self._place.follows
        self._to_bottom.setVisible(not follows)
        if not follows:
            self._to_bottom.raise_()
        room = self.viewport().height()
        if self._above.has_more() and value < room and not follows:
            QTimer.singleShot(0, self, self._on_top_near)
        if not self.messages.has_end and value > self.verticalScrollBar().maximum() - room:
            QTimer.singleShot(0, self, self._on_end_near)

    def _on_top_near(self) -> None:
        near = self.verticalScrollBar().value() < self.viewport().height()
        if self._place.grows_above or not near or not self._above.has_more():
            return
        if self._above.count():
            self._build_older()
        else:
            self.older_wanted.emit(self._above.first)

    def _on_end_near(self) -> None:
        bar = self.verticalScrollBar()
        if not self.messages.has_end and bar.value() > bar.maximum() - self.viewport().height():
            self.newer_wanted.emit(next(reversed(self.messages.ids()), ""))

    def _on_focus_changed(self, before: QWidget | None, now: QWidget | None) -> None:
        """Let go of what is selected in one text when another is clicked."""
        if before is None or now is None or not self.isAncestorOf(before):
            return
        texts = (QTextEdit, QPlainTextEdit)
        if isinstance(before, texts) and isinstance(now, texts) and self.isAncestorOf(now):
            cursor = before.textCursor()
            cursor.clearSelection()
            before.setTextCursor(cursor)

    def _retranslate(self) -> None:
        self._to_bottom.set_label(_("To the newest message"))
        self.setAccessibleName(_("Conversation"))
