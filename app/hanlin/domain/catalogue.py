"""What the catalogue says of a model, and whether it suits this computer: pure values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Task(StrEnum):
    """What a model is good for."""

    GENERAL = "general"
    CODING = "coding"
    REASONING = "reasoning"
    TRANSLATION = "translation"
    VISION = "vision"
    AUDIO = "audio"
    EDGE = "edge"
    EMBEDDING = "embedding"
    RERANKING = "reranking"


class Runs(StrEnum):
    """Whether the engine of this program can run a model at all."""

    YES = "yes"
    LARGE = "large"
    """In principle, but on no personal computer."""
    UNSUPPORTED = "unsupported"
    LOOK_ALIKE = "look-alike"
    API_ONLY = "api"
    BROKEN = "broken"


class Thinking(StrEnum):
    """Whether a model thinks before it answers."""

    NONE = "none"
    SWITCH = "switch"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class CatalogueFile:
    """A file of a model; size and hash only where a source of ours gives them."""

    name: str
    quantisation: str
    bytes: int | None
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Geometry:
    """What decides how much memory a context takes.

    ``layers`` keep keys (and values, unless ``has_values`` is False) of ``kv_heads`` ×
    ``head_dim`` numbers per token; ``state_bytes`` are needed once, whatever the context.
    """

    layers: int
    kv_heads: int
    head_dim: int
    has_values: bool = True
    state_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence and its limits in plain words."""

    name: str
    limits: str
    commercial: bool


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One model of the catalogue, in the interface's language.

    ``reason`` says why it cannot be used here, "" when it can. ``files`` is empty when
    they are to be looked up at the Hub; ``repository`` is empty when it has to be searched.
    """

    id: str
    family: str
    name: str
    tasks: tuple[Task, ...]
    recommended: bool
    parameters: str
    architecture: str
    repository: str
    revision: str
    files: tuple[CatalogueFile, ...]
    projector: CatalogueFile | None
    licence: Licence
    context: int | None
    geometry: Geometry | None
    sampling: Mapping[str, float]
    thinking: Thinking
    runs: Runs
    reason: str
    text: str
    superseded_by: str = ""
    overrides: Mapping[str, int] = field(default_factory=dict)
    reading: Mapping[str, str] = field(default_factory=dict)
    """What an OCR model was trained to be asked: by "text", "table" and "formula"."""

    @property
    def pinned(self) -> bool:
        """Whether size and hash of its files are known without asking anybody."""
        return bool(self.files) and self.files[0].bytes is not None and bool(self.files[0].sha256)


@dataclass(frozen=True, slots=True)
class Described:
    """What is known of a model's file; each is empty where nobody knows."""

    entry: CatalogueEntry | None
    """The catalogue's, if it is one of its files."""
    repository: str
    sha256: str
    licence: str
    problem: str
    """Why it cannot be loaded."""


class Fit(StrEnum):
    """Whether a model suits this computer's memory."""

    GOOD = "good"
    TIGHT = "tight"
    """It loads, but little is left for other programs."""
    TOO_LARGE = "too-large"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Memory:
    """What this computer has, in bytes: free now, built in, and free on the graphics card.

    A card that shares the computer's memory has none of its own.
    """

    free: int
    total: int
    graphics: int = 0


@dataclass(frozen=True, slots=True)
class FitEstimate:
    """How much memory a model needs with ``context`` tokens, and what that means here.

    ``needed`` is None where the size is not known yet. ``words`` is for the person. Of
    the weights ``active`` bytes are read for each token. ``on_card`` is the part of the
    model, from 0 to 1, that the graphics card takes and computes.
    """

    verdict: Fit
    words: str
    needed: int | None
    context: int
    weights: int = 0
    cache: int = 0
    overhead: int = 0
    active: int = 0
    on_card: float = 0.0
