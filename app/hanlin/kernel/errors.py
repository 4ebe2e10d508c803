"""The errors that may reach a person.

Every such error carries a title, a message and a hint, already in the
interface's language, and knows whose fault it is. Translating a foreign
exception (OSError, an SQLite code, an engine code) into one of these happens
once, at the door where the foreign library is called; it does not belong here,
except for the operating system's own errors, which every door meets.
"""

import errno
from collections.abc import Iterable

from hanlin.kernel.i18n import Said, _, joined, said_again

_REFUSALS = (errno.EACCES, errno.EPERM, errno.EROFS)
_FULL_WIDTH_STOPS = ("。", "！", "？", "；", "：", "…")


class HanlinError(Exception):
    """Something went wrong that a person should hear about.

    ``title`` is a few words, ``message`` says what happened, ``hint`` says what
    to do about it (possibly empty). All three are plain text, never markup, and follow a change
    of the language where they are given as ``_`` and ``format`` return them.
    """

    def __init__(self, title: str, message: str, hint: str = "") -> None:
        super().__init__(title, message, hint)
        self.title = title
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return join_sentences(self.message, self.hint)


def join_sentences(*sentences: str) -> str:
    """Return the sentences as one text: a space between them, none after a Chinese full stop."""
    return Said(lambda: _joined(filter(None, map(said_again, sentences))))


def _joined(sentences: Iterable[str]) -> str:
    text = ""
    for sentence in sentences:
        text += sentence if not text or text.endswith(_FULL_WIDTH_STOPS) else f" {sentence}"
    return text


class KnownError(HanlinError):
    """The world's fault: a full disk, a damaged file, a missing permission."""


class DiskFullError(KnownError):
    """There is no room left: the one failure that the program can do something about itself."""


class BugError(HanlinError):
    """Our fault: the window may offer a report, and apologises."""


def from_bug(error: Exception) -> BugError:
    """Return what to tell of an exception that nobody expected."""
    return BugError(
        _("Something went wrong"),
        _("The program made a mistake: {error}").format(error=repr(error)),
        _("Help → Report shows a text that helps to find it."),
    )


class UserCancelled(Exception):
    """A person stopped what was going on. Never shown as a failure."""


def from_home_error(error: OSError, folder: str) -> KnownError:
    """Return the sentence for ``error``, which befell the folder that everything is kept in."""
    if error.errno not in _REFUSALS:
        return from_os_error(error, folder)
    return KnownError(
        _("There is no place to keep anything"),
        _(
            "{folder} may not be written by this account. Conversations and settings are kept"
            " there, so Hanlin does not start."
        ).format(folder=folder),
        _(
            "Take the write protection away (a USB stick may have a switch for it), or start with"
            " another folder: hanlin --data-dir FOLDER"
        ),
    )


def from_os_error(error: OSError, what: str) -> KnownError:
    """Return the sentence for ``error``, which happened to ``what`` (a path or a name)."""
    title = _("The file system refused")
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFullError(
            _("The disk is full"),
            _("There is no room left to write {what}.").format(what=what),
            _("Free some space and try again. Nothing that was stored is lost."),
        )
    if error.errno in _REFUSALS:
        return KnownError(
            title,
            _("{what} may not be written or read by this account.").format(what=what),
            _("Change the permissions there, or choose another place."),
        )
    if error.errno == errno.ENOENT:
        return KnownError(
            _("Not found"),
            _("{what} does not exist.").format(what=what),
            _("Check the name, or choose the file again."),
        )
    if error.errno == errno.EISDIR:
        return KnownError(
            title,
            _("{what} is a folder, not a file.").format(what=what),
            _("Choose a file in it."),
        )
    if error.errno == errno.ENOTDIR:
        return KnownError(
            title,
            _("{what} cannot exist: a part of this path is a file, not a folder.").format(
                what=what
            ),
            _("Choose another folder or file."),
        )
    return KnownError(
        title,
        joined(": ", (what, error.strerror or str(error))),
        _("Check that the disk is connected and in order, then try again."),
    )
