"""The column of messages: one view for each, below one another.

Every wish that a person has of one message is told from here, whichever it was. Where the
column is scrolled to, and which messages come into it, is the transcript's business.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import shiboken6
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSpacerItem, QVBoxLayout, QWidget

from hanlin.domain.conversation import Message, PartKind, Role
from hanlin.domain.generation import Timings
from hanlin.domain.tools import Decision
from hanlin.kernel.clock import Clock
from hanlin_ui.chat.answer import AnswerView
from hanlin_ui.chat.question import QuestionView
from hanlin_ui.chat.stack import Spot
from hanlin_ui.theme import appearance
from hanlin_ui.widgets.still import stand_still

if TYPE_CHECKING:
    from hanlin.domain.assistants import Assistant
    from hanlin.domain.attachments import Thumbnail

_WIDEST: Final = 780
"""Pixels: the most that a line of text becomes."""
_MARGIN: Final = 28
_TOP: Final = 1
"""Where messages come in above the others: behind the room for what is due."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A place in the column that can be found again."""

    view: QuestionView | AnswerView
    below: int
    """Pixels from the view's upper edge."""
    spot: Spot | None

    @classmethod
    def at(cls, view: QuestionView | AnswerView, below: int) -> "Anchor":
        """Return the place ``below`` the upper edge of ``view``."""
        return cls(view, below, view.spot_at(below) if isinstance(view, AnswerView) else None)

    def y(self) -> int | None:
        """Return where in the column it is now; None when it is gone."""
        if not shiboken6.isValid(self.view):
            return None
        if self.spot is not None and isinstance(self.view, AnswerView):
            inside = self.view.y_of(self.spot)
            return None if inside is None else self.view.y() + inside
        return self.view.y() + self.below


class MessageColumn(QWidget):
    """Messages that follow each other in one conversation: a part of it, or all of it."""

    edited = Signal(str, str)
    changing = Signal(str, object)
    """A question's id and what it says in its editor: at first as it stands, None once closed."""
    editing_ended = Signal()
    """An editor, where the keyboard was, is gone."""
    rewritten = Signal(str, str)
    continue_requested = Signal(str)
    branch_requested = Signal(str)
    delete_requested = Signal(str)
    inspect_requested = Signal(str)
    regenerate_requested = Signal(str)
    answer_now_requested = Signal()
    version_chosen = Signal(str)
    versions_wanted = Signal(str)
    """A message came in; answer with :meth:`set_versions`."""
    real_model_requested = Signal()
    link_clicked = Signal(str)
    code_acted = Signal(object)
    """A CodeAct: what the person wants of a block of code."""
    attachment_opened = Signal(str, object)
    """Message id and the Attachment that is wanted to be looked at."""
    tool_decided = Signal(str, int, Decision)
    moved = Signal()
    """A message came in, or parts of one stand at other heights than before."""

    def __init__(self, clock: Clock, room: QWidget) -> None:
        """Make the column for ``room``, in the middle of which its text stands."""
        super().__init__()
        self._clock = clock
        self._room = room
        self.refusals: Sequence[str] = ()
        """Sentences that turn into the button “Get a real model”."""
        self.thumbnails: Callable[[str, str], Thumbnail | None] = lambda _message, _hash: None
        """Returns the small picture of an attachment, by its message's id and its hash."""
        self.has_end = True
        """The conversation's newest message is the last one here; else others follow it."""
        self._assistant: Assistant | None = None
        self._views: OrderedDict[str, QuestionView | AnswerView] = OrderedDict()
        self._layout = QVBoxLayout(self)
        self._layout.setSpacing(2)
        self._room_above = QSpacerItem(0, 0)
        self._layout.addItem(self._room_above)
        self._layout.addStretch()
        stand_still(self)

    def text_width(self) -> int:
        """Return how wide the messages are in the room that there is."""
        widest = _WIDEST * appearance.looks().text_percent // 100
        return min(widest, self._room.width() - 2 * _MARGIN)

    def fit(self) -> None:
        """Stand in the middle of the room, which may have another width."""
        left = (self._room.width() - self.text_width()) // 2
        right = self._room.width() - left - self.text_width()
        self._layout.setContentsMargins(left, 18, right, 12)

    def put_above(self, message: Message) -> QuestionView | AnswerView:
        """Let ``message`` come in above the others."""
        view = self._insert(message, above=True)
        if len(self._views) == 1:
            self._mark_last()
        return view

    def put_below(self, messages: Sequence[Message], *, more: bool = False) -> None:
        """Let ``messages`` come in below the others; with ``more`` they are not the end."""
        self.has_end = not more
        for message in messages:
            self._insert(message, above=False)
        self._mark_last()

    def remove_after(self, message_id: str | None) -> None:
        """Take away every message behind ``message_id`` (all, if None)."""
        ids = self.ids()
        first = ids.index(message_id) + 1 if message_id in ids else 0
        for gone in ids[first:]:
            view = self._views.pop(gone)
            self._layout.removeWidget(view)
            view.hide()
            view.deleteLater()
        self._mark_last()

    def clear(self, *, more: bool = False) -> None:
        """Take all away for other messages; with ``more`` they will not be the end."""
        self.remove_after(None)
        self.has_end = not more

    def leave_room_above(self, height: int) -> None:
        """Keep ``height`` pixels free for messages that are to come in above."""
        self._room_above.changeSize(0, height)
        self._layout.invalidate()

    def views(self) -> list[QuestionView | AnswerView]:
        """Return the messages, oldest first."""
        return list(self._views.values())

    def ids(self) -> list[str]:
        """Return the ids of the messages, oldest first."""
        return list(self._views)

    def holds(self, message_id: str) -> bool:
        """Tell whether the message is one of them."""
        return message_id in self._views

    def view_of(self, message_id: str) -> QuestionView | AnswerView | None:
        """Return one message, if it is here."""
        return self._views.get(message_id)

    def anchor_at(self, y: int) -> Anchor | None:
        """Return what stands at ``y``."""
        views = self._views.values()
        view = next((one for one in views if one.y() + one.height() > y), None)
        return None if view is None else Anchor.at(view, y - view.y())

    def draw_seen(self, top: int, height: int) -> None:
        """Have what is between ``top`` and ``height`` pixels below it drawn."""
        for view in self._answers():
            view.show_only(top - view.y(), top - view.y() + height)

    def set_assistant(self, assistant: "Assistant | None") -> None:
        """Say who answers in this conversation; None for the model alone."""
        self._assistant = assistant
        for view in self._answers():
            view.set_assistant(assistant)

    def resume(self, message: Message) -> None:
        """Show that an answer, which was final, goes on."""
        if (view := self._answer(message.id)) is not None:
            view.resume(message)

    def append(self, message_id: str, parts: Sequence[tuple[PartKind, str]]) -> None:
        """Let the streaming answer grow."""
        if (view := self._answer(message_id)) is not None:
            for kind, text in parts:
                view.append(kind, text)

    def set_reading(self, message_id: str, done: int, total: int) -> None:
        """Show how far the prompt has been read."""
        if (view := self._answer(message_id)) is not None:
            view.set_reading(done, total)

    def ask(self, message_id: str, number: int) -> None:
        """Let the person say whether call ``number`` of the answer may run."""
        if (view := self._answer(message_id)) is not None:
            view.ask(number)

    def finish(self, message: Message, timings: Timings | None = None) -> None:
        """Show the final state of an answer."""
        if (view := self._answer(message.id)) is not None:
            view.finish(message, timings)
            self._mark_queued()

    def set_versions(self, message_id: str, ids: Sequence[str]) -> None:
        """Offer the versions ``ids`` of a message."""
        if (view := self._views.get(message_id)) is not None:
            view.versions.set_versions(ids, message_id)

    def edit_last_question(self) -> None:
        """Let the person's last message be changed."""
        last = next((v for v in reversed(self.views()) if isinstance(v, QuestionView)), None)
        if last is not None:
            last.edit()

    def _answer(self, message_id: str) -> AnswerView | None:
        view = self._views.get(message_id)
        return view if isinstance(view, AnswerView) else None

    def _answers(self) -> Iterator[AnswerView]:
        return (view for view in self._views.values() if isinstance(view, AnswerView))

    def _insert(self, message: Message, *, above: bool) -> QuestionView | AnswerView:
        asked = message.role is Role.USER
        view = self._new_question(message) if asked else self._new_answer(message)
        view.version_chosen.connect(self.version_chosen)
        view.branch_requested.connect(self.branch_requested)
        view.delete_requested.connect(self.delete_requested)
        view.editing_ended.connect(self.editing_ended)
        self._layout.insertWidget(_TOP if above else self._layout.count() - 1, view)
        view.show()  # or its room is not counted before a later turn
        self._views[message.id] = view
        if above:
            self._views.move_to_end(message.id, last=False)
        if isinstance(view, AnswerView) and not view.is_final:
            self._mark_queued()
        self.moved.emit()
        self.versions_wanted.emit(message.id)
        return view

    def _new_question(self, message: Message) -> QuestionView:
        view = QuestionView(message)
        view.edited.connect(self.edited)
        view.changing.connect(self.changing)
        view.show_attachments(self.thumbnails)
        view.attachment_opened.connect(self.attachment_opened)
        return view

    def _new_answer(self, message: Message) -> AnswerView:
        view = AnswerView(message, self._clock, self.refusals, width=self.text_width())
        view.set_assistant(self._assistant)
        view.moved.connect(self.moved)
        view.regenerate_requested.connect(self.regenerate_requested)
        view.answer_now_requested.connect(self.answer_now_requested)
        view.real_model_requested.connect(self.real_model_requested)
        view.link_clicked.connect(self.link_clicked)
        view.rewritten.connect(self.rewritten)
        view.continue_requested.connect(self.continue_requested)
        view.inspect_requested.connect(self.inspect_requested)
        view.tool_decided.connect(self.tool_decided)
        view.code_acted.connect(self.code_acted)
        return view

    def _mark_queued(self) -> None:
        """Say of all unfinished answers but the first that they wait for their turn."""
        for number, view in enumerate([one for one in self._answers() if not one.is_final]):
            view.set_queued(number > 0)

    def _mark_last(self) -> None:
        """Show all the time what can be done with the last message."""
        views = self.views()
        for view in views:
            view.actions_row.set_lasting(view is views[-1])
