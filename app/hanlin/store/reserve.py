"""A few megabytes set aside beside the database, given up when the disk is full.

A full disk must not make conversations unreadable (even opening the database writes),
and the answer that is just being written should still find room. Telling the person
that the disk is full is not done here.
"""

import os
import shutil
from pathlib import Path

from hanlin.kernel.files import begin_private

RESERVE_BYTES = 4 * 1024 * 1024
_LEAST_FREE = 32 * RESERVE_BYTES
"""A disk with less room than this is none to take room from."""


class Reserve:
    """The file ``path`` that holds the room. No method raises for what the disk does."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def set_aside(self) -> None:
        """Hold the room, if it is not held and the disk has plenty."""
        try:
            held = self._path.exists() and self._path.stat().st_size == RESERVE_BYTES
            if held or shutil.disk_usage(self._path.parent).free < _LEAST_FREE:
                return
            # Random, because some file systems store zeros in no room at all.
            begin_private(self._path)
            self._path.write_bytes(os.urandom(RESERVE_BYTES))
        except OSError:
            self.give_up()

    def give_up(self) -> bool:
        """Free the room; return whether there was any."""
        try:
            self._path.unlink()
        except OSError:
            return False
        return True
