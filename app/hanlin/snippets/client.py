"""Runs a snippet in a child of its own, watches it, and gives back what it printed."""

import logging
import os
import queue
import tempfile
import threading
import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from hanlin.kernel.errors import KnownError, from_os_error
from hanlin.kernel.i18n import _
from hanlin.processes import command
from hanlin.processes.caller import START_SECONDS
from hanlin.processes.channel import ChannelClosedError, Received
from hanlin.processes.limits import Limits
from hanlin.processes.policy import Policy
from hanlin.processes.process import ChildProcess, ExitReport
from hanlin.snippets import scratch
from hanlin.snippets.places import OUTPUT

SECONDS: Final = 20.0
"""How long a snippet may take."""
CPU_SECONDS: Final = 10
MEMORY: Final = 512 * 2**20
SHOWN: Final = 100_000
"""Characters of the output that are given back."""
_LOOK_SECONDS: Final = 0.1
_OPEN_FILES: Final = 64
_log = logging.getLogger(__name__)


class Ending(StrEnum):
    """Why a snippet ended."""

    DONE = "done"
    RAISED = "raised"
    """An exception nobody caught, or an exit status; what it says is in the output."""
    TIME = "time"
    SPACE = "space"
    """It wrote more than the scratch folder may hold."""
    DIED = "died"
    """The process ended at once: out of memory, or a crash."""
    STOPPED = "stopped"
    """The person stopped it."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a snippet. ``output`` is what it printed, errors included."""

    ending: Ending
    output: str
    seconds: float


def run(source: str, stopped: threading.Event | None = None, seconds: float = SECONDS) -> Ran:
    """Run ``source`` and return when it has ended; ``stopped`` ends it early.

    Raises KnownError, before anything runs, where the system offers no complete sandbox.
    Nothing of the snippet is left behind, no process and no file.
    """
    try:
        folder = Path(tempfile.mkdtemp(prefix="hanlin-snippet-"))
    except OSError as error:
        raise from_os_error(error, tempfile.gettempdir()) from error
    try:
        return _Run(folder, stopped or threading.Event()).run(source, seconds)
    finally:
        try:
            scratch.remove(folder)
        except OSError as error:
            _log.warning("a snippet's folder is left: %s", error)


class _Run:
    """One snippet from its start to its end."""

    def __init__(self, folder: Path, stopped: threading.Event) -> None:
        self._folder = folder
        self._stopped = stopped
        self._inbox: queue.SimpleQueue[Received | ExitReport] = queue.SimpleQueue()
        limits = Limits(memory=MEMORY, cpu_seconds=CPU_SECONDS, open_files=_OPEN_FILES)
        built = command.build("snippets", Policy(write=(folder,)), limits)
        self._process = ChildProcess(built, self._hear, self._inbox.put)

    def run(self, source: str, seconds: float) -> Ran:
        self._process.start()
        try:
            if not self._process.wait_hello(START_SECONDS):
                raise _no_start()
            report = self._process.sandbox
            if report is None or not report.complete:
                raise _no_sandbox(report.reason if report else "")
            began = time.monotonic()
            try:
                self._process.send(
                    {"command": "run", "id": 1, "folder": str(self._folder)}, source.encode()
                )
            except ChannelClosedError:
                raise _no_start() from None
            ending = self._wait(began + seconds)
            took = time.monotonic() - began
        finally:
            self._process.kill()
            self._process.wait(START_SECONDS)
        return Ran(ending, self._output(), took)

    def _hear(self, received: Received) -> None:
        if received.message.get("event") != "hello":
            self._inbox.put(received)

    def _wait(self, deadline: float) -> Ending:
        while True:
            try:
                received = self._inbox.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                if self._stopped.is_set():
                    return Ending.STOPPED
                if scratch.is_full(self._folder):
                    return Ending.SPACE
                if time.monotonic() > deadline:
                    return Ending.TIME
                continue
            if isinstance(received, ExitReport):
                # The kernel's own end for too much processor time is SIGKILL or SIGXCPU.
                return Ending.TIME if received.signal in _TIME_SIGNALS else Ending.DIED
            answered = received.message.get("event") == "answer"
            fine = answered and received.message.get("raised") is False
            return Ending.DONE if fine else Ending.RAISED

    def _output(self) -> str:
        try:
            # A snippet may put anything in this place: only a file is read, and no link.
            flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
            with os.fdopen(os.open(self._folder / OUTPUT, flags), "rb") as file:
                data = file.read(4 * SHOWN + 1)
        except OSError:
            return ""
        text = data.decode("utf-8", "replace")
        return text if len(text) <= SHOWN else f"{text[:SHOWN]}\n[…]"


_TIME_SIGNALS: Final = (24, 9)


def _no_start() -> KnownError:
    return KnownError(
        _("The code was not run"),
        _("The helper that runs code could not be started."),
        _("Try again; if that does not help, report it."),
    )


def _no_sandbox(reason: str) -> KnownError:
    return KnownError(
        _("The code was not run"),
        _("Code runs only where the system shuts it off from your files and from the network."),
        reason,
    )
