"""The door to the database library: opening an encrypted file, and its errors in plain words.

Every connection of the program is made here, with the same settings. What the
tables mean does not belong here.
"""

import errno
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import apsw

from hanlin.kernel.errors import BugError, HanlinError, KnownError, from_os_error
from hanlin.kernel.files import begin_private, make_private
from hanlin.kernel.i18n import _

KEY_BYTES = 32
_BUSY_MS = 10_000
_SMALLEST_PAGE = 512
_BESIDE = ("-wal", "-shm", "-journal")
_ALMOST_FULL = 256 * 1024


def connect(
    path: Path, key: bytes, *, create: bool = False, read_only: bool = False
) -> apsw.Connection:
    """Open the encrypted database at ``path`` with the raw ``key`` and prove that the key fits.

    With ``create`` a missing file is begun. ``read_only`` refuses writing through this
    connection. Raises KnownError; a file that cannot be opened is left as it is.
    """
    if len(key) != KEY_BYTES:
        raise ValueError(len(key))
    _refuse_stump(path)
    flags = apsw.SQLITE_OPEN_READWRITE | (apsw.SQLITE_OPEN_CREATE if create else 0)
    if create:
        with suppress(OSError):  # the library meets the same obstacle, and says which it is
            begin_private(path)
    # The library makes its own files beside the database with the database's rights.
    make_private(path, *(path.with_name(path.name + ending) for ending in _BESIDE))
    with translated(path):
        connection = apsw.Connection(str(path), flags=flags)
        try:
            _configure(connection, key)
            if read_only:
                connection.pragma("query_only", 1)
        except BaseException:
            connection.close(force=True)
            raise
    return connection


def _refuse_stump(path: Path) -> None:
    """Refuse what is left of a truncated file: the library would begin a new one over it."""
    try:
        size = path.stat().st_size
    except OSError:
        return
    if 0 < size < _SMALLEST_PAGE:
        raise _damaged(path)


def _configure(connection: apsw.Connection, key: bytes) -> None:
    # SQLCipher 4's own format, so that other programs can open the file with the key.
    connection.pragma("cipher", "sqlcipher")
    connection.pragma("legacy", 4)
    connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"").fetchall()
    connection.set_busy_timeout(_BUSY_MS)
    connection.pragma("cache_size", -8000)
    connection.pragma("trusted_schema", 0)
    connection.pragma("cell_size_check", 1)
    connection.pragma("temp_store", "memory")
    connection.pragma("foreign_keys", 1)
    # The first statement that reads the file is where a wrong key shows.
    connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
    connection.pragma("journal_mode", "wal")
    # NORMAL loses acknowledged messages in a power cut (tests/app/test_store_power.py).
    connection.pragma("synchronous", "full")
    if sys.platform == "darwin":
        connection.pragma("fullfsync", 1)
        connection.pragma("checkpoint_fullfsync", 1)


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn the library's errors about the database at ``path`` into sentences."""
    try:
        yield
    except apsw.Error as error:
        raise _sentence(error, path) from error


def _sentence(error: apsw.Error, path: Path) -> HanlinError:
    # A full disk also shows as "cannot open" or "I/O error", when there is no room for the
    # library's shared-memory file.
    if isinstance(error, apsw.CantOpenError | apsw.IOError) and _almost_full(path):
        return _disk_full(path)
    for kinds, sentence in _SENTENCES:
        if isinstance(error, kinds):
            return sentence(path)
    return BugError(
        _("Something went wrong in the program"),
        _("The database refused a request: {error}").format(error=error),
        _("Nothing that was stored is lost. Please report this."),
    )


def in_use(path: Path) -> KnownError:
    """Return the sentence for a database that another program holds for too long."""
    return KnownError(
        _("The conversations are in use"),
        _("Another program is holding {path} and did not let go.").format(path=path),
        _("Close other windows of this program and try again. Nothing is lost."),
    )


def _disk_full(path: Path) -> KnownError:
    return from_os_error(OSError(errno.ENOSPC, ""), str(path))


def _not_writable(path: Path) -> KnownError:
    return from_os_error(OSError(errno.EACCES, ""), str(path))


def _not_unlocked(path: Path) -> KnownError:
    return KnownError(
        _("The conversations cannot be unlocked"),
        _("The key does not fit {path}, or the file is damaged.").format(path=path),
        _(
            "The file was left as it is. If you copied the data folder, copy keys.json and the "
            "database together; otherwise put a copy from its backups folder in its place."
        ),
    )


def _damaged(path: Path) -> KnownError:
    return KnownError(
        _("The conversations are damaged"),
        _("Part of {path} does not read back as it was written.").format(path=path),
        _(
            "The file was left as it is. Close the program, keep a copy of the file, and put the "
            "newest one from its backups folder in its place."
        ),
    )


def _disk_failed(path: Path) -> KnownError:
    return KnownError(
        _("The disk refused"),
        _("Reading or writing {path} failed.").format(path=path),
        _("Check that the disk is connected and healthy, then try again."),
    )


def _no_memory(_path: Path) -> KnownError:
    return KnownError(
        _("Not enough memory"),
        _("There was no memory left to read the conversations."),
        _("Close other programs and try again. Nothing is lost."),
    )


_SENTENCES: tuple[tuple[tuple[type[apsw.Error], ...], Callable[[Path], KnownError]], ...] = (
    ((apsw.FullError,), _disk_full),
    (
        (apsw.ReadOnlyError, apsw.PermissionsError, apsw.AuthError, apsw.CantOpenError),
        _not_writable,
    ),
    ((apsw.BusyError, apsw.LockedError), in_use),
    ((apsw.NotADBError,), _not_unlocked),
    ((apsw.CorruptError, apsw.FormatError), _damaged),
    ((apsw.IOError,), _disk_failed),
    ((apsw.NoMemError,), _no_memory),
)


def _almost_full(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < _ALMOST_FULL
    except OSError:
        return False
