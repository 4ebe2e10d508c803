"""The client's connection to its worker process: started, spoken to and listened to.

Everything that is heard goes through the owner's queue and is told on its thread, so
that a worker that talks faster than we listen waits in its pipe. A worker that
talks nonsense is killed and its exit counts as a death. A second process may be kept
waiting, its modules imported and nothing else done, to be the next worker at once; it
is bound by its own sandbox before it reads the model. What the messages mean,
and when a worker is started or ended, belongs to ``client``.
"""

import logging
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from hanlin.engine.commands import Command
from hanlin.engine.events import Event
from hanlin.engine.wire import (
    MalformedMessage,
    command_to_wire,
    event_from_wire,
)
from hanlin.kernel.errors import HanlinError
from hanlin.processes.channel import ChannelClosedError, Received
from hanlin.processes.command import ChildCommand
from hanlin.processes.policy import SandboxReport
from hanlin.processes.process import ChildProcess, ExitReport
from hanlin.processes.supervisor import Do

_MOST_UNREAD: Final = 2000
"""Messages of the worker that may wait for us; then its pipe fills and it waits too."""
_ILLEGAL: Final = signal.SIGILL
_ILLEGAL_ON_WINDOWS: Final = 0xC000001D
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Heard:
    """What the connection calls, on the owner's thread."""

    greeted: Callable[[], None]
    event: Callable[[Event, bytes], None]
    ended: Callable[[ExitReport], None]


class Connection:
    """One worker at a time. ``queue`` puts work on the owner's thread, as all methods are."""

    def __init__(self, queue: Callable[[Callable[[], None]], None], heard: Heard) -> None:
        self._queue = queue
        self._heard = heard
        self._unread = threading.Semaphore(_MOST_UNREAD)
        self._worker: ChildProcess | None = None
        self._command: ChildCommand | None = None
        self._spare: ChildProcess | None = None
        self._begins_as_spare = False
        """Whether the worker was the spare until now, and has not yet said hello."""
        self._nonsense = ""
        self._sandbox: SandboxReport | None = None
        self.instruction = False
        """Whether the last one ended with an instruction that this processor does not know."""

    @property
    def sandbox(self) -> SandboxReport | None:
        """What holds in the worker; None until the first one said hello."""
        return self._sandbox

    @property
    def open(self) -> bool:
        """Whether there is a worker, perhaps on its way out, or a spare one."""
        return self._worker is not None or self._spare is not None

    @property
    def spare_pid(self) -> int:
        """The number of the process that waits to be the next worker; 0 without one."""
        return self._spare.pid if self._spare is not None else 0

    @property
    def pid(self) -> int:
        """The worker's process number; 0 without one."""
        return self._worker.pid if self._worker is not None else 0

    @property
    def last_sign(self) -> float | None:
        """When the worker last said anything, as monotonic seconds; None without one."""
        return self._worker.last_sign if self._worker is not None else None

    def start(self, command: ChildCommand) -> None:
        """Start a worker. Raises HanlinError when the system cannot."""
        self._nonsense = ""
        self.instruction = False
        self._command = command
        self._begins_as_spare = self._spare is not None and self._spare.become(command)
        if self._begins_as_spare:
            self._worker, self._spare = self._spare, None
        else:
            self._worker = self._spawn(command)

    def keep_spare(self) -> None:
        """Have a process wait that can be the next worker, if the system can start one."""
        if self._spare is None and self._command is not None:
            try:
                self._spare = self._spawn(self._command.waiting())
            except HanlinError as error:  # the next worker is started when it is needed
                _log.warning("no spare engine: %s", error)

    def end_spare(self) -> None:
        """Keep none any more."""
        if self._spare is not None:
            self._spare.kill()

    def _spawn(self, command: ChildCommand) -> ChildProcess:
        child = ChildProcess(
            command,
            lambda received: self._receive(child, received),
            lambda report: self._queue(lambda: self._ended(child, report)),
        )
        child.start()
        return child

    def end(self, how: Do) -> None:
        """Ask, tell or force the worker to end."""
        if self._worker is None:
            return
        steps = {
            Do.SHUTDOWN: self._worker.shutdown,
            Do.TERMINATE: self._worker.terminate,
            Do.KILL: self._worker.kill,
        }
        steps[how]()

    def send(self, command: Command, payload: bytes = b"") -> None:
        """Tell the worker; one that cannot be told is killed."""
        if self._worker is None:
            return
        try:
            self._worker.send(command_to_wire(command), payload)
        except (ChannelClosedError, ValueError) as error:  # it does not read, or far too much text
            _log.warning("the engine cannot be told: %s", error)
            self._worker.kill()

    def _receive(self, worker: ChildProcess, received: Received) -> None:
        """Queue a message; on the worker's reader thread, which waits while we are behind."""
        self._unread.acquire()

        def act() -> None:
            self._unread.release()
            if worker is self._worker:
                self._hear(worker, received)

        self._queue(act)

    def _hear(self, worker: ChildProcess, received: Received) -> None:
        if received.message.get("event") == "hello":
            self._begins_as_spare = False
            self._sandbox = worker.sandbox
            self._heard.greeted()
            return
        try:
            event = event_from_wire(received.message)
        except MalformedMessage as error:
            # Nothing it says is to be believed any more.
            self._nonsense = str(error)
            worker.kill()
            return
        self._heard.event(event, received.payload)

    def _ended(self, child: ChildProcess, report: ExitReport) -> None:
        if child is self._spare:
            self._spare = None
            return
        self._worker = None
        if self._begins_as_spare and not report.asked and self._command is not None:
            # It ended while it waited, and no model was to blame: another one, as if without it.
            try:
                self.start(self._command)
            except HanlinError as error:
                _log.warning("the engine cannot be started: %s", error)
            else:
                return
        self.instruction = report.signal == _ILLEGAL or report.code == _ILLEGAL_ON_WINDOWS
        report = replace(report, fault=report.fault or self._nonsense)
        if not report.asked or report.fault:
            _log.warning("the engine ended: code %s, signal %s", report.code, report.signal)
        self._heard.ended(report)
