"""Files that the person named in the conversation: which they are, and their text.

No other file can be read, whatever a model asks for. Nothing is written, nothing is listed.
"""

import os
import re
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from hanlin.documents.encodings import text_of
from hanlin.kernel.i18n import _

LARGEST: Final = 2_000_000
"""Bytes that are looked at; a model is told when there are more."""
_QUOTED: Final = re.compile(r"[\"'“‘「『《`<]([^\"'”’」』》`>\n]{2,1000})[\"'”’」』》`>]")
_BARE: Final = re.compile(
    r"(?<![A-Za-z0-9_/:.~\\-])(?:file:///?|~[/\\]|/|[A-Za-z]:[/\\])[^\s\"'“”‘’`<>|*?，。；！？、（）]{1,1000}"
)
_BEGINS: Final = re.compile(r"~[/\\]|/(?!/)|[A-Za-z]:[/\\]")


class UnreadableError(Exception):
    """The file is not read; the text says why, in the interface's language."""


def named_files(texts: Iterable[str]) -> frozenset[str]:
    """Return the absolute paths that stand in what the person wrote; none is looked at.

    Addresses of other computers are none: to ask for them would send the account's name there.
    """
    found: set[str] = set()

    def note_quoted(match: re.Match[str]) -> str:
        path = _local(match[1])
        if not path:
            return match[0]
        found.add(path)
        return " "

    for said in texts:
        rest = _QUOTED.sub(note_quoted, said)
        found.update(filter(None, map(_local, _BARE.findall(rest))))
    return frozenset(found)


def is_named(path: str, named: frozenset[str]) -> bool:
    """Tell whether ``path`` is one of the files that were named."""
    return _local(path) in named


def read_text(path: str) -> str:
    """Return the text of a regular file, its first LARGEST bytes. Raises UnreadableError."""
    try:
        # Not blocking: a pipe without a writer would hang for ever.
        descriptor = os.open(_local(path), os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", "") or str(error)
        raise UnreadableError(
            _("{path} cannot be read: {reason}").format(path=path, reason=reason)
        ) from error
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableError(_("{path} is no file with text.").format(path=path))
        try:
            data = file.read(LARGEST)
        except OSError as error:
            raise UnreadableError(str(error)) from error
    if status.st_size > len(data):  # not within a character
        data = data[: data.rfind(b"\n") + 1] or data
    text = text_of(data)
    if text is None:
        raise UnreadableError(_("{path} is no file with text.").format(path=path))
    if status.st_size > len(data):
        text += f"\n[… {status.st_size - len(data)} bytes more]"
    return text


def _local(text: str) -> str:
    """Return the absolute path that ``text`` names on this computer, "" when it names none."""
    bare = text.strip().removeprefix("file://")
    if os.name == "nt":
        bare = bare.removeprefix("/")
    if not _BEGINS.match(bare) or "\0" in bare:
        return ""
    try:
        return os.path.normpath(Path(bare).expanduser())
    except RuntimeError:  # no home
        return ""
