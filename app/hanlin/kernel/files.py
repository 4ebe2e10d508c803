"""Writing files so that a crash, a full disk or a power cut leaves the old one or the new one.

Also who may read them.

The encrypted database has its own rules and does not pass through here.
"""

import contextlib
import os
import stat
import sys
import time
from pathlib import Path

from hanlin.kernel.errors import KnownError, from_os_error
from hanlin.kernel.i18n import _

# Windows: access denied, sharing violation, lock violation. A virus scanner or
# an indexer holds a fresh file for a moment.
_HELD_BY_SCANNER = (5, 32, 33)
_RETRIES = 8
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


_PRIVATE = 0o600
_BINARY = getattr(os, "O_BINARY", 0)
_NOT_WAITING = getattr(os, "O_NONBLOCK", 0) | _BINARY
"""A pipe that nobody writes into would not even open."""


def read_whole(path: Path, most: int) -> bytes:
    """Return what is in a file of at most ``most`` bytes. Raises KnownError.

    A pipe or a device is refused: it may never end, or begin.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | _NOT_WAITING)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise KnownError(
                    _("The file cannot be read"),
                    _("{path} is no ordinary file.").format(path=path),
                    _("Choose a file on the disk."),
                )
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                content = file.read(most + 1)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise from_os_error(error, str(path)) from error
    if len(content) > most:
        raise too_large(path.name)
    return content


def too_large(name: str) -> KnownError:
    """Return the error for a file that is larger than what is read here."""
    return KnownError(
        _("The file cannot be read"),
        _("{name} is too large to be read here.").format(name=name),
        _("Divide it into smaller files."),
    )


def write_atomically(path: Path, content: bytes, mode: int = _PRIVATE) -> None:
    """Replace ``path`` by ``content``, durable on return, readable by its owner alone.

    A file of the person's own keeps its ``mode`` instead. Raises OSError; the old file is then
    untouched.
    """
    # A name that nobody can guess, two threads never share and every disk can hold: beside
    # a file in a shared folder anybody may have laid a link, and long names are near the limit.
    temporary = path.with_name(f".hanlin-{os.urandom(8).hex()}.tmp")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, _PRIVATE)
        with os.fdopen(descriptor, "wb") as file:
            if mode != _PRIVATE and sys.platform != "win32":
                os.fchmod(descriptor, mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        replace(temporary, path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames and new names in ``folder`` durable (POSIX; a no-op on Windows)."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_private(*paths: Path) -> None:
    """Take from everybody but the owner what they may do to ``paths``; missing ones are skipped.

    Where a file system or Windows knows no such rights, or the owner is another, nothing happens.
    """
    if sys.platform == "win32":
        return
    for path in paths:
        with contextlib.suppress(OSError):
            mode = stat.S_IMODE(path.stat().st_mode)
            if mode & _OTHERS:
                path.chmod(mode & ~_OTHERS)


def begin_private(path: Path) -> None:
    """Make an empty file at ``path`` that its owner alone may read, unless one is there.

    Raises OSError.
    """
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def move_aside(path: Path) -> Path:
    """Rename a file that cannot be used, keeping it for rescue; return its new name."""
    for number in range(1, 1000):
        target = path.with_name(f"{path.name}.bad{number}")
        if not target.exists():
            path.replace(target)
            return target
    raise FileExistsError(path)


def replace(source: Path, target: Path) -> None:
    """Rename ``source`` to ``target``, patiently where a virus scanner holds one of them.

    Raises OSError; both files are then untouched.
    """
    for attempt in range(_RETRIES):
        try:
            source.replace(target)
        except OSError as error:
            if getattr(error, "winerror", None) not in _HELD_BY_SCANNER or attempt == _RETRIES - 1:
                raise
            time.sleep(0.01 * 2**attempt)
        else:
            return
