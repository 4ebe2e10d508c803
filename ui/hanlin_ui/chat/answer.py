"""An answer: which model wrote it, what it thought, what it says, how it ended."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from hanlin.domain.conversation import Message, PartKind, Status
from hanlin.domain.generation import Timings
from hanlin.domain.tools import Decision, ToolCall, ToolResult
from hanlin.kernel.clock import Clock
from hanlin.kernel.i18n import Said, _
from hanlin.services.revising import CAN_GO_ON
from hanlin_ui.assistants.pill import picture
from hanlin_ui.chat import more
from hanlin_ui.chat.actions import AGAIN, COPY, ActedOn, ActionRow
from hanlin_ui.chat.body import MessageBody
from hanlin_ui.chat.editor import MessageEditor
from hanlin_ui.chat.stack import Spot
from hanlin_ui.chat.summary import SummaryView
from hanlin_ui.chat.thought import ThoughtView
from hanlin_ui.chat.tool import ToolUse, pieces_of
from hanlin_ui.starter_card import name_now
from hanlin_ui.theme import appearance
from hanlin_ui.theme.icons import extent, icon
from hanlin_ui.widgets.notice import Notice
from hanlin_ui.widgets.still import stand_still

if TYPE_CHECKING:
    from hanlin.domain.assistants import Assistant


class AnswerView(ActedOn):
    """Shows one answer, growing or finished."""

    regenerate_requested = Signal(str)
    rewritten = Signal(str, str)
    """Message id and the text it is to have."""
    continue_requested = Signal(str)
    branch_requested = Signal(str)
    delete_requested = Signal(str)
    inspect_requested = Signal(str)
    answer_now_requested = Signal()
    version_chosen = Signal(str)
    real_model_requested = Signal()
    link_clicked = Signal(str)
    code_acted = Signal(object)
    tool_decided = Signal(str, int, Decision)
    """Message id, number of the call, and what the person said to it."""
    moved = Signal()
    """Parts of the text stand at other heights than before."""

    def __init__(
        self,
        message: Message,
        clock: Clock,
        refusals: Sequence[str] = (),
        *,
        width: int,
    ) -> None:
        """Make the view for a column of ``width`` pixels; :meth:`show_only` lets it be drawn."""
        super().__init__()
        stand_still(self)
        self._message = message
        self._clock = clock
        self._refusals = refusals
        self._speed = 0.0
        self._reading: tuple[int, int] | None = None
        self._queued = False
        self._mark = QLabel()
        self._model = QLabel()
        self._model.setTextFormat(Qt.TextFormat.PlainText)
        self._model.setProperty("role", "muted")
        self._figures = QLabel()
        self._figures.setProperty("role", "muted")
        self._assistant: Assistant | None = None
        self._name = QLabel()
        self._name.setTextFormat(Qt.TextFormat.PlainText)
        self._name.setProperty("role", "strong")
        self._thought: ThoughtView | None = None
        self._progress = QLabel()
        self._progress.setProperty("role", "muted")
        self._progress.setTextFormat(Qt.TextFormat.PlainText)
        self._body = MessageBody()
        self._begin_body(width)
        self._ending = QLabel()
        self._ending.setProperty("role", "muted")
        self._ending.setTextFormat(Qt.TextFormat.PlainText)
        self._go_on: QPushButton | None = None
        self._real_model: QPushButton | None = None
        self._editor: MessageEditor | None = None
        self._notice: Notice | None = None
        self.summary: SummaryView | None = None
        self._layout = QVBoxLayout(self)
        self._layout.addLayout(self._header())
        self._layout.addWidget(self._progress)
        self._layout.addWidget(self._body)
        self._ends = QHBoxLayout()
        self._ends.setSpacing(6)
        self._ends.addWidget(self._ending)
        self._ends.addStretch()
        self._layout.addLayout(self._ends)
        self._build_actions()
        if message.status is Status.STREAMING:
            self._take_parts(message)
        else:
            self.finish(message)
        self._retranslate()

    @property
    def message_id(self) -> str:
        """The id of the message shown."""
        return self._message.id

    def set_assistant(self, assistant: "Assistant | None") -> None:
        """Say with name and picture who answers in this conversation; None for the model alone."""
        self._assistant = assistant
        self._show_speaker()

    @property
    def model(self) -> str:
        """The name of the model that wrote it."""
        return self._message.model or ""

    @property
    def is_final(self) -> bool:
        """Tell whether the answer is finished."""
        return self._message.status is not Status.STREAMING

    def text(self) -> str:
        """Return the answer as it came, Markdown and all."""
        return self._body.source()

    def show_only(self, top: int, bottom: int) -> None:
        """Say which pixels of the view are seen; the text is drawn there and near it."""
        above = self._body.y()
        self._body.show_only(top - above, bottom - above)

    def show_last(self, pixels: int, seconds: float) -> int:
        """Draw the last ``pixels`` of the text before it has its place; return its height.

        What is left after ``seconds`` is read while the event loop has its turns.
        """
        self._body.read(seconds)
        height = self._body.height()
        self._body.show_only(height - pixels, height)
        return height

    def spot_at(self, y: int) -> Spot | None:
        """Return the place of the text at ``y``, to be found again when heights have changed."""
        return self._body.spot_at(y - self._body.y())

    def y_of(self, spot: Spot) -> int | None:
        """Return where ``spot`` is now; None when it is gone."""
        found = self._body.y_of(spot)
        return None if found is None else found + self._body.y()

    def append(self, kind: PartKind, text: str) -> None:
        """Show more of the answer or of the thought before it."""
        self._reading = None
        if kind is PartKind.THINKING:
            self._thought_view().append(text)
        elif kind is PartKind.TEXT:
            if self._thought is not None:
                self._thought.finish(self._thought.text())
            self._body.append(text)
        elif kind is PartKind.TOOL_CALL:
            self._body.append_use(ToolUse(ToolCall.read(text)))
        elif kind is PartKind.TOOL_RESULT:
            self._take_result(text)
        self._refresh()

    def ask(self, number: int) -> None:
        """Let the person say whether call ``number`` may run."""
        uses = self._body.uses()
        if number < len(uses) and uses[number].result is None:
            uses[number].asked = True
            self._body.refresh_use(number)

    def set_reading(self, done: int, total: int) -> None:
        """Show how much of the prompt has been read."""
        self._reading = (done, total)
        self._refresh()

    def set_queued(self, queued: bool) -> None:  # noqa: FBT001 - a state
        """Say that other answers of the conversation come first, or no longer."""
        if queued is not self._queued:
            self._queued = queued
            self._refresh()

    def finish(self, message: Message, timings: Timings | None = None) -> None:
        """Show the final message."""
        self._message = message
        self._model.setText(name_now(self.model))  # it may have been loading when this began
        self._speed = timings.tokens_per_second if timings is not None else 0.0
        self._take_parts(message)
        self._body.set_text(*pieces_of(message.parts))
        self._show_notice(message.text(PartKind.NOTICE))
        self._show_summary(message.text(PartKind.SUMMARY))
        self._refresh()

    def resume(self, message: Message) -> None:
        """Show that the answer, which was final, goes on."""
        self._message = message
        if self._notice is not None:
            self._notice.hide()
        self._refresh()

    def changeEvent(self, event: QEvent) -> None:
        """Follow language and theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.StyleChange):
            self._retranslate()

    def _header(self) -> QHBoxLayout:
        """Return the line that says who answers."""
        header = QHBoxLayout()
        header.setSpacing(6)
        for part in (self._mark, self._name, self._model):
            header.addWidget(part)
        header.addSpacing(6)
        header.addWidget(self._figures)
        header.addStretch()
        return header

    def _begin_body(self, width: int) -> None:
        self._body.resize(width, 1)
        self._body.show_only(0, 0)
        self._body.moved.connect(self.moved)
        self._body.link_clicked.connect(self.link_clicked)
        self._body.decided.connect(self._on_decided)
        self._body.code_acted.connect(self.code_acted)

    def _build_actions(self) -> None:
        offers = (more.EDIT, more.BRANCH, more.INSPECT, more.DELETE)
        self.actions_row = ActionRow((COPY, AGAIN), offers)
        self.actions_row.wished.connect(self._on_wished)
        self.versions = self.actions_row.versions
        self.versions.chosen.connect(self.version_chosen)
        self._layout.addWidget(self.actions_row)

    def _take_parts(self, message: Message) -> None:
        thought = message.text(PartKind.THINKING)
        if message.status is Status.STREAMING:
            for part in message.parts:
                self.append(part.kind, part.text)
        elif thought:
            self._thought_view().finish(thought, message.milliseconds(PartKind.THINKING))

    def _thought_view(self) -> ThoughtView:
        if self._thought is None:
            self._thought = ThoughtView(self._clock)
            self._thought.answer_now_requested.connect(self.answer_now_requested)
            self._layout.insertWidget(1, self._thought)
        return self._thought

    def _show_notice(self, text: str) -> None:
        if not text:
            return
        if self._notice is None:
            self._notice = Notice()
            self._notice.action_requested.connect(self._on_again)
            below = self._real_model or self.actions_row
            self._layout.insertWidget(self._layout.indexOf(below), self._notice)
        self._notice.set_text(text)

    def _show_summary(self, text: str) -> None:
        if text and self.summary is None:
            self.summary = SummaryView(text)
            self._layout.addWidget(self.summary)

    def _take_result(self, text: str) -> None:
        waiting = [n for n, use in enumerate(self._body.uses()) if use.result is None]
        if waiting:
            use = self._body.uses()[waiting[0]]
            use.result, use.asked, use.running = ToolResult.read(text), False, False
            self._body.refresh_use(waiting[0])

    def _on_decided(self, number: int, decision: Decision) -> None:
        use = self._body.uses()[number]
        use.asked, use.running = False, decision is not Decision.REFUSE
        self._body.refresh_use(number)
        self.tool_decided.emit(self._message.id, number, decision)

    def _on_again(self) -> None:
        self.regenerate_requested.emit(self._message.id)

    def _on_wished(self, wish: str) -> None:
        if wish == COPY:
            QGuiApplication.clipboard().setText(self._body.source())
            return
        if wish == more.EDIT:
            self._edit()
            return
        wishes = {
            AGAIN: self.regenerate_requested,
            more.BRANCH: self.branch_requested,
            more.INSPECT: self.inspect_requested,
            more.DELETE: self.delete_requested,
        }
        wishes[wish].emit(self._message.id)

    def _edit(self) -> None:
        if self._editor is None:
            text = self._body.source()
            self._editor = MessageEditor(
                text, Said(lambda: _("Edit this answer")), Said(lambda: _("Keep this text"))
            )
            self._editor.accepted.connect(self._on_edited)
            self._editor.dismissed.connect(self._close_editor)
            self._body.hide()
            self.actions_row.hide()
            self._layout.insertWidget(self._layout.indexOf(self._body), self._editor)
            self._editor.setFocus()

    def _on_edited(self, text: str) -> None:
        self._close_editor()
        if text != self._body.source():
            self.rewritten.emit(self._message.id, text)

    def _close_editor(self) -> None:
        if self._editor is not None:
            self._editor.hide()
            self._editor.deleteLater()
            self._editor = None
            self._body.show()
            self.actions_row.show()
            self.editing_ended.emit()

    def _show_speaker(self) -> None:
        speaker = self._assistant
        self._name.setText(speaker.name if speaker else "")
        self._name.setVisible(speaker is not None)
        drawn = picture(speaker) if speaker else QIcon()
        if speaker is not None and speaker.picture and drawn.isNull():
            self._mark.setText(speaker.picture)  # an emoji
            return
        if drawn.isNull():
            drawn = icon("model", appearance.current().accent, 16)
        self._mark.setPixmap(drawn.pixmap(extent(16)))

    def _offer_to_go_on(self) -> None:
        possible = self._message.status in CAN_GO_ON and bool(self._body.source())
        if possible and self._go_on is None:
            self._go_on = QPushButton()
            self._go_on.setProperty("role", "link")
            self._go_on.clicked.connect(lambda: self.continue_requested.emit(self._message.id))
            self._ends.insertWidget(1, self._go_on)
        if self._go_on is not None:
            self._go_on.setText(_("Continue"))
            self._go_on.setToolTip(_("The model writes on from where the answer ends"))
            self._go_on.setVisible(possible)

    def _offer_a_real_model(self) -> None:
        refused = self.is_final and any(one in self._body.source() for one in self._refusals)
        if refused and self._real_model is None:
            self._real_model = QPushButton()
            self._real_model.setProperty("role", "primary")
            self._real_model.clicked.connect(self.real_model_requested)
            place = self._layout.indexOf(self.actions_row)
            self._layout.insertWidget(place, self._real_model, alignment=Qt.AlignmentFlag.AlignLeft)
        if self._real_model is not None:
            self._real_model.setText(_("Get a real model"))
            self._real_model.setVisible(refused)

    def _refresh(self) -> None:
        streaming = self._message.status is Status.STREAMING
        silent = (
            not self._body.source()
            and not self._body.uses()
            and (self._thought is None or not self._thought.text())
        )
        self._progress.setVisible(streaming and silent)
        self._progress.setText(self._progress_text())
        ending = self._ending_text()
        self._ending.setText(ending)
        self._ending.setVisible(bool(ending))
        self._offer_to_go_on()
        self.actions_row.setVisible(not streaming)
        self._offer_a_real_model()
        if self._notice is not None:
            wrong = self._message.status in (Status.FAILED, Status.INTERRUPTED)
            self._notice.set_action(_("Try again") if wrong else "")
        self._figures.setText(
            _("{speed:,.0f} tokens/s").format(speed=self._speed) if self._speed else ""
        )

    def _progress_text(self) -> str:
        if self._reading is None and self._queued:
            return _("Waits for its turn")
        if self._reading is None:
            return _("Waiting for the model…")
        done, total = self._reading
        percent = round(100 * done / total) if total else 0
        return _("Reading the conversation… {percent} %").format(percent=percent)

    def _ending_text(self) -> str:
        match self._message.status:
            case Status.STOPPED:
                return _("Stopped")
            case Status.TRUNCATED:
                return _("Cut off at the length limit")
            case Status.INTERRUPTED:
                return _("Interrupted; what was written is kept")
            case Status.FAILED:
                return _("Not answered")
            case _:
                return ""

    def _retranslate(self) -> None:
        spaced = appearance.looks().spaced
        self._layout.setContentsMargins(0, spaced(6), 0, spaced(14))
        self._layout.setSpacing(spaced(7))
        self._model.setText(name_now(self.model))
        self._show_speaker()
        self._refresh()
