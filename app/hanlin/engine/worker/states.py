"""A conversation as it was read, as bytes that outlive the process, and back.

The bytes fit the same model, the same llama.cpp and the same settings only; whoever
keeps them sees to that, and encrypts them. Which conversations are kept is not
decided here.
"""

import ctypes
import json
import struct
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from hanlin.engine.worker.shelf import Blob, Mark, Parked

PIECE = 4 * 2**20
"""Bytes that travel in one message."""
_HEAD = struct.Struct("<4sQ")
_MAGIC = b"hst1"
_MARKS = 3
"""The newest marks are kept: before the last question, before its answer, and after it."""


class UnusableError(Exception):
    """These bytes are no state."""


@dataclass(frozen=True, slots=True)
class State:
    """What was read and how its answers were spelled."""

    tokens: list[int]
    marks: tuple[Mark, ...]
    data: Blob
    written: Mapping[str, Sequence[int]]


class Outgoing:
    """A state on its way out, piece by piece."""

    def __init__(self, parked: Parked, written: Mapping[str, Sequence[int]]) -> None:
        tokens, marks = array("i", parked.held.tokens), parked.held.marks.newest(_MARKS)
        facts = {
            "tokens": len(tokens),
            "marks": [(mark.position, len(mark.data)) for mark in marks],
            "data": len(parked.data),
            "written": {text: list(spelled) for text, spelled in written.items()},
        }
        head = json.dumps(facts).encode()
        parts = (_HEAD.pack(_MAGIC, len(head)), head, tokens, *(m.data for m in marks), parked.data)
        self._parts = [memoryview(part).cast("B") for part in parts]
        self.left = sum(map(len, self._parts))
        """Bytes that were not given out yet."""

    def next(self) -> bytes:
        """Return the next piece."""
        found, room = [], PIECE
        while self._parts and room:
            found.append(self._parts[0][:room])
            room -= len(found[-1])
            self._parts[0] = self._parts[0][len(found[-1]) :]
            if not self._parts[0]:
                del self._parts[0]
        self.left -= PIECE - room
        return b"".join(found)


@dataclass(slots=True)
class Incoming:
    """A state of ``size`` bytes on its way in."""

    name: str
    size: int
    _buffer: bytearray = field(init=False)
    _filled: int = 0

    def __post_init__(self) -> None:
        self._buffer = bytearray(self.size)

    @property
    def left(self) -> int:
        """Return how many bytes are still to come."""
        return self.size - self._filled

    def add(self, piece: bytes) -> None:
        """Take the next piece. Raises UnusableError when it is longer than announced."""
        if len(piece) > self.left:
            raise UnusableError
        self._buffer[self._filled : self._filled + len(piece)] = piece
        self._filled += len(piece)

    def state(self) -> State:
        """Return the state when nothing is left. Raises UnusableError."""
        try:
            return _read(self._buffer)
        except (ValueError, KeyError, TypeError, struct.error) as error:
            raise UnusableError from error


def _read(buffer: bytearray) -> State:
    magic, length = _HEAD.unpack_from(buffer)
    if magic != _MAGIC:
        raise UnusableError
    facts = json.loads(buffer[_HEAD.size : _HEAD.size + length])
    count, positions = int(facts["tokens"]), facts["marks"]
    sizes = [4 * count, *(size for _, size in positions), facts["data"]]
    spans = _spans(memoryview(buffer), _HEAD.size + length, sizes)
    tokens = array("i", bytes(next(spans)))
    # Copies: the marks are kept, and must not keep all the rest with them.
    marks = tuple(
        Mark(int(position), (ctypes.c_uint8 * size).from_buffer_copy(next(spans)))
        for position, size in positions
    )
    data = (ctypes.c_uint8 * facts["data"]).from_buffer(next(spans))
    return State(tokens.tolist(), marks, data, facts["written"])


def _spans(view: memoryview, start: int, sizes: Sequence[int]) -> Iterator[memoryview]:
    """Yield the parts of ``view`` that follow each other and fill it to its end."""
    if start + sum(sizes) != len(view):
        raise UnusableError
    for size in sizes:
        yield view[start : start + size]
        start += size
