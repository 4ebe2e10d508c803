"""The words for why something could not be fetched: what happened, and what to do."""

import math
from collections.abc import Callable
from typing import Final

from hanlin.domain.downloads import Cause
from hanlin.kernel.errors import KnownError
from hanlin.kernel.i18n import _, joined, ngettext

MINUTE: Final = 60
LONG: Final = 2 * MINUTE
"""From so many seconds on minutes are said."""

TRANSIENT = frozenset(
    {
        Cause.UNREACHABLE,
        Cause.NAME_UNKNOWN,
        Cause.NAME_SLOW,
        Cause.STALLED,
        Cause.CUT,
        Cause.SERVER_ERROR,
        Cause.RATE_LIMITED,
        Cause.PROXY,
    }
)
"""What may pass by itself."""

LOCAL = frozenset(
    {
        Cause.DAMAGED_HERE,
        Cause.DISK_FULL,
        Cause.FILE_TOO_LARGE,
        Cause.NOT_WRITABLE,
        Cause.IN_USE,
        Cause.BAD_NAME,
        Cause.NEVER_CONNECT,
        Cause.INTERRUPTED,
    }
)
"""What no other source can change."""


TOLD = frozenset(
    {
        Cause.NO_SUCH_REPOSITORY,
        Cause.GATED,
        Cause.ACCOUNT_REFUSED,
        Cause.RATE_LIMITED,
        Cause.SERVER_ERROR,
    }
)
"""Whose words tell it all: a server's own would only say it again, in English or misleadingly."""


def sentence(cause: Cause) -> str:
    """Return what happened, as one sentence."""
    return _WORDS[cause][0]()


def hint(cause: Cause) -> str:
    """Return what to do about it, perhaps nothing."""
    return _WORDS[cause][1]()


def error(
    cause: Cause, what: str, detail: str = "", advice: str = "", wait: float = 0.0
) -> KnownError:
    """Return the error to show for ``what``, which is a model's, file's or host's name.

    It is of a question, not of a download: there is nothing to go on with. ``advice`` takes the
    place of the hint where more is known; ``wait`` is for how many seconds a server wants peace.
    """
    message = _("{what}: {reason}").format(what=what, reason=sentence(cause))
    if detail:
        message = joined("", (message, _(" ({detail})").format(detail=detail)))
    usual = _again(wait) if _WORDS[cause][1] is _AGAIN_LATER else hint(cause)
    return KnownError(_("This could not be fetched"), message, advice or usual)


def _again(seconds: float) -> str:
    if seconds <= 0:
        return _("Try again later.")
    if seconds < LONG:
        count = math.ceil(seconds)
        said = ngettext("Try again in {count} second.", "Try again in {count} seconds.", count)
    else:
        count = math.ceil(seconds / MINUTE)
        said = ngettext("Try again in {count} minute.", "Try again in {count} minutes.", count)
    return said.format(count=count)


def _nothing() -> str:
    return ""


_OTHER_SOURCE: Callable[[], str] = lambda: _("Choose another source and try again.")  # noqa: E731 - looked up late, like its neighbours
_AGAIN_LATER: Callable[[], str] = lambda: _("It goes on where it stopped. Try again later.")  # noqa: E731 - the same

_WORDS: dict[Cause, tuple[Callable[[], str], Callable[[], str]]] = {
    Cause.NONE: (_nothing, _nothing),
    Cause.UNREACHABLE: (
        lambda: _("The server cannot be reached."),
        lambda: _("Check the network, or choose another source."),
    ),
    Cause.NAME_UNKNOWN: (
        lambda: _("The server's name is not known to the network (DNS)."),
        lambda: _("Check the network, or choose another source."),
    ),
    Cause.NAME_SLOW: (
        lambda: _("The network does not answer where the server is (DNS)."),
        lambda: _("Check the network, or choose another source."),
    ),
    Cause.STALLED: (lambda: _("Nothing more came from the server."), _AGAIN_LATER),
    Cause.CUT: (lambda: _("The connection was cut."), _AGAIN_LATER),
    Cause.SERVER_ERROR: (lambda: _("The server has a fault."), _AGAIN_LATER),
    Cause.RATE_LIMITED: (lambda: _("The server asks to wait."), _AGAIN_LATER),
    Cause.PROXY: (
        lambda: _("The proxy did not let the connection through."),
        lambda: _("Check the proxy in the settings."),
    ),
    Cause.NO_SUCH_REPOSITORY: (
        lambda: _("This repository does not exist, or it is private."),
        lambda: _("Check the name. A private one needs a token of your account there."),
    ),
    Cause.NO_SUCH_FILE: (
        lambda: _("The repository has no such file."),
        lambda: _("Its owner may have renamed it: look at the list of its files."),
    ),
    Cause.GATED: (
        lambda: _("Its owner lets only those download it who agreed to the terms."),
        lambda: _(
            "Agree on the model's web page, then store a token of your account"
            " (“Token…” at “Search the Hub”, or “hanlin models token”)."
        ),
    ),
    Cause.ACCOUNT_REFUSED: (
        lambda: _("The Hub did not accept the stored token; it may have expired."),
        lambda: _(
            "Make a new token on the Hub's web page and store it (“Token…” at “Search the Hub”,"
            " or “hanlin models token”), or remove the old one there."
        ),
    ),
    Cause.FORBIDDEN: (lambda: _("The server refused to hand it out."), _OTHER_SOURCE),
    Cause.CLOCK: (
        lambda: _("The server's certificate is not valid at this computer's date."),
        lambda: _("Set the computer's clock right."),
    ),
    Cause.CERTIFICATE: (
        lambda: _("The server could not prove who it is (TLS certificate)."),
        lambda: _("Someone may be listening in. Use another network or another source."),
    ),
    Cause.WEB_PAGE: (
        lambda: _("A web page came instead of the file."),
        lambda: _("The network may ask you to sign in first: open a web page in the browser."),
    ),
    Cause.NOT_A_MODEL: (lambda: _("What came is not a GGUF model."), _OTHER_SOURCE),
    Cause.WRONG_RANGE: (lambda: _("The server sent another part than was asked."), _OTHER_SOURCE),
    Cause.RANGE_REFUSED: (
        lambda: _("The server refused to go on in the middle of the file."),
        _OTHER_SOURCE,
    ),
    Cause.CHANGED: (
        lambda: _("The file there is not the one that was asked for any more."),
        lambda: _("Its owner may have replaced it: look it up again."),
    ),
    Cause.WRONG_SIZE: (lambda: _("The server's file has another size."), _OTHER_SOURCE),
    Cause.EMPTY: (
        lambda: _("The file there is empty (0 bytes)."),
        lambda: _("Its owner made a mistake with it. Choose another quantisation or source."),
    ),
    Cause.TOO_LONG: (lambda: _("The server sent more than the file."), _OTHER_SOURCE),
    Cause.ENCODED: (lambda: _("The server sent the file packed in another form."), _OTHER_SOURCE),
    Cause.NOT_ENCRYPTED: (
        lambda: _("The server wanted to go on without encryption."),
        _OTHER_SOURCE,
    ),
    Cause.ODD_ANSWER: (lambda: _("The server gave an answer that makes no sense."), _OTHER_SOURCE),
    Cause.WRONG_HASH: (
        lambda: _("The file that came is not the right one: its checksum differs."),
        lambda: _("It was not used. Choose another source and try again."),
    ),
    Cause.NO_HASH: (
        lambda: _("No source gives a checksum, so the file could not be verified."),
        lambda: _("Download it in a browser and add the file."),
    ),
    Cause.DAMAGED_HERE: (
        lambda: _("The file changes on this computer's disk while it is written."),
        lambda: _("The disk or the memory may be failing. Use another disk."),
    ),
    Cause.DISK_FULL: (
        lambda: _("The disk is nearly full."),
        lambda: _("Free some space, then go on; nothing that came is lost."),
    ),
    Cause.FILE_TOO_LARGE: (
        lambda: _("This disk cannot hold files of this size (FAT32 stops at 4 GB)."),
        lambda: _("Choose a folder on another disk."),
    ),
    Cause.NOT_WRITABLE: (
        lambda: _("The folder for models cannot be written."),
        lambda: _("Change its permissions, or choose another folder."),
    ),
    Cause.IN_USE: (
        lambda: _("Another window or command is downloading this file already."),
        lambda: _("Wait for it, or stop it there."),
    ),
    Cause.BAD_NAME: (
        lambda: _("The name of the repository or file is not allowed."),
        lambda: _("Check the name."),
    ),
    Cause.NEVER_CONNECT: (
        lambda: _("“Never connect” is switched on."),
        lambda: _("Switch it off in the settings, or carry the model here on a USB stick."),
    ),
    Cause.INTERRUPTED: (
        lambda: _("The helper that downloads stopped."),
        lambda: _("It goes on where it stopped. Try again."),
    ),
}
