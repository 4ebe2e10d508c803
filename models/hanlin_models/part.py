"""The part of a file that has come so far, and the journal that says which bytes are certain.

Beside the target ``name`` lie ``.name.part`` (bytes from the front) and ``.name.journal``:
a line with the file's size and hash, then one line per block, written after the block is
on the disk. The journal only grows or loses its end, so a kill at any moment leaves at
worst one block to fetch again. Where the bytes come from is not known here.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hanlin.kernel import files

_READ_BYTES: Final = 4 * 2**20
_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of bytes that was on the disk when it was noted down."""

    offset: int
    size: int
    sha256: str
    source: str

    @property
    def end(self) -> int:
        """The offset of the first byte after it."""
        return self.offset + self.size


class Part:
    """One file that is coming. Belongs to one thread at a time; raises OSError."""

    def __init__(self, target: Path, size: int, sha256: str) -> None:
        self.target = target
        self.size = size
        self.sha256 = sha256
        self.path = target.with_name(f".{target.name}.part")
        self.journal = target.with_name(f".{target.name}.journal")
        self.blocks: list[Block] = []
        self.etags: dict[str, str] = {}

    @property
    def done(self) -> int:
        """How many bytes are certain."""
        return self.blocks[-1].end if self.blocks else 0

    def open(self) -> int:
        """Take up what is there and forget whatever is not certain.

        Returns the bytes that were certain once: the disk changed or lost them since.
        """
        try:
            data = self.journal.read_bytes()
        except FileNotFoundError:
            data = b""
        length = self._read_journal(data)
        if not length:
            self._begin()
            return 0
        self.path.touch(mode=0o600)
        actual = self.path.stat().st_size
        noted = self.done
        kept = [block for block in self.blocks if block.end <= actual]
        while kept and not self.is_sound(kept[-1]):
            kept.pop()
        if len(kept) < len(self.blocks) or length < len(data):
            self.blocks = kept
            self._cut_journal(data)
        if actual != self.done:
            _cut(self.path, self.done)
        return noted - self.done

    def note(self, size: int, sha256: str, source: str) -> None:
        """Write down the next block; its bytes must be on the disk already."""
        self.blocks.append(Block(self.done, size, sha256, source))
        self._write_line({"bytes": size, "sha256": sha256, "source": source})

    def note_etag(self, source: str, etag: str) -> None:
        """Remember which version of the file ``source`` offers."""
        if self.etags.get(source) != etag:
            self.etags[source] = etag
            self._write_line({"etag": etag, "source": source})

    def is_whole(self, progressed: Callable[[int], None]) -> bool:
        """Read the file from the disk and compare its hash; tells how many bytes were read."""
        return digest(self.path, progressed) == self.sha256

    def damaged(self) -> list[Block]:
        """Return the blocks that are not on the disk as they were written."""
        return [block for block in self.blocks if not self.is_sound(block)]

    def is_sound(self, block: Block) -> bool:
        """Compare one block on the disk with the journal."""
        hasher = hashlib.sha256()
        with self.path.open("rb") as file:
            file.seek(block.offset)
            rest = block.size
            while rest and (data := file.read(min(rest, _READ_BYTES))):
                hasher.update(data)
                rest -= len(data)
        return hasher.hexdigest() == block.sha256

    def publish(self) -> None:
        """Give the whole, verified file its name, for good, and leave nothing else behind."""
        with self.path.open("rb+") as file:
            os.fsync(file.fileno())
        files.replace(self.path, self.target)
        files.sync_folder(self.target.parent)
        self.journal.unlink(missing_ok=True)

    def quarantine(self, folder: Path) -> Path:
        """Move what came to ``folder``, as the proof of a lie; the next byte is the first one."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        kept = folder / f"{self.target.parent.name}--{self.target.name}.bad"
        files.replace(self.path, kept)
        self.discard()
        self._begin()
        return kept

    def discard(self) -> None:
        """Forget everything."""
        self.path.unlink(missing_ok=True)
        self.journal.unlink(missing_ok=True)
        self.blocks.clear()
        self.etags.clear()

    def _begin(self) -> None:
        self.discard()
        self._write_line({"version": _VERSION, "size": self.size, "sha256": self.sha256})
        self.path.touch(mode=0o600)

    def _read_journal(self, data: bytes) -> int:
        """Take in the lines that make sense; return their length, 0 for another file's journal."""
        self.blocks.clear()
        self.etags.clear()
        length = 0
        for line, entry in _lines(data):
            if not length:
                if entry != {"version": _VERSION, "size": self.size, "sha256": self.sha256}:
                    return 0
            elif not self._take_in(entry):
                break
            length += len(line)
        return length

    def _take_in(self, entry: dict[str, object]) -> bool:
        match entry:
            case {"bytes": int(size), "sha256": str(sha256), "source": str(source)} if size > 0:
                if self.done + size > self.size:
                    return False
                self.blocks.append(Block(self.done, size, sha256, source))
            case {"etag": str(etag), "source": str(source)}:
                self.etags[source] = etag
            case _:
                return False
        return True

    def _cut_journal(self, data: bytes) -> None:
        """Shorten the journal to the blocks that are kept."""
        length, blocks = 0, 0
        for line, entry in _lines(data):
            if "bytes" in entry:
                if blocks == len(self.blocks):
                    break
                blocks += 1
            length += len(line)
        _cut(self.journal, length)

    def _write_line(self, entry: dict[str, object]) -> None:
        line = json.dumps(entry, separators=(",", ":")).encode("ascii") + b"\n"
        descriptor = os.open(self.journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, line)
        finally:
            os.close(descriptor)


def digest(path: Path, progressed: Callable[[int], None]) -> str:
    """Return the SHA-256 of a file, telling how many bytes were read. Raises OSError."""
    hasher = hashlib.sha256()
    count = 0
    buffer = memoryview(bytearray(_READ_BYTES))
    with path.open("rb", buffering=0) as file:
        while size := file.readinto(buffer):
            hasher.update(buffer[:size])
            count += size
            progressed(count)
    return hasher.hexdigest()


def _cut(path: Path, length: int) -> None:
    """Shorten a file through a descriptor: the sandbox of the fetcher refuses to by a path."""
    with path.open("rb+") as file:
        file.truncate(length)


def _lines(data: bytes) -> Iterator[tuple[bytes, dict[str, object]]]:
    """Yield the whole lines that hold a JSON object, up to the first one that does not."""
    for line in data.splitlines(keepends=True):
        try:
            entry = json.loads(line) if line.endswith(b"\n") else None
        except (ValueError, RecursionError):
            return
        if not isinstance(entry, dict):
            return
        yield line, entry
