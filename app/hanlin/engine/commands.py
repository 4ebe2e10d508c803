"""What the program asks of the engine's worker: one value for each command.

What comes of a command is in ``events``, the words of both in ``protocol``; their form on the
way is ``wire``'s. What a person asks for is not said here: that is ``base``'s.
"""

from dataclasses import dataclass

from hanlin.domain.attachments import AttachmentKind
from hanlin.domain.generation import Form, Sampling
from hanlin.domain.models import Override
from hanlin.domain.prompt import Segment
from hanlin.engine.protocol import PROTOCOL_VERSION, CacheType


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
