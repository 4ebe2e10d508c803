"""An answer's tokens are read on a thread of their own, in order, and none is lost."""

import threading
from collections import deque
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import cast

import pytest

from hanlin.domain.conversation import PartKind
from hanlin.engine.worker.aside import Aside
from hanlin.engine.worker.outlet import Outlet
from hanlin.engine.worker.stream import AnswerParser, Piece
from hanlin_fakes.waiting import until

WORDS = {1: "你".encode(), 2: b" good", 3: "好".encode()[:2], 4: "好".encode()[2:], 5: b"STOP"}
ASIDE = Aside()


class Told:
    """What the outlet told, and on which threads."""

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self.loops = 0
        self.threads: set[int] = set()

    def outlet(self, *, stop: tuple[str, ...] = ()) -> Outlet:
        self.parser = AnswerParser(None, stop)
        return Outlet(self.parser, WORDS.__getitem__, self.wrote, self.looping, ASIDE)

    def wrote(self, pieces: list[Piece]) -> None:
        self.threads.add(threading.get_ident())
        self.pieces += pieces

    def looping(self) -> None:
        self.loops += 1

    def is_told(self, text: str) -> bool:
        return self.text == text

    @property
    def text(self) -> str:
        assert {kind for kind, _ in self.pieces} <= {PartKind.TEXT}
        return "".join(text for _, text in self.pieces)


def test_everything_is_told_in_order_on_another_thread() -> None:
    told = Told()
    with told.outlet() as outlet:
        for token in (1, 2, 3, 4) * 50:
            outlet.put(token)
    assert told.text == outlet.text == "你 good好" * 50
    assert threading.get_ident() not in told.threads


def test_half_a_character_at_the_end_is_told_as_a_mark() -> None:
    told = Told()
    with told.outlet() as outlet:
        outlet.put(1)
        outlet.put(3)
    assert told.text == "你\ufffd"


ODD = "a😀中\u202eb\u0301👩‍🚀𠮷🇨🇳 end"
"""Characters of one to four bytes, some of several code points."""


@pytest.mark.parametrize("cut", range(1, len(ODD.encode())))
def test_a_character_is_whole_wherever_its_bytes_are_cut(cut: int) -> None:
    """At one place, and into pieces as long as its beginning."""
    data = ODD.encode()
    for tokens in ([data[:cut], data[cut:]], [data[n : n + cut] for n in range(0, len(data), cut)]):
        told = Told()
        parser = AnswerParser(None, ())
        with Outlet(parser, tokens.__getitem__, told.wrote, told.looping, ASIDE) as outlet:
            for number in range(len(tokens)):
                outlet.put(number)
        assert told.text == outlet.text == ODD
        assert all("\ufffd" not in text for _kind, text in told.pieces)


def test_a_stop_is_known_when_it_has_caught_up() -> None:
    told = Told()
    known = []
    with told.outlet(stop=("STOP",)) as outlet:
        for token in (1, 5, 2):
            outlet.put(token)
            outlet.catch_up()
            known.append(told.parser.stopped)
    assert known == [False, True, True]
    assert told.text == "你"


def test_text_is_told_while_the_next_token_is_still_being_computed() -> None:
    told = Told()
    with told.outlet() as outlet:
        for token, text in ((1, "你"), (2, "你 good"), (3, "你 good"), (4, "你 good好")):
            outlet.put(token)
            until(partial(told.is_told, text))
    assert outlet.tokens == [1, 2, 3, 4]


class Turned:
    """An outlet's bell, thread and clock, turned by hand: time passes only while it rests.

    A token is written every ``every`` milliseconds; ``rung``: somebody waits for each of them.
    """

    def __init__(self, every: float, *, rung: bool) -> None:
        self.arrivals = [every * number for number in range(1, 51)]
        self.told: list[tuple[float, int]] = []
        """When something was told, and how many tokens were by then."""
        self._coming = deque(self.arrivals)
        self._rung = rung
        self._milliseconds = 0.0
        told, aside = self.wrote, cast("Aside", self)
        self.outlet = Outlet(
            AnswerParser(None, ()), lambda _token: b"x", told, lambda: None, aside, self.now
        )

    # As the bell

    def acquire(self, timeout: float) -> None:
        end = self._milliseconds + 1000 * timeout
        while self._coming and self._coming[0] <= end:
            self._milliseconds = self._coming.popleft()
            self.outlet.tokens.append(1)
            if self._rung or len(self.outlet.tokens) == 1:
                return
        self._milliseconds = end
        if not self._coming:
            self.outlet.__exit__()

    def locked(self) -> bool:
        return False

    # As the thread

    def begin(self, job: Callable[[], None]) -> None:
        job()

    def wait(self) -> None: ...

    def now(self) -> float:
        return self._milliseconds / 1000

    def wrote(self, pieces: list[Piece]) -> None:
        before = self.told[-1][1] if self.told else 0
        self.told.append((self._milliseconds, before + sum(len(text) for _, text in pieces)))


@pytest.mark.parametrize("rung", [False, True])
@pytest.mark.parametrize("every", [0.9, 4.7, 14.9, 19.1, 90.0])
def test_the_first_word_is_told_at_once_and_the_others_together(
    monkeypatch: pytest.MonkeyPatch, every: float, *, rung: bool
) -> None:
    turned = Turned(every, rung=rung)
    monkeypatch.setattr(turned.outlet, "_bell", turned)
    with turned.outlet:
        pass
    assert turned.told[0] == (turned.arrivals[0], 1)
    assert turned.told[-1][1] == len(turned.arrivals)
    times = [at for at, _ in turned.told[:-1]]
    gaps = [after - before for before, after in pairwise(times)]
    assert min(gaps) > 16
    assert max(gaps) < max(33, 1.3 * every)


@pytest.mark.parametrize("stop", [(), ("STOP",)])
def test_what_can_no_longer_change_need_not_be_caught_up_with(stop: tuple[str, ...]) -> None:
    told = Told()
    known = []
    with told.outlet(stop=stop) as outlet:
        known.append(told.parser.settled)
        outlet.put(1)
        outlet.catch_up()
        known.append(told.parser.settled)
    assert known == [False, not stop]


def test_a_circle_is_told_once() -> None:
    told = Told()
    with told.outlet() as outlet:
        for _ in range(400):
            outlet.put(1)
    assert told.loops == 1


def put(outlet: Outlet, tokens: tuple[int, ...], *, catch_up: bool) -> None:
    with outlet:
        outlet.put(tokens[0])
        outlet.catch_up()
        for token in tokens[1:]:
            outlet.put(token)
        if catch_up:
            outlet.catch_up()
            pytest.fail("the failure was not raised")


@pytest.mark.parametrize("catch_up", [True, False])
def test_a_failure_is_raised_where_the_answer_is_written(*, catch_up: bool) -> None:
    told = Told()
    with pytest.raises(KeyError):
        put(told.outlet(), (1, 99, 2), catch_up=catch_up)
    assert told.text == "你"
    assert not ASIDE.busy
    with told.outlet() as outlet:  # whose thread goes on
        outlet.put(2)
    assert told.text == "你 good"
