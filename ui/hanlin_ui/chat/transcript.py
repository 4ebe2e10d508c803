"""The messages of one conversation, in a column that is pleasant to read.

Only the newest messages are there at first; others follow when a person scrolls to
them, so that a long conversation opens as fast as a short one.
Knows no service: it shows what it is given and reports what is asked for.
"""

import math
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QPlainTextEdit,
    QScrollArea,
    QSpacerItem,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from hanlin.domain.conversation import Message, PartKind, Role
from hanlin.domain.generation import Timings
from hanlin.domain.tools import Decision
from hanlin.kernel.clock import Clock
from hanlin.kernel.i18n import _
from hanlin_ui.chat.above import Above
from hanlin_ui.chat.answer import AnswerView
from hanlin_ui.chat.question import QuestionView
from hanlin_ui.chat.reading_place import Anchor, ReadingPlace
from hanlin_ui.theme import appearance
from hanlin_ui.widgets import tab_stops
from hanlin_ui.widgets.buttons import FloatingButton
from hanlin_ui.widgets.still import stand_still

if TYPE_CHECKING:
    from hanlin.domain.assistants import Assistant
    from hanlin.domain.attachments import Thumbnail

COLUMN: Final = 780
"""Pixels: the widest a line of text becomes."""
_MARGIN: Final = 28
_TOP: Final = 1
"""Where in the column messages come in above the others: behind the room for what is due."""
_MOST_NEW: Final = 16
"""Messages of another path that are built behind those which both paths have."""
_BUILDING_SECONDS: Final = 0.016
"""Processor time for messages above what is built, before the event loop has its turn."""


class Transcript(QScrollArea):
    """Follows the bottom while the reader is there, and leaves them alone when not."""

    opening_seconds = 0.024
    """Processor time for what is seen of a conversation, before it is shown."""
    edited = Signal(str, str)
    changing = Signal(str, str)
    """A question's id and what it says in its editor, "" once that is closed."""
    rewritten = Signal(str, str)
    continue_requested = Signal(str)
    branch_requested = Signal(str)
    delete_requested = Signal(str)
    inspect_requested = Signal(str)
    regenerate_requested = Signal(str)
    answer_now_requested = Signal()
    version_chosen = Signal(str)
    older_wanted = Signal(object)
    """What is above this message is wanted; answer with :meth:`give_older`."""
    newer_wanted = Signal(str)
    """What follows this message is wanted; answer with :meth:`give_newer`."""
    end_wanted = Signal()
    """The end of the conversation is to be shown."""
    place_wanted = Signal(str)
    """This message is to be shown; answer with :meth:`show_around`."""
    versions_wanted = Signal(str)
    """A message came on screen; answer with :meth:`set_versions`."""
    real_model_requested = Signal()
    link_clicked = Signal(str)
    code_acted = Signal(object)
    """A CodeAct: what the person wants of a block of code."""
    attachment_opened = Signal(str, object)
    """Message id and the Attachment that is wanted to be looked at."""
    tool_decided = Signal(str, int, Decision)

    def __init__(self, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self.refusals: Sequence[str] = ()
        """Sentences that turn into the button “Get a real model”."""
        self.thumbnails: Callable[[str, str], Thumbnail | None] = lambda _message, _hash: None
        """Returns the small picture of an attachment, by its message's id and its hash."""
        self._assistant: Assistant | None = None
        self._above = Above()
        self._unseen = 0
        """Pixels of what is seen at first for which no answer is drawn yet."""
        self._building = QTimer(self)
        self._building.setSingleShot(True)
        self._building.timeout.connect(self._build_due)
        self._newer = False
        """Others follow behind the last one, which are asked for when somebody comes near."""
        self._views: dict[str, QuestionView | AnswerView] = {}
        self.setProperty("role", "transcript")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column = QWidget()
        self._layout = QVBoxLayout(column)
        self._layout.setSpacing(2)
        self._room_above = QSpacerItem(0, 0)
        self._layout.addItem(self._room_above)
        self._layout.addStretch()
        self.setWidget(column)
        self.viewport().setAutoFillBackground(False)
        stand_still(column)
        self._place = ReadingPlace(self, self)
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
        self._newer = False
        self._begin(messages)
        self._unseen = self.viewport().height()
        self._above.make_due(self._unseen, self._column_width())
        self._build_above(self._above.count_due(), self.opening_seconds)
        self._make_room_above()
        self._building.start(0)
        self._mark_last()
        self.scroll_to_bottom()

    def is_opening(self) -> bool:
        """Tell whether some of what is seen at first is not built yet."""
        return self._above.count_due() > 0

    def show_around(self, messages: Sequence[Message], *, newer: bool) -> None:
        """Show ``messages`` of the middle, to be scrolled in by :meth:`reveal`."""
        self._begin(messages)
        self._build_above(len(messages), math.inf)
        self._mark_last()
        self._newer = newer
        self._place.follows = False

    def give_older(self, messages: Sequence[Message]) -> None:
        """Take what is above the first message, up to the conversation's beginning if none."""
        self._above.hold(messages)
        if messages:
            self._build_older()

    def give_newer(self, messages: Sequence[Message], *, more: bool) -> None:
        """Take what follows the last message; with ``more`` it is not the end."""
        self._newer = more
        for message in messages:
            self._insert(self._layout.count() - 1, message)
        self._mark_last()

    def has_end(self) -> bool:
        """Tell whether the newest message is among those that are there."""
        return not self._newer

    def anchor_at(self, y: int) -> Anchor | None:
        """Return what stands at ``y`` in the column."""
        views = self._views.values()
        view = next((one for one in views if one.y() + one.height() > y), None)
        return None if view is None else Anchor.at(view, y - view.y())

    def draw_seen(self, top: int, height: int) -> None:
        """Have what is between ``top`` and ``height`` pixels below it drawn."""
        for view in self._views.values():
            if isinstance(view, AnswerView):
                view.show_only(top - view.y(), top - view.y() + height)

    def first_id(self) -> str | None:
        """Return the id of the first message that is there, built or not."""
        return self._above.first_id() or next(iter(self._views), None)

    def set_assistant(self, assistant: "Assistant | None") -> None:
        """Say who answers in this conversation; None for the model alone."""
        self._assistant = assistant
        for view in self._views.values():
            if isinstance(view, AnswerView):
                view.set_assistant(assistant)

    def _begin(self, messages: Sequence[Message]) -> None:
        """Take away what is shown; ``messages`` are to be built."""
        for view in self._views.values():
            self._layout.removeWidget(view)
            view.hide()
            view.deleteLater()
        self._views.clear()
        self._above.hold(messages)
        self._unseen = 0
        self._place.begin()

    def show_path(self, messages: Sequence[Message]) -> None:
        """Show another path through the same conversation; what both have stays where it is.

        ``messages`` begin with the first one that is there, or are the end of the path.
        """
        ids = [message.id for message in messages]
        shown = list(self._views)
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
        self._newer = False
        self.remove_after(shown[both - 1])
        for message in rest:
            self._insert(self._layout.count() - 1, message)
        self._mark_last()

    def resume(self, message: Message) -> None:
        """Show that an answer, which was final, goes on."""
        view = self._views.get(message.id)
        if isinstance(view, AnswerView):
            view.resume(message)

    def add(self, message: Message) -> None:
        """Show a new message at the end; scrolls there when a person wrote it."""
        if message.id in self._views or self._newer:
            return
        self._insert(self._layout.count() - 1, message)
        if message.role is Role.USER:
            self.scroll_to_bottom()
        self._mark_queued()
        self._mark_last()

    def remove_after(self, message_id: str | None) -> None:
        """Take away every message behind ``message_id`` (all, if None)."""
        ids = list(self._views)
        first = ids.index(message_id) + 1 if message_id in self._views else 0
        for gone in ids[first:]:
            view = self._views.pop(gone)
            self._layout.removeWidget(view)
            view.hide()
            view.deleteLater()
        self._mark_last()

    def append(self, message_id: str, parts: Sequence[tuple[PartKind, str]]) -> None:
        """Let the streaming answer grow."""
        view = self._views.get(message_id)
        if isinstance(view, AnswerView):
            for kind, text in parts:
                view.append(kind, text)

    def set_reading(self, message_id: str, done: int, total: int) -> None:
        """Show how far the prompt has been read."""
        view = self._views.get(message_id)
        if isinstance(view, AnswerView):
            view.set_reading(done, total)

    def ask(self, message_id: str, number: int) -> None:
        """Let the person say whether call ``number`` of the answer may run."""
        view = self._views.get(message_id)
        if isinstance(view, AnswerView):
            view.ask(number)

    def finish(self, message: Message, timings: Timings | None = None) -> None:
        """Show the final state of an answer."""
        view = self._views.get(message.id)
        if isinstance(view, AnswerView):
            view.finish(message, timings)
            self._mark_queued()

    def set_versions(self, message_id: str, ids: Sequence[str]) -> None:
        """Offer the versions ``ids`` of a message."""
        if (view := self._views.get(message_id)) is not None:
            view.versions.set_versions(ids, message_id)

    def views(self) -> list[QuestionView | AnswerView]:
        """Return the messages that are built, oldest first."""
        return list(self._views.values())

    def edit_last_question(self) -> None:
        """Let the person's last message be changed."""
        last = next((v for v in reversed(self.views()) if isinstance(v, QuestionView)), None)
        if last is not None:
            last.edit()

    def is_at_bottom(self) -> bool:
        """Tell whether the view follows the end."""
        return self._place.follows

    def scroll_to_bottom(self) -> None:
        """Go to the end and follow it from now on."""
        if self._newer:
            self.end_wanted.emit()
            return
        self._to_bottom.hide()
        self._place.follow()

    def can_reveal(self, message_id: str) -> bool:
        """Tell whether the message is there, built or not."""
        return message_id in self._views or self._above.holds(message_id)

    def reveal(self, message_id: str, share: float = 0.0) -> bool:
        """Scroll to where ``share`` of the message is above; False: what is near was built.

        Then it is to be called again, after the event loop had its turn.
        """
        self._place.follows = False
        view = self._views.get(message_id)
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
        side = self._side()
        right = self.viewport().width() - side - self._column_width()
        self._layout.setContentsMargins(side, 18, right, 12)
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
        for view in self._views.values():
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

    def _mark_queued(self) -> None:
        """Say of all unfinished answers but the first that they wait for their turn."""
        answers = [view for view in self._views.values() if isinstance(view, AnswerView)]
        for number, view in enumerate([view for view in answers if not view.is_final]):
            view.set_queued(number > 0)

    def _mark_last(self) -> None:
        """Show all the time what can be done with the last message."""
        views = self.views()
        for view in views:
            view.actions_row.set_lasting(view is views[-1])

    def _is_seen(self, part: QWidget) -> bool:
        top = part.mapTo(self, QPoint(0, 0)).y()
        return top < self.height() and top + part.height() > 0

    def _insert(self, index: int, message: Message) -> QuestionView | AnswerView:
        view: QuestionView | AnswerView
        if message.role is Role.USER:
            view = QuestionView(message)
            view.edited.connect(self.edited)
            view.changing.connect(self.changing)
            view.show_attachments(self.thumbnails)
            view.attachment_opened.connect(self.attachment_opened)
        else:
            view = AnswerView(message, self._clock, self.refusals, width=self._column_width())
            view.set_assistant(self._assistant)
            view.moved.connect(self._place.settle)
            view.regenerate_requested.connect(self.regenerate_requested)
            view.answer_now_requested.connect(self.answer_now_requested)
            view.real_model_requested.connect(self.real_model_requested)
            view.link_clicked.connect(self.link_clicked)
            view.rewritten.connect(self.rewritten)
            view.continue_requested.connect(self.continue_requested)
            view.inspect_requested.connect(self.inspect_requested)
            view.tool_decided.connect(self.tool_decided)
            view.code_acted.connect(self.code_acted)
        view.version_chosen.connect(self.version_chosen)
        view.branch_requested.connect(self.branch_requested)
        view.delete_requested.connect(self.delete_requested)
        self._layout.insertWidget(index, view)
        view.show()  # or its room is not counted before a later turn
        self._views[message.id] = view
        self._place.settle()
        self.versions_wanted.emit(message.id)
        return view

    def _side(self) -> int:
        return (self.viewport().width() - self._column_width()) // 2

    def _column_width(self) -> int:
        widest = COLUMN * appearance.looks().text_percent // 100
        return min(widest, self.viewport().width() - 2 * _MARGIN)

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
        self._room_above.changeSize(0, self._above.height_due())
        self._layout.invalidate()
        # The area gives the column its height now, and not after the column was laid out in the
        # one that it had, where everything is squeezed for a moment.
        QApplication.sendEvent(self.viewport(), QEvent(QEvent.Type.LayoutRequest))

    def _build_above(self, most: int, seconds: float) -> None:
        """Build up to ``most`` messages above, the lowest first, in ``seconds``, or one of them."""
        until = time.thread_time() + seconds
        known, self._views = self._views, {}
        while len(self._views) < most and (not self._views or time.thread_time() < until):
            view = self._insert(_TOP, self._above.take())
            if self._unseen > 0 and isinstance(view, AnswerView):  # it has no place yet
                left = max(0.0, until - time.thread_time())
                self._unseen -= view.show_last(self._unseen, left)
        self._views = dict(reversed(self._views.items())) | known
        self._mark_queued()
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
        if self._newer and value > self.verticalScrollBar().maximum() - room:
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
        if self._newer and bar.value() > bar.maximum() - self.viewport().height():
            self.newer_wanted.emit(next(reversed(self._views), ""))

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
