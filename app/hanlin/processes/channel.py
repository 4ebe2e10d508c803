"""How two processes talk: JSON lines over a pair of pipes.

One message is one line holding one JSON object; a message with ``"bytes": N``
is followed by exactly N raw bytes. Every line and payload is capped, so that a
peer gone mad cannot fill our memory. What the messages mean, who starts whom
and what happens when the other side dies do not belong here.
"""

import io
import json
import os
import threading
from collections.abc import Mapping
from typing import Final, NamedTuple, NoReturn

PROTOCOL: Final = 1
"""The version both sides of a pipe must speak; ``hello`` carries it."""
ALIVE: Final = "alive"
"""The event by which a child that computes for long says that it lives; nobody is told of it."""
MAX_LINE: Final = 16 * 2**20
MAX_PAYLOAD: Final = 256 * 2**20

# ASCII escapes also carry lone surrogates, which UTF-8 cannot. Made once: an answer
# is told dozens of times a second.
_ENCODER: Final = json.JSONEncoder(allow_nan=False, separators=(",", ":"))

Message = dict[str, object]


class Received(NamedTuple):
    """One message and the raw bytes that followed it (empty if none were announced)."""

    message: Message
    payload: bytes


class ProtocolError(Exception):
    """The peer sent something that is no message. The stream cannot be read any further."""


class ChannelClosedError(Exception):
    """The peer no longer listens: it ended, or the channel was closed here."""


class Channel:
    """A duplex connection over two descriptors, which it owns from now on.

    ``send`` may be called from any thread. ``receive`` belongs to one thread.
    """

    def __init__(
        self,
        reader: int,
        writer: int,
        *,
        max_line: int = MAX_LINE,
        max_payload: int = MAX_PAYLOAD,
    ) -> None:
        self._reader = io.BufferedReader(io.FileIO(reader, "rb"), 1 << 16)
        self._writer = io.FileIO(writer, "wb")
        self._max_line = max_line
        self._max_payload = max_payload
        self._sending = threading.Lock()

    def send(self, message: Mapping[str, object], payload: bytes = b"") -> None:
        """Write one message; blocks while the pipe is full.

        ``bytes`` is added to the message when there is a payload. Raises
        ChannelClosedError when the peer is gone, ValueError when the message is
        over a cap, holds NaN, or announces bytes itself.
        """
        data = encode(message, payload, max_line=self._max_line, max_payload=self._max_payload)
        self.send_encoded(data)

    def send_encoded(self, data: bytes) -> None:
        """Write what :func:`encode` returned. Raises ChannelClosedError."""
        with self._sending:
            try:
                rest = memoryview(data)
                while rest:
                    rest = rest[os.write(self._writer.fileno(), rest) :]
            except (OSError, ValueError) as error:  # ValueError: closed here
                raise ChannelClosedError(str(error)) from error

    def receive(self) -> Received | None:
        """Wait for the next message; None when the peer closed its end.

        An end in the middle of a message is an end too: a killed peer could not
        finish, and what it began means nothing. Raises ProtocolError.
        """
        try:
            line = self._reader.readline(self._max_line + 1)
            if not line.endswith(b"\n"):
                if len(line) > self._max_line:
                    raise ProtocolError(f"a line of more than {self._max_line} bytes")
                return None
            message = _decode(line)
            size = _announced(message, self._max_payload)
            payload = self._reader.read(size) if size else b""
        except (OSError, ValueError) as error:  # ValueError: closed here
            raise ChannelClosedError(str(error)) from error
        return Received(message, payload) if len(payload) == size else None

    def close(self) -> None:
        """Close both ends. Must not be called while another thread waits in ``receive``."""
        with self._sending:
            self._writer.close()
        self._reader.close()


def encode(
    message: Mapping[str, object],
    payload: bytes = b"",
    *,
    max_line: int = MAX_LINE,
    max_payload: int = MAX_PAYLOAD,
) -> bytes:
    """Return the bytes that carry ``message`` and ``payload``.

    Raises ValueError when they are over a cap, hold NaN, or announce bytes themselves.
    """
    if "bytes" in message:
        raise ValueError("'bytes' announces the payload and is set by the channel")
    if len(payload) > max_payload:
        raise ValueError(f"a payload of {len(payload)} bytes, more than {max_payload}")
    announced = {**message, "bytes": len(payload)} if payload else message
    line = _ENCODER.encode(announced).encode("ascii") + b"\n"
    if len(line) > max_line:
        raise ValueError(f"a line of {len(line)} bytes, more than {max_line}")
    return line + payload


def _decode(line: bytes) -> Message:
    try:
        message = json.loads(line, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"no JSON: {_excerpt(line)}") from error
    if not isinstance(message, dict):
        raise ProtocolError(f"no JSON object: {_excerpt(line)}")
    return message


def _announced(message: Message, limit: int) -> int:
    size = message.pop("bytes", 0)
    if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= limit:
        raise ProtocolError(f"a payload of {size!r} bytes was announced")
    return size


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _excerpt(line: bytes) -> str:
    return repr(line[:60])
