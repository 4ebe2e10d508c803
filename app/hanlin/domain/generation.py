"""What is asked of an engine and what it reports: pure values.

How a prompt is rendered and how tokens travel between processes do not belong
here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from hanlin.domain.attachments import Media
from hanlin.domain.conversation import Role
from hanlin.domain.tools import Tool, ToolCall


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn as a chat template sees it.

    ``thinking`` is what was thought before ``text``, ``calls`` what was called after it;
    ``media`` are the pictures and sounds that stand before it.
    """

    role: Role
    text: str
    thinking: str = ""
    calls: tuple[ToolCall, ...] = ()
    media: tuple[Media, ...] = ()


@dataclass(frozen=True, slots=True)
class TokenBias:
    """``bias`` is added to the logit of ``token``; -100 and less forbid it.

    With a ``text`` it is the token of that text, in whatever model it is written with.
    """

    token: int
    bias: float
    text: str = ""


SAMPLING_LIMITS: Final[Mapping[str, tuple[float, float]]] = {
    "temperature": (0.0, 5.0),
    "top_k": (0, 1000),
    "top_p": (0.01, 1.0),
    "min_p": (0.0, 1.0),
    "repeat_penalty": (0.5, 3.0),
    "presence_penalty": (-2.0, 2.0),
    "frequency_penalty": (-2.0, 2.0),
    "dry": (0.0, 5.0),
    "seed": (0, 2**32 - 1),
}
"""What people may choose for each number of a ``Sampling``."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the next token is chosen. ``temperature`` 0 is greedy; ``seed`` None asks the system.

    Penalties look at what was written, not at the prompt. ``dry`` is the strength of the
    penalty for going on with a sequence that was written before, 0 is off.
    """

    temperature: float = 0.7
    top_k: int = 40
    top_p: float = 0.95
    min_p: float = 0.0
    repeat_penalty: float = 1.0
    seed: int | None = None
    frequency_penalty: float = 0.0
    presence_penalty: float = 0.0
    dry: float = 0.0
    bias: tuple[TokenBias, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """What an answer must look like, its thoughts apart: a JSON schema, or a grammar in GBNF.

    ``json_schema`` is the schema as JSON text; only one of the two is given.
    """

    json_schema: str = ""
    grammar: str = ""


class StopReason(StrEnum):
    """Why an answer ended."""

    END = "end"
    """The model ended it."""
    LIMIT = "limit"
    """``max_tokens`` were written."""
    CONTEXT = "context"
    """The context is full."""
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one answer; ``cached`` of the prompt's tokens were not evaluated again.

    ``guessed`` tokens were tried ahead of their turn, of which ``right`` were what the
    model chose.
    """

    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    guessed_tokens: int = 0
    right_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Timings:
    """Where the time went, in milliseconds."""

    prefill_tokens: int = 0
    prefill_ms: float = 0.0
    decode_tokens: int = 0
    decode_ms: float = 0.0

    @property
    def tokens_per_second(self) -> float:
        """Return the decoding speed, 0 when nothing was decoded."""
        return 1000.0 * self.decode_tokens / self.decode_ms if self.decode_ms > 0 else 0.0


@dataclass(frozen=True, slots=True)
class GenerationOptions:
    """The choices of one request. ``thinking`` None leaves it to the template's default.

    ``thinking_budget``: after so many tokens of thought the model must answer.
    ``effort``: one of the template's own words for how much to think, "" for its default.
    """

    sampling: Sampling = field(default_factory=Sampling)
    max_tokens: int | None = None
    thinking: bool | None = None
    form: Form | None = None
    thinking_budget: int | None = None
    effort: str = ""
    tools: tuple[Tool, ...] = ()
    keep_all: bool = False
    """Rather fail than leave out the oldest turns when the context is full."""
    guess_ahead: bool = True
    """Try what was written before ahead of its turn; changes how fast words come, not which."""
