"""The template for models whose own cannot be used: ChatML, which most Chinese models read."""

from collections.abc import Sequence

from hanlin.domain.prompt import TokenTexts
from hanlin.templates.prompting import Message, Template, Variables

STOP = ("<|im_end|>",)


def template(tokens: TokenTexts) -> Template:
    """Return ChatML as a template, rendered here without a child process."""
    return Template(
        render=_render,
        tokens=tokens,
        thinking_off=None,
        thinking_on=None,
        takes_system=True,
        takes_tools=False,
        efforts=(),
        takes_budget=False,
    )


def _render(messages: Sequence[Message], variables: Variables) -> str:
    del variables
    turns = (f"<|im_start|>{m['role']}\n{m['content']}<|im_end|>\n" for m in messages)
    return "".join(turns) + "<|im_start|>assistant\n"
