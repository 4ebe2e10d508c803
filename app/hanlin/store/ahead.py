"""The database's file taken into the system's memory before somebody waits for what is in it.

A search reads a few hundred pages from all over the file; one after the other they cost a
disk far more than the whole file at one go. What the pages hold is not looked at here, and
the system lets go of them when it has a better use for the room.
"""

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final

_PIECE: Final = 128 * 1024
"""No more than what Linux reads ahead at one time on any disk: the rest of a wish is dropped."""
_LARGEST: Final = 512 * 1024 * 1024
"""A larger file would push out too much of what else is in memory, the model for one."""
_log = logging.getLogger(__name__)


class ReadAhead:
    """The way to one file. The caller sees to it that one thread is in here at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    def read(self, wanted: Callable[[], bool]) -> None:
        """Have the file in memory soon, unless it is very large; end when it is not ``wanted``.

        The file stays open: closing it would drop the locks that the library holds on it, as
        POSIX has it (https://www.sqlite.org/howtocorrupt.html, 2.2).
        """
        try:
            if self._file is None:
                self._file = self._path.open("rb", buffering=0)
            size = os.fstat(self._file.fileno()).st_size
            for start in range(0, size if size <= _LARGEST else 0, _PIECE):
                if not wanted():
                    return
                _take(self._file, start)
        except OSError as error:  # a search meets the same disk, and says what is wrong with it
            _log.warning("not read ahead: %s", error)

    def close(self) -> None:
        """Let go of the file; after every connection to the database is closed."""
        if self._file is not None:
            self._file.close()


def _take(file: IO[bytes], start: int) -> None:
    advise = getattr(os, "posix_fadvise", None)  # neither macOS nor Windows has it
    if advise is not None:
        advise(file.fileno(), start, _PIECE, os.POSIX_FADV_WILLNEED)
        return
    file.seek(start)
    file.read(_PIECE)
