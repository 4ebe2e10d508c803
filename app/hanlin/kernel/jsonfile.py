"""Small JSON files that survive crashes, full disks and meddling.

A file holds one JSON object. The content before the last change lies beside it as
``.bak``; a file that cannot be read is set aside, never overwritten or deleted. What
the keys mean is the business of the file's owner.
"""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hanlin.kernel.errors import KnownError, from_os_error
from hanlin.kernel.files import move_aside, write_atomically
from hanlin.kernel.i18n import _
from hanlin.kernel.instance import FileLock

JsonObject = dict[str, object]
_LOCK_SECONDS = 10.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """What was read: ``content``, and a sentence for the person in ``note`` or ""."""

    content: JsonObject
    note: str = ""


def read(path: Path, *, mend: bool = True) -> Found:
    """Read the object in ``path``; where that is damaged, the one before it or an empty one.

    A damaged file is set aside and the note says so, also in the log. Without ``mend`` it
    is left, and nothing is said: for who reads before there is anybody to tell. Never
    raises for what the disk holds or refuses.
    """
    try:
        return Found(parse(path.read_bytes()))
    except FileNotFoundError:
        return Found({})
    except OSError as error:
        found = Found({}, str(from_os_error(error, str(path))))
    except ValueError:
        if not mend:
            return Found(_before(path) or {})
        found = _recover(path)
    _log.warning("%s", found.note)
    return found


def _recover(path: Path) -> Found:
    try:
        aside = move_aside(path)
    except OSError as error:
        return Found({}, str(from_os_error(error, str(path))))
    before = _before(path)
    if before is None:
        note = _("{path} could not be read. Defaults are used; the file was kept as {aside}.")
    else:
        note = _("{path} could not be read. The one before is used; the file was kept as {aside}.")
        try:
            write_atomically(path, _backup(path).read_bytes())
        except OSError as error:
            _log.info("the one before is not put in its place: %s", error)
    return Found(before or {}, note.format(path=path, aside=aside.name))


def _before(path: Path) -> JsonObject | None:
    """Return the content before the last change, None where there is none to be read."""
    try:
        return parse(_backup(path).read_bytes())
    except (OSError, ValueError) as error:
        _log.info("nothing to put in its place: %s", error)
        return None


def write(path: Path, content: JsonObject) -> None:
    """Replace the object in ``path``, durably, keeping the one before as ``.bak``.

    Raises KnownError; the old file is then untouched.
    """
    # ASCII, because a path may hold bytes that are no text in any encoding.
    data = json.dumps(content, indent=2).encode("ascii") + b"\n"
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            before = path.read_bytes()
            parse(before)
        except (FileNotFoundError, ValueError):
            pass  # nothing worth keeping
        else:
            write_atomically(_backup(path), before)
        write_atomically(path, data)
    except OSError as error:
        raise from_os_error(error, str(path)) from error


@contextmanager
def changing(path: Path) -> Iterator[Found]:
    """Yield what ``path`` holds, to be changed alone among threads and programs; then keep it.

    Raises KnownError when somebody else holds it for too long or the disk refuses.
    """
    lock = FileLock(path.with_name(f"{path.name}.lock"))
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with lock:
            if not lock.acquire(_LOCK_SECONDS):
                raise _in_use(path)
            found = read(path)
            yield found
            write(path, found.content)
    except OSError as error:
        raise from_os_error(error, str(path)) from error


def _in_use(path: Path) -> KnownError:
    return KnownError(
        _("A file of the program is in use"),
        _("Another program is holding {path} and did not let go.").format(path=path),
        _("Close other windows of this program and try again."),
    )


def parse(data: bytes) -> JsonObject:
    """Return the JSON object in ``data``; raises ValueError for anything else."""
    try:
        content = json.loads(data)
    except RecursionError as error:
        raise ValueError(str(error)) from error
    if isinstance(content, dict):
        return content
    raise ValueError(type(content).__name__)


def _backup(path: Path) -> Path:
    return path.with_name(f"{path.name}.bak")
