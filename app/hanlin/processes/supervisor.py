"""When a child that carries a model is started, cancelled, killed, started again or given up.

Pure decisions: what happened goes in by a method call, what is to be done comes
out as values, and time is asked of an injected clock. Whoever owns a Supervisor
carries the actions out, in order, and calls ``tick`` when ``deadline`` is due.
Processes, pipes and words for people do not belong here.

Promises, each tested over random histories: there is never more than one child;
every request ends exactly once, also those beside, which give way to all others; no
request reaches a child twice, so none that killed a child is repeated; a death we
caused is never taken for a crash; after ``quit`` nothing starts.
"""

from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import Generic, TypeVar

from hanlin.kernel.clock import Clock

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long we wait, in seconds.

    ``start``: from the start to hello. ``silence``: while it loads or answers without
    any sign of progress. ``cancel``: from the wish to stop to the kill. ``shutdown``:
    for a child that was asked to end, ``terminate``: for one that was told to.
    ``memory``: for so long a death counts against the same model.
    """

    start: float = 20.0
    silence: float = 300.0
    cancel: float = 3.0
    shutdown: float = 2.0
    terminate: float = 1.0
    memory: float = 60.0


class State(StrEnum):
    """What the child is doing, or why there is none."""

    STOPPED = "stopped"
    STARTING = "starting"
    LOADING = "loading"
    LOADED = "loaded"
    GENERATING = "generating"
    BESIDE = "beside"
    """It works on nothing but what gives way: a request is taken as in LOADED."""
    DEAD = "dead"
    """It died again soon after a restart: a person decides what happens next."""


class Ending(Enum):
    """Why a request ended without a word of the child's own."""

    DIED = auto()
    HUNG = auto()
    CANCELLED = auto()
    NOT_LOADED = auto()
    BUSY = auto()
    DEAD = auto()
    CLOSED = auto()


class Do(Enum):
    """Something to do to the child."""

    START = auto()
    """Start a fresh one for ``Supervisor.key``; the one before is certainly gone."""
    SHUTDOWN = auto()
    TERMINATE = auto()
    KILL = auto()


@dataclass(frozen=True, slots=True)
class Enter:
    """Tell the world of a new state."""

    state: State


@dataclass(frozen=True, slots=True)
class SendLoad:
    """Have the child load ``Supervisor.key``; no request stands behind a reload of our own."""

    request: int | None


@dataclass(frozen=True, slots=True)
class SendGenerate:
    """Give the child the request."""

    request: int


@dataclass(frozen=True, slots=True)
class SendCancel:
    """Ask the child to stop working on the request."""

    request: int


@dataclass(frozen=True, slots=True)
class End:
    """Tell the world that the request is over."""

    request: int
    ending: Ending


Action = Do | Enter | SendLoad | SendGenerate | SendCancel | End
Actions = tuple[Action, ...]


class _Step(Enum):
    """What is due at the deadline."""

    NOTHING = auto()
    START = auto()
    SILENCE = auto()
    CANCEL = auto()
    SHUTDOWN = auto()
    TERMINATE = auto()


_READY = (State.LOADED, State.BESIDE)
_NOTHING_DUE = (_Step.NOTHING, None)


class _Child(Enum):
    """What we know of the child."""

    NONE = auto()
    ALIVE = auto()
    ENDING = auto()
    """It was asked or told to end."""
    KILLED = auto()


class Supervisor(Generic[Key]):
    """The decisions for one child at a time; not thread-safe, its owner locks.

    ``Key`` says which model, and two keys are equal when it is the same one.
    """

    def __init__(self, clock: Clock, patience: Patience | None = None) -> None:
        self._clock = clock
        self._patience = patience or Patience()
        self._state = State.STOPPED
        self._child = _Child.NONE
        self._key: Key | None = None
        self._active: int | None = None
        self._waiting: int | None = None
        self._beside: list[int] = []
        self._waiting_beside: list[int] = []
        self._reloading = False
        self._last_death: tuple[Key | None, float] | None = None
        self._step = _Step.NOTHING
        self._deadline: float | None = None
        self._closed = False

    @property
    def state(self) -> State:
        """What the child is doing, or why there is none."""
        return self._state

    @property
    def key(self) -> Key | None:
        """The model that is or shall be loaded; None when none shall."""
        return self._key

    @property
    def active(self) -> int | None:
        """The request the child works on; others may wait beside it."""
        return self._active

    @property
    def ready(self) -> bool:
        """Whether a request would be given to the child at once."""
        return self._state in _READY

    def works_on(self, request: int) -> bool:
        """Whether the child has the request; whatever it says of another one is void."""
        return request == self._active or request in self._beside

    @property
    def deadline(self) -> float | None:
        """When to call ``tick``, on the clock's monotonic scale."""
        return self._deadline

    def load(self, request: int, key: Key) -> Actions:
        """Have the model: end what runs and start afresh."""
        if self._closed:
            return (End(request, Ending.CLOSED),)
        ended = self._end_requests(Ending.CANCELLED)
        self._key = key
        self._active = request
        self._reloading = False
        self._last_death = None  # a person decided anew
        return (*ended, *self._enter(State.STARTING), *self._kill(), *self._start())

    def generate(self, request: int) -> Actions:
        """Have an answer; one request may wait for a model that is still coming."""
        if self._closed:
            return (End(request, Ending.CLOSED),)
        if self._state in _READY:
            return self._give(request)
        if self._state in (State.STARTING, State.LOADING) and self._waiting is None:
            self._waiting = request
            return ()
        refusal = {State.STOPPED: Ending.NOT_LOADED, State.DEAD: Ending.DEAD}
        return (End(request, refusal.get(self._state, Ending.BUSY)),)

    def beside(self, request: int) -> Actions:
        """Have an answer that gives way to all others; any number may wait for each other."""
        if self._closed:
            return (End(request, Ending.CLOSED),)
        if self._state in (State.STARTING, State.LOADING):
            self._waiting_beside.append(request)
            return ()
        if self._state in (State.STOPPED, State.DEAD):
            dead = self._state is State.DEAD
            return (End(request, Ending.DEAD if dead else Ending.NOT_LOADED),)
        self._beside.append(request)
        return (*self._rest(), SendGenerate(request))

    def cancel(self, request: int) -> Actions:
        """Have the request stop; unknown and finished ones are ignored.

        One beside is over at once: the child may come back to it only much later.
        """
        if request in self._waiting_beside:
            self._waiting_beside.remove(request)
            return (End(request, Ending.CANCELLED),)
        if request in self._beside:
            self._beside.remove(request)
            return (SendCancel(request), End(request, Ending.CANCELLED), *self._rest())
        if request == self._waiting:
            self._waiting = None
            return (End(request, Ending.CANCELLED),)
        if request != self._active or self._step is _Step.CANCEL:
            return ()
        if self._state in (State.STARTING, State.LOADING):  # it has nothing worth waiting for
            return (*self._end_requests(Ending.CANCELLED), *self._give_up(State.STOPPED))
        self._expect(_Step.CANCEL, self._patience.cancel)
        return (SendCancel(request),)

    def unload(self) -> Actions:
        """Have the memory back."""
        ended = self._end_requests(Ending.CANCELLED)
        self._key = None
        asked: Actions = ()
        if self._child is _Child.ALIVE:
            self._child = _Child.ENDING
            self._expect(_Step.SHUTDOWN, self._patience.shutdown)
            asked = (Do.SHUTDOWN,)
        return (*ended, *self._enter(State.STOPPED), *asked)

    def quit(self) -> Actions:
        """End everything; nothing is started any more."""
        self._closed = True
        return self.unload()

    def greeted(self) -> Actions:
        """Hear that the child said hello."""
        if self._child is not _Child.ALIVE or self._state is not State.STARTING:
            return ()
        self._expect(_Step.SILENCE, self._patience.silence)
        return (*self._enter(State.LOADING), SendLoad(self._active))

    def progressed(self) -> None:
        """Hear that the child still works on the request."""
        if self._step is _Step.SILENCE:
            self._expect(_Step.SILENCE, self._patience.silence)

    def loaded(self, request: int | None) -> Actions:
        """Hear that the model is there; void when no actions come back."""
        if self._state is not State.LOADING or request != self._active:
            return ()
        self._active = None
        self._reloading = False
        self._expect(_Step.NOTHING)
        waiting, self._waiting = self._waiting, None
        beside, self._waiting_beside = self._waiting_beside, []
        entered = self._enter(State.LOADED)
        given = () if waiting is None else self._give(waiting)
        return (*entered, *given, *(action for each in beside for action in self.beside(each)))

    def load_failed(self, request: int | None) -> Actions:
        """Hear that the model cannot be loaded, so the child is of no more use."""
        if self._state is not State.LOADING or request != self._active:
            return ()
        self._active = None
        return (*self._end_requests(Ending.NOT_LOADED), *self._give_up(State.STOPPED))

    def finished(self, request: int) -> Actions:
        """Hear that the answer ended, well or not, and the child is ready for the next."""
        if request in self._beside:
            self._beside.remove(request)
            return self._rest()
        if self._state is not State.GENERATING or request != self._active:
            return ()
        self._active = None
        return self._rest()

    def exited(self) -> Actions:
        """Hear that the child is gone, or could not be started."""
        expected = self._child is not _Child.ALIVE
        self._child = _Child.NONE
        self._expect(_Step.NOTHING)
        died = () if expected else self._died(Ending.DIED)
        return (*died, *self._start())

    def tick(self) -> Actions:
        """Do what is due by now."""
        if self._deadline is None or self._clock.monotonic() < self._deadline:
            return ()
        match self._step:
            case _Step.CANCEL:
                return self._cancel_by_force()
            case _Step.SHUTDOWN:
                self._expect(_Step.TERMINATE, self._patience.terminate)
                return (Do.TERMINATE,)
            case _Step.TERMINATE:
                return self._kill()
            case _:  # START and SILENCE: it hangs
                return (*self._died(Ending.HUNG), *self._kill())

    def _cancel_by_force(self) -> Actions:
        ended = self._end_requests(Ending.CANCELLED, Ending.HUNG)
        self._reloading = True
        return (*ended, *self._enter(State.STARTING), *self._kill())

    def _died(self, ending: Ending) -> Actions:
        """Decide what follows a death that was not our wish; it may still have to be killed."""
        ended = self._end_requests(ending)
        now = self._clock.monotonic()
        coming = self._state in (State.STARTING, State.LOADING)
        again = self._reloading or (
            self._last_death is not None
            and self._last_death[0] == self._key
            and now - self._last_death[1] <= self._patience.memory
        )
        self._last_death = (self._key, now)
        if again:
            return (*ended, *self._give_up(State.DEAD))
        if coming:  # loading it was the request that killed
            return (*ended, *self._give_up(State.STOPPED))
        self._reloading = True
        return (*ended, *self._enter(State.STARTING))

    def _give_up(self, state: State) -> Actions:
        self._key = None
        self._reloading = False
        return (*self._enter(state), *self._kill())

    def _give(self, request: int) -> Actions:
        self._active = request
        self._expect(_Step.SILENCE, self._patience.silence)
        return (*self._enter(State.GENERATING), SendGenerate(request))

    def _start(self) -> Actions:
        if self._child is not _Child.NONE or self._key is None:
            return ()
        self._child = _Child.ALIVE
        self._expect(_Step.START, self._patience.start)
        return (Do.START,)

    def _kill(self) -> Actions:
        if self._child in (_Child.NONE, _Child.KILLED):
            return ()
        self._child = _Child.KILLED
        self._expect(_Step.NOTHING)
        return (Do.KILL,)

    def _rest(self) -> Actions:
        """Enter the state of a child that has no more than what is beside."""
        if self._active is not None:
            return ()
        self._expect(*((_Step.SILENCE, self._patience.silence) if self._beside else _NOTHING_DUE))
        return self._enter(State.BESIDE if self._beside else State.LOADED)

    def _end_requests(self, ending: Ending, beside: Ending | None = None) -> Actions:
        """End them all; those ``beside`` perhaps for another reason."""
        requests = [each for each in (self._active, self._waiting) if each is not None]
        others = [*self._beside, *self._waiting_beside]
        self._active = self._waiting = None
        self._beside, self._waiting_beside = [], []
        ended = [End(each, ending) for each in requests]
        return (*ended, *(End(each, beside or ending) for each in others))

    def _enter(self, state: State) -> Actions:
        if state is self._state:
            return ()
        self._state = state
        return (Enter(state),)

    def _expect(self, step: _Step, seconds: float | None = None) -> None:
        self._step = step
        self._deadline = None if seconds is None else self._clock.monotonic() + seconds
