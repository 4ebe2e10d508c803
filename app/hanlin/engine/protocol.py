"""What the program and the engine's worker say to each other: pure values.

Their form on the way is ``wire``'s. Turning a code into a sentence for a person
belongs to ``messages``; the pipes belong to ``hanlin.processes``.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from hanlin.domain.attachments import AttachmentKind
from hanlin.domain.conversation import PartKind
from hanlin.domain.generation import Form, Sampling, StopReason, Timings, Usage
from hanlin.domain.models import Override
from hanlin.domain.prompt import Segment, Token

PROTOCOL_VERSION: Final = 2
"""Raised when a message changes its meaning; part of ``Load``, which both sides share."""

SENSES_TOO_DEEP: Final = "layers"
"""Begins why a projector cannot be used that has too many layers."""

PLAIN_CPU: Final = "HANLIN_PLAIN_CPU"
"""The environment variable that makes a worker take the simplest module for its processor."""


class Code(StrEnum):
    """Why the worker refused a command."""

    LIBRARY = "library"
    """llama.cpp could not be loaded."""
    VERSION = "version"
    MISSING = "missing"
    UNREADABLE = "unreadable"
    EMPTY = "empty"
    HTML = "html"
    NOT_GGUF = "not-gguf"
    ARCHITECTURE = "architecture"
    DAMAGED = "damaged"
    MEMORY = "memory"
    PROJECTOR = "projector"
    """The projector cannot be used with this model."""
    MEDIUM = "medium"
    """The picture or sound cannot be shown to this model."""
    NO_MODEL = "no-model"
    NOT_A_CHAT_MODEL = "not-a-chat-model"
    CANCELLED = "cancelled"
    FORM = "form"
    """The form asked of the answer is no JSON schema or grammar."""
    BIAS = "bias"
    """The text whose token was to be weighed is none of the model's tokens."""
    NO_DEVICE = "no-device"
    """The module for other processors than the CPU found none."""
    COMPUTE = "compute"
    """llama.cpp could not evaluate the tokens."""
    BUG = "bug"


class CacheType(StrEnum):
    """How keys and values are kept: fewer bits take less memory and are less exact."""

    F16 = "f16"
    Q8_0 = "q8_0"
    Q4_0 = "q4_0"


# Commands


@dataclass(frozen=True, slots=True)
class Load:
    """Load the model at ``path``. ``free_memory``: bytes it may use, for the context's size.

    ``backend`` is the module for graphics cards, "" for the processor alone; ``gpu_layers``
    0 chooses by the free part of its memory, of which ``share`` may be taken. ``cache`` is
    how keys and values are kept. ``tune``: find out how many threads, ``threads`` at most
    as a beginning, compute fastest.
    ``parts`` are all its files, where it has several. ``overrides`` are read instead of
    what the file says of itself. ``projector`` is the file it sees or hears with, "" for none,
    ``media_tokens`` what one picture may take.
    """

    id: int
    path: str
    context: int
    gpu_layers: int
    threads: int
    free_memory: int
    backend: str = ""
    share: float = 1.0
    cache: CacheType = CacheType.F16
    tune: bool = False
    version: int = PROTOCOL_VERSION
    parts: tuple[str, ...] = ()
    overrides: tuple[Override, ...] = ()
    projector: str = ""
    media_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Generate:
    """Answer the prompt, which with ``reserve`` tokens for the answer must fit the context."""

    id: int
    segments: tuple[Segment, ...]
    sampling: Sampling
    reserve: int
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    form: Form | None = None
    thinking_budget: int | None = None
    calls: bool = False
    """Whether calls of tools are looked for; otherwise they are text."""
    conversation: str = ""
    """Under which name the state is found again; "" for none."""
    beside: bool = False
    """Written in a sequence of its own when there is nothing else to do: it pauses between two
    tokens for every other command and goes on afterwards. One at a time, in order."""
    guess_ahead: bool = True
    plain: bool = False
    """Whether every character that is written is the answer's: no thoughts, no white space lost."""


@dataclass(frozen=True, slots=True)
class ReadAhead:
    """Read what the conversation's next prompt begins with, while there is nothing else to do.

    What it shows is encoded. The last ``uncertain`` tokens are left out. Any prompt or other
    ``ReadAhead`` ends it, but one that shows the same not in the midst of a picture.
    """

    id: int
    conversation: str
    segments: tuple[Segment, ...]
    uncertain: int = 0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Give out a copy of the conversation's state: each piece is asked for with ``Next``."""

    id: int
    conversation: str


@dataclass(frozen=True, slots=True)
class Next:
    """Give out the next piece of the snapshot ``id``."""

    id: int


@dataclass(frozen=True, slots=True)
class Restore:
    """Take a conversation's state of ``size`` bytes in, which follows in pieces."""

    id: int
    conversation: str
    size: int


@dataclass(frozen=True, slots=True)
class StatePiece:
    """The next bytes (the message's payload) of the state ``id``."""

    id: int


@dataclass(frozen=True, slots=True)
class Show:
    """Hold a picture or a sound, the message's payload, until it is hidden.

    A picture is rows of red, green and blue bytes, a sound 32-bit floats.
    """

    id: int
    hash: str
    kind: AttachmentKind
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class Embed:
    """Hold the embeddings (the message's payload) of what was shown as ``hash``."""

    id: int
    hash: str


@dataclass(frozen=True, slots=True)
class GiveEncoded:
    """Give out the embeddings of what was shown as ``hash`` once more, if they are made."""

    id: int
    hash: str


@dataclass(frozen=True, slots=True)
class Hide:
    """Forget what was shown as ``hash``."""

    id: int
    hash: str


@dataclass(frozen=True, slots=True)
class Weigh:
    """Count the tokens of a picture of that size, or of a sound of ``width`` samples."""

    id: int
    kind: AttachmentKind
    width: int
    height: int = 0


@dataclass(frozen=True, slots=True)
class Count:
    """Count the tokens of each text, taken as text, and of the media that go with it.

    ``control`` says of each text whether it is a template's, with marks in it; without, none is.
    """

    id: int
    texts: tuple[str, ...]
    media: tuple[tuple[str, ...], ...] = ()
    control: tuple[bool, ...] = ()


@dataclass(frozen=True, slots=True)
class Split:
    """Take each text apart into its tokens, ``most`` at most; ``control`` as in ``Count``."""

    id: int
    texts: tuple[str, ...]
    control: tuple[bool, ...]
    most: int


@dataclass(frozen=True, slots=True)
class Cancel:
    """Stop the command ``id``; may arrive before, while or after it runs."""

    id: int


@dataclass(frozen=True, slots=True)
class AnswerNow:
    """End the thought of the answer ``id``; may arrive before, while or after it runs."""

    id: int


@dataclass(frozen=True, slots=True)
class Describe:
    """Tell what this build of the engine can use on this computer."""

    id: int


@dataclass(frozen=True, slots=True)
class Try:
    """Compute with the model at ``path`` on the processor and with ``backend``, and compare."""

    id: int
    path: str
    backend: str


Command = (
    Load
    | Generate
    | ReadAhead
    | Snapshot
    | Next
    | Restore
    | StatePiece
    | Show
    | Embed
    | GiveEncoded
    | Hide
    | Weigh
    | Count
    | Split
    | Cancel
    | AnswerNow
    | Describe
    | Try
)


# Events


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
