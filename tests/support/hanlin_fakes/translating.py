"""A model that translates as a test says, in the place of the engine's writer."""

from collections.abc import Callable, Sequence

from hanlin.domain.generation import GenerationOptions, StopReason, Turn
from hanlin.services.writing import Written


class AnsweringModel:
    """A writer: answers with what ``answer`` makes of the text to be translated."""

    def __init__(self, answer: Callable[[str], str | Written]) -> None:
        self.prompts: list[str] = []
        self.options: list[GenerationOptions] = []
        self._answer = answer

    def write(self, turns: Sequence[Turn], options: GenerationOptions) -> Written:
        """Write down the request, and answer."""
        prompt = turns[-1].text
        self.prompts.append(prompt)
        self.options.append(options)
        text = prompt
        for lead in ("：\n\n", ":\n\n", "。\n\n", "】\n"):
            text = text.rsplit(lead, 1)[-1]
        found = self._answer(text)
        return found if isinstance(found, Written) else Written(found, StopReason.END)
