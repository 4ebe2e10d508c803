"""Every request the program ever made: when, to whom, how much came, and which click it was.

One line is added before a request is made and one after it, so that not even a crash
hides one. Nothing is ever taken out. Addresses beyond the host's name are not kept: they
may hold what a person searched for.
"""

import json
import os
import secrets
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from hanlin.kernel.clock import Clock
from hanlin.kernel.errors import from_os_error


@dataclass(frozen=True, slots=True)
class Connection:
    """One request. ``status`` 0: there was no answer; ``count`` None: it never ended here."""

    id: str
    time_ms: int
    host: str
    method: str
    purpose: str
    status: int = 0
    count: int | None = None


class ConnectionsLog:
    """The file. Safe to use from any thread; several programs may add to it at once.

    ``count`` is called for every request of this program.
    """

    def __init__(
        self, path: Path, clock: Clock, count: Callable[[], object] = lambda: None
    ) -> None:
        self._path = path
        self._clock = clock
        self._count = count
        self._lock = threading.Lock()

    def opened(self, host: str, method: str, purpose: str) -> str:
        """Note that a request is made; return its id. Raises KnownError when it cannot."""
        self._count()
        identity = secrets.token_hex(8)
        self._add(
            {
                "id": identity,
                "time": self._clock.now_ms(),
                "host": host,
                "method": method,
                "purpose": purpose,
            }
        )
        return identity

    def closed(self, identity: str, status: int, count: int) -> None:
        """Note how the request ended. Raises KnownError when it cannot."""
        self._add({"id": identity, "status": status, "bytes": count})

    def connections(self) -> list[Connection]:
        """Return every request, the newest first; lines that cannot be read are left out."""
        found: dict[str, Connection] = {}
        for entry in self._entries():
            match entry:
                case {
                    "id": str(identity),
                    "time": int(time_ms),
                    "host": str(host),
                    "method": str(method),
                    "purpose": str(purpose),
                }:
                    found[identity] = Connection(identity, time_ms, host, method, purpose)
                case {"id": str(identity), "status": int(status), "bytes": int(count)}:
                    if (known := found.get(identity)) is not None:
                        found[identity] = replace(known, status=status, count=count)
                case _:
                    continue
        return list(reversed(found.values()))

    def _entries(self) -> Iterator[object]:
        try:
            lines = self._path.read_bytes().splitlines()
        except FileNotFoundError:
            return
        except OSError as error:
            raise from_os_error(error, str(self._path)) from error
        for line in lines:
            try:
                yield json.loads(line)
            except (ValueError, RecursionError):
                continue

    def _add(self, entry: dict[str, object]) -> None:
        line = json.dumps(entry, separators=(",", ":")).encode("ascii") + b"\n"
        try:
            with self._lock:
                self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
                descriptor = os.open(self._path, flags, 0o600)
                try:
                    os.write(descriptor, line)
                finally:
                    os.close(descriptor)
        except OSError as error:
            raise from_os_error(error, str(self._path)) from error
