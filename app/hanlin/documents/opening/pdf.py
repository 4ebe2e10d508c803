"""PDF: the text layer page by page, and pages as pictures, by PDFium."""

from collections.abc import Sequence
from typing import Final

import pypdfium2
from PIL import Image

from hanlin.documents.opening.opened import Raw, Refusing, View
from hanlin.documents.opening.pictures import file_of, raw, shaped
from hanlin.documents.splicing import UnreadableError
from hanlin.domain.attachments import Encoded

_MOST_PAGES: Final = 5_000
_LONGEST_PAGE: Final = 200_000
"""Characters of one page; a hostile one has millions."""
_POINTS: Final = 72.0
_MOST_SCALE: Final = 8.0
_PASSWORD: Final = "password"  # noqa: S105 - a word of PDFium's message


class Pdf(Refusing):
    """A PDF file."""

    def __init__(self, content: bytes) -> None:
        """Open it. Raises UnreadableError."""
        try:
            self._file = pypdfium2.PdfDocument(content)
            self._pages = len(self._file)
        except pypdfium2.PdfiumError as error:
            known = "protected" if _PASSWORD in str(error).lower() else "damaged"
            raise UnreadableError(known, str(error)) from error
        if not self._pages:
            raise UnreadableError("empty")
        if self._pages > _MOST_PAGES:
            raise UnreadableError("too-large", f"{self._pages} pages")

    def facts(self) -> dict[str, object]:
        """Return how many pages it has."""
        return {
            "kind": "document",
            "mime": "application/pdf",
            "pages": self._pages,
            "paged": True,
        }

    def texts(self, first: int, last: int) -> Sequence[str]:
        """Return the text layer; "" for a page that cannot be read, or is a picture."""
        return [self._text(number) for number in range(first, min(last, self._pages) + 1)]

    def drawn(self, pages: Sequence[int]) -> list[int]:
        """Return those of the pages that have anything on them: a picture, a line."""
        return [page for page in pages if 1 <= page <= self._pages and self._is_drawn(page)]

    def picture(self, view: View) -> Raw:
        """Return a page as a picture."""
        return raw(self._seen(view))

    def encoded(self, view: View) -> Encoded:
        """Return a page as a picture file."""
        return file_of(self._seen(view))

    def _text(self, number: int) -> str:
        try:
            page = self._file[number - 1]
            layer = page.get_textpage()
            text = layer.get_text_range(0, min(layer.count_chars(), _LONGEST_PAGE))
            layer.close()
            page.close()
        except pypdfium2.PdfiumError:
            return ""
        return _tidied(text)

    def _is_drawn(self, number: int) -> bool:
        try:
            page = self._file[number - 1]
            count = pypdfium2.raw.FPDFPage_CountObjects(page.raw)
            page.close()
        except pypdfium2.PdfiumError:
            return False
        return bool(count > 0)

    def _seen(self, view: View) -> Image.Image:
        if not 1 <= view.page <= self._pages:
            raise UnreadableError("empty", f"page {view.page}")
        try:
            page = self._file[view.page - 1]
            longer = max(page.get_size())
            if longer <= 0:
                raise UnreadableError("damaged", "a page without a size")
            scale = min(view.side / longer, _MOST_SCALE)
            picture: Image.Image = page.render(scale=scale).to_pil().convert("RGB")
        except (pypdfium2.PdfiumError, ValueError) as error:
            raise UnreadableError("damaged", str(error)) from error
        return shaped(picture, view)


def _tidied(text: str) -> str:
    """Return the text with our line ends and without the marks PDFium puts into it."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\ufffe", "")
    plain = plain.replace("\x02", "").replace("\0", "")
    return "\n".join(line.rstrip() for line in plain.split("\n")).strip()
