"""Texts named on the command line, in a file or on standard input; using them is elsewhere."""

import sys
from pathlib import Path
from typing import Final

from hanlin.documents.encodings import text_of
from hanlin.kernel.errors import KnownError, from_os_error
from hanlin.kernel.i18n import _

STDIN: Final = "-"


def read_code(name: str, *, may_be_empty: bool = False) -> str:
    """Return the text of the file ``name`` or of standard input.

    Raises KnownError where it cannot be read or is no text.
    """
    try:
        data = sys.stdin.buffer.read() if name == STDIN else Path(name).read_bytes()
    except OSError as error:
        raise from_os_error(error, name) from error
    text = text_of(data)
    if text is None or not (text.strip() or may_be_empty):
        raise KnownError(
            _("There is no code"),
            _("{path} is no file with text.").format(path=name),
            _("Give a file with source code."),
        )
    return text
