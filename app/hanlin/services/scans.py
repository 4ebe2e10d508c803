"""Pages of a document that show something and have no text: scanned ones.

They go to a model as pictures, or are read by the OCR pack in their places, so that page numbers
stay what a reader sees. What else is attached belongs to ``attaching``.
"""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Final

from hanlin.documents.opener import OpenFile
from hanlin.documents.recogniser import Recogniser
from hanlin.domain.attachments import Prepared
from hanlin.kernel.errors import KnownError
from hanlin.kernel.i18n import _
from hanlin.services import attaching

PDF: Final = "application/pdf"
MOST_PICTURES: Final = 20
"""Pages that become pictures at once."""
_READ_SIDE: Final = 2048
"""Pixels of a page's longer side when its letters are read."""


def shown(document: Prepared, pages: Sequence[int]) -> Prepared:
    """Return the document without its ``pages``' being missed: they are shown otherwise."""
    return replace(document, drawn=tuple(one for one in document.drawn if one not in pages))


def page_pictures(document: Prepared, pages: Sequence[int]) -> list[Prepared]:
    """Return pages of a document as pictures. Blocks; raises KnownError."""
    about = document.attachment
    with OpenFile(about.name, document.content) as file:
        return [
            attaching.picture(
                file,
                _("{name}, page {page}").format(name=about.name, page=page),
                about.size,
                page=page,
            )
            for page in pages
        ]


def read(
    data: Path, document: Prepared, tell: attaching.Tell = lambda _done, _total: None
) -> Prepared:
    """Return a document with the letters of its scanned pages, by the OCR pack. Blocks.

    Raises KnownError: without the pack, and where no page has a letter.
    """
    about, wanted, pages = document.attachment, document.unread(), list(document.pages)
    with closing(Recogniser(data)) as recogniser, OpenFile(about.name, document.content) as file:
        for count, page in enumerate(wanted):
            tell(count, len(wanted))
            seen = file.encoded(_READ_SIDE, page=page)
            pages[page - 1] = recogniser.text(about.name, seen.content)
    made = shown(replace(document, pages=tuple(pages)), wanted)
    if not made.has_text():
        raise KnownError(
            _("No text was found"),
            _("{name} shows no letters that could be read.").format(name=about.name),
            _("Attach its pages as pictures, for a model that sees."),
        )
    return attaching.weighed(made)
