"""What the engine's worker says: one value for each event, with its command's number.

What it answers is in ``commands``, the words of both in ``protocol``; their form on the way is
``wire``'s. What subscribers hear of the engine is not said here: that is ``base``'s.
"""

from dataclasses import dataclass

from hanlin.domain.conversation import PartKind
from hanlin.domain.generation import Sampling, StopReason, Timings, Usage
from hanlin.domain.prompt import Token
from hanlin.engine.protocol import CacheType, Code


@dataclass(frozen=True, slots=True)
class LoadProgress:
    """``fraction`` of the model is in memory."""

    id: int
    fraction: float


@dataclass(frozen=True, slots=True)
class ModelLoaded:
    """The model answers from now on; what its file says of it."""

    id: int
    architecture: str
    name: str
    parameters: int
    context: int
    trained_context: int
    bos: str
    eos: str
    control: tuple[str, ...]
    template: str
    device: str
    cpu_module: str
    sampling: Sampling | None = None
    """Its maker's recommendation, where the file has one."""
    fingerprint: str = ""
    """What a kept state must fit; "" when none may be kept."""
    longest_context: int = 0
    wrong_end: str = ""
    """The word that the file calls the end of an answer; another end is in use then."""
    layers: int = 0
    gpu_layers: int = 0
    """How many of the layers the device computes, the last one's output included."""
    threads: int = 1
    cache: CacheType = CacheType.F16
    fills: str = ""
    """The format of ``hanlin.domain.filling`` whose marks its vocabulary has."""
    sees: bool = False
    hears: bool = False
    rate: int = 0
    """Samples a second of the sounds it hears."""
    senses: str = ""
    """What kept embeddings must fit; "" when none may be kept."""
    senses_refused: str = ""
    """Why its projector cannot be used; only told with ``blind``.

    Two widths, ``SENSES_TOO_DEEP`` and how many layers it has, or a tensor's name.
    """
    blind: bool = False
    """Whether a projector was given and cannot be used."""


@dataclass(frozen=True, slots=True)
class Prefill:
    """``done`` of ``total`` prompt tokens are read. Repeated while a long step runs."""

    id: int
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Text:
    """More of the answer."""

    id: int
    kind: PartKind
    text: str


@dataclass(frozen=True, slots=True)
class Looping:
    """The answer repeats itself; told once, and the answer goes on."""

    id: int


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer ended."""

    id: int
    reason: StopReason
    usage: Usage
    timings: Timings
    context_used: int


@dataclass(frozen=True, slots=True)
class HasRead:
    """A ``ReadAhead`` ended: ``tokens`` were evaluated, perhaps not all."""

    id: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Revisited:
    """The last question was read again while nobody waited: ``marks`` more ways back into it."""

    id: int
    marks: int


@dataclass(frozen=True, slots=True)
class SnapshotPiece:
    """The next bytes (the message's payload) of a snapshot; ``left`` follow.

    Without a payload there is nothing to keep.
    """

    id: int
    left: int


@dataclass(frozen=True, slots=True)
class Taken:
    """A piece of a state arrived, the next may come."""

    id: int


@dataclass(frozen=True, slots=True)
class Restored:
    """A conversation of ``tokens`` tokens is held as it was kept; 0: its state was of no use."""

    id: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Encoded:
    """What was shown as ``hash`` has embeddings now: the message's payload."""

    id: int
    hash: str


@dataclass(frozen=True, slots=True)
class Weighed:
    """The answer to ``Weigh``; 0 for what cannot be shown."""

    id: int
    tokens: int


@dataclass(frozen=True, slots=True)
class TooLong:
    """The prompt of ``tokens`` tokens and its reserve do not fit; nothing was evaluated."""

    id: int
    tokens: int
    context: int


@dataclass(frozen=True, slots=True)
class Counted:
    """The answer to ``Count``."""

    id: int
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Pieces:
    """The answer to ``Split``."""

    id: int
    tokens: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Device:
    """A processor the engine can compute on. ``kind``: cpu, gpu, integrated or accelerator.

    An integrated one has no memory of its own.
    """

    kind: str
    name: str
    description: str
    memory: int
    free: int = 0


@dataclass(frozen=True, slots=True)
class Described:
    """The answer to ``Describe``. ``cpu_module`` is "" for a build made for one processor."""

    id: int
    cpu_module: str
    devices: tuple[Device, ...]
    system: str


@dataclass(frozen=True, slots=True)
class Tried:
    """The answer to ``Try``. ``difference`` of the two results, 1 is as much as they vary."""

    id: int
    devices: tuple[Device, ...]
    difference: float
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Refused:
    """The command ended without success; the worker lives."""

    id: int
    code: Code
    detail: str = ""


Event = (
    LoadProgress
    | ModelLoaded
    | Prefill
    | Text
    | Looping
    | Answered
    | HasRead
    | Revisited
    | SnapshotPiece
    | Taken
    | Restored
    | Encoded
    | Weighed
    | TooLong
    | Counted
    | Pieces
    | Described
    | Tried
    | Refused
)
