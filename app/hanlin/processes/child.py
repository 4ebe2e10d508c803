"""What every child process does first, and the loop of those that only answer.

The order matters: the protocol leaves descriptors 1 and 2 before any library
can print on them, limits and sandbox bind before the child's own module is
imported, and only then does the child say hello. One that is kept waiting imports
its own modules first, which are ours and load nothing native, and is bound before
it reads anything of anybody else's. What a child does with its messages belongs to
its module; starting one belongs to ``command`` and ``process``.
"""

import argparse
import contextlib
import ctypes
import faulthandler
import gc
import os
import queue
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, NoReturn

from hanlin.processes import sandbox
from hanlin.processes.channel import (
    ALIVE,
    PROTOCOL,
    Channel,
    ChannelClosedError,
    Message,
    ProtocolError,
    Received,
)
from hanlin.processes.command import BECOME, WAIT
from hanlin.processes.limits import Limits
from hanlin.processes.policy import Policy

EXIT_OK: Final = 0
EXIT_FAILED: Final = 1
"""An exception nobody caught; it is in the last lines."""
EXIT_PROTOCOL: Final = 65
"""The parent sent what is no message."""

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_DUMPABLE: Final = 4
_FIRST_INHERITED: Final = 3
_BEAT_SECONDS: Final = 2.0

Main = Callable[[Channel], int]
"""A child's work: gets the channel after hello, returns the exit status."""
Answer = Mapping[str, object] | tuple[Mapping[str, object], bytes]
Handler = Callable[[Message, bytes], Answer]
"""Answers one command: the fields of the ``answer`` event, perhaps with a payload."""

_page_tables: Final[list[int]] = []
"""The one descriptor of a child that looks at its own pages."""


def run(
    kind: str, arguments: Sequence[str], load: Callable[[], Main], *, sees_pages: bool = False
) -> NoReturn:
    """Become the child ``kind`` and end with its status.

    ``arguments`` are the words ``command.build`` made, or ``WAIT``: then they come as
    the first message. ``load`` imports the child's module and returns its main function;
    it runs inside the sandbox, except in a child that waits. ``sees_pages``: ``page_table``
    is there for it.
    """
    # What imports make stays; looking through it for waste is a tenth of the start.
    gc.disable()
    main = None
    waits = list(arguments) == [WAIT]
    bound = None if waits else _parse(arguments)
    channel = _take_channel()
    if sees_pages:
        _open_page_table()
    _leave_nothing_behind()
    if bound is None:
        main = load()
        bound = _parse(_await_words(channel))
    policy, limits = bound
    limits.apply()
    report = sandbox.apply(policy)
    channel.send(
        {"event": "hello", "protocol": PROTOCOL, "kind": kind, "sandbox": report.to_message()}
    )
    try:
        main = main or load()
        gc.freeze()
        gc.enable()
        status = main(channel)
    except Exception:  # noqa: BLE001 - the last words of a child that failed
        traceback.print_exc()
        status = EXIT_FAILED
    sys.stderr.flush()
    # Threads blocked in native code must not keep a child alive, and the destructors
    # of native libraries are where processes crash on their way out.
    os._exit(status)


def page_table() -> int | None:
    """Return the descriptor of /proc/self/pagemap: which pages of ours are in memory, no more."""
    return _page_tables[0] if _page_tables else None


def start_reader(channel: Channel, deliver: Callable[[Received], None]) -> None:
    """Call ``deliver`` for every message, on a thread of its own; end the process at the end.

    ``deliver`` should only set flags and fill queues: while it runs nothing else is
    read. When the parent is gone, the process exits at once, whatever its other
    threads are doing.
    """

    def read() -> None:
        status = EXIT_OK
        try:
            while (received := channel.receive()) is not None:
                deliver(received)
        except ProtocolError as error:
            print(f"protocol: {error}", file=sys.stderr, flush=True)  # noqa: T201 - stderr is our log
            status = EXIT_PROTOCOL
        except ChannelClosedError:
            pass
        finally:
            os._exit(status)

    threading.Thread(target=read, name="channel-reader", daemon=True).start()


class Heartbeat:
    """While it is entered, tells the parent again and again that this process lives.

    From a thread of its own, because native code computes for minutes without a word.
    """

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._working = threading.Event()
        self._depth = 0
        threading.Thread(target=self._beat, name="heartbeat", daemon=True).start()

    def __enter__(self) -> None:
        self._depth += 1
        self._working.set()

    def __exit__(self, *_exc: object) -> None:
        self._depth -= 1
        if not self._depth:  # one command is obeyed in the midst of another
            self._working.clear()

    def _beat(self) -> None:
        with contextlib.suppress(ChannelClosedError):
            while self._working.wait():
                self._channel.send({"event": ALIVE})
                time.sleep(_BEAT_SECONDS)


def serve(channel: Channel, handlers: Mapping[str, Handler]) -> int:
    """Answer commands one after the other on this thread until ``shutdown``; return the status.

    A message names its ``command`` and may carry an ``id``, which the answer repeats:
    ``{"event": "answer", "id": …, **fields}`` or ``{"event": "error", "id": …,
    "error": class, "detail": text}`` when the handler raised. A handler that raises
    ends nothing but its own command.
    """
    inbox: queue.SimpleQueue[Received] = queue.SimpleQueue()
    start_reader(channel, inbox.put)
    try:
        while True:
            message, payload = inbox.get()
            command = message.get("command")
            if command == "shutdown":
                return EXIT_OK
            _answer(channel, message, payload, handlers.get(str(command)))
    except ChannelClosedError:
        return EXIT_OK


def _answer(channel: Channel, message: Message, payload: bytes, handler: Handler | None) -> None:
    request = message.get("id")
    try:
        if handler is None:
            raise LookupError(f"no command {message.get('command')!r}")  # noqa: TRY301 - same answer
        answer = handler(message, payload)
        fields, raw = answer if isinstance(answer, tuple) else (answer, b"")
        channel.send({"event": "answer", "id": request, **fields}, raw)
    except ChannelClosedError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent must hear of it
        traceback.print_exc()
        # Last words of a MemoryError must not need the memory that is missing.
        detail = str(error)[:2000]
        channel.send(
            {"event": "error", "id": request, "error": type(error).__name__, "detail": detail}
        )


def _parse(arguments: Sequence[str]) -> tuple[Policy, Limits]:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--read", type=Path, action="append", default=[])
    parser.add_argument("--write", type=Path, action="append", default=[])
    parser.add_argument("--network", action="store_true")
    parser.add_argument("--allow-gpu", action="store_true")
    parser.add_argument("--local", action="store_true")
    parser.add_argument("--memory", type=int)
    parser.add_argument("--cpu-seconds", type=int)
    parser.add_argument("--open-files", type=int)
    words = parser.parse_args(arguments)
    policy = Policy(
        tuple(words.read), tuple(words.write), words.network, words.allow_gpu, words.local
    )
    return policy, Limits(words.memory, words.cpu_seconds, words.open_files)


def _await_words(channel: Channel) -> list[str]:
    """Wait for the words that bind this process; end it when none will come."""
    try:
        received = channel.receive()
    except (ChannelClosedError, ProtocolError):
        received = None
    if received is None or received.message.get("command") != BECOME:
        os._exit(EXIT_OK)
    words = received.message.get("arguments")
    return [str(word) for word in words] if isinstance(words, list) else []


def _take_channel() -> Channel:
    """Move the protocol to private descriptors; 0 reads nothing and 1 is stderr from now on.

    C libraries print on descriptor 1, whatever sys.stdout is.
    """
    reader, writer = os.dup(0), os.dup(1)  # not inheritable (PEP 446)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    for descriptor in _inherited():
        if descriptor not in (reader, writer):
            try:
                os.close(descriptor)
            except OSError:  # the listing's own descriptor
                continue
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - descriptor 0
    sys.stdout = sys.stderr
    faulthandler.enable(sys.stderr)  # a native crash leaves the Python line in the last words
    return Channel(reader, writer)


def _inherited() -> list[int]:
    folder = Path("/proc/self/fd" if sys.platform == "linux" else "/dev/fd")
    if not folder.is_dir():  # Windows hands down no descriptors beyond the three
        return []
    numbers = [int(entry) for entry in os.listdir(folder)]  # noqa: PTH208 - names, not paths
    return [number for number in numbers if number >= _FIRST_INHERITED]


def _open_page_table() -> None:
    """Open it while we may: /proc gives what nobody may look into to root alone."""
    with contextlib.suppress(OSError):  # no Linux, or one without it
        _page_tables.append(os.open("/proc/self/pagemap", os.O_RDONLY))


def _leave_nothing_behind() -> None:
    """Die with the parent, first when memory runs out, and without a core file."""
    if sys.platform == "linux":
        try:
            Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
        except OSError as error:  # a kernel without /proc: then it guesses by itself
            print(f"oom_score_adj: {error}", file=sys.stderr)  # noqa: T201 - stderr is our log
        libc = ctypes.CDLL(None)
        # The end of the pipe says the same, but only to a child that still runs Python.
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
