"""The engine that the program uses: a worker process, supervised, spoken to from one thread.

All state belongs to that thread; the public methods and the worker's messages
only queue work for it. When to start, kill and restart is the supervisor's
decision, the process and its pipes are ``connection``'s, prompts and their length
``answering``'s, the words for errors ``messages``'.
"""

import contextlib
import itertools
import logging
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from hanlin.domain.attachments import AttachmentKind
from hanlin.domain.filling import Gap, format_called
from hanlin.domain.generation import GenerationOptions, Turn
from hanlin.domain.ids import is_temporary
from hanlin.domain.prompt import Prompt, Segment, TokenTexts
from hanlin.engine import files, messages, protocol
from hanlin.engine.answering import Answers, ahead, nothing_written
from hanlin.engine.base import (
    EngineEvent,
    EngineState,
    Failed,
    Finished,
    Loaded,
    LoadOptions,
    LoadProgressed,
    Looping,
    PrefillProgressed,
    Silent,
    StateChanged,
)
from hanlin.engine.connection import Connection, Heard
from hanlin.engine.keeping import Keeper, States
from hanlin.engine.launching import Launch, launch
from hanlin.engine.leaving import Leaving
from hanlin.engine.listeners import Listeners
from hanlin.engine.loads import RELOAD, Wanted, load_command, loaded_model
from hanlin.engine.prompts import PromptBuilder
from hanlin.engine.protocol import (
    Answered,
    AnswerNow,
    Cancel,
    Count,
    Counted,
    Event,
    Load,
    LoadProgress,
    ModelLoaded,
    Prefill,
    ReadAhead,
    Refused,
    Text,
    TooLong,
    Weigh,
)
from hanlin.engine.showing import Showing, media_of
from hanlin.engine.silence import LOOK_SECONDS, SilenceWatch
from hanlin.engine.spare import SpareTimer
from hanlin.engine.weighing import COUNT_SECONDS, SECONDS, Told, Weighing
from hanlin.kernel.clock import Clock, SystemClock
from hanlin.kernel.errors import HanlinError
from hanlin.processes.policy import SandboxReport
from hanlin.processes.process import ExitReport
from hanlin.processes.supervisor import (
    Action,
    Actions,
    Do,
    End,
    Ending,
    Enter,
    Patience,
    SendCancel,
    SendGenerate,
    SendLoad,
    State,
    Supervisor,
)

_WORKING = (State.LOADING, State.GENERATING, State.BESIDE)
_CLOSE_SECONDS = 15.0
_log = logging.getLogger(__name__)


class EngineClient:
    """Implements ``hanlin.engine.base.Engine``; see there for the contract.

    Owns ``prompts`` and closes it. After ``close`` nothing is told any more.
    """

    def __init__(
        self,
        prompts: PromptBuilder,
        *,
        clock: Clock | None = None,
        patience: Patience | None = None,
        launch_worker: Launch = launch,
        states: States | None = None,
        encoded: States | None = None,
        spare_after: float | None = None,
    ) -> None:
        """``spare_after``: so many quiet seconds after a load the next worker is made ready."""
        self._prompts = prompts
        self._clock = clock or SystemClock()
        self._launch = launch_worker
        self._supervisor: Supervisor[Wanted] = Supervisor(self._clock, patience)
        self._numbers = itertools.count(RELOAD + 1)
        self._listeners = Listeners()
        self._inbox: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._connection = Connection(
            self._inbox.put, Heard(self._greeted, self._hear, self._exited)
        )
        self._send = self._connection.send
        self._answers = Answers(prompts, self._send, self._listeners.tell)
        self._keeper = Keeper(
            states, self._send, self._inbox.put, lambda: next(self._numbers), self._clock
        )
        self._showing = Showing(encoded, self._send, self._inbox.put, lambda: next(self._numbers))
        self._weighing = Weighing(self._send, lambda: next(self._numbers))
        self._leaving = Leaving(self._keeper)
        self._silence = SilenceWatch(self._clock)
        self._spare = SpareTimer(self._clock, spare_after, files.free_memory)
        self._cause: HanlinError | None = None
        self._context = 0
        self._measured: tuple[Wanted | None, int] = (None, 0)
        """What was loaded last, and with how many threads: after a death there is no time."""
        self._closing = False
        self._thread = threading.Thread(target=self._work, name="engine-client", daemon=True)
        self._thread.start()

    @property
    def has_spare(self) -> bool:
        """Whether a process waits to be the next worker; from any thread, for measurements."""
        return self._connection.has_spare

    @property
    def worker_pid(self) -> int:
        """The worker's process number, 0 without one; from any thread, for measurements."""
        return self._connection.pid

    @property
    def sandbox(self) -> SandboxReport | None:
        """What holds in the worker; None until the first one said hello."""
        return self._connection.sandbox

    def subscribe(self, listener: Callable[[EngineEvent], None]) -> Callable[[], None]:
        """Call ``listener`` for every event; return the way to stop it."""
        return self._listeners.add(listener)

    def load(self, path: Path, options: LoadOptions) -> int:
        """Load the model at ``path`` in a fresh worker; return the request's number."""
        request = next(self._numbers)
        wanted = Wanted(path, options)
        self._in_turn(lambda: self._leave(lambda: self._supervisor.load(request, wanted)))
        return request

    def generate(
        self,
        turns: Sequence[Turn],
        options: GenerationOptions,
        conversation: str = "",
        *,
        beside: bool = False,
    ) -> int:
        """Answer the last of ``turns``; return the request's number."""
        asked, name = tuple(turns), "" if beside else conversation
        return self._ask(
            lambda request: self._answers.add(request, asked, options, name, beside=beside)
        )

    def fill(self, gap: Gap, options: GenerationOptions, *, beside: bool = False) -> int:
        """Write what is missing in the gap; return the request's number."""
        return self._ask(
            lambda request: self._answers.add_gap(request, gap, options, beside=beside)
        )

    def _ask(self, add: Callable[[int], None]) -> int:
        """Have the answer that ``add`` takes in; return its number."""
        request = next(self._numbers)

        def begin() -> None:
            if self._closing:
                self._listeners.tell(Failed(request, messages.closed()))
                return
            add(request)
            beside = self._answers.is_beside(request)
            give = self._supervisor.beside if beside else self._supervisor.generate
            self._carry_out(give(request))

        self._in_turn(begin)
        return request

    def weigh(self, kind: AttachmentKind, width: int, height: int = 0) -> int:
        """Return the tokens that a picture or a sound takes; on the caller's thread."""
        told = self._weigh(lambda number: Weigh(number, kind, width, height))
        return sum(self._weighing.wait(told, SECONDS))

    def count(self, segments: Sequence[Segment]) -> tuple[int, ...] | None:
        """Return the tokens of each segment; on the caller's thread."""
        texts = tuple(one.text for one in segments)
        control = tuple(one.control for one in segments)
        told = self._weigh(lambda number: Count(number, texts, control=control))
        return self._weighing.wait(told, COUNT_SECONDS) or None

    def _weigh(self, make: Callable[[int], Weigh | Count]) -> Told:
        told = Told()

        def ask() -> None:
            if self._supervisor.ready:
                self._weighing.ask(told, make)
            else:
                told.set_result(())

        self._inbox.put(ask)
        return told

    def render(self, turns: Sequence[Turn], options: GenerationOptions) -> Prompt:
        """Return the prompt for ``turns``; on the caller's thread."""
        return self._prompts.prompt(turns, options)

    def read_ahead(
        self,
        turns: Sequence[Turn],
        options: GenerationOptions,
        conversation: str = "",
        draft: str = "",
    ) -> None:
        """Read what is certain of the conversation's next prompt, while nobody waits."""

        def read() -> None:
            if self._closing or not self._supervisor.ready:
                return
            request = next(self._numbers)
            if not self._showing.holds(media_of(turns)):
                return
            command = ahead(self._prompts, request, turns, options, conversation, draft)
            if command is not None:
                self._keeper.reads_ahead(request, conversation)
                self._keeper.fetch(conversation, lambda: self._read_ahead(command))

        turns = tuple(turns)
        self._inbox.put(read)

    def forget(self, conversation: str) -> None:
        """Keep nothing of the conversation any more."""
        self._inbox.put(lambda: self._keeper.forget(conversation))

    def answer_now(self, request: int) -> None:
        """End the thought of the answer, now and for the rest of it."""

        def tell() -> None:
            if request in self._answers:
                self._send(AnswerNow(request))

        self._inbox.put(tell)

    def cancel(self, request: int) -> None:
        """Stop the request; climbs the ladder by itself."""

        def stop() -> None:
            self._carry_out(self._supervisor.cancel(request))
            if request == self._supervisor.active:
                self._keeper.hurry()

        self._in_turn(stop)

    def unload(self) -> None:
        """End the worker and free its memory."""
        self._in_turn(lambda: self._leave(self._supervisor.unload))

    def close(self) -> None:
        """End everything; return when no child process is left."""

        def end() -> None:
            if not self._closing:
                self._closing = True
                self._leave(self._supervisor.quit)

        self._inbox.put(end)
        if threading.current_thread() is not self._thread:
            self._thread.join(_CLOSE_SECONDS)

    def _in_turn(self, act: Callable[[], None]) -> None:
        """Queue ``act``, behind a leaving that is under way."""
        self._inbox.put(lambda: self._leaving.then(act))

    # The thread

    def _leave(self, decide: Callable[[], Actions]) -> None:
        """Carry ``decide`` out, which ends the worker, when its states are on the disk."""
        self._leaving.leave(lambda: self._carry_out(decide()), ready=self._supervisor.ready)

    def _work(self) -> None:
        while self._connection.open or not self._closing:
            deadlines = (self._supervisor.deadline, self._keeper.deadline, self._spare.deadline)
            deadline = min((when for when in deadlines if when is not None), default=None)
            wait = None if deadline is None else max(deadline - self._clock.monotonic(), 0.0)
            if self._supervisor.state in _WORKING:
                wait = LOOK_SECONDS if wait is None else min(wait, LOOK_SECONDS)
            try:
                act = self._inbox.get(timeout=wait)
            except queue.Empty:
                act = _nothing
            with self._our_mistakes():
                act()
                self._carry_out(self._supervisor.tick(), messages.hung())
                self._keeper.tick(idle=self._supervisor.ready)
                self._look_for_life()
                self._look_for_spare()
        self._keeper.close()
        self._showing.close()
        self._prompts.close()

    def _look_for_life(self) -> None:
        working = self._supervisor.state in _WORKING
        seconds = self._silence.look(self._connection.last_sign if working else None)
        if seconds is not None:
            self._listeners.tell(Silent(seconds))

    def _look_for_spare(self) -> None:
        if self._closing:
            self._connection.end_spare()
        elif self._spare.due():
            self._connection.keep_spare()

    def _carry_out(self, actions: Actions, cause: HanlinError | None = None) -> None:
        """Do what the supervisor decided; ``cause`` is the error behind it, if there is one."""
        for action in actions:
            self._cause = cause
            with self._our_mistakes():
                self._act(action)

    def _act(self, action: Action) -> None:
        match action:
            case Do():
                self._do(action)
            case Enter(state):
                self._enter(state)
            case SendLoad(request):
                self._send_load(request)
            case SendGenerate(request):
                if self._answers.is_beside(request):
                    self._show(request)
                    return
                conversation = self._answers.conversation_of(request)
                self._keeper.fetch(conversation, partial(self._show, request))
            case SendCancel(request):
                self._answers.cancel(request)
                self._send(Cancel(request))
            case End(request, ending):
                self._end(request, ending)

    @contextlib.contextmanager
    def _our_mistakes(self) -> Iterator[None]:
        """Let a mistake of ours cost the worker, not leave requests without an end."""
        try:
            yield
        except Exception:  # noqa: BLE001 - see above
            _log.exception("the engine's client failed")
            self._connection.end(Do.KILL)

    def _do(self, action: Do) -> None:
        if action is Do.START:
            self._start()
        else:
            self._connection.end(action)

    def _start(self) -> None:
        wanted = self._wanted()
        options = wanted.options
        command = self._launch(
            wanted.path,
            backend=options.backend,
            plain=options.plain,
            projector=options.projector,
        )
        try:
            self._connection.start(command)
        except HanlinError as error:
            cause = error
            self._inbox.put(lambda: self._carry_out(self._supervisor.exited(), cause))
        else:
            self._prompts.prepare()

    def _show(self, request: int) -> None:
        """Begin when the worker holds all that the request shows."""
        name = self._answers.conversation_of(request)

        def begin(error: HanlinError | None) -> None:
            if error is not None and request in self._answers:
                self._finish(Failed(request, error))
            else:
                self._begin(request)

        private = not name or is_temporary(name)
        self._showing.show(self._answers.media_of(request), begin, private=private)

    def _begin(self, request: int) -> None:
        self._finish(self._answers.begin(request, self._context))

    def _read_ahead(self, command: ReadAhead) -> None:
        if self._supervisor.ready:
            self._send(command)

    def _exited(self, report: ExitReport) -> None:
        self._keeper.end()
        self._showing.end()
        self._weighing.end()
        coming = self._supervisor.state in (State.STARTING, State.LOADING)
        cause = messages.died_loading(report) if coming else messages.died(report)
        self._carry_out(self._supervisor.exited(), cause)

    def _enter(self, state: State) -> None:
        self._spare.rests(loaded=state is State.LOADED)
        note = ""
        if self._cause is not None:
            if state is State.DEAD:
                note = messages.dead().message
            elif state is State.STARTING:
                note = messages.restarting(self._cause)
        self._listeners.tell(StateChanged(EngineState(state.value), note))

    # What the worker says

    def _greeted(self) -> None:
        self._carry_out(self._supervisor.greeted())

    def _hear(self, event: Event, payload: bytes) -> None:
        self._supervisor.progressed()
        if self._keeper.hear(event, payload) or self._showing.hear(event, payload):
            return
        if self._weighing.hear(event):
            return
        expected = self._supervisor.active or RELOAD
        ours = event.id == expected or self._supervisor.works_on(event.id)
        if ours and self._supervisor.key is not None:
            self._follow(event)

    def _follow(self, event: Event) -> None:
        match event:
            case LoadProgress(request, fraction):
                if request != RELOAD:
                    self._listeners.tell(LoadProgressed(request, fraction))
            case ModelLoaded():
                self._loaded(event)
            case Prefill(request, done, total):
                self._listeners.tell(PrefillProgressed(request, done, total))
            case Text():
                self._listeners.tell(self._answers.told(event))
            case protocol.Looping(request):
                self._listeners.tell(Looping(request))
            case Answered():
                self._keeper.changed(self._answers.conversation_of(event.id))
                self._finish(self._answers.finished(event))
            case TooLong():
                self._finish(self._answers.too_long(event))
            case Counted():
                self._finish(self._answers.counted(event))
            case Refused():
                self._refused(event)
            case _:  # what the keeper heard, or nobody asked for
                pass

    def _loaded(self, event: ModelLoaded) -> None:
        wanted = self._wanted()
        texts = TokenTexts(event.bos, event.eos, event.control)
        template = self._prompts.open(event.template, texts)
        self._context = event.context
        self._measured = (wanted, event.threads)
        self._answers.fill_format = format_called(event.fills)
        self._keeper.begin(event.fingerprint)
        self._showing.begin(event)
        request = None if event.id == RELOAD else event.id
        actions = self._supervisor.loaded(request)
        # The news comes before an answer that has been waiting for it begins.
        self._carry_out(actions[:1])
        if actions and request is not None:
            model = loaded_model(event, wanted, template)
            self._listeners.tell(Loaded(request, model))
        self._carry_out(actions[1:])

    def _refused(self, event: Refused) -> None:
        _log.warning("the engine refused: %s", event.code)
        error = messages.refused(event.code, event.detail, self._wanted().path)
        if event.id in self._answers:
            self._finish(Failed(event.id, error))
        else:
            self._load_failed(event.id, error)

    # What the worker is told

    def _send_load(self, request: int | None) -> None:
        number = RELOAD if request is None else request
        wanted = self._wanted()
        before, measured = self._measured
        command = load_command(number, wanted, measured if before == wanted else 0)
        if isinstance(command, Load):
            self._send(command)
        else:
            self._load_failed(number, command)

    # Endings

    def _finish(self, end: Finished | Failed | None) -> None:
        """End an answer about which the worker said its last word; None: it goes on."""
        if end is not None:
            self._answers.end(end.request)
            self._carry_out(self._supervisor.finished(end.request))
            self._listeners.tell(end)

    def _load_failed(self, number: int, error: HanlinError) -> None:
        request = None if number == RELOAD else number
        self._carry_out(self._supervisor.load_failed(request), error)
        if request is None:
            self._listeners.tell(StateChanged(EngineState.STOPPED, str(error)))
        else:
            self._listeners.tell(Failed(request, error))

    def _end(self, request: int, ending: Ending) -> None:
        """End a request without a last word of the worker's."""
        wanted_text = self._answers.end(request)
        if ending is Ending.CANCELLED and wanted_text:
            self._listeners.tell(nothing_written(request))
            return
        given_up = self._supervisor.state is State.DEAD
        error = messages.ended(ending, self._cause, given_up=given_up)
        alive = ending not in (Ending.DIED, Ending.HUNG, Ending.DEAD)
        unknown = self._connection.instruction and not alive
        self._listeners.tell(Failed(request, error, engine_alive=alive, instruction=unknown))

    def _wanted(self) -> Wanted:
        wanted = self._supervisor.key
        assert wanted is not None  # noqa: S101 - asked for only while the supervisor has one
        return wanted


def _nothing() -> None:
    """Only the supervisor's deadline is due."""
