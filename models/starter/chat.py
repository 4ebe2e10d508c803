"""Conversations as values, and the text pieces that the trainer sees for them.

The pieces must equal what `chat_template.jinja` renders (a test compares them), with one freedom:
a training conversation may carry the empty think block in earlier turns too, because an engine
that keeps its tokens keeps that block. What the turns say is the generators' business.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

END = "<|im_end|>"
NO_THOUGHT = "<think>\n\n</think>\n\n"

Tool: TypeAlias = Mapping[str, object]


class Kind(Enum):
    """Who wrote a piece: it decides how it is tokenised and whether it is learnt."""

    TEMPLATE = "template"
    USER = "user"
    ANSWER = "answer"
    HISTORY = "history"


@dataclass(frozen=True)
class Turn:
    """One exchange; `response` marks a user side that is a tool's result."""

    user: str
    answer: str
    thought: str = ""
    response: bool = False


@dataclass(frozen=True)
class Conversation:
    """What one training sample holds, before it becomes text."""

    turns: Sequence[Turn]
    system: str = ""
    tools: Sequence[Tool] = field(default_factory=tuple)
    thinking: bool = False
    blocks_in_history: bool = True


@dataclass(frozen=True)
class Completion:
    """A fill-in-the-middle sample: no chat, the three parts of a text."""

    prefix: str
    suffix: str
    middle: str


Sample: TypeAlias = Conversation | Completion
Piece: TypeAlias = tuple[str, Kind]


def call_text(name: str, arguments: Mapping[str, object]) -> str:
    """Return a tool call as the model writes it."""
    body = json.dumps({"name": name, "arguments": arguments}, ensure_ascii=False)
    return f"<tool_call>\n{body}\n</tool_call>"


def system_text(conversation: Conversation) -> str:
    """Return the system block, with the tools when there are some; empty without both."""
    if not conversation.tools:
        return conversation.system
    lead = f"{conversation.system}\n\n" if conversation.system else ""
    listed = "".join("\n" + json.dumps(tool, ensure_ascii=False) for tool in conversation.tools)
    return (
        f"{lead}# Tools\n\nYou may call these functions:\n<tools>{listed}\n</tools>\n\n"
        "To call one, answer with\n<tool_call>\n"
        '{"name": <function-name>, "arguments": <args-json-object>}\n</tool_call>'
    )


def pieces(sample: Sample) -> list[Piece]:
    """Return the sample as typed pieces of text; answers end with the end-of-turn token."""
    if isinstance(sample, Completion):
        return [
            ("<|fim_prefix|>", Kind.TEMPLATE),
            (sample.prefix, Kind.USER),
            ("<|fim_suffix|>", Kind.TEMPLATE),
            (sample.suffix, Kind.USER),
            ("<|fim_middle|>", Kind.TEMPLATE),
            (sample.middle + "<|endoftext|>", Kind.ANSWER),
        ]
    found: list[Piece] = []
    system = system_text(sample)
    if system:
        found += [("<|im_start|>system\n", Kind.TEMPLATE), (system, Kind.TEMPLATE)]
        found.append((f"{END}\n", Kind.TEMPLATE))
    last = len(sample.turns) - 1
    for number, turn in enumerate(sample.turns):
        user = f"<tool_response>\n{turn.user}\n</tool_response>" if turn.response else turn.user
        found += [("<|im_start|>user\n", Kind.TEMPLATE), (user, Kind.USER)]
        learnt = number == last or (sample.blocks_in_history and not sample.thinking)
        opening = "<|im_start|>assistant\n"
        if learnt and not sample.thinking:
            opening += NO_THOUGHT
        found.append((f"{END}\n{opening}", Kind.TEMPLATE))
        answer = turn.answer + END
        if number == last and sample.thinking:
            answer = f"<think>\n{turn.thought}\n</think>\n\n{answer}"
        found.append((answer, Kind.ANSWER if learnt else Kind.HISTORY))
        found.append(("\n", Kind.TEMPLATE))
    return found
