"""The open folder at work: listed and counted in the background, read for a question.

Nothing is written here: see ``changes``. Events are published on the thread it happened on.
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hanlin.kernel.errors import HanlinError
from hanlin.kernel.events import EventBus
from hanlin.services.workspace import listing
from hanlin.services.workspace.files import LARGEST, Folder, OutsideError
from hanlin.services.workspace.listing import Listing

_TELL_SECONDS: Final = 0.25
_PAUSE_SECONDS: Final = 0.1
"""After news nothing is computed for so long: whoever draws it needs the interpreter often."""
_ASCII: Final = bytes(range(128))
_LETTERS_A_TOKEN: Final = 3.6
"""ASCII characters of code that a token stands for, about."""
_BYTES_A_TOKEN: Final = 4.2
"""Bytes of Chinese in UTF-8 that a token stands for, about."""


@dataclass(frozen=True, slots=True)
class FolderListed:
    """The files of the open folder are known."""

    listing: Listing


@dataclass(frozen=True, slots=True)
class FolderCounted:
    """The tokens of ``files`` files are counted, ``of`` being all."""

    files: int
    of: int


@dataclass(frozen=True, slots=True)
class FolderRefused:
    """The folder cannot be opened."""

    error: HanlinError


def tokens_in(data: bytes) -> int:
    """Return about how many tokens a model makes of a text's bytes."""
    wide = len(data.translate(None, _ASCII))
    return round((len(data) - wide) / _LETTERS_A_TOKEN + wide / _BYTES_A_TOKEN)


class Workspace:
    """One open folder at a time. Methods may be called from any thread and do not wait."""

    def __init__(self, bus: EventBus) -> None:
        self._bus = bus
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.folder: Folder | None = None
        self.tokens: dict[str, int] = {}
        """About how many tokens the files have, as far as they are counted; 0 is no text."""

    def open(self, root: Path) -> None:
        """List ``root`` and count its tokens; FolderListed or FolderRefused tells of it."""
        self.close()
        self._stop = stop = threading.Event()
        self._thread = threading.Thread(
            target=self._work, args=(root, stop), name="workspace", daemon=True
        )
        self._thread.start()

    def wait(self) -> None:
        """Return when the folder is listed and counted."""
        if self._thread is not None:
            self._thread.join()

    def close(self) -> None:
        """Let nothing go on in the background."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _work(self, root: Path, stop: threading.Event) -> None:
        try:
            folder = Folder(root)
        except HanlinError as error:
            self._bus.publish(FolderRefused(error))
            return
        found = listing.list_folder(folder.root, stop.is_set)
        if stop.is_set():
            return
        self.folder, self.tokens = folder, {}
        self._bus.publish(FolderListed(found))
        stop.wait(2 * _PAUSE_SECONDS)
        self._count(folder, found, self.tokens, stop)

    def _count(
        self, folder: Folder, found: Listing, tokens: dict[str, int], stop: threading.Event
    ) -> None:
        told = time.monotonic()
        for path in sorted(found.folders):
            for entry in found.folders[path]:
                if stop.is_set():
                    return
                if not entry.is_folder:
                    tokens[entry.path] = _tokens_of(folder, entry.path, entry.size)
            if time.monotonic() - told > _TELL_SECONDS:
                self._bus.publish(FolderCounted(len(tokens), found.files))
                stop.wait(_PAUSE_SECONDS)
                told = time.monotonic()
        self._bus.publish(FolderCounted(len(tokens), found.files))


def total(tokens: dict[str, int], paths: Sequence[str]) -> int:
    """Return about how many tokens the files at ``paths`` have together."""
    return sum(tokens.get(path, 0) for path in paths)


def _tokens_of(folder: Folder, path: str, size: int) -> int:
    if size > LARGEST:
        return 0
    try:
        file = folder.read(path)
    except OutsideError:
        return 0
    return 0 if file.is_binary else tokens_in(file.data)
