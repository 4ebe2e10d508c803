"""Sockets that a test may not have: nothing in Hanlin's tests talks to the world."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest


class NetworkForbiddenError(RuntimeError):
    """A test tried to leave the computer. Not an OSError: nobody may swallow it as one."""


@contextmanager
def no_network(*, loopback: bool) -> Iterator[None]:
    """Let no socket but UNIX ones exist inside; with ``loopback``, also those on 127.0.0.1."""
    create = socket.socket.__init__

    def guarded_init(self: socket.socket, family: int = -1, *rest: Any, **options: Any) -> None:
        if options.get("fileno") is None and (len(rest) < 3 or rest[2] is None):
            local = family == getattr(socket, "AF_UNIX", None)
            if not local and not loopback:
                raise NetworkForbiddenError("this test opened a network socket")
        create(self, family, *rest, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "__init__", guarded_init)
        for name in ("connect", "connect_ex", "bind", "sendto"):
            patch.setattr(socket.socket, name, _only_to_this_computer(name))
        yield


def _only_to_this_computer(name: str) -> Callable[..., object]:
    original: Callable[..., object] = getattr(socket.socket, name)

    def guarded(self: socket.socket, *arguments: Any) -> object:
        address = arguments[-1]
        if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise NetworkForbiddenError(f"this test wanted to {name} to {address}")
        return original(self, *arguments)

    return guarded
