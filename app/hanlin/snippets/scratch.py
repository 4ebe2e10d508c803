"""The scratch folder of a snippet from outside: how full it is, and taking it away.

Whoever wrote into it may have meant harm: folders a thousand deep, or such as may not be
looked into. Nothing here follows a link, calls itself, or builds a path that grows.
"""

import itertools
import os
import stat
from pathlib import Path
from typing import Final

from hanlin.snippets.places import LARGEST_FOLDER

_BLOCK: Final = 512
"""Bytes that st_blocks counts in, whatever the disk."""
_DEEPEST: Final = 64
_MOST_ENTRIES: Final = 20_000


def is_full(folder: Path) -> bool:
    """Tell whether it holds more than it may: bytes, entries, or folders in folders.

    One that cannot be looked into counts as full.
    """
    total = count = 0
    waiting = [(folder, 0)]
    while waiting:
        place, depth = waiting.pop()
        try:
            for entry in _entries(place):
                status = entry.stat(follow_symlinks=False)
                total += getattr(status, "st_blocks", 0) * _BLOCK
                count += 1
                if stat.S_ISDIR(status.st_mode):
                    waiting.append((place / entry.name, depth + 1))
        except FileNotFoundError:  # gone meanwhile
            continue
        except OSError:
            return True
        if total > LARGEST_FOLDER or count > _MOST_ENTRIES or depth > _DEEPEST:
            return True
    return False


def remove(folder: Path) -> None:
    """Take the folder away with all that is in it, once nobody writes there. Raises OSError.

    Folders are lifted out of each other, so that none is ever too deep to be named.
    """
    names = (os.urandom(8).hex() for _number in itertools.count())
    while inner := _folders_left(folder):
        for place in inner:
            for deeper in _folders_left(place):
                deeper.rename(folder / next(names))
            place.rmdir()
    folder.rmdir()


def _folders_left(place: Path) -> list[Path]:
    """Remove the files in a folder; return its folders, which may be changed from now on."""
    found: list[Path] = []
    for entry in _entries(place):
        path = place / entry.name
        if entry.is_dir(follow_symlinks=False):
            path.chmod(stat.S_IRWXU)
            found.append(path)
        else:
            path.unlink()
    return found


def _entries(place: Path) -> list["os.DirEntry[str]"]:
    with os.scandir(place) as found:
        return list(found)
