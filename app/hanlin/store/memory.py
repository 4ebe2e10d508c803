"""A database that is in memory only: for conversations that must never touch the disk.

It has the tables of the file and answers the same statements; when it is closed, what was
in it is gone. What the system itself writes out of memory (a swap file, sleep) is not ours
to prevent.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from hanlin.kernel.clock import Clock
from hanlin.store.connection import translated
from hanlin.store.database import Database
from hanlin.store.migrations import migrate
from hanlin.store.overflow import Overflow

_IN_MEMORY = 2


class MemoryDatabase(Database):
    """Like a database that a file has, with one connection for reading and writing."""

    on_disk = False

    def __init__(self, clock: Clock) -> None:
        self.path = Path(":memory:")
        self.clock = clock
        self.key = os.urandom(32)
        self._write_lock = threading.RLock()
        with translated(self.path):
            self._writing = apsw.Connection(":memory:")
            self._writing.pragma("foreign_keys", 1)
            self._writing.pragma("temp_store", _IN_MEMORY)
        migrate(self._writing, self.path, self.key, clock)
        # Never takes its room on the disk, so it keeps nothing.
        self.overflow = Overflow(self.path, self.key)

    @contextmanager
    def reading(self) -> Iterator[apsw.Connection]:
        """Lend the one connection, whoever has it first."""
        with self._write_lock:
            yield self._writing

    def close(self) -> None:
        """Let go of everything."""
        with self._write_lock:
            self._writing.close()

    def _make_room(self) -> None:
        """There is no reserve to give up."""
