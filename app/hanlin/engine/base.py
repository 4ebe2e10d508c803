"""The engine as the rest of the program sees it: requests in, typed events out.

Implemented by the worker process's client and by the scripted engine of the
tests. Nothing here knows about pipes, Qt or llama.cpp.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

from hanlin.domain.attachments import AttachmentKind
from hanlin.domain.conversation import PartKind, Role
from hanlin.domain.filling import Gap
from hanlin.domain.generation import GenerationOptions, Sampling, StopReason, Timings, Turn, Usage
from hanlin.domain.models import Override
from hanlin.domain.prompt import Prompt, Segment, Token
from hanlin.engine.protocol import CacheType
from hanlin.kernel.errors import HanlinError
from hanlin.processes.policy import SandboxReport

UNWRITTEN: Final = Turn(Role.USER, "")
"""A question of which nothing is known yet."""


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """How a model is loaded. ``context`` 0 lets the engine choose from free memory.

    ``backend`` is a module for graphics cards, None computes on the processor. Of the
    card's free memory ``share`` may be taken; ``gpu_layers`` 0 chooses by it. ``threads``
    0 takes one for each fast core, and ``tune`` measures whether another number is faster.
    ``plain`` avoids what only newer processors can. ``overrides`` are read instead of what
    the file says of itself.
    """

    context: int = 0
    gpu_layers: int = 0
    threads: int = 0
    backend: Path | None = None
    share: float = 1.0
    cache: CacheType = CacheType.F16
    tune: bool = False
    plain: bool = False
    overrides: tuple[Override, ...] = ()
    projector: Path | None = None
    """The file that it sees or hears with; one that does not fit costs only that."""


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """What the engine found in the file. ``thinking_switch``: its template can turn thoughts off.

    ``template_note`` is "" when everything is used as the file has it, otherwise sentences in
    the interface's language: why another template is in use, another end of answers, or a
    context shorter than usual.
    """

    path: Path
    architecture: str
    name: str
    context: int
    trained_context: int
    parameters: int
    thinking_switch: bool
    template_note: str
    device: str
    tools: bool = False
    """Whether its template tells it of tools."""
    efforts: tuple[str, ...] = ()
    """Its template's words for how much to think, least first; none without a choice."""
    sampling: Sampling | None = None
    """Its maker's recommendation, where the file has one."""
    longest_context: int = 0
    """The longest context it was trained for that fits the memory; 0: not known."""
    layers: int = 0
    gpu_layers: int = 0
    """How many of the layers ``device`` computes; 0 when the processor computes all."""
    threads: int = 1
    fills: str = ""
    """How it is asked to fill in the middle, "" when it cannot be."""
    sees: bool = False
    """Whether it takes pictures, now and with its projector."""
    hears: bool = False
    """Whether it takes sounds."""
    rate: int = 0
    """Samples a second of the sounds it takes."""
    senses_note: str = ""
    """Why its projector is not in use, in the interface's language; "" when nothing is wrong."""


class EngineState(StrEnum):
    """What the engine is doing."""

    STOPPED = "stopped"
    STARTING = "starting"
    READY = "ready"
    """Running, no model loaded."""
    LOADING = "loading"
    LOADED = "loaded"
    GENERATING = "generating"
    BESIDE = "beside"
    """As LOADED: what it writes gives way to every question."""
    DEAD = "dead"
    """It died twice with the same model: a person decides what happens next."""


@dataclass(frozen=True, slots=True)
class StateChanged:
    """The engine moved on. ``note`` says why in the interface's language, or is empty."""

    state: EngineState
    note: str = ""


@dataclass(frozen=True, slots=True)
class LoadProgressed:
    """A part of the model is in memory: ``fraction`` from 0 to 1."""

    request: int
    fraction: float


@dataclass(frozen=True, slots=True)
class Loaded:
    """The model answers from now on."""

    request: int
    model: LoadedModel


@dataclass(frozen=True, slots=True)
class PrefillProgressed:
    """``done`` of ``total`` prompt tokens have been read."""

    request: int
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Delta:
    """More of the answer (``TEXT``) or of the thought before it (``THINKING``).

    A ``TOOL_CALL`` comes whole, as JSON with ``name`` and ``arguments`` (an object, each
    value of the type its tool asks for); several can follow each other.
    """

    request: int
    kind: PartKind
    text: str


@dataclass(frozen=True, slots=True)
class Looping:
    """The answer repeats itself; told once. It goes on until it is cancelled."""

    request: int


@dataclass(frozen=True, slots=True)
class Finished:
    """The answer ended. ``dropped_turns`` oldest turns did not fit and were left out."""

    request: int
    reason: StopReason
    usage: Usage
    timings: Timings
    context_used: int
    """Tokens the conversation now occupies."""
    dropped_turns: int = 0


@dataclass(frozen=True, slots=True)
class Failed:
    """The request ended without success; text delivered so far stays valid.

    ``engine_alive`` False: the worker died (and is restarted once by itself).
    ``instruction``: by an instruction that this processor does not know.
    """

    request: int
    error: HanlinError
    engine_alive: bool = True
    instruction: bool = False


@dataclass(frozen=True, slots=True)
class Silent:
    """The worker should be working and has given no sign of life for ``seconds``; 0: it is back."""

    seconds: int


EngineEvent = (
    StateChanged
    | LoadProgressed
    | Loaded
    | PrefillProgressed
    | Delta
    | Looping
    | Finished
    | Failed
    | Silent
)


class Engine(Protocol):
    """One model at a time, one answer at a time, and any number of answers beside it.

    Every method returns at once and may be called from any thread; what happens
    is told to the subscribers, on a thread of the engine's own. Every request
    ends with exactly one ``Loaded``, ``Finished`` or ``Failed``.
    """

    @property
    def sandbox(self) -> SandboxReport | None:
        """What holds in the worker; None until the first one said hello."""
        ...

    def subscribe(self, listener: Callable[[EngineEvent], None]) -> Callable[[], None]:
        """Call ``listener`` for every event; return the way to stop it."""
        ...

    def load(self, path: Path, options: LoadOptions) -> int:
        """Load the model at ``path`` in a fresh worker; return the request's number.

        The worker of the model before is ended first, so its memory is certainly freed.
        """
        ...

    def generate(
        self,
        turns: Sequence[Turn],
        options: GenerationOptions,
        conversation: str = "",
        *,
        beside: bool = False,
    ) -> int:
        """Answer the last of ``turns``; return the request's number.

        ``conversation`` is the name under which what was read is found again, also after a
        restart; "" keeps nothing.

        ``beside``: work that nobody watches. It is written in a sequence of its own, pauses
        between two tokens whenever anything else is asked of the engine, and goes on
        afterwards; what the conversation has read stays where it is. Several are written one
        after the other, none is ever refused because the engine is busy, and each keeps
        nothing. Without ``beside`` a second request fails while the first is being written.

        Oldest turns that do not fit the context are left out (a system turn stays)
        and counted in ``Finished.dropped_turns``; with ``options.keep_all`` the request fails
        with a ``ContextFullError`` instead.
        """
        ...

    def fill(self, gap: Gap, options: GenerationOptions, *, beside: bool = False) -> int:
        """Write what is missing in the gap, ``beside`` as above; return the request's number.

        What is furthest from the gap is left out when not all of it fits. Fails with a
        KnownError when the model's vocabulary has no marks for it.
        """
        ...

    def weigh(self, kind: AttachmentKind, width: int, height: int = 0) -> int:
        """Return the tokens that a picture of that size, or a sound of ``width`` samples, takes.

        0 when the model takes none, or is busy. Waits, for half a second at most.
        """
        ...

    def count(self, segments: Sequence[Segment]) -> tuple[int, ...] | None:
        """Return the tokens of each part of a prompt; None while the engine has other work.

        Waits, for some seconds at most. Pictures and sounds are told by ``weigh``.
        """
        ...

    def split(self, segments: Sequence[Segment], most: int) -> tuple[Token, ...] | None:
        """Return the tokens of a prompt, ``most`` at most; None while the engine has other work.

        Waits, for some seconds at most. Pictures and sounds have none here.
        """
        ...

    def render(self, turns: Sequence[Turn], options: GenerationOptions) -> Prompt:
        """Return the prompt for ``turns`` as the loaded model's template has it.

        Waits, for some seconds at most.
        """
        ...

    def read_ahead(
        self,
        turns: Sequence[Turn],
        options: GenerationOptions,
        conversation: str = "",
        question: Turn = UNWRITTEN,
    ) -> None:
        """Read what is certain of the conversation's next prompt, while nobody waits.

        ``question`` is what the next one says so far, and shows: of that nothing is kept before
        it is asked. Gives way at once to every request that does not want the same; nothing is
        told. Ignored while there is no model or it has other work.
        """
        ...

    def forget(self, conversation: str) -> None:
        """Keep nothing of the conversation any more."""
        ...

    def answer_now(self, request: int) -> None:
        """End the thought of the answer that is being written, now and for the rest of it.

        Without a thought, and for unknown numbers, nothing happens.
        """
        ...

    def cancel(self, request: int) -> None:
        """Stop it: an answer ends as ``Finished`` with ``CANCELLED``, a load as ``Failed``.

        Climbs the ladder by itself: flag, then kill. Unknown numbers are ignored.
        """
        ...

    def unload(self) -> None:
        """End the worker and free its memory."""
        ...

    def close(self) -> None:
        """End everything and return when no child process is left (a few seconds at most)."""
        ...
