"""A disk that loses power: what was not synced may be missing, torn, or there.

Every write and sync of the database is recorded below its encryption. For any moment
of the record the disk of that moment can be rebuilt with the unsynced writes dropped,
kept, or cut at sectors, as a real disk may do. Metadata (a file's existence) counts as
durable, as after a sync on a journalling file system.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import apsw

_SECTOR = 512
_NAME = "recording"


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes that were given to the operating system."""

    file: str
    at: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Truncate:
    """A file that was cut to ``size``."""

    file: str
    size: int


@dataclass(frozen=True, slots=True)
class Sync:
    """From here on everything before is durable for this file."""

    file: str


@dataclass(frozen=True, slots=True)
class Delete:
    """A file that was removed."""

    file: str


@dataclass(frozen=True, slots=True)
class Promise:
    """The program was told that something is kept."""

    what: str


Event = Write | Truncate | Sync | Delete | Promise


class _File(apsw.VFSFile):
    def __init__(
        self, name: apsw.URIFilename | str | None, flags: list[int], log: list[Event]
    ) -> None:
        super().__init__("unix", name, flags)
        path = name.filename() if isinstance(name, apsw.URIFilename) else str(name)
        self._name = Path(path).name
        self._log = log

    def xWrite(self, data: bytes, offset: int) -> None:
        self._log.append(Write(self._name, offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:
        self._log.append(Truncate(self._name, newsize))
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:
        super().xSync(flags)
        self._log.append(Sync(self._name))


class _Disk(apsw.VFS):
    def __init__(self, log: list[Event]) -> None:
        self._log = log
        super().__init__(_NAME, "unix")

    def xOpen(self, name: apsw.URIFilename | str | None, flags: list[int]) -> _File:
        return _File(name, flags, self._log)

    def xDelete(self, filename: str, syncdir: int) -> None:
        super().xDelete(filename, bool(syncdir))
        self._log.append(Delete(Path(filename).name))


@contextmanager
def recording(scratch: Path) -> Iterator[list[Event]]:
    """Record what every database opened inside does to its files."""
    log: list[Event] = []
    disk = _Disk(log)
    before = apsw.vfs_names()[0]
    # Opening a file is what puts the encryption on top of a new disk.
    apsw.Connection(str(scratch / "scratch.db"), vfs=f"multipleciphers-{_NAME}").close()
    apsw.set_default_vfs(f"multipleciphers-{_NAME}")
    log.clear()
    try:
        yield log
    finally:
        apsw.set_default_vfs(before)
        apsw.unregister_vfs(f"multipleciphers-{_NAME}")
        disk.unregister()


@dataclass(slots=True)
class Platter:
    """The durable content of each file, and what is still on its way there."""

    durable: dict[str, bytearray] = field(default_factory=dict)
    pending: list[Write | Truncate] = field(default_factory=list)

    def apply(self, event: Event) -> None:
        """Follow the record by one event."""
        match event:
            case Write() | Truncate():
                self.pending.append(event)
            case Sync(file):
                for waiting in [w for w in self.pending if w.file == file]:
                    _put(self.durable, waiting)
                self.pending = [w for w in self.pending if w.file != file]
            case Delete(file):
                self.durable.pop(file, None)
                self.pending = [w for w in self.pending if w.file != file]
            case Promise():
                pass

    def after_power_cut(self, dice: random.Random) -> dict[str, bytearray]:
        """Return the files as a disk may have them after the power went."""
        files = {name: bytearray(content) for name, content in self.durable.items()}
        mood = dice.choice(("none", "all", "some", "torn"))
        for waiting in self.pending:
            if mood == "none" or (mood == "some" and dice.random() < 0.5):
                continue
            if mood == "torn" and isinstance(waiting, Write):
                for piece in _sectors(waiting):
                    if dice.random() < 0.5:
                        _put(files, piece)
            else:
                _put(files, waiting)
        return files


def _sectors(write: Write) -> Iterator[Write]:
    start = write.at
    end = write.at + len(write.data)
    while start < end:
        stop = min(end, (start // _SECTOR + 1) * _SECTOR)
        yield Write(write.file, start, write.data[start - write.at : stop - write.at])
        start = stop


def _put(files: dict[str, bytearray], event: Write | Truncate) -> None:
    content = files.setdefault(event.file, bytearray())
    if isinstance(event, Truncate):
        del content[event.size :]
        content.extend(bytes(event.size - len(content)))
        return
    end = event.at + len(event.data)
    if len(content) < end:
        content.extend(bytes(end - len(content)))
    content[event.at : end] = event.data
