"""Which running program is writing which answer.

Window and command line may stream into one database at once, so a message found
"streaming" is a leftover only if the program that wrote it is gone. Each open
store holds a lock on a file named after it for as long as it lives; the operating
system drops the lock with the process, so neither a crash nor a reused process
number can make a dead writer look alive.
"""

import os
from pathlib import Path

from hanlin.kernel.errors import from_os_error
from hanlin.kernel.instance import FileLock

_SUFFIX = ".lock"
_OVERFLOW = ".overflow"


class Writer:
    """This store's own sign of life. ``id`` is stored with every streaming message."""

    def __init__(self, folder: Path) -> None:
        """Take a fresh id and hold its lock. Raises KnownError when the folder refuses."""
        self.id = os.urandom(8).hex()
        self._folder = folder
        self._lock = FileLock(folder / f"{self.id}{_SUFFIX}")
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock.try_acquire()
        except OSError as error:
            raise from_os_error(error, str(folder)) from error

    def is_gone(self, writer: str | None) -> bool:
        """Return whether the store called ``writer`` lives no more. Nobody is gone as well.

        Also takes away the sign it left behind.
        """
        if writer == self.id:
            return False
        if writer is None:
            return True
        path = self._folder / f"{writer}{_SUFFIX}"
        if path.parent != self._folder or not path.exists():
            return True
        lock = FileLock(path)
        if not lock.try_acquire():
            return False
        lock.release(remove=True)
        return True

    @property
    def overflow(self) -> Path:
        """Where this store keeps what a full disk refuses: for as long as it is locked, its own."""
        return self._folder / f"{self.id}{_OVERFLOW}"

    def overflows(self) -> list[Path]:
        """Return the files that stores, of this and other programs, keep such things in."""
        return sorted(self._folder.glob(f"*{_OVERFLOW}"))

    def sweep(self) -> None:
        """Take away the signs of all stores that are gone."""
        for path in self._folder.glob(f"*{_SUFFIX}"):
            self.is_gone(path.name.removesuffix(_SUFFIX))

    def close(self) -> None:
        """Say that this store lives no more."""
        self._lock.release(remove=True)
