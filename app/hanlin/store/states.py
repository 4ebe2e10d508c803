"""States of conversations as the engine holds them, encrypted on disk: what saves reading again.

Anything here can be made anew, so whatever is damaged, foreign or too much is removed
without a word. One file for each conversation, under a name that does not tell which.
What is in a state, and when it is kept, is the engine's business.

A file is a head (what it must be used with, how long it is) and records, each encrypted
by a key of that file alone, which is derived from the database's. The head and the
record's number are authenticated with it, so no record can be exchanged or left out.
"""

import hashlib
import logging
import os
import shutil
import struct
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hanlin.kernel import files

_HEAD: Final = struct.Struct("<8s32s32sQ")
"""Magic, salt, fingerprint, bytes of the state."""
_MAGIC: Final = b"hanlins1"
_LENGTH: Final = struct.Struct("<I")
_LONGEST_RECORD: Final = 64 * 2**20
_SUFFIX: Final = ".state"
_UNFINISHED: Final = ".tmp"
_LEFT_FREE: Final = 2**30
"""Bytes of the disk that are never taken."""
_log = logging.getLogger(__name__)


class DamagedStateError(Exception):
    """The file is not what was written; it has been removed."""


class StateFiles:
    """The kept states of one data folder. Methods may be called from any thread.

    ``limit`` returns how many bytes all of them may take; 0 keeps none. ``key`` is the
    database's.
    """

    def __init__(self, folder: Path, key: bytes, limit: Callable[[], int]) -> None:
        self._folder = folder
        self._key = key
        self._limit = limit

    def tidy(self, conversations: Iterable[str]) -> None:
        """Remove what belongs to none of ``conversations``, or is too much, or unfinished."""
        wanted = {_file_name(name) for name in conversations}
        for path in self._entries():
            if path.name not in wanted:
                _remove(path)
        self._make_room(0)

    def forget(self, conversation: str) -> None:
        """Remove the state of the conversation."""
        _remove(self._path(conversation))

    def write(self, conversation: str, fingerprint: str, size: int) -> "StateWriter | None":
        """Begin a state of ``size`` bytes; None when there is no room for it. Raises OSError."""
        limit = self._limit()
        path = self._path(conversation)
        if size > limit:
            _remove(path)
            self._make_room(0)
            return None
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._make_room(size, besides=path)
        if shutil.disk_usage(self._folder).free - size < _LEFT_FREE:
            return None
        head = _HEAD.pack(_MAGIC, os.urandom(32), _digest(fingerprint), size)
        return StateWriter(path, head, self._cipher(head, conversation), size)

    def read(self, conversation: str, fingerprint: str) -> "StateReader | None":
        """Open the state for use with ``fingerprint``; a foreign one is removed."""
        path = self._path(conversation)
        try:
            file = path.open("rb")
        except OSError:
            return None
        head = file.read(_HEAD.size)
        if len(head) == _HEAD.size:
            magic, _, wanted, size = _HEAD.unpack(head)
            if magic == _MAGIC and wanted == _digest(fingerprint) and size <= path.stat().st_size:
                os.utime(path)  # the longest unused goes first
                return StateReader(path, file, head, self._cipher(head, conversation), size)
        file.close()
        _remove(path)
        return None

    def _path(self, conversation: str) -> Path:
        return self._folder / _file_name(conversation)

    def _cipher(self, head: bytes, conversation: str) -> AESGCM:
        purpose = f"hanlin conversation state 1 {conversation}".encode()
        salt = head[len(_MAGIC) : len(_MAGIC) + 32]
        return AESGCM(HKDF(SHA256(), 32, salt, purpose).derive(self._key))

    def _make_room(self, size: int, besides: Path | None = None) -> None:
        """Remove the longest unused until ``size`` more bytes are within the limit."""
        found = []
        for path in self._entries():
            try:
                facts = path.stat()
            except OSError:
                continue
            if path != besides and path.suffix == _SUFFIX:
                found.append((facts.st_mtime_ns, facts.st_size, path))
        excess = sum(taken for _, taken, _ in found) + size - self._limit()
        for _, taken, path in sorted(found):
            if excess <= 0:
                return
            _remove(path)
            excess -= taken

    def _entries(self) -> list[Path]:
        try:
            return list(self._folder.iterdir())
        except OSError:
            return []


class StateWriter:
    """Writes one state; the old one stays until ``commit``. Methods raise OSError."""

    def __init__(self, path: Path, head: bytes, cipher: AESGCM, size: int) -> None:
        self._path = path
        self._head = head
        self._cipher = cipher
        self._left = size
        self._number = 0
        self._unfinished = path.with_name(f"{path.name}.{os.getpid()}{_UNFINISHED}")
        descriptor = os.open(self._unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self._file = os.fdopen(descriptor, "wb")
        self._file.write(head)

    def add(self, piece: bytes) -> None:
        """Write the next bytes."""
        record = self._cipher.encrypt(_nonce(self._number), piece, self._head)
        self._file.write(_LENGTH.pack(len(record)))
        self._file.write(record)
        self._number += 1
        self._left -= len(piece)

    def commit(self) -> None:
        """Put the state in its place. What power takes away now is noticed when it is read."""
        self._file.close()
        if self._left:
            _remove(self._unfinished)
        else:
            files.replace(self._unfinished, self._path)

    def abandon(self) -> None:
        """Leave nothing of it."""
        try:
            self._file.close()
        except OSError as error:
            _log.info("a state was abandoned: %s", error.strerror)
        _remove(self._unfinished)


class StateReader:
    """Reads one state of ``size`` bytes in pieces, which is only worth something as a whole."""

    def __init__(self, path: Path, file: IO[bytes], head: bytes, cipher: AESGCM, size: int) -> None:
        self.size = size
        self._path = path
        self._file = file
        self._pieces = self._checked(self._decrypted(head, cipher))

    def next(self) -> bytes:
        """Return the next piece. Raises DamagedStateError."""
        return next(self._pieces)

    def close(self) -> None:
        """Give the file back."""
        self._file.close()

    def _checked(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        try:
            yield from pieces
        except (OSError, ValueError, struct.error, InvalidTag) as error:
            self.close()
            _remove(self._path)
            raise DamagedStateError from error

    def _decrypted(self, head: bytes, cipher: AESGCM) -> Iterator[bytes]:
        left, number = self.size, 0
        while left:
            (length,) = _LENGTH.unpack(self._file.read(_LENGTH.size))
            record = self._file.read(min(length, _LONGEST_RECORD))
            if len(record) != length:
                raise ValueError(length)
            piece = cipher.decrypt(_nonce(number), record, head)
            left, number = left - len(piece), number + 1
            if left < 0 or not piece:
                raise ValueError(left)
            yield piece


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "little")


def _digest(fingerprint: str) -> bytes:
    return hashlib.sha256(fingerprint.encode()).digest()


def _file_name(conversation: str) -> str:
    return hashlib.sha256(conversation.encode()).hexdigest()[:32] + _SUFFIX


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        _log.info("a state could not be removed: %s", error.strerror)
