"""Marks that stand for what people and models wrote while a template is rendered.

Which words go where, and what a template can do, belongs to ``prompting``.
"""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from hanlin.domain.prompt import Segment
from hanlin.templates.reasons import RenderFailed

_SIGNS = re.compile(r'[^\w\s"\\]+')
_GROWTH_LIMIT = 1 << 20
"""Characters a prompt may have beyond four times its bodies."""
_REPEATS = 4
"""How often a template may repeat a body, on average."""


class Lost(Exception):
    """A mark that must be in the output is not."""


@dataclass(slots=True)
class Marks:
    """Gives out marks and finds them again."""

    nonce: str = field(default_factory=lambda: "m" + secrets.token_hex(8))
    texts: list[str] = field(default_factory=list)
    media: dict[int, str] = field(default_factory=dict)
    """The hashes of what is no text, by the number of their mark."""
    required: set[int] = field(default_factory=set)
    size: int = 0
    calls: int = 0
    results: int = 0

    def body(self, text: str, *, required: bool) -> str:
        """Return what the template is given in the place of ``text``."""
        raise NotImplementedError

    def mark(self, text: str, *, required: bool) -> str:
        """Return a mark for ``text``; ``required``: the output must hold it."""
        if required:
            self.required.add(len(self.texts))
        self.texts.append(text)
        return f"{self.nonce}{len(self.texts) - 1}z"

    def medium(self, hash_: str) -> str:
        """Return a mark for a picture or a sound, which the output must hold."""
        self.media[len(self.texts)] = hash_
        return self.mark("", required=True)

    def value(self, value: object) -> object:
        """Return ``value``, of JSON, with its signs as marks: control tokens begin with signs.

        Quotes and backslashes stay, because a template may write the value as JSON.
        """
        if isinstance(value, str):
            return _SIGNS.sub(lambda found: self.mark(found.group(), required=False), value)
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, dict):
            return {str(self.value(key)): self.value(item) for key, item in value.items()}
        return value

    def segments(self, rendered: str) -> tuple[Segment, ...]:
        """Put the texts back. Raises Lost, or RenderFailed when the prompt explodes."""
        pieces = re.split(rf"{self.nonce}(\d+)z", rendered)
        segments: list[Segment] = []
        seen: set[int] = set()
        room = _GROWTH_LIMIT + 4 * self.size
        if len(pieces) // 2 > _REPEATS * len(self.texts):
            raise RenderFailed("output", "the template repeats what was written")
        for position, piece in enumerate(pieces):
            if position % 2 and int(piece) >= len(self.texts):
                raise RenderFailed("lost", "a mark that was never given out")
            text = self.texts[int(piece)] if position % 2 else piece
            if position % 2:
                seen.add(int(piece))
            room -= len(text)
            if room < 0:
                raise RenderFailed("output", "the prompt grows beyond its bodies")
            if position % 2 and int(piece) in self.media:
                segments.append(Segment("", control=False, media=self.media[int(piece)]))
            elif text:
                segments.append(Segment(text, control=position % 2 == 0))
        if not self.required <= seen:
            raise Lost
        return tuple(segments)


class Bodies(Marks):
    """Whole bodies are marks. White space around one stays outside, where templates strip it."""

    def body(self, text: str, *, required: bool) -> str:
        """Return the text, what must not be read as control tokens replaced by marks."""
        self.size += len(text)
        core = text.strip()
        if not core:
            return text
        start = text.index(core)
        return text[:start] + self.mark(core, required=required) + text[start + len(core) :]


class GuardedBodies(Marks):
    """Bodies go in as they are, only the control tokens written in them are marks."""

    def __init__(self, control: Sequence[str]) -> None:
        super().__init__()
        longest_first = sorted(filter(None, control), key=len, reverse=True)
        self._control = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")

    def body(self, text: str, *, required: bool) -> str:
        """Return the text, what must not be read as control tokens replaced by marks."""
        self.size += len(text)
        return self._control.sub(lambda found: self.mark(found.group(), required=required), text)
