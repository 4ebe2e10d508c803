"""States on their way into and out of the worker: a failure keeps none of their bytes."""

import gc
import weakref
from collections.abc import Callable, Mapping
from unittest.mock import MagicMock, Mock

import pytest

from hanlin.engine.commands import Command, Next, Restore, Snapshot, StatePiece
from hanlin.engine.wire import command_to_wire
from hanlin.engine.worker import __main__ as worker
from hanlin.engine.worker import handlers, states
from hanlin.processes import child
from hanlin.processes.channel import Received


class Played:
    """A session and a channel: a copy of a state can be given out, one cannot be taken in."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.copies: list[weakref.ref[Copy]] = []

    def send(self, message: Mapping[str, object], _payload: bytes = b"") -> None:
        self.said.append(str(message.get("event")))

    def snapshot(self, _conversation: str) -> "Copy":
        copy = Copy()
        self.copies.append(weakref.ref(copy))
        return copy

    def restore(self, _conversation: str, _state: object) -> int:
        raise MemoryError

    @property
    def kept(self) -> int:
        gc.collect()
        return sum(copy() is not None for copy in self.copies)


class Copy:
    """A state that is given out, in pieces of a byte."""

    left = 2

    def next(self) -> bytes:
        self.left -= 1
        return b"x"


@pytest.fixture
def played() -> Played:
    return Played()


@pytest.fixture
def obey(played: Played, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Have commands obeyed by a worker; returns what it said to them."""
    monkeypatch.setattr(handlers, "Asides", Mock())
    monkeypatch.setattr(child, "Heartbeat", MagicMock())
    one = worker.Worker(Mock(send=played.send))
    monkeypatch.setattr(one._handlers, "library", Mock())
    monkeypatch.setattr(one._handlers, "_loaded", lambda: (None, played))
    monkeypatch.setattr(states.Incoming, "state", Mock())

    def obey(*commands: tuple[Command, bytes]) -> list[str]:
        played.said.clear()
        for command, payload in commands:
            one.deliver(Received(command_to_wire(command), payload))
        one.deliver(Received({"command": "shutdown"}, b""))
        one.run()
        return played.said

    return obey


def test_what_could_not_be_taken_in_is_not_kept(obey: Callable[..., list[str]]) -> None:
    said = obey((Restore(1, "c", 2), b""), (StatePiece(1), b"ab"), (StatePiece(1), b"late"))
    assert said == ["Taken", "Refused"]


def test_a_state_that_nobody_fetched_to_its_end_goes_with_the_next(
    obey: Callable[..., list[str]], played: Played
) -> None:
    said = obey((Snapshot(1, "c"), b""), (Snapshot(2, "d"), b""), (Next(2), b""))
    assert said == ["SnapshotPiece"] * 3
    assert played.kept == 0
