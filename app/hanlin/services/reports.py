"""What an answer was asked with and what it took, kept beside it for whoever wants to know.

Everything but the prompt: that is rendered anew from the messages, which are kept anyway.
"""

import json
from dataclasses import asdict, dataclass, field, fields, replace

from hanlin.domain.generation import GenerationOptions, Sampling, Timings, TokenBias, Usage
from hanlin.engine.base import Finished


@dataclass(frozen=True, slots=True)
class AnswerReport:
    """One answer's report. ``turns`` were sent, of which the last asked for it."""

    sampling: Sampling = field(default_factory=Sampling)
    thinking: bool | None = None
    effort: str = ""
    max_tokens: int | None = None
    turns: int = 0
    dropped_turns: int = 0
    usage: Usage = field(default_factory=Usage)
    timings: Timings = field(default_factory=Timings)
    context_used: int = 0
    context_size: int = 0
    continued: bool = False
    """The figures are those of its last stretch."""
    edited: bool = False
    """A person wrote it, or a part of it."""
    tools: tuple[str, ...] = ()
    """Names of the tools that the model was told of."""
    out_of_reach: int = 0
    """Messages at the beginning that the model was never asked with."""
    again: bool = False
    """It was asked for once more, in the language that the one before had missed."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What an engine was asked for an answer; the fields mean what the report's do."""

    options: GenerationOptions
    turns: int
    continued: bool
    out_of_reach: int
    again: bool


def report_of(asked: Asked, event: Finished, context_size: int) -> AnswerReport:
    """Return the report of an answer that has ended."""
    options = asked.options
    return AnswerReport(
        options.sampling,
        options.thinking,
        options.effort,
        options.max_tokens,
        asked.turns - event.dropped_turns,
        event.dropped_turns,
        event.usage,
        event.timings,
        event.context_used,
        context_size,
        asked.continued,
        tools=tuple(tool.name for tool in options.tools),
        out_of_reach=asked.out_of_reach,
        again=asked.again,
    )


def to_json(report: AnswerReport) -> str:
    """Return the report as it is kept."""
    return json.dumps(asdict(report), ensure_ascii=False, separators=(",", ":"))


def from_json(text: str) -> AnswerReport | None:
    """Return a kept report; None for none, or one that cannot be read."""
    try:
        kept = json.loads(text)
        parts = {"sampling": Sampling, "usage": Usage, "timings": Timings}
        values = {one.name: kept[one.name] for one in fields(AnswerReport) if one.name in kept}
        for name, kind in parts.items():
            known = {one.name for one in fields(kind)}
            values[name] = kind(**{k: v for k, v in values[name].items() if k in known})
        values["tools"] = tuple(map(str, values.get("tools", ())))
        biases = values["sampling"].bias
        values["sampling"] = replace(
            values["sampling"], bias=tuple(TokenBias(**bias) for bias in biases)
        )
        return AnswerReport(**values)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
