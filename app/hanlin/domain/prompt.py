"""A prompt between its template and its tokens: pure values.

How a template is rendered belongs to ``hanlin.templates``; how a segment
becomes tokens belongs to the engine's worker.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a prompt.

    ``control`` True: written by the template, so the text of a control token in it
    *is* that token. False: written by a person or a model, so it is only text. ``media``
    is the hash of a picture or a sound that stands here instead of text.
    """

    text: str
    control: bool
    media: str = ""


@dataclass(frozen=True, slots=True)
class Token:
    """One token of a prompt: its number in the vocabulary, and its text alone.

    A character of several tokens shows in none of them.
    """

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the model reads. ``stop``: texts that end the answer besides the model's own tokens.

    ``note`` is "" or says, in the interface's language, why another template had to be used.
    """

    segments: tuple[Segment, ...]
    stop: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class TokenTexts:
    """The texts of a vocabulary's tokens that a template or a person may write."""

    bos: str = ""
    eos: str = ""
    control: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TemplateFacts:
    """What is known of a template that was opened; see ``Prompt.note`` for ``note``."""

    thinking_switch: bool
    note: str = ""
    tools: bool = False
    """Whether it tells a model of tools."""
    efforts: tuple[str, ...] = ()
    """Its words for how much to think, least first; none without a choice."""
