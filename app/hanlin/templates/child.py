"""The template child: compiles one template and renders it; runs in its own process.

It is given marks in the place of what people wrote, and holds no file and no model.
"""

import contextlib
import signal
from collections.abc import Iterator, Mapping
from typing import Final

from hanlin.processes import child
from hanlin.processes.channel import Channel, Message
from hanlin.templates.environment import Render, TemplateRefused, compile_template

SECONDS: Final = 2.0
"""Processor time one compilation or one rendering may take."""


def main(channel: Channel) -> int:
    """Answer ``compile`` and ``render`` until told to end; return the exit status.

    A child that was given no template yet answers ``render`` with ``uncompiled``.
    """
    return child.serve(channel, _Templates().handlers())


class _Templates:
    """The one template in use."""

    def __init__(self) -> None:
        self._render: Render | None = None

    def handlers(self) -> Mapping[str, child.Handler]:
        return {"compile": self._on_compile, "render": self._on_render}

    def _on_compile(self, _message: Message, payload: bytes) -> Mapping[str, object]:
        try:
            with _limited():
                self._render = compile_template(payload.decode("utf-8", "replace"))
        except TemplateRefused as refusal:
            return _refused(refusal)
        return {}

    def _on_render(self, message: Message, _payload: bytes) -> child.Answer:
        messages, variables = message["messages"], message["variables"]
        if not isinstance(messages, list) or not isinstance(variables, dict):
            raise TypeError("render needs messages and variables")
        if self._render is None:
            return {"uncompiled": True}
        try:
            with _limited():
                return {}, self._render(messages, variables).encode("utf-8", "replace")
        except TemplateRefused as refusal:
            return _refused(refusal)


@contextlib.contextmanager
def _limited() -> Iterator[None]:
    """Let the system end this process when the body computes for too long (not on Windows).

    Processor time, not the clock: on a busy computer an honest template may wait. The
    signal's default action is taken because no Python handler runs inside a long C call.
    """
    if not hasattr(signal, "setitimer"):
        yield
        return
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _refused(refusal: TemplateRefused) -> Mapping[str, object]:
    return {"refused": refusal.code, "detail": refusal.detail[:500]}
