"""Why a file cannot be used as a model, in sentences that name the file and what to do."""

from pathlib import Path

from hanlin.kernel.errors import KnownError
from hanlin.kernel.i18n import _
from hanlin.kernel.units import size as size_words
from hanlin_models.ggml_types import WITHDRAWN

MAGIC = b"GGUF"
_OLDEST, _NEWEST = 2, 3
_MOST_KINDS = 256
"""A larger number of a tensor type is no future type but damage."""


def check_beginning(path: Path, beginning: bytes) -> None:
    """Refuse what is no GGUF file at all, naming what it is where that can be told."""
    if not beginning:
        raise refusal(_("{name} is empty."), path, again())
    if beginning.startswith(MAGIC):
        return
    if beginning.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        raise refusal(
            _("{name} is a web page, not a model."),
            path,
            _("The download saved a page instead of the file. Download the file itself."),
        )
    if beginning.startswith(b"version https://git-lfs"):
        raise refusal(
            _("{name} is only a pointer to a model (Git LFS)."),
            path,
            _("Download the file itself; it is much larger."),
        )
    raise not_gguf(path)


def not_gguf(path: Path) -> KnownError:
    """Return what to say about something that is no GGUF file."""
    return refusal(
        _("{name} is not a GGUF model."),
        path,
        _("Get the model as a .gguf file; other formats cannot be used."),
    )


def unreadable(path: Path) -> KnownError:
    """Return what to say about a file that this account may not read."""
    return refusal(
        _("{name} may not be read by this account."),
        path,
        _("Check the permissions of the file and that its disk is connected."),
    )


def check_version(path: Path, version: int) -> None:
    """Refuse a version of the format that the engine does not read."""
    if version & 0xFFFF == 0 and version:
        raise refusal(
            _("{name} was made for another kind of processor (big-endian)."),
            path,
            _("Get the usual, little-endian file of this model."),
        )
    if version < _OLDEST:
        raise refusal(
            _("{name} is in an old format that is no longer read."),
            path,
            _("Get a current GGUF file of this model."),
        )
    if version > _NEWEST:
        raise refusal(
            _("{name} needs a newer version of this program."),
            path,
            _("Install the newest version, or get an older GGUF file of this model."),
        )


def unknown_packing(path: Path, kind: int) -> KnownError:
    """Return what to say about a tensor type that the engine does not know."""
    if kind in WITHDRAWN:
        return refusal(
            _("{name} is packed in a way that is no longer read."),
            path,
            _("Get a current GGUF file of this model."),
        )
    if kind < _MOST_KINDS:
        return refusal(
            _("{name} needs a newer version of this program."),
            path,
            _("Install the newest version, or get this model in another quantisation."),
        )
    return refusal(_("{name} is damaged."), path, again())


def incomplete(path: Path, size: int, needed: int) -> KnownError:
    """Return what to say about a file that is shorter than its table of tensors demands."""
    words = size_words(size), size_words(needed)
    if (
        words[0] == words[1]
    ):  # a few bytes are missing: rounded figures would contradict the sentence
        words = f"{size} B", f"{needed} B"
    return refusal(
        _("{name} is incomplete: {size} are there, {needed} are needed."),
        path,
        again(),
        size=words[0],
        needed=words[1],
    )


def refusal(message: str, path: Path, hint: str, **words: str) -> KnownError:
    """Return the error with ``message``, in which ``{name}`` and ``words`` are filled in."""
    title = _("This file cannot be used as a model")
    return KnownError(title, message.format(name=path.name, **words), hint)


def again() -> str:
    """Return the hint for a file that did not arrive whole."""
    return _("Get the file again, and compare its size with the one on the download page.")
