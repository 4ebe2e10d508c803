"""What is said of an attachment in a few words: its size, its pages, its length, its cost."""

from hanlin.domain.attachments import Attachment, AttachmentKind
from hanlin.kernel.i18n import _, ngettext

_SECONDS = 60
_MILLISECONDS = 1000
KINDS = {
    AttachmentKind.PICTURE: "picture",
    AttachmentKind.DOCUMENT: "document",
    AttachmentKind.SOUND: "sound",
}
"""The icon of each kind."""


def size(about: Attachment) -> str:
    """Return how large it is."""
    if about.kind is AttachmentKind.PICTURE:
        return f"{about.width} × {about.height}"
    if about.kind is AttachmentKind.SOUND:
        seconds = max(1, round(about.milliseconds / _MILLISECONDS))  # no sound is 0:00 long
        return f"{seconds // _SECONDS}:{seconds % _SECONDS:02}"
    if about.first or about.last:
        words = (
            _("pages {first}–{last} of {count}")
            if about.paged
            else _("sections {first}–{last} of {count}")
        )
        return words.format(
            first=f"{about.first:,}", last=f"{about.last:,}", count=f"{about.pages:,}"
        )
    if about.paged:
        return ngettext("{count} page", "{count} pages", about.pages).format(
            count=f"{about.pages:,}"
        )
    return ngettext("{count} section", "{count} sections", about.pages).format(
        count=f"{about.pages:,}"
    )


def cost(about: Attachment) -> str:
    """Return what it costs of the context."""
    return ngettext("about {count} token", "about {count} tokens", about.tokens).format(
        count=f"{about.tokens:,}"
    )
