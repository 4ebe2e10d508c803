"""What the client's thread does: decisions are carried out and the worker is followed.

The supervisor decides when a worker is started, killed, started again or given up; this
carries it out, gives the worker its commands, and makes of its words what the subscribers
hear. The process and its pipes are ``connection``'s, prompts and their length
``answering``'s, the words for errors ``messages``'. How requests come in, and the loop of
the thread itself, is ``client``'s.
"""

import contextlib
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from hanlin.domain.filling import format_called
from hanlin.domain.generation import GenerationOptions, Turn
from hanlin.domain.ids import is_temporary
from hanlin.domain.prompt import TokenTexts
from hanlin.engine import events, messages
from hanlin.engine.answering import Answers, ahead, nothing_written
from hanlin.engine.base import (
    UNWRITTEN,
    EngineEvent,
    EngineState,
    Failed,
    Finished,
    Loaded,
    LoadProgressed,
    Looping,
    PrefillProgressed,
    StateChanged,
)
from hanlin.engine.commands import AnswerNow, Cancel, Count, Load, ReadAhead, Split, Weigh
from hanlin.engine.connection import Connection, Heard
from hanlin.engine.events import (
    Answered,
    Counted,
    Event,
    LoadProgress,
    ModelLoaded,
    Prefill,
    Refused,
    Revisited,
    Text,
    TooLong,
)
from hanlin.engine.keeping import Keeper
from hanlin.engine.launching import Launch
from hanlin.engine.leaving import FOR_ANOTHER_SECONDS, FOR_THE_END_SECONDS, Leaving
from hanlin.engine.loads import RELOAD, Wanted, load_command, loaded_model
from hanlin.engine.prompts import PromptBuilder
from hanlin.engine.showing import Showing, media_of
from hanlin.engine.storage import States
from hanlin.engine.weighing import Told, Weighing
from hanlin.kernel.clock import Clock
from hanlin.kernel.errors import HanlinError
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
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outside:
    """What the thread's owner lends to it.

    ``queue`` has something done on the thread later and may be called from any other;
    ``tell`` reaches the subscribers, ``number`` returns one that no request had yet,
    ``rests`` hears whenever a worker has a model and nothing to do, or no longer.
    """

    queue: Callable[[Callable[[], None]], None]
    tell: Callable[[EngineEvent], None]
    number: Callable[[], int]
    launch: Launch
    rests: Callable[[bool], None]


class Running:
    """One worker after the other, and all that is asked of them.

    Belongs to the client's thread, except for what ``connection``, ``weighing`` and
    ``prompts`` allow from others.
    """

    def __init__(
        self,
        prompts: PromptBuilder,
        clock: Clock,
        outside: Outside,
        patience: Patience | None,
        states: States | None,
        encoded: States | None,
    ) -> None:
        self._prompts = prompts
        self._outside = outside
        self._tell = outside.tell
        self._supervisor: Supervisor[Wanted] = Supervisor(clock, patience)
        self.connection = Connection(outside.queue, Heard(self._greeted, self._hear, self._exited))
        """The worker's process."""
        self._send = self.connection.send
        self.answers = Answers(prompts, self._send, outside.tell)
        """The answers that are asked for."""
        number = outside.number
        self._keeper = Keeper(states, self._send, outside.queue, number, clock)
        self._showing = Showing(encoded, self._send, outside.queue, number)
        self.weighing = Weighing(self._send, number)
        """What waits to hear how many tokens something takes."""
        self.leaving = Leaving(self._keeper)
        """The way out of a worker."""
        self._cause: HanlinError | None = None
        self._on_card = False
        self._context = 0
        self._ahead = 0
        """The newest request to read ahead that no question came behind."""
        self._measured: tuple[Wanted | None, int] = (None, 0)
        """What was loaded last, and with how many threads: after a death there is no time."""

    @property
    def working(self) -> bool:
        """Whether the worker should be heard of again and again."""
        return self._supervisor.state in _WORKING

    @property
    def deadlines(self) -> tuple[float | None, ...]:
        """When to call ``tick`` at the latest, on the clock's monotonic scale."""
        return (self._supervisor.deadline, self._keeper.deadline)

    def tick(self) -> None:
        """Do what is due by now."""
        loading = self._supervisor.state is State.LOADING
        cause = messages.hung_loading() if loading else messages.hung()
        self._carry_out(self._supervisor.tick(), cause)
        self._keeper.tick(idle=self._supervisor.ready)

    def close(self) -> None:
        """Close what is kept and the prompts' child; the worker is gone."""
        self._keeper.close()
        self._showing.close()
        self._prompts.close()

    # What is asked for

    def load(self, request: int, wanted: Wanted) -> None:
        """Have the model, in a worker of its own."""
        self._leave(lambda: self._supervisor.load(request, wanted))

    def unload(self) -> None:
        """Have the memory back."""
        self._leave(self._supervisor.unload)

    def quit(self) -> None:
        """End everything; nothing is started any more."""
        self._leave(self._supervisor.quit, FOR_THE_END_SECONDS)

    def answer(self, request: int) -> None:
        """Have the answer that ``answers`` took in as ``request``."""
        beside = self.answers.is_beside(request)
        give = self._supervisor.beside if beside else self._supervisor.generate
        self._ahead = self._ahead if beside else 0
        self._carry_out(give(request))

    def cancel(self, request: int) -> None:
        """Have the request stop."""
        self._carry_out(self._supervisor.cancel(request))
        if request == self._supervisor.active:
            self._keeper.hurry()
            self._finish(self.answers.never_begun(request))  # a picture is still being opened

    def answer_now(self, request: int) -> None:
        """Have the thought of the answer end."""
        if request in self.answers:
            self._send(AnswerNow(request))

    def forget(self, conversation: str) -> None:
        """Keep nothing of the conversation any more."""
        self._keeper.forget(conversation)

    def weigh(self, told: Told, make: Callable[[int], Weigh | Count | Split]) -> None:
        """Have ``told`` hear the answer to what ``make`` asks; none while there is other work."""
        if self._supervisor.ready:
            self.weighing.ask(told, make)
        else:
            told.set_result(None)

    def read_ahead(
        self, turns: Sequence[Turn], options: GenerationOptions, conversation: str, question: Turn
    ) -> None:
        """Have read what is certain of the next prompt, while there is nothing else to do."""
        if not self._supervisor.ready:
            return
        request = self._ahead = self._outside.number()
        said, asked = _shown(turns), _shown([question])

        def begin(error: HanlinError | None) -> None:
            if request != self._ahead or not self._supervisor.ready:
                return
            if error is None:
                command = ahead(self._prompts, request, turns, options, conversation, question)
                if command is not None:
                    # A state that knows what may never be asked is not for the disk.
                    self._keeper.reads_ahead(request, "" if asked else conversation)
                    self._keeper.fetch(conversation, lambda: self._read_ahead(command))
            elif asked:  # what this model cannot take
                self.read_ahead(turns, options, conversation, UNWRITTEN)

        unkept = said | asked if _is_private(conversation) else asked - said
        self._showing.show(media_of([*turns, question]), begin, private=unkept, ahead=True)

    def _leave(self, decide: Callable[[], Actions], seconds: float = FOR_ANOTHER_SECONDS) -> None:
        """Carry ``decide`` out, which ends the worker, when its states are on the disk."""
        ready = self._supervisor.ready
        self.leaving.leave(lambda: self._carry_out(decide()), seconds, ready=ready)

    # What the supervisor decides

    @contextlib.contextmanager
    def our_mistakes(self) -> Iterator[None]:
        """Let a mistake of ours cost the worker, not leave requests without an end."""
        try:
            yield
        except Exception:  # noqa: BLE001 - see above
            _log.exception("the engine's client failed")
            self.connection.end(Do.KILL)

    def _carry_out(self, actions: Actions, cause: HanlinError | None = None) -> None:
        """Do what the supervisor decided; ``cause`` is the error behind it, if there is one."""
        for action in actions:
            self._cause = cause
            with self.our_mistakes():
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
                if self.answers.is_beside(request):
                    self._show(request)
                    return
                conversation = self.answers.conversation_of(request)
                self._keeper.fetch(conversation, partial(self._show, request))
            case SendCancel(request):
                self.answers.cancel(request)
                self._send(Cancel(request))
            case End(request, ending):
                self._end(request, ending)

    def _do(self, action: Do) -> None:
        if action is Do.START:
            self._start()
        else:
            self.connection.end(action)

    def _start(self) -> None:
        wanted = self._wanted()
        options = wanted.options
        self._on_card = options.backend is not None
        command = self._outside.launch(
            wanted.path,
            backend=options.backend,
            plain=options.plain,
            projector=options.projector,
        )
        try:
            self.connection.start(command)
        except HanlinError as error:
            cause = error
            self._outside.queue(lambda: self._carry_out(self._supervisor.exited(), cause))
        else:
            self._prompts.prepare()

    def _show(self, request: int) -> None:
        """Begin when the worker holds all that the request shows."""
        name = self.answers.conversation_of(request)

        def begin(error: HanlinError | None) -> None:
            if error is not None and request in self.answers:
                self._finish(Failed(request, error))
            else:
                self._begin(request)

        media = self.answers.media_of(request)
        if not media and self.answers.is_beside(request):
            self._begin(request)  # what is being opened for a question goes on
            return
        unkept = {each.hash for each in media} if _is_private(name) else set()
        self._showing.show(media, begin, private=unkept)

    def _begin(self, request: int) -> None:
        self._finish(self.answers.begin(request, self._context))

    def _read_ahead(self, command: ReadAhead) -> None:
        if self._supervisor.ready:
            self._send(command)

    def _exited(self, report: ExitReport) -> None:
        self._keeper.end()
        self._showing.end()
        self.weighing.end()
        coming = self._supervisor.state in (State.STARTING, State.LOADING)
        cause = messages.died_loading(report) if coming else messages.died(report)
        self._carry_out(self._supervisor.exited(), cause)

    def _enter(self, state: State) -> None:
        self._outside.rests(state is State.LOADED)
        note = ""
        if self._cause is not None:
            if state is State.DEAD:
                note = messages.dead().message
            elif state is State.STARTING:
                note = messages.restarting(self._cause)
        self._tell(StateChanged(EngineState(state.value), note))

    # What the worker says

    def _greeted(self) -> None:
        self._carry_out(self._supervisor.greeted())

    def _hear(self, event: Event, payload: bytes) -> None:
        self._supervisor.progressed()
        if self._keeper.hear(event, payload) or self._showing.hear(event, payload):
            return
        if self.weighing.hear(event):
            return
        if isinstance(event, Revisited):
            _log.info("ways back into the last question: %d more", event.marks)
            return
        expected = self._supervisor.active or RELOAD
        ours = event.id == expected or self._supervisor.works_on(event.id)
        if ours and self._supervisor.key is not None:
            self._follow(event)

    def _follow(self, event: Event) -> None:
        match event:
            case LoadProgress(request, fraction):
                if request != RELOAD:
                    self._tell(LoadProgressed(request, fraction))
            case ModelLoaded():
                self._loaded(event)
            case Prefill(request, done, total):
                self._tell(PrefillProgressed(request, done, total))
            case Text():
                self._tell(self.answers.told(event))
            case events.Looping(request):
                self._tell(Looping(request))
            case Answered():
                self._keeper.changed(self.answers.conversation_of(event.id))
                self._finish(self.answers.finished(event))
            case TooLong():
                self._finish(self.answers.too_long(event))
            case Counted():
                self._finish(self.answers.counted(event))
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
        self.answers.fill_format = format_called(event.fills)
        self._keeper.begin(event.fingerprint)
        self._showing.begin(event)
        request = None if event.id == RELOAD else event.id
        actions = self._supervisor.loaded(request)
        # The news comes before an answer that has been waiting for it begins.
        self._carry_out(actions[:1])
        if actions and request is not None:
            model = loaded_model(event, wanted, template)
            self._tell(Loaded(request, model))
        self._carry_out(actions[1:])

    def _refused(self, event: Refused) -> None:
        _log.warning("the engine refused: %s", event.code)
        error = messages.refused(event.code, event.detail, self._wanted().path)
        if event.id in self.answers:
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
            self.answers.end(end.request)
            self._carry_out(self._supervisor.finished(end.request))
            self._tell(end)

    def _load_failed(self, number: int, error: HanlinError) -> None:
        request = None if number == RELOAD else number
        self._carry_out(self._supervisor.load_failed(request), error)
        if request is None:
            self._tell(StateChanged(EngineState.STOPPED, str(error)))
        else:
            self._tell(Failed(request, error))

    def _end(self, request: int, ending: Ending) -> None:
        """End a request without a last word of the worker's."""
        wanted_text = self.answers.end(request)
        if ending is Ending.CANCELLED and wanted_text:
            self._tell(nothing_written(request))
            return
        # After a card's failure, who loads takes a safer way: nobody has to choose anything.
        given_up = self._supervisor.state is State.DEAD and not self._on_card
        error = messages.ended(ending, self._cause, given_up=given_up)
        alive = ending not in (Ending.DIED, Ending.HUNG, Ending.DEAD)
        unknown = self.connection.instruction and not alive
        self._tell(Failed(request, error, engine_alive=alive, instruction=unknown))

    def _wanted(self) -> Wanted:
        wanted = self._supervisor.key
        if wanted is None:  # then ``our_mistakes`` costs the worker, not the program
            raise LookupError("the supervisor has no model, and its worker speaks of one")
        return wanted


def _is_private(conversation: str) -> bool:
    """Return whether nothing of the conversation may be kept."""
    return not conversation or is_temporary(conversation)


def _shown(turns: Iterable[Turn]) -> set[str]:
    return {each.hash for each in media_of(turns)}
