"""Room on the disk that is taken beforehand, for the ends of answers that a full disk refuses.

The file is written over in place, so it needs no new room; another program that fills the
disk cannot take it. What it holds is encrypted, like the database. When an answer is
put aside and when it is stored after all is the repository's business.
"""

import hashlib
import hmac
import json
import os
import shutil
import struct
import zlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hanlin.domain.conversation import Part, PartKind, Status

SLOT_BYTES: Final = 128 * 1024
_SLOTS: Final = 2
"""Written in turns: a power cut in the middle of one leaves the other."""
_LEAST_FREE: Final = 2 * 1024 * 1024
_HEADER: Final = struct.Struct(">QI12s")
"""Number of the writing, length of what follows, nonce."""
_MOST_TEXT: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Aside:
    """What one message still lacks in the database, which held ``rows`` of its parts.

    ``status`` is None for an answer that was still being written.
    """

    message_id: str
    rows: int
    parts: tuple[Part, ...]
    status: Status | None


class Overflow:
    """The file of one running program. No method raises for what the disk does.

    Not thread-safe: its owner locks.
    """

    def __init__(self, path: Path, key: bytes) -> None:
        self.path = path
        self._cipher = _cipher(key)
        self._writings = 0
        self._descriptor: int | None = None
        self.empty = True

    def take_room(self) -> None:
        """Take the room, once, unless the disk has hardly any left."""
        if self._descriptor is not None:
            return
        with suppress(OSError):
            if shutil.disk_usage(self.path.parent).free >= _LEAST_FREE:
                self._begin()

    def _begin(self) -> None:
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            # Random, because some file systems store zeros in no room at all.
            _write(descriptor, os.urandom(_SLOTS * SLOT_BYTES), 0)
        except OSError:
            os.close(descriptor)
            self.path.unlink(missing_ok=True)
            raise
        self._descriptor = descriptor

    def keep(self, asides: Sequence[Aside]) -> bool:
        """Put ``asides`` in the place of what was kept before; return whether they are safe now.

        What does not fit changes nothing.
        """
        if self._descriptor is None:
            return False
        number = self._writings + 1
        data = _sealed(self._cipher, number, asides)
        if len(data) > SLOT_BYTES:
            return False
        try:
            _write(self._descriptor, data, (number % _SLOTS) * SLOT_BYTES)
        except OSError:
            return False
        self._writings, self.empty = number, not asides
        return True

    def close(self) -> None:
        """Give the room back, unless something is kept in it for the next start."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is None:
            return
        os.close(descriptor)
        if self.empty:
            with suppress(OSError):
                self.path.unlink()


def left_behind(path: Path, key: bytes) -> tuple[Aside, ...]:
    """Return what a program that is gone kept at ``path``; nothing for a damaged or foreign file.

    Raises OSError.
    """
    cipher, content = _cipher(key), path.read_bytes()
    found: tuple[int, tuple[Aside, ...]] = (0, ())
    for slot in range(_SLOTS):
        with suppress(ValueError, InvalidTag, struct.error, zlib.error):
            opened = _opened(cipher, content[slot * SLOT_BYTES : (slot + 1) * SLOT_BYTES])
            found = max(found, opened, key=lambda one: one[0])
    return found[1]


def _cipher(key: bytes) -> AESGCM:
    return AESGCM(hmac.new(key, b"hanlin overflow 1", hashlib.sha256).digest())


def _sealed(cipher: AESGCM, number: int, asides: Sequence[Aside]) -> bytes:
    listed = [
        [
            aside.message_id,
            aside.rows,
            aside.status,
            [[part.kind, part.text, part.milliseconds] for part in aside.parts],
        ]
        for aside in asides
    ]
    nonce = os.urandom(12)
    # ASCII escapes also carry half characters, which UTF-8 cannot.
    plain = zlib.compress(json.dumps(listed).encode("ascii"), 1)
    secret = cipher.encrypt(nonce, plain, number.to_bytes(8, "big"))
    return _HEADER.pack(number, len(secret), nonce) + secret


def _opened(cipher: AESGCM, slot: bytes) -> tuple[int, tuple[Aside, ...]]:
    number, length, nonce = _HEADER.unpack_from(slot)
    secret = slot[_HEADER.size : _HEADER.size + length]
    plain = cipher.decrypt(nonce, secret, number.to_bytes(8, "big"))
    listed = json.loads(zlib.decompressobj().decompress(plain, _MOST_TEXT))
    asides = tuple(
        Aside(
            identity,
            rows,
            tuple(Part(PartKind(kind), text, spent) for kind, text, spent in parts),
            None if status is None else Status(status),
        )
        for identity, rows, status, parts in listed
    )
    return number, asides


def _write(descriptor: int, data: bytes, at: int) -> None:
    os.lseek(descriptor, at, os.SEEK_SET)
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
    os.fsync(descriptor)
