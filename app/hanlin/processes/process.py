"""One running child, seen from its parent.

A ChildProcess tells what the child says and, once and last, that it ended. It
restarts nothing and decides nothing: that is the supervisor's work.
"""

import collections
import contextlib
import functools
import logging
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from hanlin.kernel.errors import BugError
from hanlin.kernel.i18n import _
from hanlin.processes.channel import (
    ALIVE,
    PROTOCOL,
    Channel,
    ChannelClosedError,
    ProtocolError,
    Received,
    encode,
)
from hanlin.processes.command import BECOME, ChildCommand
from hanlin.processes.policy import SandboxReport
from hanlin.processes.supervisor import Patience

if sys.platform == "win32":
    from hanlin.processes import windows_job

    _NO_CONSOLE: Final = subprocess.CREATE_NO_WINDOW
else:
    _NO_CONSOLE: Final = 0
if sys.platform == "linux":
    import fcntl

LAST_LINES: Final = 200
_LINE_BYTES: Final = 4096
_DRAIN_SECONDS: Final = 2.0
_MAX_PENDING: Final = 512 * 2**20
_PIPE_BYTES: Final = 2**20
"""What may be on the way at once. With Linux's 64 kB both sides wake up for each of them,
and the state of a conversation, hundreds of megabytes, takes twice as long."""
_PATIENCE: Final = Patience()
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ExitReport:
    """How a child ended.

    ``code`` is the exit status, or None when ``signal`` ended it (POSIX). ``asked``:
    we had asked, told or forced it to. ``fault``: it broke the protocol and was
    killed for it. ``last_lines`` are what it printed last, oldest first: a crash
    explains itself there; never to be logged, they may hold what a person wrote.
    """

    code: int | None
    signal: int | None
    asked: bool
    fault: str
    last_lines: tuple[str, ...]


class ChildProcess:
    """A child process and the threads that listen to it.

    ``on_message`` is called for every message from ``hello`` on, ``on_exit`` once
    after the last of them; both on threads of this object. All methods may be
    called from any thread, ``stop`` and ``wait`` not from inside the callbacks.
    """

    def __init__(
        self,
        command: ChildCommand,
        on_message: Callable[[Received], None],
        on_exit: Callable[[ExitReport], None],
    ) -> None:
        self._command = command
        self._on_message = on_message
        self._on_exit = on_exit
        self._lock = threading.Lock()
        self._started = threading.Event()
        self._greeted = threading.Event()
        self._exited = threading.Event()
        self._outbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._pending = 0
        self._popen: subprocess.Popen[bytes] | None = None
        self._start_error: OSError | None = None
        self._reaped = False
        self._heard = 0
        self._last_sign = 0.0
        self._delivering = False
        self._drained = False
        self._asked = False
        self._fault = ""
        self._lines: collections.deque[str] = collections.deque(maxlen=LAST_LINES)
        self._sandbox: SandboxReport | None = None

    @property
    def pid(self) -> int:
        """The process's number; 0 before ``start``."""
        return self._popen.pid if self._popen is not None else 0

    @property
    def last_sign(self) -> float:
        """When it last said anything, a heartbeat included, as monotonic seconds."""
        return self._last_sign

    @property
    def alive(self) -> bool:
        """Whether it was started and has not been reported as ended."""
        return self._popen is not None and not self._exited.is_set()

    @property
    def sandbox(self) -> SandboxReport | None:
        """What holds in the child; None until it said hello."""
        return self._sandbox

    def start(self) -> None:
        """Start the child, once, and return without waiting for its hello.

        Raises BugError when the system cannot start it.
        """
        # The thread that starts the child is the one that waits for it: Linux sends
        # PR_SET_PDEATHSIG when the starting *thread* ends, not the process.
        self._thread("watcher", self._live).start()
        self._started.wait()
        if self._start_error is not None:
            raise BugError(
                _("A part of the program could not be started"),
                f"{self._command.argv[0]}: {self._start_error.strerror}",
                _("Install the program again; if that does not help, report it."),
            ) from self._start_error

    def send(self, message: Mapping[str, object], payload: bytes = b"") -> None:
        """Queue one message; never blocks. Lost without a word when the child is gone.

        Raises ValueError for a message no channel can carry, and ChannelClosedError
        when the child has left too much unread.
        """
        data = encode(message, payload)
        with self._lock:
            if self._pending + len(data) > _MAX_PENDING:
                raise ChannelClosedError("the child does not read")
            self._pending += len(data)
        self._outbox.put(data)

    def become(self, command: ChildCommand) -> bool:
        """Bind a waiting child with ``command``'s words; False when it cannot become that one."""
        if not self.alive or not self._command.can_become(command):
            return False
        self._command = command
        self.send({"command": BECOME, "arguments": list(command.words)})
        return True

    def shutdown(self) -> None:
        """Ask the child to end; returns at once. The first step of the ladder."""
        self._asked = True
        self._wake()
        with contextlib.suppress(ChannelClosedError):
            self.send({"command": "shutdown"})

    def terminate(self) -> None:
        """Tell the child to end; returns at once. The second step."""
        self._asked = True
        self._signal(force=False)

    def kill(self) -> None:
        """End the child; returns at once, before it is gone. The last step."""
        self._asked = True
        self._signal(force=True)

    def stop(self, patience: Patience = _PATIENCE) -> None:
        """Climb the ladder; returns when the child is gone (about 3 s at most)."""
        if self._popen is None:
            return
        self.shutdown()
        if not self._exited.wait(patience.shutdown):
            self.terminate()
            if not self._exited.wait(patience.terminate):
                self.kill()
                self._exited.wait()

    def wait_hello(self, seconds: float) -> bool:
        """Wait until the child said hello; False when it ended or took longer."""
        return self._greeted.wait(seconds) and self._sandbox is not None

    def wait(self, seconds: float) -> bool:
        """Wait until the child has ended and ``on_exit`` returned; False when it took longer."""
        return self._exited.wait(seconds)

    def _live(self) -> None:
        """Start the child, wait for its end, tell it."""
        try:
            popen = _spawn(self._command)
        except OSError as error:
            self._start_error = error
            self._started.set()
            return
        assert popen.stdin is not None  # noqa: S101 - all three were asked for as pipes
        assert popen.stdout is not None  # noqa: S101
        assert popen.stderr is not None  # noqa: S101
        channel = Channel(os.dup(popen.stdout.fileno()), os.dup(popen.stdin.fileno()))
        for pipe in (popen.stdin, popen.stdout):
            _widen(pipe)
            pipe.close()
        reader = self._thread("reader", lambda: self._read(channel))
        pump = self._thread("stderr", functools.partial(self._pump, popen.stderr))
        writer = self._thread("writer", lambda: self._write(channel))
        self._popen = popen  # before the reader starts, which may have to kill it
        for thread in (reader, pump, writer):
            thread.start()
        self._started.set()
        self._await_death(popen)
        self._outbox.put(None)
        self._drain(reader)
        for thread in (pump, writer):
            thread.join(_DRAIN_SECONDS)
        if not reader.is_alive() and not writer.is_alive():
            channel.close()
        status = popen.returncode
        report = ExitReport(
            code=status if status >= 0 else None,
            signal=-status if status < 0 else None,
            asked=self._asked,
            fault=self._fault,
            last_lines=tuple(self._lines),
        )
        self._greeted.set()
        try:
            self._on_exit(report)
        except Exception:  # noqa: BLE001 - a listener must not keep us from telling the others
            _log.exception("the listener to the end of %s failed", self._command.kind)
        self._exited.set()

    def _drain(self, reader: threading.Thread) -> None:
        """Wait until all is told, but not for a pipe that leaked into a grandchild."""
        heard = -1
        while reader.is_alive() and (self._delivering or self._heard != heard):
            heard = self._heard
            reader.join(_DRAIN_SECONDS)
        self._drained = True

    def _await_death(self, popen: subprocess.Popen[bytes]) -> None:
        if sys.platform == "linux":
            # Leaves a zombie, whose number nobody else can get: see _signal.
            with contextlib.suppress(ChildProcessError):  # somebody else waited for it
                os.waitid(os.P_PID, popen.pid, os.WEXITED | os.WNOWAIT)
            with self._lock:
                self._reaped = True
                popen.wait()
        else:
            popen.wait()
            self._reaped = True

    def _wake(self) -> None:
        """Let a child go on that somebody stopped: it would hear nothing but the last step."""
        if sys.platform == "linux":
            with self._lock:
                if self._popen is not None and not self._reaped:
                    os.kill(self._popen.pid, signal.SIGCONT)
        elif sys.platform != "win32" and self._popen is not None:
            self._popen.send_signal(signal.SIGCONT)

    def _signal(self, *, force: bool) -> None:
        with self._lock:
            if self._popen is None or self._reaped:
                return
            if sys.platform == "linux":
                os.kill(self._popen.pid, signal.SIGKILL if force else signal.SIGTERM)
            elif force:
                self._popen.kill()
            else:
                self._popen.terminate()

    def _read(self, channel: Channel) -> None:
        try:
            self._greet(channel.receive())
            while (received := channel.receive()) is not None:
                self._deliver(received)
        except ProtocolError as error:
            self._fault = str(error)
            self._signal(force=True)
        except ChannelClosedError as error:
            _log.warning("reading from %s: %s", self._command.kind, error)

    def _greet(self, received: Received | None) -> None:
        if received is None:
            return
        message = received.message
        if message.get("event") != "hello" or message.get("protocol") != PROTOCOL:
            raise ProtocolError(f"no hello of version {PROTOCOL}")
        if message.get("kind") != self._command.kind:
            raise ProtocolError("another kind of child answered")
        self._sandbox = SandboxReport.from_message(message.get("sandbox"))
        self._greeted.set()
        self._deliver(received)

    def _deliver(self, received: Received) -> None:
        if self._drained:
            return
        self._last_sign = time.monotonic()
        self._heard += 1
        if received.message.get("event") == ALIVE:
            return
        self._delivering = True
        try:
            self._on_message(received)
        except Exception:  # noqa: BLE001 - a listener must not stop the reading
            _log.exception("the listener to %s failed", self._command.kind)
        finally:
            self._delivering = False

    def _write(self, channel: Channel) -> None:
        try:
            while (data := self._outbox.get()) is not None:
                channel.send_encoded(data)
                with self._lock:
                    self._pending -= len(data)
        except ChannelClosedError:
            return  # its end is told by the watcher

    def _pump(self, pipe: IO[bytes]) -> None:
        with pipe:
            while line := pipe.readline(_LINE_BYTES):
                self._lines.append(line.decode("utf-8", "replace").rstrip())

    def _thread(self, job: str, target: Callable[[], None]) -> threading.Thread:
        # Daemons: a program that ends without stop() must not hang; its children see
        # the pipe close and end by themselves.
        name = f"{self._command.kind}-{job}"
        return threading.Thread(target=target, name=name, daemon=True)


def _widen(pipe: IO[bytes]) -> None:
    if sys.platform == "linux":
        with contextlib.suppress(OSError):  # an ordinary user may have so many wide ones only
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def _spawn(command: ChildCommand) -> subprocess.Popen[bytes]:
    popen = subprocess.Popen(
        command.argv,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(command.environment),
        # ggml and Windows look for libraries in the working folder.
        cwd=Path(command.argv[0]).anchor or None,
        close_fds=True,
        creationflags=_NO_CONSOLE,
        start_new_session=True,  # Ctrl+C in a terminal is for the program, not for its children
    )
    if sys.platform == "win32":
        try:
            windows_job.adopt(popen.pid)
        except OSError:
            popen.kill()  # it would outlive us
            raise
    return popen
