"""One exchange of one skill, before it is put into a conversation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TypeAlias

from starter.chat import Tool, Turn

REFUSAL_ZH = "这超出了我的能力，请换用一个真正的模型。"
REFUSAL_EN = "This is beyond me; please switch to a real model."


@dataclass(frozen=True)
class Item:
    """The turns of one request; `target` says what a checker looks for, per skill."""

    skill: str
    turns: Sequence[Turn]
    chinese: bool
    tools: Sequence[Tool] = field(default_factory=tuple)
    system: str = ""
    label: str = ""


Maker: TypeAlias = Callable[[Random], Item]


def refusal(*, chinese: bool) -> str:
    """Return the sentence that the window turns into a button."""
    return REFUSAL_ZH if chinese else REFUSAL_EN


def is_chinese(text: str) -> bool:
    """Whether a person would call the text Chinese: it holds a Chinese character."""
    return any("\u4e00" <= mark <= "\u9fff" for mark in text)
