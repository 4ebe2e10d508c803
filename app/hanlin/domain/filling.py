"""Filling in the middle: how each family of models wants the text before and after a gap.

What is between the marks is a person's text and never becomes a mark itself: see
``Segment``. Which of the formats a model knows is found by its vocabulary, in the engine.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from hanlin.domain.prompt import Prompt, Segment


@dataclass(frozen=True, slots=True)
class Gap:
    """What stands before and after the text that is wanted."""

    prefix: str
    suffix: str


@dataclass(frozen=True, slots=True)
class FillFormat:
    """The marks of a family. ``suffix_first``: what comes after the gap is read first."""

    name: str
    prefix: str
    suffix: str
    middle: str
    suffix_first: bool = False

    @property
    def marks(self) -> tuple[str, str, str]:
        """The texts that must each be one control token of the vocabulary."""
        return self.prefix, self.suffix, self.middle

    def prompt(self, gap: Gap) -> Prompt:
        """Return the prompt that asks for what is missing."""
        before = (Segment(self.prefix, control=True), Segment(gap.prefix, control=False))
        after = (Segment(self.suffix, control=True), Segment(gap.suffix, control=False))
        pieces = (*after, *before) if self.suffix_first else (*before, *after)
        segments = (*pieces, Segment(self.middle, control=True))
        return Prompt(tuple(segment for segment in segments if segment.text), _STOPS)


FORMATS: Final = (
    # Qwen2.5-Coder, Qwen3-Coder, and the starter.
    FillFormat("qwen", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"),
    # DeepSeek-Coder and -Coder-V2: what is called the hole stands before the suffix.
    FillFormat("deepseek", "<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"),
    # GLM-4 and CodeGeeX4.
    FillFormat("glm", "<|code_prefix|>", "<|code_suffix|>", "<|code_middle|>"),
    # Seed-Coder, which llama.cpp does not find by itself.
    FillFormat("seed", "<[fim-prefix]>", "<[fim-suffix]>", "<[fim-middle]>", suffix_first=True),
    # StarCoder, Yi-Coder, Granite.
    FillFormat("starcoder", "<fim_prefix>", "<fim_suffix>", "<fim_middle>"),
    FillFormat("starcoder-hyphen", "<fim-prefix>", "<fim-suffix>", "<fim-middle>"),
    # CodeLlama, CodeGemma.
    FillFormat("codellama", "▁<PRE>", "▁<SUF>", "▁<MID>"),
    # Codestral reads what comes after first, and begins to write behind what comes before.
    FillFormat("codestral", "[PREFIX]", "[SUFFIX]", "", suffix_first=True),
)
_STOPS: Final = (
    *("<|endoftext|>", "<|fim_pad|>", "<|repo_name|>", "<|file_sep|>", "<|im_end|>"),
    *("<file_sep>", "<EOT>", "<|user|>", "<｜end▁of▁sentence｜>"),
)


def format_called(name: str) -> FillFormat | None:
    """Return the format of that name."""
    return next((one for one in FORMATS if one.name == name), None)


class Made(StrEnum):
    """What a model was made for, as far as its name says it."""

    FILLING = "filling"
    """A base model of code: it goes on where a text stops."""
    TALKING = "talking"
    """It was trained to answer, and fills gaps less well."""
    UNKNOWN = "unknown"


_TALKS: Final = re.compile(r"(?<![a-z])(instruct|chat|it|sft|dpo|rlhf|assistant|think)", re.I)
_CODES: Final = re.compile(r"cod(e|er|ing|estral)|(?<![a-z])fim(?![a-z])|shutong|[书書]童", re.I)


def made_for(*names: str) -> Made:
    """Return what a model was made for by its names: the file's, and the one inside it."""
    words = " ".join(names)
    if _TALKS.search(words):
        return Made.TALKING
    return Made.FILLING if _CODES.search(words) else Made.UNKNOWN


def shortened(gap: Gap, share: float) -> Gap:
    """Return ``gap`` with about ``share`` of its text: what is nearest to the gap."""
    prefix, suffix = round(len(gap.prefix) * share), round(len(gap.suffix) * share)
    return Gap(gap.prefix[len(gap.prefix) - prefix :], gap.suffix[:suffix])
