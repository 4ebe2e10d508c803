"""A call of a tool in an answer: what would run with what, the person's word, what came of it.

Everything a model wrote is plain text here. Whether a call runs is decided by the services.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from hanlin.domain.conversation import Part, PartKind
from hanlin.domain.tools import Decision, Outcome, ToolCall, ToolResult
from hanlin.kernel.i18n import _
from hanlin.services.tools import words
from hanlin_ui.chat.stack import Segment, holds_focus
from hanlin_ui.theme import appearance
from hanlin_ui.theme.fonts import code_font
from hanlin_ui.theme.icons import pixmap

_ESTIMATE: Final = 78


@dataclass
class ToolUse:
    """One call as the window knows it."""

    call: ToolCall
    result: ToolResult | None = None
    asked: bool = False
    """Whether it waits for the person's word."""
    running: bool = False
    over: bool = False
    """Whether its answer ended before it had a result."""

    @property
    def title(self) -> str:
        """What a person calls the tool."""
        return words.title(self.call)

    def arguments(self) -> str:
        """Return what it is called with, as a person reads it."""
        return words.arguments(self.call)

    def state(self) -> str:
        """Return how it stands."""
        if self.result is not None:
            match self.result.outcome:
                case Outcome.DONE:
                    return _("Done")
                case Outcome.REFUSED:
                    return _("Not allowed")
                case Outcome.FAILED:
                    return _("Not run")
        if self.over:
            return _("Not run")
        if self.asked:
            return _("Waiting for you")
        return _("Running…") if self.running else ""


def pieces_of(parts: Sequence[Part]) -> list[str | ToolUse]:
    """Return the text of a final answer, and the calls where they stand in it."""
    results = [ToolResult.read(part.text) for part in parts if part.kind is PartKind.TOOL_RESULT]
    pieces: list[str | ToolUse] = []
    for part in parts:
        if part.kind is PartKind.TEXT:
            pieces.append(part.text)
        elif part.kind is PartKind.TOOL_CALL:
            result = results.pop(0) if results else None
            pieces.append(ToolUse(ToolCall.read(part.text), result, over=True))
    return pieces


class ToolView(QFrame):
    """Shows one call."""

    decided = Signal(Decision)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._use: ToolUse | None = None
        self._sign = QLabel()
        self._title = _plain("strong")
        self._state = _plain("muted")
        self._arguments = _plain("plain")
        self._arguments.setFont(code_font(self.font()))
        self._result = _plain("")
        self._once = QPushButton()
        self._always = QPushButton()
        self._refuse = QPushButton()
        self._buttons = QWidget()
        row = QHBoxLayout(self._buttons)
        row.setContentsMargins(0, 4, 0, 0)
        for button, decision in (
            (self._once, Decision.ONCE),
            (self._always, Decision.CONVERSATION),
            (self._refuse, Decision.REFUSE),
        ):
            button.clicked.connect(self._deciding(decision))
            row.addWidget(button)
        row.addStretch()
        self._once.setProperty("role", "primary")
        header = QHBoxLayout()
        header.setSpacing(6)
        header.addWidget(self._sign)
        header.addWidget(self._title)
        header.addStretch()
        header.addWidget(self._state)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(14, 9, 14, 10)
        self._layout.setSpacing(4)
        self._layout.addLayout(header)
        self._layout.addWidget(self._arguments)
        self._layout.addWidget(self._result)
        self._layout.addWidget(self._buttons)

    def show_use(self, use: ToolUse) -> None:
        """Show ``use`` as it stands now."""
        self._use = use
        self._title.setText(use.title)
        self._arguments.setText(words.beginning(use.arguments()))
        self._arguments.setVisible(bool(self._arguments.text()))
        failed = use.result is not None and use.result.outcome is Outcome.FAILED
        self._result.setProperty("role", "bad" if failed else "")
        self._result.style().unpolish(self._result)
        self._result.style().polish(self._result)
        told = use.result.text if use.result and use.result.outcome is not Outcome.REFUSED else ""
        self._result.setText(words.beginning(told))
        self._result.setVisible(bool(told))
        self._buttons.setVisible(use.asked)
        self._retranslate()

    def height_for(self, width: int) -> int:
        """Return how tall the view is at ``width`` pixels."""
        self._layout.activate()
        if self._layout.hasHeightForWidth():
            return max(self._layout.heightForWidth(width), self._layout.minimumSize().height())
        return self._layout.totalSizeHint().height()

    def changeEvent(self, event: QEvent) -> None:
        """Follow language and theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LanguageChange, *appearance.WORN_ANEW):
            self._retranslate()

    def _deciding(self, decision: Decision) -> Callable[[], None]:
        return lambda: self.decided.emit(decision)

    def _retranslate(self) -> None:
        self._sign.setPixmap(pixmap("tool", appearance.current().muted, 16))
        for button, text in (
            (self._once, _("Allow &once")),
            (self._always, _("Allow in this con&versation")),
            (self._refuse, _("Do &not allow")),
        ):
            button.setText(text)
            button.setAccessibleName(re.sub(r"\s*[(]&.[)]|&", "", text))
        if self._use is not None:
            self._state.setText(self._use.state())
            self.setAccessibleName(f"{self._use.title}: {self._use.state()}")
            self.setAccessibleDescription(self._use.arguments()[: words.MOST_SHOWN])


class ToolSegment(Segment):
    """A call in the stack of an answer; ``decided`` hears what the person says to it."""

    def __init__(self, use: ToolUse, decided: Callable[[Decision], None]) -> None:
        super().__init__()
        self.view: ToolView | None = None
        self.use = use
        self._decided = decided

    def refresh(self) -> None:
        """Show how the call stands now."""
        if self.view is not None:
            self.view.show_use(self.use)

    def build(self, parent: QWidget, spare: QWidget | None) -> QWidget:
        """Draw the call."""
        self.view = spare if isinstance(spare, ToolView) else ToolView(parent)
        self.view.decided.connect(self._decided)
        self.view.show_use(self.use)
        return self.view

    def measure(self, width: int) -> int:
        """Return the height of the view."""
        return 0 if self.view is None else self.view.height_for(width)

    def estimate(self, width: int) -> int:  # noqa: ARG002 - nearly always a few lines
        """Return about the height of the view."""
        return _ESTIMATE

    def stick(self, above: int) -> None:
        """Do nothing: a call is short."""

    def leave(self) -> None:
        """Let another call have the view."""
        if self.view is not None:
            self.view.decided.disconnect(self._decided)

    def is_in_use(self) -> bool:
        """Tell whether the person is about to say something to it."""
        return self.view is not None and (self.use.asked or holds_focus(self.view))


def _plain(role: str) -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("role", role)
    label.setWordWrap(role in ("plain", ""))
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
