"""``hanlin chat``: the window's conversation in a terminal, stored in the same place."""

import argparse
import queue
import signal
import sys
import unicodedata
from pathlib import Path
from types import FrameType
from typing import Final

from hanlin.bootstrap import Application, open_application
from hanlin.cli.ask import add_model_argument
from hanlin.cli.output import Console
from hanlin.domain.conversation import PartKind
from hanlin.domain.models import Model
from hanlin.domain.tools import Decision, ToolCall, ToolResult
from hanlin.kernel.i18n import _
from hanlin.preparing import find_paths
from hanlin.services.events import (
    AnswerFinished,
    AnswerGrew,
    NoticePosted,
    SessionChanged,
    SessionState,
    SessionStatus,
    ToolAsked,
)
from hanlin.services.tools import words

_Event = AnswerGrew | AnswerFinished | ToolAsked
_DECISIONS: Final = {
    "y": Decision.ONCE,
    "a": Decision.CONVERSATION,
    "n": Decision.REFUSE,
    "": Decision.REFUSE,
}


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command's words."""
    parser = commands.add_parser("chat", help=_("talk in the terminal; conversations are kept"))
    add_model_argument(parser)
    parser.add_argument(
        "--continue",
        dest="resume",
        action="store_true",
        help=_("go on with the conversation that was used last"),
    )
    parser.add_argument(
        "--tools",
        action="store_true",
        help=_("let the model use tools in this talk; every call is shown and waits for your word"),
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Talk until the end of input; return the exit code."""
    with open_application(find_paths(arguments.data_dir)) as app:
        if arguments.tools or sys.stdin.isatty():  # else nobody is there to be asked
            app.chat.offer_tools(wanted=arguments.tools)
        return _Conversation(app, console, resume=arguments.resume).run(arguments.model)


class _Conversation:
    """One terminal conversation."""

    def __init__(self, app: Application, console: Console, *, resume: bool) -> None:
        self._app = app
        self._console = console
        self._events: queue.SimpleQueue[_Event | None] = queue.SimpleQueue()
        self._interrupted = False
        self._deciding = False
        self._calls: list[ToolCall] = []
        """Those of the answer that is being printed."""
        self._session: queue.SimpleQueue[SessionStatus] = queue.SimpleQueue()
        app.bus.subscribe(AnswerGrew, self._events.put)
        app.bus.subscribe(AnswerFinished, self._events.put)
        app.bus.subscribe(ToolAsked, self._events.put)
        app.bus.subscribe(SessionChanged, lambda event: self._session.put(event.status))
        app.bus.subscribe(NoticePosted, lambda event: console.note(event.text))
        if app.protection.sentence:
            console.note(app.protection.sentence)
        app.chat.never_ask()
        last = next(iter(app.chat.conversations()), None) if resume else None
        self._id = last.id if last else None
        if last:
            console.note(_("Going on with “{title}”.").format(title=last.title))

    def run(self, model: str | None) -> int:
        if model:
            found = self._find(model)
            self._app.session.select(found.id)
            self._app.chat.lending.choose_by_hand(self._id or "", found.id)
        else:
            self._app.session.start()
        self._wait_for_model()
        self._console.note(_("Type a question. Ctrl+C stops an answer, Ctrl+D ends."))
        while (line := self._read()) is not None:
            if line.strip():
                self._id = self._app.chat.send(self._id, line).conversation_id
                self._print_answer()
        return 0

    def _find(self, wanted: str) -> Model:
        """Return the model of this id, or add the file of this path; raises KnownError."""
        known = self._app.kit.library.find(wanted)
        if known is None and (wanted.lower().endswith(".gguf") or Path(wanted).exists()):
            return self._app.session.registry.add(Path(wanted))
        return known or self._app.session.registry.resolve(wanted)

    def _read(self) -> str | None:
        try:
            return input("> ")
        except EOFError:
            self._console.line()
            return None

    def _wait_for_model(self) -> None:
        status = self._app.session.status()
        while status.state is SessionState.LOADING:
            self._console.status(
                _("Loading… {percent} %").format(percent=int(status.fraction * 100))
            )
            status = self._session.get()
        self._console.clear_status()
        if status.error is not None:
            raise status.error
        if status.model is not None:
            self._console.note(_("Model: {name}").format(name=status.model.name))

    def _print_answer(self) -> None:
        """Print what comes until the answer is finished; Ctrl+C stops the answer.

        The key is taken as a signal here, because KeyboardInterrupt would strike
        wherever the program is, mostly while it prints, and end the conversation.
        """
        self._interrupted = False
        self._calls.clear()
        before = signal.signal(signal.SIGINT, self._on_interrupt)
        try:
            while not isinstance(event := self._events.get(), AnswerFinished):
                if self._interrupted and self._id is not None:
                    self._interrupted = False
                    self._app.chat.stop(self._id)
                if isinstance(event, AnswerGrew):
                    self._print_piece(event)
                elif event is not None:
                    self._decide(event)
        finally:
            signal.signal(signal.SIGINT, before)
        self._console.end_line()
        if event.error is not None:
            self._console.error(event.error)
        elif notice := event.message.text(PartKind.NOTICE):
            self._console.note(notice)

    def _on_interrupt(self, _number: int, _frame: FrameType | None) -> None:
        if self._deciding:
            raise KeyboardInterrupt
        self._interrupted = True
        self._events.put(None)  # wakes the one who waits for the next piece

    def _print_piece(self, event: AnswerGrew) -> None:
        if event.kind is PartKind.TEXT:
            self._console.write(event.text)
        elif event.kind is PartKind.TOOL_CALL:
            self._calls.append(ToolCall.read(event.text))
            call = self._calls[-1]
            shown = words.beginning(words.arguments(call))
            self._console.note(f"[{words.title(call)}] {shown}")
        elif event.kind is PartKind.TOOL_RESULT:
            self._console.note(f"→ {words.beginning(ToolResult.read(event.text).text)}")
        else:
            self._console.status(_("Thinking…"))

    def _decide(self, event: ToolAsked) -> None:
        """Ask the person about a call; the end of the input refuses, Ctrl+C stops the answer."""
        decision: Decision | None = None
        while decision is None:
            self._deciding = True
            try:
                said = input(_("Run it? y: once, a: always in this conversation, n: no") + " > ")
            except EOFError:
                decision = Decision.REFUSE
            except KeyboardInterrupt:
                self._on_stop()
                return
            else:
                decision = _DECISIONS.get(unicodedata.normalize("NFKC", said).strip().lower())
            finally:
                self._deciding = False
        self._app.chat.decide(event.message_id, event.number, decision)

    def _on_stop(self) -> None:
        self._console.line()
        if self._id is not None:
            self._app.chat.stop(self._id)
