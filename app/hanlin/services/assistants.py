"""Assistants at work: those that ship, a person's own, and what they mean for an answer.

An answer that is held to a language and comes in another one is noticed by the letters it is
written with; asking again is the answering's business.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from hanlin.chinese import LETTERS, script_of
from hanlin.domain.assistants import Assistant, from_file, from_json, to_file
from hanlin.domain.conversation import Role
from hanlin.domain.generation import GenerationOptions, Turn
from hanlin.domain.ids import new_id
from hanlin.kernel.clock import Clock
from hanlin.kernel.i18n import current_language
from hanlin.store.assistants import Assistants

_CODE: Final = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`|\$\$.*?\$\$", re.DOTALL)
_HAN: Final = re.compile(f"[{LETTERS}]")
_LATIN: Final = re.compile(r"[A-Za-z]{2,}")
_LEAST: Final = 12
"""Letters: a shorter text says little about its language."""
_IN_WORDS: Final = {
    "zh_CN": "思考和回答都只用简体中文。",
    "zh_TW": "思考和回答都只用繁體中文。",
    "en": "Think and answer in English only.",
}


class AssistantService:
    """Safe to use from any thread; what writes waits for the disk."""

    def __init__(
        self, kept: Assistants, shipped: Path, clock: Clock, lock: Callable[[], str]
    ) -> None:
        self._kept = kept
        self._shipped = shipped
        self._clock = clock
        self._lock = lock
        """The language that every answer is held to, "" for none."""

    def shipped(self) -> list[Assistant]:
        """Return the assistants in the box, in the interface's language."""
        language = current_language()
        listed = json.loads((self._shipped / "assistants.json").read_text(encoding="utf-8"))
        found = []
        for one in listed["assistants"]:
            spoken = {
                key: value.get(language, value["en"])
                if isinstance(value, dict) and "en" in value
                else value
                for key, value in one.items()
            }
            if (assistant := from_json(spoken)) is not None:
                found.append(assistant)
        return found

    def own(self) -> list[Assistant]:
        """Return the person's own assistants."""
        return self._kept.own()

    def every(self) -> list[Assistant]:
        """Return the person's own assistants, then those in the box."""
        return [*self.own(), *self.shipped()]

    def save(self, assistant: Assistant) -> Assistant:
        """Keep an assistant; one without an id, or from the box, becomes a new one."""
        if not assistant.id or assistant.id in {one.id for one in self.shipped()}:
            assistant = replace(assistant, id=new_id(self._clock.now_ms()))
        self._kept.save(assistant)
        return assistant

    def delete(self, identity: str) -> None:
        """Delete one of the person's own."""
        self._kept.delete(identity)

    def read_file(self, content: bytes) -> list[Assistant]:
        """Keep the assistants of a file as new ones and return them; raises KnownError."""
        return [self.save(replace(one, id="")) for one in from_file(content)]

    def write_file(self, assistants: Sequence[Assistant]) -> str:
        """Return the content of a file with ``assistants``."""
        return to_file(list(assistants))

    def of(self, conversation_id: str) -> Assistant | None:
        """Return what the conversation goes by."""
        return self._kept.of(conversation_id)

    def choose(self, conversation_id: str, assistant: Assistant | None) -> None:
        """Let the conversation go by ``assistant`` from its next answer on."""
        self._kept.choose(conversation_id, assistant)

    # What it means for an answer

    def turns(
        self,
        conversation_id: str,
        turns: Sequence[Turn],
        *,
        again: bool = False,
        assistant: Assistant | None = None,
    ) -> list[Turn]:
        """Return ``turns`` behind the instructions, if the conversation goes by some.

        ``again`` repeats the language at the end: it was missed once. ``assistant`` is whose
        instructions a new conversation, "", begins with.
        """
        if conversation_id:
            assistant = self._kept.of(conversation_id)
        language = _IN_WORDS.get(self.language(conversation_id, assistant), "")
        said = [assistant.prompt if assistant else "", language]
        rest = list(turns)
        if rest and rest[0].role is Role.SYSTEM:  # a summary of what was said before
            said.append(rest.pop(0).text)
        text = "\n\n".join(part for part in said if part)
        if again and language and rest and rest[-1].role is Role.USER:
            rest[-1] = replace(rest[-1], text=f"{rest[-1].text}\n\n{language}")
        return [Turn(Role.SYSTEM, text), *rest] if text else rest

    def over(self, conversation_id: str, options: GenerationOptions) -> GenerationOptions:
        """Return ``options`` with what the conversation's assistant chooses."""
        assistant = self._kept.of(conversation_id) if conversation_id else None
        if assistant is None:
            return options
        return replace(options, sampling=assistant.over(options.sampling))

    def language(self, conversation_id: str, assistant: Assistant | None = None) -> str:
        """Return the language that the conversation's answers are held to, "" for none."""
        chosen = assistant or (self._kept.of(conversation_id) if conversation_id else None)
        return (chosen.language if chosen else "") or self._lock()

    def misses_language(self, conversation_id: str, text: str) -> bool:
        """Tell whether an answer, or a thought, is surely not in the language it is held to."""
        return is_foreign(text, self.language(conversation_id))


def is_foreign(text: str, language: str) -> bool:
    """Tell whether ``text``, code and formulas apart, is surely not in ``language``."""
    said = _CODE.sub(" ", text)
    han, latin = len(_HAN.findall(said)), len(_LATIN.findall(said))
    if not language or han + 2 * latin < _LEAST:
        return False
    if language == "en":
        return han > 2 * latin
    if latin > 2 * han:  # a word against a character
        return True
    return script_of(said) == {"zh_CN": "zh_TW", "zh_TW": "zh_CN"}[language]
