"""Asking a child one question at a time: for children that only answer (child.serve).

The child is started when the first question comes, killed when it is late, and
started again for the next one. A question is never asked twice by itself.
"""

import itertools
import queue
import signal
import threading
import time
import weakref
from collections.abc import Mapping, Sequence
from typing import Final

from hanlin.processes.channel import Received
from hanlin.processes.command import ChildCommand
from hanlin.processes.policy import SandboxReport
from hanlin.processes.process import ChildProcess, ExitReport

START_SECONDS: Final = 20.0
"""How long a child may take from its start to its hello, which no question's deadline pays for."""
_LAST_SECONDS: Final = 1.5
"""What a child that only answers gets when the whole program ends."""
_KILLED: Final = getattr(signal, "SIGKILL", None)


_MOST_UNREAD: Final = 8
"""A question has one answer; a child that says more and more is broken into, and is ended."""


class CallError(Exception):
    """A question got no answer."""


class CallTimedOutError(CallError):
    """No answer came in time; the child was killed."""


class CallerDiedError(CallError):
    """The child ended instead of answering."""

    def __init__(self, report: ExitReport) -> None:
        super().__init__(report.fault or f"exit {report.code}, signal {report.signal}")
        self.report = report

    @property
    def interrupted(self) -> bool:
        """Whether the system or a person ended it: nothing that it was asked can do that."""
        return not self.report.fault and _KILLED is not None and self.report.signal == _KILLED


class CallFailedError(CallError):
    """The child answered that it could not: ``error`` is the exception's class there."""

    def __init__(self, error: str, detail: str) -> None:
        super().__init__(f"{error}: {detail}")
        self.error = error
        self.detail = detail


class Caller:
    """The children of one command, of which at most one lives at a time.

    All methods may be called from any thread; questions wait for each other.
    """

    def __init__(self, command: ChildCommand) -> None:
        self._command = command
        self._asking = threading.Lock()
        self._child: _Answering | None = None
        self._numbers = itertools.count(1)
        self._closed = False

    def call(
        self, message: Mapping[str, object], payload: bytes = b"", *, seconds: float
    ) -> Received:
        """Return the answer's fields and payload; ``seconds`` run from the child's hello on.

        Raises CallTimedOutError, CallerDiedError, CallFailedError, and BugError when
        the child cannot even be started.
        """
        with self._asking:
            if self._closed:
                raise CallError("closed")
            child = self._living()
            number = next(self._numbers)
            child.process.send({**message, "id": number}, payload)
            try:
                received = child.inbox.get(timeout=seconds)
            except queue.Empty:
                self._drop(child)
                raise CallTimedOutError(f"no answer within {seconds} s") from None
            if isinstance(received, ExitReport):
                self._child = None
                raise CallerDiedError(received)
            answer = received.message
            if answer.get("id") != number or answer.get("event") not in ("answer", "error"):
                self._drop(child)
                raise CallError(f"the child said {answer.get('event')!r} instead of answering")
        if answer["event"] == "error":
            raise CallFailedError(str(answer.get("error")), str(answer.get("detail")))
        return received

    def prepare(self) -> None:
        """Start the child if none lives; returns before its hello. Raises BugError as ``call``."""
        with self._asking:
            if not self._closed:
                self._started()

    def sandbox(self) -> SandboxReport:
        """Return what holds in the child, starting it if need be. Raises as ``call`` does."""
        with self._asking:
            report = self._living().process.sandbox
        assert report is not None  # noqa: S101 - _living waited for the hello
        return report

    def close(self) -> None:
        """End the child and refuse further questions; waits for the one being asked."""
        with self._asking:
            self._closed = True
            if self._child is not None:
                self._child.process.stop()
                self._child = None

    def _started(self) -> "_Answering":
        if self._child is None or not self._child.process.alive:
            self._child = _Answering(self._command)
            self._child.process.start()
        return self._child

    def _living(self) -> "_Answering":
        child = self._started()
        if not child.process.wait_hello(START_SECONDS):
            self._drop(child)
            raise CallerDiedError(child.end())
        return child

    def _drop(self, child: "_Answering") -> None:
        self._child = None
        child.process.kill()
        child.process.wait(START_SECONDS)


class _Answering:
    """One child and what it said since the last question."""

    def __init__(self, command: ChildCommand) -> None:
        self.inbox: queue.SimpleQueue[Received | ExitReport] = queue.SimpleQueue()
        self.process = ChildProcess(command, self._hear, self.inbox.put)
        with _lock:
            _answering.add(self)

    def _hear(self, received: Received) -> None:
        if received.message.get("event") == "hello":
            return
        if self.inbox.qsize() >= _MOST_UNREAD:
            self.process.kill()
            return
        self.inbox.put(received)

    def end(self) -> ExitReport:
        """Return how it ended; only for a child that has ended."""
        while True:
            if isinstance(last := self.inbox.get_nowait(), ExitReport):
                return last


_lock: Final = threading.Lock()
_answering: Final[weakref.WeakSet[_Answering]] = weakref.WeakSet()


def end_all() -> threading.Thread:
    """Have every child that only answers end, because the whole program does.

    Their owners close them one after the other, and some wait for an answer first: a few
    children that hear nothing would hold up a closed program for a quarter of a minute. Nothing
    is kept in these. Returns at once, with the thread that sees to it.
    """
    with _lock:
        children = [child.process for child in _answering if child.process.alive]
    for child in children:
        child.shutdown()
    ending = threading.Thread(target=_kill_late, args=(children,), name="last call", daemon=True)
    ending.start()
    return ending


def _kill_late(children: Sequence[ChildProcess]) -> None:
    until = time.monotonic() + _LAST_SECONDS
    for child in children:
        if not child.wait(max(0.0, until - time.monotonic())):
            child.kill()
