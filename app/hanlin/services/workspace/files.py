"""Files of an open folder: read, and written back as they were but for what changes.

Nothing outside the folder is touched: no link is followed, no name leads up. Which lines change
belongs to ``changes``.
"""

import hashlib
import os
import re
import stat
import unicodedata
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from hanlin.documents.encodings import text_of
from hanlin.kernel import files
from hanlin.kernel.errors import KnownError, from_os_error
from hanlin.kernel.i18n import _

LARGEST: Final = 2_000_000
"""Bytes of a file that a model may be shown."""
_BOM: Final = b"\xef\xbb\xbf"
_NEVER: Final = frozenset({".git", ".hg", ".svn"})
_SHORT_NAME: Final = re.compile(r"(?:git|hg|svn)~\d+")
"""What Windows calls such a folder besides."""
_NEW_MODE: Final = 0o644


class OutsideError(Exception):
    """A file that is not touched; the text says why, in the interface's language."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file as it was read. ``path`` is inside the folder, with slashes."""

    path: str
    data: bytes
    mode: int

    @property
    def fingerprint(self) -> str:
        """A hash of every byte."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def is_utf8(self) -> bool:
        """Whether it is text that can be written back to the byte."""
        try:
            self.data.decode("utf-8")
        except UnicodeDecodeError:
            return False
        return not self.is_binary

    @property
    def is_binary(self) -> bool:
        """Whether it is no text at all."""
        return text_of(self.data) is None

    @property
    def text(self) -> str:
        """The text, every line end as it is; "" of a binary file."""
        return text_of(self.data) or ""

    def with_text(self, text: str) -> bytes:
        """Return the bytes of the file with another text."""
        return (_BOM if self.data.startswith(_BOM) else b"") + text.encode()


class Folder:
    """The open folder. Every method may be called from any thread."""

    def __init__(self, root: Path) -> None:
        try:
            self.root = root.resolve(strict=True)
        except OSError as error:
            raise from_os_error(error, str(root)) from error
        if not self.root.is_dir():
            raise KnownError(
                _("This is no folder"),
                _("{path} is not a folder that can be opened.").format(path=root),
                _("Choose the folder that holds the code."),
            )

    def place(self, path: str) -> Path:
        """Return where ``path`` lies. Raises OutsideError when that is not inside the folder."""
        pure = PurePosixPath(path)
        parts = pure.parts
        odd = not parts or pure.is_absolute() or "\0" in path or ".." in parts
        if odd or (os.name == "nt" and any(set(':\\*?"<>|') & set(part) for part in parts)):
            raise OutsideError(_("{path} is not inside the open folder.").format(path=path))
        if any(map(_is_version_control, parts)):
            raise OutsideError(_("{path} belongs to the version control.").format(path=path))
        place = self.root
        for part in parts:
            place = self._below(place, part)
            if place.is_symlink():
                raise OutsideError(
                    _("{path} is a link or lies behind one; links are not followed.").format(
                        path=path
                    )
                )
        return place

    def exists(self, path: str) -> bool:
        """Tell whether something lies at ``path``. Raises OutsideError."""
        return os.path.lexists(self.place(path))

    def read(self, path: str) -> SourceFile:
        """Return a file. Raises OutsideError for what is none, or is too large."""
        place = self.place(path)
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        try:
            descriptor = os.open(place, flags | getattr(os, "O_BINARY", 0))
        except OSError as error:
            raise _unreadable(path, error) from error
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise OutsideError(_("{path} is no file with text.").format(path=path))
            if status.st_size > LARGEST:
                raise OutsideError(_("{path} is too large to be read here.").format(path=path))
            try:
                data = file.read(LARGEST + 1)
            except OSError as error:
                raise _unreadable(path, error) from error
        return SourceFile(path, data, stat.S_IMODE(status.st_mode))

    def write(self, path: str, data: bytes, mode: int | None) -> list[Path]:
        """Replace a file, or make it; return the folders made for it. Raises KnownError."""
        try:
            place = self.place(path)
        except OutsideError as error:
            raise KnownError(_("Nothing was written"), str(error)) from error
        made: list[Path] = []
        try:
            for folder in reversed(place.parents):
                if not folder.exists():
                    folder.mkdir()
                    made.append(folder)
            files.write_atomically(place, data, _NEW_MODE if mode is None else mode)
        except OSError as error:
            self.remove_folders(made)
            raise from_os_error(error, path) from error
        return made

    def remove(self, path: str) -> None:
        """Take away a file that was made here. Raises KnownError."""
        try:
            self.place(path).unlink()
        except OSError as error:
            raise from_os_error(error, path) from error

    def remove_folders(self, made: list[Path]) -> None:
        """Take away folders that were made for a file, as far as they are empty."""
        for folder in reversed(made):
            try:
                folder.rmdir()
            except OSError:
                return

    def _below(self, place: Path, name: str) -> Path:
        """Return ``name`` in ``place``, in whichever way of Unicode it is spelled there."""
        child = place / name
        if os.path.lexists(child) or name.isascii():
            return child
        for form in ("NFC", "NFD"):
            other = place / unicodedata.normalize(form, name)
            if os.path.lexists(other):
                return other
        return child


def _is_version_control(part: str) -> bool:
    """Tell whether some system takes ``part`` for git's folder: as git itself asks.

    Windows drops dots and blanks at the end and knows short names, macOS drops letters that
    nobody sees.
    """
    seen = "".join(letter for letter in part if unicodedata.category(letter) != "Cf")
    bare = seen.split(":")[0].rstrip(". ").lower()
    return bare in _NEVER or bool(_SHORT_NAME.fullmatch(bare))


def _unreadable(path: str, error: OSError) -> OutsideError:
    reason = error.strerror or str(error)
    return OutsideError(_("{path} cannot be read: {reason}").format(path=path, reason=reason))
