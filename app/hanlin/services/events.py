"""What the services tell the window and the command line through the event bus.

Published on whatever thread it happened; only a bridge crosses into Qt.
"""

from dataclasses import dataclass
from enum import StrEnum

from hanlin.domain.conversation import Message, PartKind
from hanlin.domain.generation import Timings, Usage
from hanlin.domain.models import Model, Purpose
from hanlin.engine.base import LoadedModel
from hanlin.kernel.errors import HanlinError


class SessionState(StrEnum):
    """Where the model session stands."""

    EMPTY = "empty"
    """No model is chosen."""
    LOADING = "loading"
    READY = "ready"
    RESTING = "resting"
    """The model was idle and is not in memory; the next question loads it."""
    FAILED = "failed"
    """``SessionStatus.error`` says why."""


@dataclass(frozen=True, slots=True)
class SessionStatus:
    """The model session at one moment. ``fraction`` is the load's progress from 0 to 1.

    ``lent``: what the model was put in the place of the chosen one for; None: it is that one.
    """

    state: SessionState
    model: Model | None = None
    loaded: LoadedModel | None = None
    fraction: float = 0.0
    error: HanlinError | None = None
    lent: Purpose | None = None


@dataclass(frozen=True, slots=True)
class SessionChanged:
    """The model session moved on."""

    status: SessionStatus


@dataclass(frozen=True, slots=True)
class EngineSilent:
    """The engine should be working and gave no sign of life for ``seconds``; 0: it is back."""

    seconds: int


@dataclass(frozen=True, slots=True)
class ModelsChanged:
    """A model was added to the library, removed, or its file vanished."""


@dataclass(frozen=True, slots=True)
class CardsTried:
    """It is known now whether a graphics card computes here."""


@dataclass(frozen=True, slots=True)
class ConversationsChanged:
    """The list of conversations, a title, or the trash changed."""


@dataclass(frozen=True, slots=True)
class MessageAdded:
    """A message was stored; an assistant's comes empty, with status ``streaming``."""

    message: Message


@dataclass(frozen=True, slots=True)
class AnswerResumed:
    """A final answer is being gone on with: it is streaming again, behind what it says."""

    message: Message


@dataclass(frozen=True, slots=True)
class AnswerGrew:
    """More text for the streaming message."""

    conversation_id: str
    message_id: str
    kind: PartKind
    text: str


@dataclass(frozen=True, slots=True)
class ToolAsked:
    """The answer waits until somebody says whether its call ``number`` (from 0) may run."""

    conversation_id: str
    message_id: str
    number: int


@dataclass(frozen=True, slots=True)
class PromptRead:
    """``done`` of ``total`` tokens of the prompt have been read; the answer comes next."""

    conversation_id: str
    message_id: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class AnswerFinished:
    """The streaming message is final. ``error`` is set when its status is failed or interrupted."""

    message: Message
    usage: Usage
    timings: Timings
    context_used: int
    context_size: int
    error: HanlinError | None = None


@dataclass(frozen=True, slots=True)
class AnswerMeasured:
    """What a stopped answer took: known only when the engine has let go of it."""

    conversation_id: str
    usage: Usage
    timings: Timings
    context_used: int
    context_size: int


@dataclass(frozen=True, slots=True)
class IndexGrew:
    """The search found words of ``done`` of ``total`` messages that it did not know yet."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class KeyProtected:
    """The key moved from beside the conversations into the system's keyring."""


class NoticeCause(StrEnum):
    """What a notice is about: when that is over, the notice is no longer true."""

    PASSING = "passing"
    """Worth reading once; goes with the next answer."""
    ANSWER = "answer"
    """The answer that is being written."""
    DISK = "disk"
    ENGINE = "engine"
    """The engine's restart."""
    MODEL = "model"
    """The model that is loaded, or could not be."""
    LENT = "lent"
    """Another model than the chosen one answers."""
    DONE = "done"
    """Something that was asked for is done: worth reading once, as what passes."""
    ARRIVED = "arrived"
    """A model that was fetched, until one is loaded."""
    ADDED = "added"
    """A model that was just added."""
    FONTS = "fonts"
    FILES = "files"
    """A damaged file: stays until it was read."""
    STATE = "state"
    """What the program remembers by itself is not kept."""
    KEY = "key"


@dataclass(frozen=True, slots=True)
class ContextFilling:
    """The conversation has nearly filled its model's context, or does not fit any more.

    ``larger`` is the context that the model could be loaded with, 0 when none fits;
    ``summarises`` tells whether there are older turns that could be summarised.
    """

    conversation_id: str
    used: int
    size: int
    larger: int
    summarises: bool
    full: bool
    """The last question was not answered for it."""


@dataclass(frozen=True, slots=True)
class ContextEased:
    """Something was done about it, or is being done: ``working``."""

    conversation_id: str
    working: bool = False


@dataclass(frozen=True, slots=True)
class NoticePosted:
    """A sentence for the person that belongs to no message, such as a restarted engine."""

    text: str
    cause: NoticeCause = NoticeCause.PASSING
    conversation_id: str = ""
    """The only conversation in which it is to be told, "" for everywhere."""


@dataclass(frozen=True, slots=True)
class NoticeWithdrawn:
    """What the notices of this cause told of is over."""

    cause: NoticeCause
