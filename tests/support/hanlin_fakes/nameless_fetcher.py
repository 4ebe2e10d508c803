"""The program's fetcher on a network whose name server never answers."""

import socket
import sys
import threading
from typing import NoReturn

from hanlin.processes import child
from hanlin_models.fetcher.__main__ import main


def _hang(*_arguments: object, **_options: object) -> NoReturn:
    threading.Event().wait()
    raise AssertionError


if __name__ == "__main__":
    socket.getaddrinfo = _hang
    child.run(sys.argv[1], sys.argv[2:], lambda: main)
