"""Locks between processes: who runs on this data folder, and who is still alive.

The operating system drops such a lock when its process dies, however it dies, so
there is nothing stale to clean up: a process number in a file would survive its
process and be reused. Telling a running window to come forward is the window's work.
"""

import os
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_POLL_SECONDS = 0.02


class FileLock:
    """An exclusive lock on a file of its own, held until released or the process ends.

    Two objects on one path exclude each other, also within one process. The file
    stays behind empty; it means nothing by itself.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    @property
    def held(self) -> bool:
        """Return whether this object holds the lock."""
        return self._descriptor is not None

    def try_acquire(self) -> bool:
        """Take the lock if nobody holds it; return whether it is now held by this object.

        Raises OSError when the file cannot be made or opened.
        """
        if self._descriptor is not None:
            return True
        while True:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
            if not _lock(descriptor):
                os.close(descriptor)
                return False
            if _is_still_at(descriptor, self.path):
                self._descriptor = descriptor
                return True
            os.close(descriptor)  # its last owner removed the file just before we locked it

    def acquire(self, timeout_s: float) -> bool:
        """Wait up to ``timeout_s`` seconds for the lock; return whether it is held."""
        deadline = time.monotonic() + timeout_s
        while not self.try_acquire():
            if time.monotonic() >= deadline:
                return False
            time.sleep(_POLL_SECONDS)
        return True

    def release(self, *, remove: bool = False) -> None:
        """Give the lock back, and with ``remove`` take its file away. Harmless when not held."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is None:
            return
        if remove and sys.platform != "win32":
            self.path.unlink(missing_ok=True)
        os.close(descriptor)
        if remove and sys.platform == "win32":  # an open file cannot be removed there
            try:
                self.path.unlink(missing_ok=True)
            except OSError:
                return  # the next owner has it already

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def _lock(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def _is_still_at(descriptor: int, path: Path) -> bool:
    if sys.platform == "win32":
        return True
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
