"""What can be done with a block of code: the buttons at its head, and what a run printed.

Whether code may run, and what is asked of a model, belongs to the controller.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from hanlin.domain.filling import Gap
from hanlin.kernel.i18n import _
from hanlin.services.coding import CodeAction
from hanlin.snippets.client import Ending, Ran
from hanlin_ui.theme import appearance
from hanlin_ui.theme.fonts import code_font
from hanlin_ui.theme.icons import put_on
from hanlin_ui.widgets.labels import wrapped_label

RUN: Final = "run"
STOP: Final = "stop"
MEND: Final = "mend"
"""Fix what the run printed."""
COMPLETE: Final = "complete"
STOP_COMPLETING: Final = "stop completing"
TAKE: Final = "take"
"""Put the completed code into the message that is being written."""
DISCARD: Final = "discard"
COMPLETING: Final = frozenset({COMPLETE, STOP_COMPLETING, TAKE, DISCARD})
_RUNNABLE: Final = frozenset({"python", "py", "python3"})
_MOST_LINES: Final = 12
_TALLER: Final = 3
"""Pixels that a line with Chinese needs beyond one of the font's own."""
ASKED: Final[Mapping[CodeAction, Callable[[], str]]] = {
    CodeAction.EXPLAIN: lambda: _("Explain"),
    CodeAction.BUG: lambda: _("Find the bug"),
    CodeAction.FIX: lambda: _("Fix"),
    CodeAction.TEST: lambda: _("Write tests"),
    CodeAction.DOCUMENT: lambda: _("Document"),
    CodeAction.REVIEW: lambda: _("Review"),
    CodeAction.NAME: lambda: _("Suggest names"),
}
"""What is asked of code, a block's or whole files'."""


@dataclass
class RunState:
    """A block's run: going on, or over."""

    running: bool = False
    ran: Ran | None = None


@dataclass
class CompletionState:
    """A block's completion: going on, or over. Without a gap there is none."""

    gap: Gap | None = None
    before: str = ""
    """The code as it was."""
    text: str = ""
    running: bool = False
    note: str = ""
    """How it ended, in the interface's language."""
    failed: bool = False

    def completed(self) -> str:
        """Return the whole code with what was written."""
        return "" if self.gap is None else self.gap.prefix + self.text + self.gap.suffix


@dataclass
class BlockState:
    """What was done with a block."""

    run: RunState = field(default_factory=RunState)
    completion: CompletionState = field(default_factory=CompletionState)


@dataclass(frozen=True)
class CodeAct:
    """What the person wants of a block. ``show`` brings its state back to it.

    ``gap`` is where code is wanted in it.
    """

    action: str
    language: str
    code: str
    state: BlockState
    show: Callable[[], None]
    gap: Gap


class CodeActions(QWidget):
    """The buttons at a block's head."""

    acted = Signal(str)
    """A CodeAction, RUN or COMPLETE."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run = _small()
        self._run.clicked.connect(lambda: self.acted.emit(RUN))
        self._ask = _small()
        self._ask.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self)
        self._ask.setMenu(self._menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self._run)
        row.addWidget(self._ask)
        self._retranslate()

    def buttons(self) -> tuple[QToolButton, ...]:
        """Return the buttons, from the left."""
        return self._run, self._ask

    def set_language(self, language: str, *, final: bool) -> None:
        """Offer what suits a block in ``language``; nothing while it is being written."""
        self._run.setVisible(final and language.lower() in _RUNNABLE)
        self._ask.setVisible(final)

    def changeEvent(self, event: QEvent) -> None:
        """Follow language and theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LanguageChange, *appearance.WORN_ANEW):
            self._retranslate()

    def _retranslate(self) -> None:
        muted = appearance.current().muted
        self._run.setText(_("Run"))
        put_on(self._run, "run", muted, 14)
        self._run.setAccessibleName(_("Run this code"))
        self._ask.setText(_("Ask"))
        put_on(self._ask, "down", muted, 14)
        self._ask.setAccessibleName(_("Ask about this code"))
        self._menu.clear()
        for action, words in ASKED.items():
            self._menu.addAction(words()).triggered.connect(self._asking(action))
        self._menu.addSeparator()
        complete = self._menu.addAction(_("Complete at the cursor"))
        complete.triggered.connect(lambda: self.acted.emit(COMPLETE))

    def _asking(self, action: CodeAction) -> Callable[[], None]:
        return lambda: self.acted.emit(str(action))


class RunView(QFrame):
    """What a run printed, and how it ended."""

    acted = Signal(str)
    """STOP or MEND."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "output")
        self._state = RunState()
        self._words = wrapped_label()
        self._mend = QPushButton()
        self._mend.clicked.connect(lambda: self.acted.emit(MEND))
        self._stop = QPushButton()
        self._stop.clicked.connect(lambda: self.acted.emit(STOP))
        self._output = QPlainTextEdit()
        self._output.setReadOnly(True)
        self._output.setFrameShape(QFrame.Shape.NoFrame)
        self._output.setFont(code_font(self.font()))
        self._output.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        head = QHBoxLayout()
        head.addWidget(self._words, stretch=1)
        head.addWidget(self._mend)
        head.addWidget(self._stop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 6, 8, 2)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addWidget(self._output)

    def show_state(self, state: RunState) -> None:
        """Show ``state``."""
        self._state = state
        output = state.ran.output if state.ran else ""
        self._output.setPlainText(output)
        lines = min(_MOST_LINES, output.count("\n") + 1)
        bar = self._output.horizontalScrollBar().sizeHint().height()
        line = self._output.fontMetrics().lineSpacing() + _TALLER
        self._output.setFixedHeight(lines * line + bar + 8)
        self._output.setVisible(bool(output))
        self._mend.setVisible(state.ran is not None and state.ran.ending is Ending.RAISED)
        self._stop.setVisible(state.running)
        self._retranslate()

    def output(self) -> str:
        """Return what was printed."""
        return self._output.toPlainText()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        self._words.setText(_ending(self._state))
        good = self._state.running or _is_good(self._state)
        self._words.setProperty("role", "muted" if good else "bad")
        self._words.style().unpolish(self._words)
        self._words.style().polish(self._words)
        self._mend.setText(_("Fix it"))
        self._stop.setText(_("Stop"))
        self._output.setAccessibleName(_("What the code printed"))


def _is_good(state: RunState) -> bool:
    return state.ran is not None and state.ran.ending is Ending.DONE


def _ending(state: RunState) -> str:
    if state.running:
        return _("Running…")
    if state.ran is None:
        return _("It was not run.")
    return _ENDINGS[state.ran.ending]().format(seconds=f"{state.ran.seconds:.1f}")


_ENDINGS: Final = {
    Ending.DONE: lambda: _("Ran in {seconds} s."),
    Ending.RAISED: lambda: _("Ended with an error after {seconds} s."),
    Ending.TIME: lambda: _("Took too long and was ended after {seconds} s."),
    Ending.SPACE: lambda: _("Wrote too much to the disk and was ended."),
    Ending.DIED: lambda: _("Broke off: out of memory, or a crash."),
    Ending.STOPPED: lambda: _("Stopped."),
}


def _small() -> QToolButton:
    button = QToolButton()
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    return button
