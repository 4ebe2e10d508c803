"""What the engine needs of whoever turns a conversation into a prompt.

``hanlin.templates.client`` is it; the two packages do not import each other, the
composition root brings them together.
"""

from collections.abc import Sequence
from typing import Protocol

from hanlin.domain.generation import GenerationOptions, Turn
from hanlin.domain.prompt import Prompt, TemplateFacts, TokenTexts


class PromptBuilder(Protocol):
    """Builds prompts for the model that is loaded. Calls block for a few seconds at most."""

    def prepare(self) -> None:
        """Start what ``open`` will need, while a model is being loaded; fails silently."""
        ...

    def open(self, source: str, tokens: TokenTexts) -> TemplateFacts:
        """Use the template ``source`` ("" is none) for the prompts to come."""
        ...

    def prompt(self, turns: Sequence[Turn], options: GenerationOptions) -> Prompt:
        """Return the prompt that asks for the answer to the last of ``turns``."""
        ...

    def close(self) -> None:
        """Leave no process behind."""
        ...
