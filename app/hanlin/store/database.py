"""One open database: a connection that writes, those that read, and the way to them.

Whoever reads gets a connection that nobody else is using, so the window's thread waits
neither for a disk nor for another thread that reads a long conversation. Several programs
may have the same file open. What the tables mean is the repositories' business.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Self

import apsw

from hanlin.kernel.clock import Clock
from hanlin.kernel.errors import DiskFullError, from_os_error
from hanlin.kernel.files import sync_folder
from hanlin.kernel.instance import FileLock
from hanlin.store.ahead import ReadAhead
from hanlin.store.connection import connect, in_use, translated
from hanlin.store.migrations import MIGRATIONS, Step, migrate
from hanlin.store.overflow import Overflow
from hanlin.store.reserve import Reserve
from hanlin.store.writers import Writer

_OPENING_SECONDS = 60.0
"""A migration of a large database takes its time; a second program waits for it."""

Value = None | int | float | str | bytes
Row = tuple[Value, ...]


class Database:
    """Safe to use from any thread. Every method raises HanlinError, never a library error."""

    on_disk = True
    writer: Writer
    """Which program writes what; only for a database on the disk."""
    ahead: ReadAhead
    """Has the file in memory before it is needed; only for a database on the disk."""
    _write_lock: AbstractContextManager[object]

    def __init__(
        self,
        path: Path,
        key: bytes,
        clock: Clock,
        steps: Sequence[Step] = MIGRATIONS,
    ) -> None:
        """Open the file at ``path``, beginning or migrating it where necessary.

        Raises KnownError when the key does not fit, the folder or the disk refuses, or
        a newer program made the file; nothing on the disk is then changed.
        """
        self.path = path
        self.clock = clock
        self.key = key
        self._write_lock = threading.Lock()
        self._readers_lock = threading.Lock()
        self._closed = False
        self.ahead = ReadAhead(path)
        self._reserve = Reserve(path.with_name(f"{path.name}.reserve"))
        try:
            self._open(key, steps)
        except DiskFullError:
            if not self._reserve.give_up():
                raise
            self._open(key, steps)
        self._reserve.set_aside()

    def _open(self, key: bytes, steps: Sequence[Step]) -> None:
        path = self.path
        with ExitStack() as undo:
            with _alone(path):
                begun = not path.exists() or path.stat().st_size == 0
                self._writing = connect(path, key, create=True)
                undo.callback(self._writing.close, force=True)
                migrate(self._writing, path, key, self.clock, steps)
                if begun:
                    _sync(path.parent)
            self._stand = _stand(self._writing)
            first = connect(path, key, read_only=True)
            undo.callback(first.close, force=True)
            self._free_readers = [first]
            self.writer = Writer(path.with_name(f"{path.name}.writers"))
            self.overflow = Overflow(self.writer.overflow, key)
            undo.pop_all()

    def read(self, sql: str, values: Sequence[Value] = ()) -> list[Row]:
        """Return the rows of one query, as of the last commit."""
        with translated(self.path), self.reading() as connection:
            return connection.execute(sql, values).fetchall()

    @contextmanager
    def reading(self) -> Iterator[apsw.Connection]:
        """Lend a connection that nobody uses now; one more is opened when there is none."""
        with self._readers_lock:
            connection = self._free_readers.pop() if self._free_readers else None
        if connection is None:
            connection = self.reader()
        try:
            yield connection
        finally:
            with self._readers_lock:
                if self._closed:
                    connection.close()
                else:
                    self._free_readers.append(connection)

    @contextmanager
    def transaction(self) -> Iterator[apsw.Connection]:
        """Yield the writing connection inside a transaction that is durable when the block ends.

        An exception inside takes everything back. When the disk is full the reserve is given
        up, so that the same transaction tried once more may find room.
        """
        with self._making_room(), self._write_lock, translated(self.path):
            # IMMEDIATE: a second program waits here instead of failing at its first write.
            self._writing.execute("BEGIN IMMEDIATE")
            try:
                yield self._writing
                self._writing.execute("COMMIT")
            except BaseException:
                if self._writing.in_transaction:
                    self._writing.execute("ROLLBACK")
                raise

    @contextmanager
    def _making_room(self) -> Iterator[None]:
        try:
            yield
        except DiskFullError:
            self._make_room()
            raise

    def _make_room(self) -> None:
        self._reserve.give_up()

    def write(self, sql: str, values: Sequence[Value] = ()) -> int:
        """Run one statement durably; return how many rows it changed."""
        with self.transaction() as connection:
            connection.execute(sql, values)
            return connection.changes()

    def others_wrote(self) -> bool:
        """Tell whether another program wrote into the file since this was asked last."""
        with self._write_lock, translated(self.path):
            before, self._stand = self._stand, _stand(self._writing)
        return before != self._stand

    def reader(self) -> apsw.Connection:
        """Return one more connection that reads, the caller's own, to be closed by it."""
        return connect(self.path, self.key, read_only=True)

    def checkpoint(self) -> None:
        """Take what was committed into the file itself, as far as nobody is in the way.

        Else the next commits have to do it, and one of them is that of an answer.
        """
        self.read("PRAGMA wal_checkpoint(PASSIVE)")

    def problems(self) -> list[str]:
        """Return what is wrong with the file, in the library's words; empty when it is whole."""
        rows = self.read("PRAGMA integrity_check")
        rows += self.read("PRAGMA foreign_key_check")
        return [" ".join(str(value) for value in row) for row in rows if row != ("ok",)]

    def close(self) -> None:
        """Close the connections. The object is of no use afterwards."""
        with self._readers_lock, self._write_lock, translated(self.path):
            self._closed = True
            for reader in self._free_readers:
                reader.close()
            self._writing.close()
        self.ahead.close()
        self.overflow.close()
        self.writer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Let one program at a time begin or migrate the database at ``path``."""
    lock = FileLock(path.with_name(f"{path.name}.lock"))
    try:
        free = lock.acquire(_OPENING_SECONDS)
    except OSError as error:
        raise from_os_error(error, str(path.parent)) from error
    if not free:
        raise in_use(path)
    with lock:
        yield


def _stand(connection: apsw.Connection) -> int:
    """Return a number that changes with what any other connection writes."""
    return int(connection.pragma("data_version"))


def _sync(folder: Path) -> None:
    """Make the new file's name durable: until then a power cut may take the whole file away."""
    try:
        sync_folder(folder)
    except OSError as error:
        raise from_os_error(error, str(folder)) from error
