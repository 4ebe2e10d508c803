"""What the program knows of a model on this computer: pure values."""

from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

from hanlin.domain.generation import SAMPLING_LIMITS, Sampling, TokenBias

USUAL_CONTEXT: Final = 8192
"""Tokens of context that a model has unasked, wherever there is memory for them."""


class Origin(StrEnum):
    """How a model came here."""

    STARTER = "starter"
    """Bundled with the program."""
    ADDED = "added"
    """A file the person added; it stays where it is."""


class Purpose(StrEnum):
    """What a person keeps a model for."""

    CHAT = "chat"
    CODING = "coding"
    TRANSLATION = "translation"
    PICTURES = "pictures"


@dataclass(frozen=True, slots=True)
class Override:
    """A setting that a model's file has wrong, by its name there, and what is right."""

    key: str
    value: int


@dataclass(frozen=True, slots=True)
class Advice:
    """What is known of a model from elsewhere than its file; see :class:`Model`."""

    sampling: Sampling | None = None
    overrides: tuple[Override, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelDefaults:
    """A person's own choices for one model.

    None leaves it to the settings or, in sampling, to the model's maker.
    """

    context: int | None = None
    gpu_layers: int | None = None
    thinking: bool | None = None
    temperature: float | None = None
    top_k: int | None = None
    top_p: float | None = None
    min_p: float | None = None
    repeat_penalty: float | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    dry: float | None = None
    seed: int | None = None
    bias: tuple[TokenBias, ...] | None = None

    def over(self, sampling: Sampling) -> Sampling:
        """Return ``sampling`` with what the person chose instead."""
        own = {name: getattr(self, name) for name in (*SAMPLING_LIMITS, "bias")}
        return replace(
            sampling, **{name: value for name, value in own.items() if value is not None}
        )

    def loads_like(self, other: "ModelDefaults") -> bool:
        """Tell whether a model is loaded the same way with both."""
        return (self.context, self.gpu_layers) == (other.context, other.gpu_layers)


@dataclass(frozen=True, slots=True)
class Model:
    """A model that can be chosen.

    ``trained_context`` is the number of tokens beyond which its answers are not to be
    trusted, where that is less than the file says; ``sampling`` is its maker's
    recommendation, where one is known. ``overrides`` are what its file has wrong.
    ``changed``: its file is not as it was when it was added.
    """

    id: str
    name: str
    path: Path
    origin: Origin
    bytes: int
    architecture: str = ""
    context_length: int | None = None
    trained_context: int | None = None
    sampling: Sampling | None = None
    missing: bool = False
    changed: bool = False
    defaults: ModelDefaults = ModelDefaults()
    overrides: tuple[Override, ...] = ()
