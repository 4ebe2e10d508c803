"""An engine that answers from a script, inside the process and without a model.

It keeps the contract of ``hanlin.engine.base.Engine`` (events on a thread of its
own, one terminal event for each request) for tests of the services and the
window. What the real worker does is not imitated here.
"""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hanlin.domain.attachments import AttachmentKind
from hanlin.domain.conversation import PartKind, Role
from hanlin.domain.filling import Gap
from hanlin.domain.generation import GenerationOptions, StopReason, Timings, Turn, Usage
from hanlin.domain.prompt import Prompt, Segment, Token
from hanlin.engine.base import (
    UNWRITTEN,
    Delta,
    EngineEvent,
    EngineState,
    Failed,
    Finished,
    Loaded,
    LoadedModel,
    LoadOptions,
    LoadProgressed,
    Looping,
    PrefillProgressed,
    StateChanged,
)
from hanlin.engine.messages import load_cancelled
from hanlin.kernel.errors import BugError, HanlinError
from hanlin.processes.policy import SandboxReport

Piece = str | tuple[PartKind, str]
EFFORTS = ("low", "high")
"""Its template's words for how much to think."""


@dataclass(frozen=True, slots=True)
class Script:
    """One answer. ``hold_after`` N: after N pieces it waits for ``release`` or a cancel."""

    pieces: tuple[tuple[PartKind, str], ...]
    error: HanlinError | None = None
    engine_alive: bool = True
    reason: StopReason = StopReason.END
    seconds_per_piece: float = 0.0
    hold_after: int | None = None
    dropped_turns: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """One call of ``generate`` as it came in."""

    request: int
    turns: tuple[Turn, ...]
    options: GenerationOptions
    conversation: str = ""
    beside: bool = False


@dataclass(frozen=True, slots=True)
class Ahead:
    """One call of ``read_ahead`` as it came in."""

    turns: tuple[Turn, ...]
    options: GenerationOptions
    conversation: str
    question: Turn


@dataclass(slots=True)
class _Job:
    run: Callable[["_Job"], None]
    request: int
    cancelled: threading.Event = field(default_factory=threading.Event)


class ScriptedEngine:
    """Answer each ``generate`` with the next enqueued script; remember what was asked.

    ``asked`` and ``loads`` may be read from any thread. Call ``close`` at the end.
    """

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.ahead: list[Ahead] = []
        self.forgotten: list[str] = []
        self.hurried: list[int] = []
        self.loads: list[tuple[Path, LoadOptions]] = []
        self.state = EngineState.STOPPED
        self._lock = threading.Lock()
        self._listeners: list[Callable[[EngineEvent], None]] = []
        self._scripts: queue.SimpleQueue[Script] = queue.SimpleQueue()
        self._load_errors: queue.SimpleQueue[tuple[HanlinError, bool]] = queue.SimpleQueue()
        self._load_holds: queue.SimpleQueue[float] = queue.SimpleQueue()
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._open: dict[int, _Job] = {}
        self._released = threading.Event()
        self._last_request = 0
        self._thread = threading.Thread(target=self._work, name="scripted-engine", daemon=True)
        self._thread.start()

    # The script

    def enqueue(
        self,
        *pieces: Piece,
        error: HanlinError | None = None,
        engine_alive: bool = True,
        reason: StopReason = StopReason.END,
        seconds_per_piece: float = 0.0,
        hold_after: int | None = None,
        dropped_turns: int = 0,
    ) -> None:
        """Answer one later ``generate``: a ``str`` is TEXT, a pair names its kind.

        ``error`` ends the answer as ``Failed`` after the pieces. The engine reports one
        token for each piece.
        """
        typed = tuple((PartKind.TEXT, p) if isinstance(p, str) else p for p in pieces)
        self._scripts.put(
            Script(typed, error, engine_alive, reason, seconds_per_piece, hold_after, dropped_turns)
        )

    def enqueue_load_error(self, error: HanlinError, *, instruction: bool = False) -> None:
        """Let one later ``load`` fail with ``error``.

        ``instruction``: it dies of an instruction that this processor does not know.
        """
        self._load_errors.put((error, instruction))

    def hold_load(self, fraction: float) -> None:
        """Let one later ``load`` wait there for ``release`` or a cancel."""
        self._load_holds.put(fraction)

    def die(self, why_not_again: str) -> None:
        """End as after a crash, hold, and find that the model cannot be loaded again."""

        def run(_job: _Job) -> None:
            self._move(EngineState.STARTING)
            self._hold()
            self._move(EngineState.STOPPED)
            self._tell(StateChanged(EngineState.STOPPED, why_not_again))

        self._submit(run)

    def notice_a_loop(self) -> None:
        """Tell that the answer asked for last goes round in circles."""
        self._tell(Looping(self.asked[-1].request))

    def tell_reading(self, done: int, total: int) -> None:
        """Tell how far the prompt of the answer asked for last has been read."""
        self._tell(PrefillProgressed(self.asked[-1].request, done, total))

    def release(self) -> None:
        """Let the answer that holds, or the next one that will, go on."""
        self._released.set()

    # The contract

    @property
    def sandbox(self) -> SandboxReport | None:
        """There is no worker that could be in one."""
        return None

    def subscribe(self, listener: Callable[[EngineEvent], None]) -> Callable[[], None]:
        """Call ``listener`` for every event; return the way to stop it."""
        with self._lock:
            self._listeners.append(listener)

        def unsubscribe() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return unsubscribe

    def load(self, path: Path, options: LoadOptions) -> int:
        """Pretend to load ``path``; fail with the next enqueued load error, if any."""
        self.loads.append((path, options))

        def run(job: _Job) -> None:
            self._move(EngineState.STARTING)
            self._move(EngineState.LOADING)
            if not self._load_holds.empty():
                self._tell(LoadProgressed(job.request, self._load_holds.get()))
                self._hold()
            self._tell(LoadProgressed(job.request, 1.0))
            if job.cancelled.is_set():
                self._move(EngineState.STOPPED)
                self._tell(Failed(job.request, load_cancelled()))
            elif not self._load_errors.empty():
                self._move(EngineState.STOPPED)
                error, instruction = self._load_errors.get()
                self._tell(Failed(job.request, error, not instruction, instruction))
                if instruction:
                    self._tell(StateChanged(EngineState.STARTING, "It is being started again."))
            else:
                self._move(EngineState.LOADED)
                self._tell(Loaded(job.request, _model(path, options)))

        return self._submit(run)

    def generate(
        self,
        turns: Sequence[Turn],
        options: GenerationOptions,
        conversation: str = "",
        *,
        beside: bool = False,
    ) -> int:
        """Play the next script; what is beside waits for its turn like everything else."""
        asked = tuple(turns)

        def run(job: _Job) -> None:
            self.asked.append(Asked(job.request, asked, options, conversation, beside))
            if self._scripts.empty():
                error = BugError("No script", "The test asked for an answer it did not enqueue.")
                self._tell(Failed(job.request, error))
                return
            self._play(job, asked, self._scripts.get())

        return self._submit(run)

    def fill(self, gap: Gap, options: GenerationOptions, *, beside: bool = False) -> int:
        """Play the next script, asked with the gap's prefix and suffix as turns."""
        turns = [Turn(Role.USER, text) for text in (gap.prefix, gap.suffix)]
        return self.generate(turns, options, beside=beside)

    def weigh(self, kind: AttachmentKind, width: int, height: int = 0) -> int:
        """Take no pictures."""
        del kind, width, height
        return 0

    def count(self, segments: Sequence[Segment]) -> tuple[int, ...] | None:
        """Take each letter that was said for a token, and a template's mark for one."""
        return tuple(1 if one.control else len(one.text) for one in segments)

    def split(self, segments: Sequence[Segment], most: int) -> tuple[Token, ...] | None:
        """Take each letter for a token, and a template's mark for one."""
        texts = [text for one in segments for text in ([one.text] if one.control else one.text)]
        return tuple(Token(ord(text[0]), text) for text in texts[:most])

    def render(self, turns: Sequence[Turn], options: GenerationOptions) -> Prompt:
        """Render in a form of its own."""
        named = ",".join(tool.name for tool in options.tools)
        tools = (Segment(f"<tools {named}>", control=True),) if named else ()
        pieces = (
            (Segment(f"<{t.role}>", control=True), Segment(t.text, control=False)) for t in turns
        )
        return Prompt((*tools, *(one for pair in pieces for one in pair)))

    def read_ahead(
        self,
        turns: Sequence[Turn],
        options: GenerationOptions,
        conversation: str = "",
        question: Turn = UNWRITTEN,
    ) -> None:
        """Remember what could have been read."""
        self.ahead.append(Ahead(tuple(turns), options, conversation, question))

    def forget(self, conversation: str) -> None:
        """Remember what nothing is to be kept of."""
        self.forgotten.append(conversation)

    def answer_now(self, request: int) -> None:
        """Remember the wish; the script goes on."""
        self.hurried.append(request)

    def cancel(self, request: int) -> None:
        """Stop the request before its next piece. Unknown numbers are ignored."""
        with self._lock:
            job = self._open.get(request)
        if job is not None:
            job.cancelled.set()
            self._released.set()

    def unload(self) -> None:
        """Cancel what runs; the engine is STOPPED afterwards."""
        self._cancel_all()
        self._submit(lambda _job: self._move(EngineState.STOPPED))

    def close(self) -> None:
        """Cancel what runs and end the thread."""
        self._cancel_all()
        self._jobs.put(None)
        if threading.current_thread() is not self._thread:
            self._thread.join(5)

    # The thread

    def _submit(self, run: Callable[[_Job], None]) -> int:
        with self._lock:
            self._last_request += 1
            job = _Job(run, self._last_request)
            self._open[job.request] = job
        self._jobs.put(job)
        return job.request

    def _cancel_all(self) -> None:
        with self._lock:
            requests = list(self._open)
        for request in requests:
            self.cancel(request)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job.run(job)
            with self._lock:
                del self._open[job.request]

    def _play(self, job: _Job, turns: tuple[Turn, ...], script: Script) -> None:
        prompt = sum(len(turn.text) for turn in turns)
        self._move(EngineState.GENERATING)
        self._tell(PrefillProgressed(job.request, prompt, prompt))
        told = 0
        due = time.monotonic()
        for kind, text in script.pieces:
            if told == script.hold_after:
                self._hold()
            if script.seconds_per_piece:
                due += script.seconds_per_piece  # no drift: what telling took is waited less
                job.cancelled.wait(max(0.0, due - time.monotonic()))
            if job.cancelled.is_set():
                break
            self._tell(Delta(job.request, kind, text))
            told += 1
        if told == len(script.pieces) == script.hold_after:
            self._hold()
        cancelled = job.cancelled.is_set()
        if script.error is not None and not cancelled:
            if script.engine_alive:
                self._move(EngineState.LOADED)
                self._tell(Failed(job.request, script.error))
            else:
                self._tell(Failed(job.request, script.error, engine_alive=False))
                self._move(EngineState.STARTING)
                self._move(EngineState.LOADED)
            return
        self._move(EngineState.LOADED)
        self._tell(
            Finished(
                job.request,
                StopReason.CANCELLED if cancelled else script.reason,
                Usage(prompt_tokens=prompt, completion_tokens=told),
                Timings(prompt, 1.0, told, 1000.0 * max(script.seconds_per_piece, 0.01) * told),
                context_used=prompt + told,
                dropped_turns=script.dropped_turns,
            )
        )

    def _hold(self) -> None:
        self._released.wait(30)
        self._released.clear()

    def _move(self, state: EngineState) -> None:
        if state is not self.state:
            self.state = state
            self._tell(StateChanged(state))

    def _tell(self, event: EngineEvent) -> None:
        with self._lock:
            listeners = list(self._listeners)
        for listener in listeners:
            listener(event)


def _model(path: Path, options: LoadOptions) -> LoadedModel:
    return LoadedModel(
        path=path,
        architecture="scripted",
        name=path.stem,
        context=options.context or 4096,
        trained_context=32768,
        parameters=1_000_000,
        thinking_switch=True,
        template_note="",
        device="CPU",
        longest_context=32768,
        efforts=EFFORTS,
        tools=True,
        fills="" if "talks" in path.stem else "qwen",
        sees="sees" in path.stem,
        hears="hears" in path.stem,
    )
