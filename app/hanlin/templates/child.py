"""The template child: compiles one template and renders it; runs in its own process.

It is given marks in the place of what people wrote, and holds no file and no model.
"""

from collections.abc import Mapping

from hanlin.processes import child
from hanlin.processes.channel import Channel, Message
from hanlin.templates.environment import TemplateRefused, compile_template


def main(channel: Channel) -> int:
    """Answer ``compile`` and ``render`` until told to end; return the exit status."""
    return child.serve(channel, _Templates().handlers())


class _Templates:
    """The one template in use."""

    def __init__(self) -> None:
        self._render = compile_template("")

    def handlers(self) -> Mapping[str, child.Handler]:
        return {"compile": self._on_compile, "render": self._on_render}

    def _on_compile(self, _message: Message, payload: bytes) -> Mapping[str, object]:
        try:
            self._render = compile_template(payload.decode("utf-8", "replace"))
        except TemplateRefused as refusal:
            return _refused(refusal)
        return {}

    def _on_render(self, message: Message, _payload: bytes) -> child.Answer:
        messages, variables = message["messages"], message["variables"]
        if not isinstance(messages, list) or not isinstance(variables, dict):
            raise TypeError("render needs messages and variables")
        try:
            return {}, self._render(messages, variables).encode("utf-8", "replace")
        except TemplateRefused as refusal:
            return _refused(refusal)


def _refused(refusal: TemplateRefused) -> Mapping[str, object]:
    return {"refused": refusal.code, "detail": refusal.detail[:500]}
