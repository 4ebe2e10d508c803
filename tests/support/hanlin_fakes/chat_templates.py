"""The chat templates of 70 models, where the corpus is at hand, rendered without a child."""

import functools
from collections.abc import Sequence
from pathlib import Path

import pytest

from hanlin.domain.prompt import TokenTexts
from hanlin.templates.environment import TemplateRefused, compile_template
from hanlin.templates.prompting import Message, Template, Variables, try_out
from hanlin.templates.reasons import RenderFailed

FOLDER = Path(__file__).parents[4] / "shared" / "data" / "chat-templates"
NAMES = sorted(path.stem for path in FOLDER.glob("*.jinja")) or ["(none)"]
TOKENS = TokenTexts("<s>", "</s>", ("<|im_start|>", "<|im_end|>"))
UNUSABLE = {"fireworks-ai-llama-3-firefunction-v2": "'functions' is undefined"}
"""Templates that render nothing at all, and what they say."""

needs_corpus = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the corpus ../shared/data/chat-templates is not here"
)


@functools.cache
def opened(name: str) -> Template:
    """Return the template ``name``, tried out."""
    return opened_text((FOLDER / f"{name}.jinja").read_text(encoding="utf-8"), TOKENS)


def opened_text(source: str, tokens: TokenTexts) -> Template:
    """Return the template with the text ``source``, tried out."""
    compiled = compile_template(source)

    def render(messages: Sequence[Message], variables: Variables) -> str:
        try:
            return compiled(messages, variables)
        except TemplateRefused as refusal:
            raise RenderFailed(refusal.code, refusal.detail) from refusal

    return try_out(source, tokens, render)
