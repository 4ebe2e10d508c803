"""Renders prompts through the template child, which it starts, times and kills."""

import contextlib
import logging
import signal
import threading
from collections.abc import Sequence
from typing import Final

from hanlin.domain.generation import GenerationOptions, Turn
from hanlin.domain.prompt import Prompt, TemplateFacts, TokenTexts
from hanlin.kernel.errors import HanlinError
from hanlin.processes import command
from hanlin.processes.caller import (
    Caller,
    CallerDiedError,
    CallError,
    CallFailedError,
    CallTimedOutError,
)
from hanlin.processes.channel import ChannelClosedError, Received
from hanlin.processes.limits import Limits
from hanlin.templates import chatml, reasons
from hanlin.templates.prompting import Message, Template, Variables, try_out
from hanlin.templates.reasons import RenderFailed

DEADLINE: Final = 15.0
"""Seconds until the child is given up; it ends itself after two of processor time."""
MEMORY: Final = 256 * 2**20
SOURCE_LIMIT: Final = 1 << 20
"""Bytes of a template that are looked at; the longest known one has 30,000."""
_OUT_OF_TIME: Final = getattr(signal, "SIGPROF", -1)
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
        self._opened: tuple[str, TokenTexts] | None = None
        """What was opened last, if it can be used: not tried out again after a worker's death."""

    def prepare(self) -> None:
        """Start the child, which has its imports done when the first template comes."""
        with self._lock:
            self._child.start()

    def open(self, source: str, tokens: TokenTexts) -> TemplateFacts:
        """Use ``source`` ("" is none) for the prompts to come."""
        with self._lock:
            if self._opened == (source, tokens):
                return self._facts()
            self._opened = None
            self._chatml = chatml.template(tokens)
            self._note = ""
            try:
                if not source.strip():
                    raise RenderFailed("missing")  # noqa: TRY301 - the same end as a broken one
                self._child.compile(source)
                self._template = try_out(source, tokens, self._child.render)
                self._opened = (source, tokens)
            except RenderFailed as failure:
                self._log_failure(failure)
                self._template = self._chatml
                self._note = reasons.note(failure.code)
            return self._facts()

    def prompt(self, turns: Sequence[Turn], options: GenerationOptions) -> Prompt:
        """Return the prompt for the answer to the last of ``turns``; never fails.

        When the model's template cannot take these turns, ChatML does, and the
        prompt's note says so.
        """
        with self._lock:
            if self._template is not self._chatml:
                try:
                    return self._template.prompt(turns, options)
                except RenderFailed as failure:
                    self._log_failure(failure)
                    return self._plain(turns, reasons.note(failure.code))
            return self._plain(turns, self._note)

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self._child.close()

    def _facts(self) -> TemplateFacts:
        template = self._template
        return TemplateFacts(
            template.thinking_switch, self._note, template.takes_tools, template.efforts
        )

    def _plain(self, turns: Sequence[Turn], note: str) -> Prompt:
        return Prompt(self._chatml.prompt(turns, GenerationOptions()).segments, chatml.STOP, note)

    def _log_failure(self, failure: RenderFailed) -> None:
        _log.warning("chat template: %s: %s", failure.code, failure.detail)


class _Child:
    """The process, which starts when it is needed and again after it was killed."""

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline
        self._caller = Caller(command.build("templates", limits=Limits(memory=MEMORY)))
        self._source = b""

    def start(self) -> None:
        with contextlib.suppress(HanlinError):  # the first question will tell
            self._caller.prepare()

    def compile(self, source: str) -> None:
        self._source = source.encode("utf-8", "replace")
        if len(self._source) > SOURCE_LIMIT:
            raise RenderFailed("output", "the template itself is too long")
        self._ask({"command": "compile"}, self._source)

    def render(self, messages: Sequence[Message], variables: Variables) -> str:
        request: Message = {"command": "render", "messages": messages, "variables": variables}
        try:
            return self._render(request)
        except RenderFailed as failure:
            if failure.code != "crash":
                raise
            return self._render(request)  # somebody may have killed it before it was asked

    def _render(self, request: Message) -> str:
        received = self._ask(request)
        if "uncompiled" in received.message:  # a fresh child: the one before is gone
            self._ask({"command": "compile"}, self._source)
            received = self._ask(request)
            if "uncompiled" in received.message:
                raise RenderFailed("crash")
        return received.payload.decode("utf-8", "replace")

    def close(self) -> None:
        self._caller.close()

    def _ask(self, message: Message, payload: bytes = b"") -> Received:
        try:
            received = self._caller.call(message, payload, seconds=self._deadline)
        except CallTimedOutError:
            raise RenderFailed("time") from None
        except CallerDiedError as error:
            code = "time" if error.report.signal == _OUT_OF_TIME else "crash"
            raise RenderFailed(code, str(error)) from error
        except CallFailedError as error:
            code = "memory" if error.error == MemoryError.__name__ else "error"
            raise RenderFailed(code, error.detail) from error
        except (CallError, HanlinError, ValueError, ChannelClosedError) as error:
            raise RenderFailed("error", str(error)) from error
        answer = received.message
        if "refused" in answer:
            raise RenderFailed(str(answer["refused"]), str(answer.get("detail", "")))
        return received
