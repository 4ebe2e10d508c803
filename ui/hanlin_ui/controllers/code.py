"""Blocks of code in the open conversation: run when that is switched on, asked about."""

import threading
from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from hanlin.kernel.errors import HanlinError
from hanlin.kernel.i18n import _
from hanlin.services import coding
from hanlin.services.coding import CodeAction
from hanlin.snippets import client as snippets
from hanlin.snippets.client import Ran
from hanlin_ui.chat.code_actions import COMPLETING, MEND, RUN, STOP, CodeAct
from hanlin_ui.controllers.completing import CompletingController
from hanlin_ui.desk import Desk
from hanlin_ui.dialogs.message import ask


class CodeController(QObject):
    """Does what the person wants of a block. ``send`` asks in the open conversation.

    What concerns completion is done by ``completing``.
    """

    def __init__(
        self,
        window: QWidget,
        desk: Desk,
        send: Callable[[str], None],
        completing: CompletingController,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._completing = completing
        self._window = window
        self._desk = desk
        self._send = send
        self._stops: dict[int, threading.Event] = {}

    def act(self, wanted: CodeAct) -> None:
        """Do what is wanted."""
        run = wanted.state.run
        if wanted.action in COMPLETING:
            self._completing.act(wanted)
        elif wanted.action == RUN:
            self._ask_to_run(wanted)
        elif wanted.action == STOP:
            if (stop := self._stops.get(id(run))) is not None:
                stop.set()
        elif wanted.action == MEND:
            output = run.ran.output if run.ran else ""
            self._send(coding.request_fix(wanted.code, output[-_TOLD:]))
        else:
            self._send(coding.request(CodeAction(wanted.action), wanted.code, wanted.language))

    def close(self) -> None:
        """Let nothing run on."""
        for stop in self._stops.values():
            stop.set()

    def _ask_to_run(self, wanted: CodeAct) -> None:
        if self._desk.app.settings.run_code:
            self._run(wanted)
            return
        ask(
            self._window,
            _("Run Python code?"),
            _(
                "The code runs on this computer in a sandbox: without the network, without your"
                " files, for some seconds at most. Running code is switched off so far."
            ),
            _("Switch on and run"),
            lambda: self._switch_on(wanted),
            _("Settings → Let Python code run switches it off again."),
        )

    def _switch_on(self, wanted: CodeAct) -> None:
        def switch() -> None:
            self._desk.app.settings.run_code = True

        task = self._desk.tasks.run(self, switch)
        task.on_success(lambda _none: self._run(wanted)).on_failure(self._desk.report)

    def _run(self, wanted: CodeAct) -> None:
        state, stop = wanted.state.run, threading.Event()
        if state.running:
            return
        state.running, state.ran = True, None
        self._stops[id(state)] = stop
        wanted.show()

        def over(ran: Ran | None) -> None:
            self._stops.pop(id(state), None)
            state.running, state.ran = False, ran
            wanted.show()

        def failed(error: HanlinError) -> None:
            over(None)
            self._desk.report(error)

        task = self._desk.tasks.run_aside(self, lambda: snippets.run(wanted.code, stop))
        task.on_success(over).on_failure(failed)


_TOLD = 4_000
"""Characters of an output that go back to the model: the end of a traceback says most."""
