"""Which format a file has, and the file with its texts exchanged; runs in the parser child."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final, Protocol

from hanlin.documents.encodings import Decoded, decode
from hanlin.documents.formats import data, markup, office, plain, qt, timed, web
from hanlin.documents.splicing import Found, Unit, UnreadableError

_TEXTS: Final[dict[str, Callable[[str], Found]]] = {
    ".txt": plain.text, ".text": plain.text, ".log": plain.text, ".md": plain.markdown,
    ".markdown": plain.markdown, ".srt": timed.cues, ".vtt": timed.cues, ".ass": timed.events,
    ".ssa": timed.events, ".html": web.html, ".htm": web.html, ".xhtml": web.html,
    ".json": data.values, ".arb": data.values, ".properties": plain.properties,
    ".strings": plain.apple_strings, ".po": plain.gettext, ".pot": plain.gettext,
}  # fmt: skip
_XML: Final[dict[str, Callable[[bytes, str], Found]]] = {
    ".xlf": web.xliff, ".xliff": web.xliff, ".xml": web.android, ".ts": qt.messages,
}  # fmt: skip
_OFFICE: Final = (".docx", ".pptx", ".xlsx", ".docm", ".pptm", ".xlsm", ".dotx", ".potx", ".xltx")
_PDF: Final = ".pdf"
_NOT_WRITTEN: Final = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f\ufffd]")
"""Characters that nobody types; where there are many of them it is no text."""
SUFFIXES: Final = frozenset({*_TEXTS, *_XML, *_OFFICE, _PDF})


class Document(Protocol):
    """A file that was read."""

    @property
    def units(self) -> Sequence[Unit]:
        """Its texts."""
        ...

    def build(self, targets: Sequence[str | None], *, bilingual: bool) -> bytes:
        """Return the file with other texts; None leaves one as it is."""
        ...


@dataclass(frozen=True, slots=True)
class _Text:
    decoded: Decoded
    found: Found

    @property
    def units(self) -> Sequence[Unit]:
        return self.found.units

    def build(self, targets: Sequence[str | None], *, bilingual: bool) -> bytes:
        return self.decoded.encode(self.found.build(targets, bilingual=bilingual))


@dataclass(frozen=True, slots=True)
class _Bytes:
    found: Found

    @property
    def units(self) -> Sequence[Unit]:
        return self.found.units

    def build(self, targets: Sequence[str | None], *, bilingual: bool) -> bytes:
        return self.found.build(targets, bilingual=bilingual).encode("latin-1")


def read(name: str, content: bytes, language: str = "") -> Document:
    """Read a file by its name's ending. Raises UnreadableError.

    ``language`` is the one it is translated into, which some formats write down.
    """
    suffix = PurePath(name).suffix.lower()
    if suffix == _PDF:
        from hanlin.documents.formats.pages import Pages  # noqa: PLC0415 - PDFium is large

        return Pages(content)
    if suffix in _OFFICE:
        return office.Package(content)
    if suffix in _XML:
        return _Bytes(_XML[suffix](markup.utf8(content), language))
    if suffix not in _TEXTS:
        raise UnreadableError("unknown")
    decoded = decode(content)
    if len(_NOT_WRITTEN.findall(decoded.text)) > len(decoded.text) // 100:
        raise UnreadableError("damaged", "no text")
    return _Text(decoded, _TEXTS[suffix](decoded.text))
