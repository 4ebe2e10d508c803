"""The supervisor's decisions: every transition by example, its promises over random histories."""

import random
from collections import Counter

import pytest

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


class Time:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds

    def now_ms(self) -> int:
        return int(self.seconds * 1000)


PATIENCE = Patience()


def history(*steps: str, patience: Patience = PATIENCE) -> tuple[Supervisor[str], Time, Actions]:
    """Return a supervisor after ``steps``, its clock, and the actions of the last step."""
    time = Time()
    supervisor = Supervisor[str](time, patience)
    actions: Actions = ()
    for step in steps:
        actions = perform(supervisor, time, step)
    return supervisor, time, actions


def perform(supervisor: Supervisor[str], time: Time, step: str) -> Actions:
    """Do ``"load 1 a"``, ``"generate 2"``, ``"tick"`` (at the deadline), ``"pass 61"``…"""
    name, *words = step.split()
    if name == "pass":
        time.seconds += float(words[0])
        return ()
    if name == "tick":
        assert supervisor.deadline is not None, "nothing is due"
        time.seconds = supervisor.deadline
    values = [None if word == "-" else int(word) if word.isdigit() else word for word in words]
    actions: Actions | None = getattr(supervisor, name)(*values)
    return actions or ()


LOADING = ("load 1 a", "greeted")
LOADED = (*LOADING, "loaded 1")
GENERATING = (*LOADED, "generate 2")
RELOADING = (*GENERATING, "exited", "greeted")
DEAD = (*RELOADING, "exited")
BESIDE = (*LOADED, "beside 2")

TRANSITIONS: list[tuple[tuple[str, ...], str, tuple[Action, ...]]] = [
    # loading
    ((), "load 1 a", (Enter(State.STARTING), Do.START)),
    (("load 1 a",), "greeted", (Enter(State.LOADING), SendLoad(1))),
    (LOADING, "loaded 1", (Enter(State.LOADED),)),
    (LOADING, "loaded 9", ()),
    (LOADED, "loaded 1", ()),
    (LOADING, "load_failed 1", (Enter(State.STOPPED), Do.KILL)),
    (LOADING, "load_failed 9", ()),
    (LOADED, "load_failed 1", ()),
    ((*LOADING, "load_failed 1"), "exited", ()),
    (
        (*LOADING, "generate 2"),
        "load_failed 1",
        (End(2, Ending.NOT_LOADED), Enter(State.STOPPED), Do.KILL),
    ),
    # another model: the old child goes first
    (LOADED, "load 3 b", (Enter(State.STARTING), Do.KILL)),
    ((*LOADED, "load 3 b"), "greeted", ()),
    ((*LOADED, "load 3 b"), "exited", (Do.START,)),
    ((*LOADED, "load 3 b", "exited"), "greeted", (Enter(State.LOADING), SendLoad(3))),
    (GENERATING, "load 3 b", (End(2, Ending.CANCELLED), Enter(State.STARTING), Do.KILL)),
    (("load 1 a",), "load 3 b", (End(1, Ending.CANCELLED), Do.KILL)),
    ((*LOADED, "load 3 b"), "load 4 c", (End(3, Ending.CANCELLED),)),
    ((*LOADED, "load 3 b", "load 4 c"), "exited", (Do.START,)),
    ((*LOADED, "unload"), "load 3 b", (Enter(State.STARTING), Do.KILL)),
    # answering
    (LOADED, "generate 2", (Enter(State.GENERATING), SendGenerate(2))),
    (GENERATING, "finished 2", (Enter(State.LOADED),)),
    (GENERATING, "finished 9", ()),
    (LOADED, "finished 2", ()),
    (GENERATING, "generate 3", (End(3, Ending.BUSY),)),
    ((), "generate 1", (End(1, Ending.NOT_LOADED),)),
    # one question may wait for the model
    (("load 1 a",), "generate 2", ()),
    (
        (*LOADING, "generate 2"),
        "loaded 1",
        (Enter(State.LOADED), Enter(State.GENERATING), SendGenerate(2)),
    ),
    ((*LOADING, "generate 2"), "generate 3", (End(3, Ending.BUSY),)),
    ((*LOADING, "generate 2"), "cancel 2", (End(2, Ending.CANCELLED),)),
    ((*LOADING, "generate 2", "cancel 2"), "loaded 1", (Enter(State.LOADED),)),
    # the ladder of cancelling
    (GENERATING, "cancel 2", (SendCancel(2),)),
    ((*GENERATING, "cancel 2"), "cancel 2", ()),
    ((*GENERATING, "cancel 2"), "finished 2", (Enter(State.LOADED),)),
    ((*GENERATING, "cancel 2"), "tick", (End(2, Ending.CANCELLED), Enter(State.STARTING), Do.KILL)),
    ((*GENERATING, "cancel 2", "tick"), "exited", (Do.START,)),
    (
        (*GENERATING, "cancel 2", "tick", "exited"),
        "greeted",
        (Enter(State.LOADING), SendLoad(None)),
    ),
    (GENERATING, "cancel 9", ()),
    (LOADED, "cancel 1", ()),
    (("load 1 a",), "cancel 1", (End(1, Ending.CANCELLED), Enter(State.STOPPED), Do.KILL)),
    (("load 1 a", "cancel 1"), "exited", ()),
    (LOADING, "cancel 1", (End(1, Ending.CANCELLED), Enter(State.STOPPED), Do.KILL)),
    ((*LOADING, "cancel 1"), "load_failed 1", ()),
    ((*LOADING, "cancel 1"), "loaded 1", ()),
    (
        (*LOADING, "generate 2"),
        "cancel 1",
        (End(1, Ending.CANCELLED), End(2, Ending.CANCELLED), Enter(State.STOPPED), Do.KILL),
    ),
    # deaths
    (GENERATING, "exited", (End(2, Ending.DIED), Enter(State.STARTING), Do.START)),
    ((*GENERATING, "exited"), "greeted", (Enter(State.LOADING), SendLoad(None))),
    (RELOADING, "loaded -", (Enter(State.LOADED),)),
    (RELOADING, "load_failed -", (Enter(State.STOPPED), Do.KILL)),
    (LOADED, "exited", (Enter(State.STARTING), Do.START)),
    (("load 1 a",), "exited", (End(1, Ending.DIED), Enter(State.STOPPED))),
    (LOADING, "exited", (End(1, Ending.DIED), Enter(State.STOPPED))),
    (
        (*LOADING, "generate 2"),
        "exited",
        (End(1, Ending.DIED), End(2, Ending.DIED), Enter(State.STOPPED)),
    ),
    (RELOADING, "exited", (Enter(State.DEAD),)),
    ((*RELOADING, "pass 3600"), "exited", (Enter(State.DEAD),)),
    (
        (*RELOADING, "loaded -", "generate 3", "pass 60"),
        "exited",
        (End(3, Ending.DIED), Enter(State.DEAD)),
    ),
    (
        (*RELOADING, "loaded -", "generate 3", "pass 61"),
        "exited",
        (End(3, Ending.DIED), Enter(State.STARTING), Do.START),
    ),
    (
        (*RELOADING, "loaded -", "load 3 b", "exited", "greeted", "loaded 3"),
        "exited",
        (Enter(State.STARTING), Do.START),
    ),
    (DEAD, "generate 3", (End(3, Ending.DEAD),)),
    (DEAD, "load 3 a", (Enter(State.STARTING), Do.START)),
    ((*DEAD, "load 3 a", "greeted", "loaded 3"), "exited", (Enter(State.STARTING), Do.START)),
    # hanging
    (("load 1 a",), "tick", (End(1, Ending.HUNG), Enter(State.STOPPED), Do.KILL)),
    (LOADING, "tick", (End(1, Ending.HUNG), Enter(State.STOPPED), Do.KILL)),
    (GENERATING, "tick", (End(2, Ending.HUNG), Enter(State.STARTING), Do.KILL)),
    ((*GENERATING, "tick"), "exited", (Do.START,)),
    (RELOADING, "tick", (Enter(State.DEAD), Do.KILL)),
    ((*RELOADING, "tick"), "exited", ()),
    # what is beside gives way, and keeps nobody waiting
    (LOADED, "beside 2", (Enter(State.BESIDE), SendGenerate(2))),
    (BESIDE, "beside 3", (SendGenerate(3),)),
    (BESIDE, "generate 3", (Enter(State.GENERATING), SendGenerate(3))),
    ((*BESIDE, "generate 3"), "finished 3", (Enter(State.BESIDE),)),
    ((*BESIDE, "generate 3"), "finished 2", ()),
    ((*BESIDE, "generate 3", "finished 2"), "finished 3", (Enter(State.LOADED),)),
    ((*BESIDE, "beside 3"), "finished 2", ()),
    (BESIDE, "finished 2", (Enter(State.LOADED),)),
    (GENERATING, "beside 3", (SendGenerate(3),)),
    (BESIDE, "cancel 2", (SendCancel(2), End(2, Ending.CANCELLED), Enter(State.LOADED))),
    ((*GENERATING, "beside 3"), "cancel 3", (SendCancel(3), End(3, Ending.CANCELLED))),
    ((*BESIDE, "cancel 2"), "finished 2", ()),
    (("load 1 a",), "beside 2", ()),
    (
        ("load 1 a", "beside 2", "generate 3", "greeted"),
        "loaded 1",
        (Enter(State.LOADED), Enter(State.GENERATING), SendGenerate(3), SendGenerate(2)),
    ),
    (("load 1 a", "beside 2"), "cancel 2", (End(2, Ending.CANCELLED),)),
    ((), "beside 1", (End(1, Ending.NOT_LOADED),)),
    (DEAD, "beside 3", (End(3, Ending.DEAD),)),
    ((*LOADED, "quit"), "beside 3", (End(3, Ending.CLOSED),)),
    (BESIDE, "exited", (End(2, Ending.DIED), Enter(State.STARTING), Do.START)),
    (BESIDE, "tick", (End(2, Ending.HUNG), Enter(State.STARTING), Do.KILL)),
    (BESIDE, "unload", (End(2, Ending.CANCELLED), Enter(State.STOPPED), Do.SHUTDOWN)),
    (
        (*GENERATING, "beside 3", "cancel 2"),
        "tick",
        (End(2, Ending.CANCELLED), End(3, Ending.HUNG), Enter(State.STARTING), Do.KILL),
    ),
    # giving the memory back, and quitting
    ((), "unload", ()),
    (LOADED, "unload", (Enter(State.STOPPED), Do.SHUTDOWN)),
    (GENERATING, "unload", (End(2, Ending.CANCELLED), Enter(State.STOPPED), Do.SHUTDOWN)),
    ((*LOADED, "unload"), "unload", ()),
    ((*LOADED, "unload"), "tick", (Do.TERMINATE,)),
    ((*LOADED, "unload", "tick"), "tick", (Do.KILL,)),
    ((*LOADED, "unload", "tick", "tick"), "exited", ()),
    ((*LOADED, "unload"), "exited", ()),
    ((*LOADED, "load 3 b"), "unload", (End(3, Ending.CANCELLED), Enter(State.STOPPED))),
    ((*LOADED, "load 3 b", "unload"), "exited", ()),
    (GENERATING, "quit", (End(2, Ending.CANCELLED), Enter(State.STOPPED), Do.SHUTDOWN)),
    ((*GENERATING, "quit"), "exited", ()),
    ((*LOADED, "quit"), "load 3 a", (End(3, Ending.CLOSED),)),
    ((*LOADED, "quit"), "generate 3", (End(3, Ending.CLOSED),)),
]


@pytest.mark.parametrize(("before", "step", "expected"), TRANSITIONS)
def test_transition(before: tuple[str, ...], step: str, expected: Actions) -> None:
    _, _, actions = history(*before, step)
    assert actions == expected


def test_nothing_is_due_before_its_time() -> None:
    supervisor, time, _ = history(*GENERATING, "cancel 2")
    deadline = supervisor.deadline
    assert deadline == time.seconds + PATIENCE.cancel
    time.seconds = deadline - 0.001
    assert supervisor.tick() == ()
    idle, _, _ = history(*LOADED)
    assert idle.deadline is None
    assert idle.tick() == ()


def test_progress_moves_the_deadline_of_silence_and_no_other() -> None:
    supervisor, time, _ = history(*GENERATING, "pass 200", "progressed")
    assert supervisor.deadline == time.seconds + PATIENCE.silence
    supervisor.cancel(2)
    supervisor.progressed()
    assert supervisor.deadline == time.seconds + PATIENCE.cancel


def test_it_says_what_is_loaded_and_worked_on() -> None:
    supervisor, _, _ = history(*GENERATING)
    assert (supervisor.state, supervisor.key, supervisor.active) == (State.GENERATING, "a", 2)
    supervisor, _, _ = history(*DEAD)
    assert (supervisor.state, supervisor.key, supervisor.active) == (State.DEAD, None, None)


class World:
    """Carries actions out as an owner would, on a child that misbehaves at random."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.time = Time()
        self.supervisor = Supervisor[str](self.time)
        self.child = False
        self.heard = False
        self.work: int | None = None
        self.beside: list[int] = []
        self.given_beside: set[int] = set()
        self.loading = False
        self.quitting = False
        self.killed = False
        self.requests: set[int] = set()
        self.over: Counter[int] = Counter()
        self.sent: Counter[int] = Counter()
        self.state = State.STOPPED
        self.starts_since_wish = 0

    def carry_out(self, actions: Actions) -> None:
        for action in actions:
            match action:
                case Do.START:
                    assert not self.child, "two children"
                    assert not self.quitting, "started after quit"
                    self.child, self.heard, self.work, self.loading = True, False, None, False
                    self.beside.clear()
                    self.killed = False
                    self.starts_since_wish += 1
                case Do.SHUTDOWN | Do.TERMINATE | Do.KILL:
                    assert self.child, "nobody to end"
                    assert not self.killed, "killed twice"
                    self.killed = action is Do.KILL
                case SendLoad(request):
                    assert self.child
                    assert self.heard, "spoke before hello"
                    self.loading = True
                    self._send(request)
                case SendGenerate(request):
                    assert self.child
                    if request in self.given_beside:
                        assert self.state in (State.GENERATING, State.BESIDE)
                        self.beside.append(request)
                        self._note(request)
                    else:
                        assert self.state is State.GENERATING
                        self._send(request)
                case SendCancel(request):
                    assert request in (self.work, *self.beside)
                case End(request, _):
                    self._over(request)
                case Enter(state):
                    assert state is not self.state
                    self.state = state
        assert self.state is self.supervisor.state
        if self.state in (State.LOADING, State.GENERATING, State.BESIDE):
            assert self.child
            assert self.supervisor.deadline is not None, "nothing would end a hang"

    def _send(self, request: int | None) -> None:
        self.work = request
        if request is not None:
            self._note(request)

    def _note(self, request: int) -> None:
        self.sent[request] += 1
        assert self.sent[request] == 1, "a request was repeated"

    def _over(self, request: int) -> None:
        self.over[request] += 1
        assert self.over[request] == 1, "a request ended twice"

    def wish(self) -> None:
        number = len(self.requests) + 1
        match self.random.choice(("load", "generate", "generate", "beside", "cancel", "unload")):
            case "load":
                self.requests.add(number)
                self.starts_since_wish = 0
                self.carry_out(self.supervisor.load(number, self.random.choice("ab")))
            case "generate":
                self.requests.add(number)
                self.carry_out(self.supervisor.generate(number))
            case "beside":
                self.requests.add(number)
                self.given_beside.add(number)
                self.carry_out(self.supervisor.beside(number))
            case "cancel":
                self.carry_out(self.supervisor.cancel(self.random.randint(1, number)))
            case "unload":
                self.carry_out(self.supervisor.unload())

    def child_acts(self) -> None:
        if not self.child:
            return
        if not self.heard:
            self.heard = True
            self.carry_out(self.supervisor.greeted())
        elif self.loading:
            self.loading = False
            request = self.work
            good = self.random.random() < 0.8
            hear = self.supervisor.loaded if good else self.supervisor.load_failed
            actions = hear(request)
            if actions and request is not None:
                self._over(request)
            self.carry_out(actions)
        elif self.beside and self.random.random() < 0.5:
            request = self.beside.pop(0)
            if self.supervisor.works_on(request):
                self._over(request)
            self.carry_out(self.supervisor.finished(request))
        elif self.work is not None:
            request, self.work = self.work, None
            actions = self.supervisor.finished(request)
            if actions:
                self._over(request)
            self.carry_out(actions)

    def child_dies(self) -> None:
        if self.child:
            self.child = False
            self.carry_out(self.supervisor.exited())

    def time_passes(self) -> None:
        self.time.seconds += self.random.choice((0.5, 2, 20, 100, 400))
        self.carry_out(self.supervisor.tick())

    def settle(self) -> None:
        """Quit: every deadline passes and the child dies only when it is killed."""
        self.quitting = True
        self.carry_out(self.supervisor.quit())
        while self.supervisor.deadline is not None:
            self.time.seconds = self.supervisor.deadline
            self.carry_out(self.supervisor.tick())
        if self.child:
            assert self.killed, "a child would be left behind"
            self.child_dies()


@pytest.mark.parametrize("seed", range(200))
def test_promises_hold_over_random_histories(seed: int) -> None:
    world = World(seed)
    for _ in range(300):
        act = world.random.choices(
            (world.wish, world.child_acts, world.child_dies, world.time_passes), (3, 6, 1, 2)
        )[0]
        act()
    world.settle()
    assert not world.child
    assert world.supervisor.state is State.STOPPED
    assert set(world.over) == world.requests, "a request never ended"


def test_a_model_that_always_dies_is_given_up() -> None:
    world = World(0)
    world.requests.add(1)
    world.carry_out(world.supervisor.load(1, "a"))
    world.child_acts()
    world.child_acts()
    for _ in range(100):
        world.child_dies()
        world.child_acts()
    assert world.state in (State.DEAD, State.STOPPED)
    assert world.starts_since_wish <= 2
