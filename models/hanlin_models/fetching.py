"""The way to the fetcher: starting it for one job, hearing it out, keeping the record.

Nothing in the program reaches the network but through here, and every job stands for
something a person asked for. What a job is about is the caller's business.
"""

import logging
import threading
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

import hanlin_models
from hanlin.domain.downloads import Cause
from hanlin.kernel.errors import HanlinError, from_os_error
from hanlin.processes import command
from hanlin.processes.channel import Message, Received
from hanlin.processes.command import ChildCommand
from hanlin.processes.limits import Limits
from hanlin.processes.policy import Policy
from hanlin.processes.process import ChildProcess, ExitReport
from hanlin_models import causes
from hanlin_models.connections_log import ConnectionsLog
from hanlin_models.orders import Network

_MEMORY: Final = 2 * 2**30
_STOP_SECONDS: Final = 5.0
_LAST_LINES: Final = 5
_log = logging.getLogger(__name__)
SWITCHES: Final = {
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",
    "HF_HUB_DISABLE_XET": "1",
    "HF_HUB_DISABLE_UPDATE_CHECK": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
}
"""What keeps the Hub's client from asking anything that nobody asked for."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a job ended: ``answer`` when it was done, else a cause; NONE when it was stopped."""

    answer: Message | None = None
    cause: Cause = Cause.NONE
    detail: str = ""
    wait: float = 0.0
    """Seconds that the server wants to be left in peace."""

    @property
    def error(self) -> HanlinError | None:
        """Return what to show, None when it was done or stopped."""
        return (
            None
            if self.cause is Cause.NONE
            else causes.error(self.cause, self.detail, wait=self.wait)
        )


class Job:
    """One job in a fetcher of its own. Methods may be called from any thread."""

    def __init__(
        self,
        child: ChildCommand,
        log: ConnectionsLog,
        purpose: str,
        on_event: Callable[[Message], None],
        on_end: Callable[[Ending], None],
    ) -> None:
        self._log = log
        self._purpose = purpose
        self._on_event = on_event
        self._on_end = on_end
        self._open: dict[object, str] = {}
        self._ending: Ending | None = None
        self._process = ChildProcess(child, self._hear, self._ended)

    def start(self, message: Mapping[str, object]) -> None:
        """Start the fetcher and give it the job. Raises BugError when it cannot start."""
        self._process.start()
        self._process.send({"command": "job", **message})

    def limit(self, limit: int) -> None:
        """Change the speed limit, bytes per second, 0 for none."""
        self._process.send({"command": "limit", "limit": limit})

    def stop(self) -> None:
        """Have it end soon; ``on_end`` tells when. It is killed if it does not."""
        self._process.shutdown()
        threading.Thread(target=self._insist, name="fetcher-stop", daemon=True).start()

    def kill(self) -> None:
        """End it at once; what it has written down stays."""
        self._process.kill()

    def wait(self, seconds: float) -> bool:
        """Wait for its end; False when it took longer. Not from inside its callbacks."""
        return self._process.wait(seconds)

    def _insist(self) -> None:
        if not self._process.wait(_STOP_SECONDS):
            self._process.kill()

    def _hear(self, received: Received) -> None:
        message = received.message
        match message.get("event"):
            case "request":
                host, method = str(message.get("host")), str(message.get("what"))
                self._open[message.get("number")] = self._log.opened(host, method, self._purpose)
            case "response":
                identity = self._open.pop(message.get("number"), None)
                if identity is not None:
                    self._log.closed(identity, _whole(message, "status"), _whole(message, "count"))
            case "done":
                self._ending = Ending(answer=message)
            case "failed":
                wait = message.get("wait")
                self._ending = Ending(
                    None,
                    cause_of(message),
                    str(message.get("detail", "")),
                    wait if isinstance(wait, int | float) else 0.0,
                )
            case "stopped":
                self._ending = Ending()
            case "hello":
                pass
            case _:
                self._on_event(message)

    def _ended(self, report: ExitReport) -> None:
        ending = self._ending
        if ending is None and not report.asked:
            last = " | ".join(report.last_lines[-_LAST_LINES:])
            detail = report.fault or f"exit {report.code}, signal {report.signal}: {last}"
            ending = Ending(None, Cause.INTERRUPTED, detail)
        self._on_end(ending or Ending())


class Fetching:
    """Starts jobs. Methods may be called from any thread."""

    def __init__(
        self,
        folder: Path,
        log: ConnectionsLog,
        network: Callable[[], Network],
        allowed: Callable[[], bool],
    ) -> None:
        self._folder = folder
        self._log = log
        self._network = network
        self._allowed = allowed
        self._lock = threading.Lock()
        self._asking: set[Job] = set()
        self._closed = False

    def close(self) -> None:
        """End every short job; whoever waits for one hears that nothing more came."""
        with self._lock:
            self._closed = True
            asking = list(self._asking)
        for job in asking:
            job.kill()

    def start(
        self,
        job: Mapping[str, object],
        purpose: str,
        on_event: Callable[[Message], None],
        on_end: Callable[[Ending], None],
        readable: tuple[Path, ...] = (),
        *,
        offline: bool = False,
    ) -> Job:
        """Start a fetcher for ``job``; ``purpose`` is what the person asked for, in words.

        ``offline``: it needs folders alone; it then cannot connect, and may run where
        connections are switched off. The callbacks run on threads of the job. Raises
        KnownError when connections are switched off and BugError when no fetcher can be
        started.
        """
        if not offline and not self._allowed():
            raise causes.error(Cause.NEVER_CONNECT, purpose)
        network = self._network() if not offline else Network()
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise from_os_error(error, str(self._folder)) from error
        child = self._command(network, readable, offline=offline)
        running = Job(child, self._log, purpose, on_event, on_end)
        running.start({**job, "network": asdict(network)})
        return running

    def ask(
        self,
        job: Mapping[str, object],
        purpose: str,
        what: str,
        seconds: float,
        readable: tuple[Path, ...] = (),
    ) -> Message:
        """Do a short job and return its answer; blocks up to ``seconds``.

        Raises KnownError with the cause; ``what`` is the name it shall bear.
        """
        ended = threading.Event()
        endings: list[Ending] = []

        def on_end(ending: Ending) -> None:
            endings.append(ending)
            ended.set()

        running = self.start(job, purpose, lambda _message: None, on_end, readable)
        with self._lock:
            self._asking.add(running)
            closed = self._closed
        if closed or not ended.wait(seconds):
            running.kill()
        in_time = ended.is_set()
        ended.wait()
        with self._lock:
            self._asking.discard(running)
        ending = endings[0]
        if not in_time or (ending.cause is Cause.NONE and ending.answer is None):
            raise causes.error(Cause.STALLED, what)
        if ending.answer is None:
            _log.info("%s: %s (%s)", purpose, ending.cause, ending.detail)
            raise causes.error(ending.cause, what, _in_short(ending), wait=ending.wait)
        return ending.answer

    def _command(
        self, network: Network, readable: tuple[Path, ...], *, offline: bool
    ) -> ChildCommand:
        authorities = (Path(network.authorities),) if network.authorities else ()
        policy = Policy(read=(*readable, *authorities), write=(self._folder,), network=not offline)
        root = Path(hanlin_models.__file__).parent.parent
        built = command.build("fetcher", policy, Limits(memory=_MEMORY), import_roots=(root,))
        return replace(built, environment={**built.environment, **SWITCHES})


def cause_of(message: Mapping[str, object]) -> Cause:
    """Return the cause in a message of the fetcher."""
    value = message.get("cause")
    return next((known for known in Cause if known == value), Cause.ODD_ANSWER)


def _in_short(ending: Ending) -> str:
    """Return what a person is told of the details: of an address its host alone, or a number."""
    if ending.cause in causes.TOLD:
        return ending.detail.partition(" ")[0]
    try:
        return urllib.parse.urlsplit(ending.detail).hostname or ending.detail
    except ValueError:  # no address
        return ending.detail


def _whole(message: Mapping[str, object], key: str) -> int:
    value = message.get(key)
    return value if isinstance(value, int) else 0
