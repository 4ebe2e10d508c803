"""Renders prompts through the template child, which it starts, times and kills."""

import logging
import queue
import threading
from collections.abc import Sequence
from typing import Final

from hanlin.domain.generation import Turn
from hanlin.domain.prompt import Prompt, TemplateFacts, TokenTexts
from hanlin.processes import command
from hanlin.processes.channel import ChannelClosedError, Received
from hanlin.processes.limits import Limits
from hanlin.processes.process import ChildProcess
from hanlin.templates import chatml, reasons
from hanlin.templates.prompting import Message, RenderFailed, Template, Variables, try_out

DEADLINE: Final = 2.0
"""Seconds a template may take for one compilation or one rendering."""
START_DEADLINE: Final = 30.0
"""Seconds the child may take to start on a busy computer."""
MEMORY: Final = 256 * 2**20
SOURCE_LIMIT: Final = 1 << 20
"""Bytes of a template that are looked at; the longest known one has 30,000."""
_log = logging.getLogger(__name__)


class TemplateClient:
    """Builds prompts with a model's own template, or with ChatML when that one is unusable.

    Calls block for at most a few seconds and may come from any thread, one after
    the other. ``close`` leaves no process.
    """

    def __init__(self, deadline: float = DEADLINE) -> None:
        self._lock = threading.Lock()
        self._child = _Child(deadline)
        self._template: Template = chatml.template(TokenTexts())
        self._chatml = self._template
        self._note = ""

    def open(self, source: str, tokens: TokenTexts) -> TemplateFacts:
        """Use ``source`` ("" is none) for the prompts to come."""
        with self._lock:
            self._chatml = chatml.template(tokens)
            self._note = ""
            try:
                if not source.strip():
                    raise RenderFailed("missing")  # noqa: TRY301 - the same end as a broken one
                self._child.compile(source)
                self._template = try_out(source, tokens, self._child.render)
            except RenderFailed as failure:
                self._log_failure(failure)
                self._child.stop()
                self._template = self._chatml
                self._note = reasons.note(failure.code)
            return TemplateFacts(self._template.thinking_switch, self._note)

    def prompt(self, turns: Sequence[Turn], *, thinking: bool | None) -> Prompt:
        """Return the prompt for the answer to the last of ``turns``; never fails.

        When the model's template cannot take these turns, ChatML does, and the
        prompt's note says so.
        """
        with self._lock:
            if self._template is not self._chatml:
                try:
                    return self._template.prompt(turns, thinking=thinking)
                except RenderFailed as failure:
                    self._log_failure(failure)
                    return self._plain(turns, reasons.note(failure.code))
            return self._plain(turns, self._note)

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self._child.stop()

    def _plain(self, turns: Sequence[Turn], note: str) -> Prompt:
        return Prompt(self._chatml.prompt(turns, thinking=None).segments, chatml.STOP, note)

    def _log_failure(self, failure: RenderFailed) -> None:
        _log.warning("chat template: %s: %s", failure.code, failure.detail)


class _Child:
    """The process, started when needed and again after it was killed."""

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline
        self._process: ChildProcess | None = None
        self._inbox: queue.SimpleQueue[Received | None] = queue.SimpleQueue()
        self._source = ""
        self._last_id = 0

    def compile(self, source: str) -> None:
        if len(source.encode("utf-8", "replace")) > SOURCE_LIMIT:
            raise RenderFailed("output", "the template itself is too long")
        self._source = source
        self._ask({"command": "compile"}, source.encode("utf-8", "replace"))

    def render(self, messages: Sequence[Message], variables: Variables) -> str:
        if self._process is None:  # it was killed for an earlier prompt
            self.compile(self._source)
        request: Message = {"command": "render", "messages": messages, "variables": variables}
        return self._ask(request).decode("utf-8")

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()  # it holds nothing worth a farewell
            process.wait(5)

    def _start(self) -> ChildProcess:
        inbox: queue.SimpleQueue[Received | None] = queue.SimpleQueue()
        process = ChildProcess(
            command.build("templates", limits=Limits(memory=MEMORY)),
            inbox.put,
            lambda _report: inbox.put(None),
        )
        process.start()
        if not process.wait_hello(START_DEADLINE):
            process.kill()
            process.wait(5)
            raise RenderFailed("crash", "no hello")
        inbox.get()  # the hello itself
        self._inbox, self._process = inbox, process
        return process

    def _ask(self, message: Message, payload: bytes = b"") -> bytes:
        process = self._process or self._start()
        self._last_id += 1
        try:
            process.send({**message, "id": self._last_id}, payload)
            received = self._inbox.get(timeout=self._deadline)
        except queue.Empty:
            self.stop()
            raise RenderFailed("time") from None
        except (ChannelClosedError, ValueError) as error:
            self.stop()
            raise RenderFailed("error", str(error)) from error
        if received is None:
            self.stop()
            raise RenderFailed("crash")
        return self._believed(received)

    def _believed(self, received: Received) -> bytes:
        answer = received.message
        if answer.get("event") != "answer" or answer.get("id") != self._last_id:
            self.stop()
            code = "memory" if answer.get("error") == "MemoryError" else "error"
            raise RenderFailed(code, str(answer.get("detail", "")))
        if "refused" in answer:
            raise RenderFailed(str(answer["refused"]), str(answer.get("detail", "")))
        return received.payload
