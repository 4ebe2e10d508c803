"""Completion of code: at the cursor in a block of an answer, or in the message being written."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication, QWidget

from hanlin.domain.filling import Gap
from hanlin.kernel.errors import HanlinError, UserCancelled
from hanlin.kernel.i18n import Said, _
from hanlin.services import coding
from hanlin.services.completing import Completion
from hanlin_ui.chat.code import CodeView
from hanlin_ui.chat.code_actions import (
    COMPLETE,
    DISCARD,
    STOP_COMPLETING,
    TAKE,
    CodeAct,
    CompletionState,
)
from hanlin_ui.chat.page import ChatPage
from hanlin_ui.desk import Desk
from hanlin_ui.widgets.selection import selected


class CompletingController(QObject):
    """One completion at a time, as the program's completer has it."""

    _grew = Signal(str)

    def __init__(self, page: ChatPage, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._page = page
        self._composer = page.composer
        self._desk = desk
        self._running = False
        self._conversation = ""
        self._hear: Callable[[str], None] = _ignore
        self._grew.connect(self._on_grown, Qt.ConnectionType.QueuedConnection)
        page.composer.completion_stopped.connect(desk.app.completer.stop)

    def open(self, conversation_id: str) -> None:
        """Follow to another conversation, "" for a new one."""
        self._conversation = conversation_id

    def complete_here(self) -> None:
        """Complete where the keyboard is: in a block of code, else in the message."""
        at = QApplication.focusWidget()
        block = _block_around(at)
        if block is not None:
            block.complete()
        else:
            self._complete_message()

    def act(self, wanted: CodeAct) -> None:
        """Do what is wanted of a block's completion."""
        state = wanted.state.completion
        if wanted.action == COMPLETE:
            self._complete_block(wanted)
        elif wanted.action == STOP_COMPLETING:
            self._desk.app.completer.stop()
        elif wanted.action == TAKE:
            self._take(coding.fenced(state.completed(), wanted.language))
        elif wanted.action == DISCARD:
            wanted.state.completion = CompletionState()
            wanted.show()

    def close(self) -> None:
        """Let nothing go on."""
        self._desk.app.completer.stop()

    def _complete_block(self, wanted: CodeAct) -> None:
        gap = wanted.gap
        state = CompletionState(gap, wanted.code, running=True)

        def grown(text: str) -> None:
            state.text += text
            wanted.show()

        def over(done: Completion | None) -> None:
            state.running = False
            if done is not None:
                state.text = done.text
                state.note = Said(lambda: _note(done))
            else:
                state.note = Said(lambda: _("Stopped."))
            wanted.show()

        def failed(error: HanlinError) -> None:
            state.running, state.failed, state.note = False, True, str(error)
            wanted.show()

        if self._begin(gap, grown, over, failed):
            wanted.state.completion = state
            wanted.show()

    def _complete_message(self) -> None:
        entry = self._composer.entry
        before = self._composer.text()
        first, last = selected(entry)

        def over(done: Completion | None) -> None:
            self._composer.set_completing(on=False)
            if done is None:
                return
            if self._composer.text() != before or entry.is_composing():
                self._page.post_notice(
                    Said(lambda: _("The message was changed meanwhile, so nothing was completed."))
                )
            elif done.text:
                entry.replace_selected(done.text)
            else:
                self._page.post_notice(Said(lambda: _note(done)))

        def failed(error: HanlinError) -> None:
            self._composer.set_completing(on=False)
            self._page.post_notice(str(error))

        if before.strip() and self._begin(
            coding.gap_in_message(before, first, last), _ignore, over, failed
        ):
            self._composer.set_completing(on=True)

    def _take(self, block: str) -> None:
        written = self._composer.text().rstrip()
        self._composer.begin(f"{written}\n\n{block}" if written else block)

    def _begin(
        self,
        gap: Gap,
        grown: Callable[[str], None],
        over: Callable[[Completion | None], None],
        failed: Callable[[HanlinError], None],
    ) -> bool:
        """Begin a completion; False when one is under way."""
        if self._running:
            self._page.post_notice(
                Said(lambda: _("Something is being completed already. Esc stops it."))
            )
            return False
        self._running, self._hear = True, grown
        chosen = self._desk.app.chat.lending.chose_by_hand(self._conversation)

        def work() -> Completion | None:
            try:
                completer = self._desk.app.completer
                return completer.complete(gap, self._grew.emit, chosen=chosen)
            except UserCancelled:
                return None

        def ended(done: Completion | None) -> None:
            self._end()
            over(done)

        def broken(error: HanlinError) -> None:
            self._end()
            failed(error)

        self._desk.tasks.run_aside(self, work).on_success(ended).on_failure(broken)
        return True

    def _end(self) -> None:
        self._running, self._hear = False, _ignore

    def _on_grown(self, text: str) -> None:
        self._hear(text)


def _block_around(widget: QWidget | None) -> CodeView | None:
    while widget is not None and not isinstance(widget, CodeView):
        widget = widget.parentWidget()
    return widget


def _note(done: Completion) -> str:
    if not done.text.strip():
        return _("{name} has nothing to add here.").format(name=done.model)
    if done.talks:
        sentence = _("Completed by {name}, which was made for talking. A base model does better.")
        return sentence.format(name=done.model)
    return _("Completed by {name}.").format(name=done.model)


def _ignore(_text: str) -> None:
    """Show nothing before the end."""
