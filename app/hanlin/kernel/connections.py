"""Counts the connections this process tries to open to anything but this computer's own sockets.

The figure in the status bar is this counter, not a claim: it is an audit hook
that Python calls for every socket operation of the process (PEP 578). Native
code is not seen by it; the children that run native code are kept from the
network by their sandbox. The one child that may connect fetches models: what it
opens is added by whoever keeps the log of connections.
"""

import sys
import threading
from typing import Any

_NETWORK_EVENTS = frozenset(
    {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"}
)


class ConnectionCounter:
    """Counts from the moment it is installed. One per process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0

    @property
    def count(self) -> int:
        """Return the number of attempts since the start of the program."""
        return self._count

    def add(self) -> None:
        """Count one that a child process, which may connect, is about to open."""
        with self._lock:
            self._count += 1

    def install(self) -> None:
        """Begin to count. An audit hook cannot be removed again, by Python's design."""
        sys.addaudithook(self._on_audit)

    def _on_audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event not in _NETWORK_EVENTS:
            return
        if event in ("socket.connect", "socket.sendto") and not isinstance(arguments[1], tuple):
            return  # a UNIX socket's address is a path
        self.add()
