"""Texts in pages: how a long text without pages is divided into sections."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from hanlin.documents.opening.opened import Refusing
from hanlin.documents.splicing import UnreadableError

_SECTION: Final = 3_000
"""Characters; about a page of Chinese, or two of English."""
_MOST: Final = 20_000_000
"""Characters that are taken of one file."""


class Pages(Refusing):
    """A document that was read to texts."""

    def __init__(self, mime: str, pages: Sequence[str], *, paged: bool) -> None:
        """Raise UnreadableError when there is nothing in it, or too much."""
        if not any(page.strip() for page in pages):
            raise UnreadableError("empty")
        if sum(map(len, pages)) > _MOST:
            raise UnreadableError("too-large")
        self._mime = mime
        self._pages = pages
        self._paged = paged

    def facts(self) -> dict[str, object]:
        """Return how many pages it has, and whether a reader sees them."""
        return {
            "kind": "document",
            "mime": self._mime,
            "pages": len(self._pages),
            "paged": self._paged,
        }

    def texts(self, first: int, last: int) -> Sequence[str]:
        """Return the texts."""
        return self._pages[first - 1 : last]


def sections(lines: Iterable[str]) -> list[str]:
    """Divide lines into sections of some thousand characters, at empty lines if there are any."""
    found: list[str] = []
    held: list[str] = []
    size = 0
    for line in _short(lines):
        if size > _SECTION and (not line.strip() or size > 2 * _SECTION):
            found.append("\n".join(held).strip("\n"))
            held, size = [], 0
        held.append(line)
        size += len(line) + 1
    found.append("\n".join(held).strip("\n"))
    return [section for section in found if section.strip()]


def _short(lines: Iterable[str]) -> Iterator[str]:
    """Cut lines that are longer than a section: minified code, a book without line ends."""
    for line in lines:
        for start in range(0, max(1, len(line)), _SECTION):
            yield line[start : start + _SECTION]
