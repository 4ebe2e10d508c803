"""Where a person writes: a growing entry, the thinking switch, and Send or Stop."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QToolButton, QVBoxLayout, QWidget

from hanlin.kernel.i18n import _
from hanlin_ui.chat.entry import TextEntry
from hanlin_ui.theme import appearance
from hanlin_ui.theme.icons import extent, put_on
from hanlin_ui.widgets.buttons import IconButton

_ROUND = 36


def effort_words() -> dict[str, str]:
    """Return what the templates' words for how much to think are called."""
    return {
        "": _("As the model prefers"),
        "minimal": _("Minimal"),
        "low": _("Little"),
        "medium": _("Medium"),
        "high": _("Much"),
        "xhigh": _("Very much"),
        "max": _("As much as it can"),
    }


class Composer(QFrame):
    """Knows nothing of conversations: it asks to send a text, or to stop."""

    send_requested = Signal(str)
    stop_requested = Signal()
    thinking_toggled = Signal(bool)
    effort_chosen = Signal(str)
    completion_stopped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "composer")
        self.setProperty("focused", True)  # noqa: FBT003 - a property; writing comes first
        self._answering = False
        self._completing = False
        self._can_send = self._reading = False
        self._waiting: str | None = None
        """What is sent as soon as it can be, if it is not changed until then."""
        self.entry = TextEntry()
        self.entry.submitted.connect(self._on_submitted)
        self.entry.dismissed.connect(self._on_dismissed)
        self.entry.textChanged.connect(self._on_text_changed)
        self.entry.focus_changed.connect(self._on_focus_changed)
        self._thinking = QToolButton()
        self._thinking.setProperty("role", "pill")
        self._thinking.setCheckable(True)
        self._thinking.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._thinking.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._thinking.clicked.connect(self.thinking_toggled)
        self._efforts: Sequence[str] = ()
        self._effort = ""
        self._menu: QMenu | None = None
        self._has_attached = False
        self.attach = IconButton("attach", 18)
        """Asks for something to go along with the message."""
        self._hint = QLabel()
        self._hint.setProperty("role", "muted")
        self._button = IconButton("send", 20, role="send")
        self._button.clicked.connect(self._on_button)
        self._stop: IconButton | None = None
        """Beside the button while that one queues what is written."""
        self._row = row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.attach)
        self._pills = QHBoxLayout()
        self._pills.addWidget(self._thinking)
        row.addLayout(self._pills)
        row.addStretch()
        row.addWidget(self._hint)
        row.addSpacing(6)
        row.addWidget(self._button)
        self._column = layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 10, 10)
        layout.setSpacing(8)
        layout.addWidget(self.entry)
        layout.addLayout(row)
        self.setFocusProxy(self.entry)
        self._retranslate()

    def add_pill(self, button: QWidget) -> None:
        """Put one more choice beside the thinking switch."""
        self._pills.addWidget(button)

    def hide_choices(self) -> None:
        """Offer no choices beside the entry: the window is a small one."""
        self._thinking.hide()
        self.attach.hide()

    def add_above_entry(self, widget: QWidget) -> None:
        """Put a widget above the text."""
        self._column.insertWidget(0, widget)

    def set_attached(self, *, attached: bool, reading: bool) -> None:
        """Say whether something goes along, which needs no words, and whether it is read yet."""
        self._has_attached, self._reading = attached, reading
        self._go_on()

    def take_back(self) -> None:
        """Send nothing later, if something was to be."""
        self._waiting = None
        self._refresh()

    def is_answering(self) -> bool:
        """Tell whether there is something to stop."""
        return self._answering

    def text(self) -> str:
        """Return what is written and not sent."""
        return self.entry.toPlainText()

    def set_text(self, text: str) -> None:
        """Write ``text`` into the entry and put the cursor behind it."""
        self.entry.setPlainText(text)
        self.entry.moveCursor(self.entry.textCursor().MoveOperation.End)

    def begin(self, text: str) -> None:
        """Write ``text``, to be gone on with."""
        self.set_text(text + "\n")
        self.setFocus()

    def submit(self, text: str) -> None:
        """Ask to send ``text``, leaving what is written; at the start, as soon as one can."""
        self.setFocus()  # what follows is typed here
        if self._can_send:
            self.send_requested.emit(text)
        else:
            self.set_text(text)
            self._on_submitted()

    def set_answering(self, answering: bool) -> None:  # noqa: FBT001 - states are set from signals
        """Offer Stop instead of Send."""
        self._answering = answering
        self._refresh()

    def is_completing(self) -> bool:
        """Tell whether something is being written at the cursor."""
        return self._completing

    def set_completing(self, *, on: bool) -> None:
        """Say that something is being written at the cursor."""
        self._completing = on
        self._refresh()

    def set_can_send(self, possible: bool) -> None:  # noqa: FBT001
        """Say whether there is somebody to send to."""
        self._can_send = possible
        self._go_on()

    def set_thinking(self, *, available: bool, on: bool) -> None:
        """Show the thinking switch as it is."""
        self._thinking.setEnabled(available)
        self._thinking.setChecked(on and available)
        self._retranslate()

    def set_efforts(self, efforts: Sequence[str], chosen: str, *, switchable: bool) -> None:
        """Offer the words for how much to think; a model without them offers none."""
        self._efforts, self._effort = efforts, chosen if chosen in efforts else ""
        if efforts and self._menu is None:
            # Not before the composer has its place: Qt loses the order of Tab when a part
            # that holds a menu moves into the window.
            self._menu = QMenu(self)
            self._menu.triggered.connect(lambda action: self.effort_chosen.emit(action.data()))
            self._thinking.setMenu(self._menu)
        mode = QToolButton.ToolButtonPopupMode
        beside = mode.MenuButtonPopup if switchable else mode.InstantPopup
        self._thinking.setPopupMode(beside if efforts else mode.DelayedPopup)
        self._thinking.setEnabled(switchable or bool(efforts))
        self._retranslate()

    def changeEvent(self, event: QEvent) -> None:
        """Follow language and theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LanguageChange, *appearance.WORN_ANEW):
            self._retranslate()

    def _on_submitted(self) -> None:
        text = self.text().strip()
        if not text and not self._has_attached:
            return
        # Somebody may be quicker than the program's start, or than the reading of a file.
        if not self._can_send or self._reading:
            self._waiting = text
            self._refresh()
        else:
            self._waiting = None
            self.send_requested.emit(text)

    def _go_on(self) -> None:
        self._refresh()
        if self._waiting is not None:
            self._on_submitted()

    def _on_text_changed(self) -> None:
        if self.text().strip() != self._waiting:
            self._waiting = None  # half of a sentence is never sent
        self._refresh()

    def _on_dismissed(self) -> None:
        if self._completing:
            self.completion_stopped.emit()
        elif self._waiting is not None:
            self.take_back()
        elif self._answering:
            self.stop_requested.emit()

    def _on_button(self) -> None:
        if self._stops():
            self.stop_requested.emit()
        else:
            self._on_submitted()

    def _stops(self) -> bool:
        """Tell whether the button stops: else it sends, or queues."""
        return self._answering and not self.text().strip() and not self._has_attached

    def _on_focus_changed(self, focused: bool) -> None:  # noqa: FBT001 - a Qt slot
        if self.property("focused") == focused:
            return
        self.setProperty("focused", focused)
        self.style().unpolish(self)
        self.style().polish(self)

    def _refresh(self) -> None:
        ready = self._answering or (
            self._can_send and (self._has_attached or bool(self.text().strip()))
        )
        self._button.setEnabled(ready)
        stops = self._stops()
        queues = self._answering and not stops
        self._button.set_icon("stop" if stops else "send")
        self._button.set_label(_("Stop") if stops else _("Queue") if queues else _("Send"))
        hint = _("Enter sends it after this answer, Esc stops") if queues else _("Esc stops")
        if self._completing:
            self._hint.setText(_("Completing… Esc stops"))
        elif self._waiting is not None:
            self._hint.setText(_("Sent in a moment, Esc takes it back"))
        else:
            self._hint.setText(hint if self._answering else "")
        if queues and self._stop is None:
            self._stop = IconButton("stop", 18)
            self._stop.clicked.connect(self.stop_requested)
            self._row.insertWidget(self._row.indexOf(self._button), self._stop)
        if self._stop is not None:
            self._stop.set_label(_("Stop"))
            self._stop.setVisible(queues)

    def _fill(self, menu: QMenu) -> None:
        words = effort_words()
        menu.clear()
        for effort in ("", *self._efforts) if self._efforts else ():
            action = menu.addAction(words.get(effort, effort))
            action.setData(effort)
            action.setCheckable(True)
            action.setChecked(effort == self._effort)

    def _retranslate(self) -> None:
        self.entry.set_hint(_("Write a message. Enter sends, Shift+Enter starts a new line"))
        self.entry.setAccessibleName(_("Message"))
        self.attach.set_label(_("Attach pictures, documents or sound"))
        words = effort_words()
        chosen = words.get(self._effort, self._effort)
        self._thinking.setText(f"{_('Thinking')} · {chosen}" if self._effort else _("Thinking"))
        if self._menu is not None:
            self._fill(self._menu)
        self._thinking.setAccessibleName(_("Thinking"))
        self._button.setFixedSize(extent(_ROUND))
        theme = appearance.current()
        put_on(self._thinking, "think", theme.muted, 16, disabled=theme.edge)
        self._thinking.setToolTip(
            _("The model thinks before it answers: slower, sometimes better")
            if self._thinking.isEnabled()
            else _("This model has no thinking switch")
        )
        self._refresh()
