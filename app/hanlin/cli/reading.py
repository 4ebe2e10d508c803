"""What commands read and where they write: checked first, so that no work is done in vain."""

import os
import sys
from pathlib import Path
from typing import BinaryIO, Final

from hanlin.cli.output import Console
from hanlin.documents.encodings import decode, text_of
from hanlin.kernel.errors import KnownError, from_os_error
from hanlin.kernel.files import too_large
from hanlin.kernel.i18n import _

STDIN: Final = "-"
"""The name of standard input."""
_MOST: Final = 2**28
"""Bytes of a file that are read: a device or a pipe may never end."""


def standard_input(console: Console) -> str:
    """Return what comes in. Raises KnownError when there is no text."""
    _say_what_is_waited_for(console)
    text = read_input()
    if not text.strip():
        raise KnownError(
            _("There is nothing to translate"),
            _("No text came from standard input."),
            _("Name a file, or pass a text: echo 你好 | hanlin translate --to en"),
        )
    return text


def read_input(hint: str = "") -> str:
    """Return standard input in whatever encoding; "" when it is closed.

    Raises KnownError with ``hint``, or with the way to translate a file, when it is no text.
    """
    text = text_of(_incoming())
    if text is None:
        raise KnownError(
            _("This is no text"),
            _("What came from standard input has bytes that no text has."),
            hint or _("Give the file's name instead: hanlin translate FILE"),
        )
    return text


def require_folder(folder: Path) -> None:
    """Make the folder for translations; raise KnownError when nothing can be written there."""
    title = _("The translation cannot be written")
    hint = _("Choose another folder with --out.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        message = _("{folder} is a file, not a folder.").format(folder=folder)
        raise KnownError(title, message, hint) from error
    except OSError as error:
        raise from_os_error(error, str(folder)) from error
    if not os.access(folder, os.W_OK):
        message = _("{folder} may not be written by this account.").format(folder=folder)
        raise KnownError(title, message, hint)


def read_text(path: Path) -> str:
    """Return the text of a file in whatever encoding. Raises KnownError."""
    return decode(read_bytes(path)).text


def read_bytes(path: Path) -> bytes:
    """Return what is in a file, or comes out of a pipe. Raises KnownError, also for too much."""
    try:
        with path.open("rb") as file:
            return _whole(file, path.name)
    except OSError as error:
        raise from_os_error(error, str(path)) from error


def read_code(name: str, *, may_be_empty: bool = False) -> str:
    """Return the text of the file ``name`` or of standard input.

    Raises KnownError where it cannot be read or is no text.
    """
    text = text_of(_incoming() if name == STDIN else read_bytes(Path(name)))
    if text is None or not (text.strip() or may_be_empty):
        raise KnownError(
            _("There is no code"),
            _("{path} is no file with text.").format(path=name),
            _("Give a file with source code."),
        )
    return text


def read_words(console: Console) -> str:
    """Return the words that come in, "" when nothing can. Raises KnownError when they are none."""
    _say_what_is_waited_for(console)
    return read_input(_("A file goes along by its name: hanlin ask --file FILE"))


def _say_what_is_waited_for(console: Console) -> None:
    if sys.stdin is not None and sys.stdin.isatty():
        end = "Ctrl+Z" if sys.platform == "win32" else "Ctrl+D"
        console.note(_("Type or paste the text, then press {keys}.").format(keys=end))


def _incoming() -> bytes:
    return b"" if sys.stdin is None else _whole(sys.stdin.buffer, _("Standard input"))


def _whole(file: BinaryIO, name: str) -> bytes:
    content = file.read(_MOST + 1)
    if len(content) > _MOST:
        raise too_large(name)
    return content
