"""Word, PowerPoint and Excel files: their texts, with every run and style where it was.

Only the texts inside the XML parts are exchanged; all other bytes of the parts, and all
other parts, stay as they are.
"""

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from hanlin.documents.formats import runs
from hanlin.documents.formats.markup import Element, walk
from hanlin.documents.formats.runs import Dialect, Text
from hanlin.documents.splicing import Found, Unit, UnreadableError, has_words
from hanlin.kernel import archives

_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MOST: Final = 400 * 2**20
"""Bytes that the parts may have unpacked."""
_WORD: Final = re.compile(
    r"word/(?:document|header\d*|footer\d*|footnotes|endnotes|comments)\d*\.xml"
)
_SLIDE: Final = re.compile(r"ppt/(?:slides/slide\d+|notesSlides/notesSlide\d+)\.xml")
_SHEET: Final = re.compile(r"xl/worksheets/sheet\d+\.xml")
_STRINGS: Final = re.compile(r"xl/sharedStrings\.xml")
_TABLE: Final = re.compile(r"xl/tables/table\d+\.xml")

WORD: Final = Dialect(
    "w:p", "w:r", "w:t", "w:rPr", ("w:br", "w:tab", "w:cr", "w:drawing", "w:pict")
)
SLIDES: Final = Dialect("a:p", "a:r", "a:t", "a:rPr", ("a:br", "a:fld"), ("a:fld",))
STRINGS: Final = Dialect("si", "r", "t", "rPr", (), ("rPh",))
INLINE: Final = Dialect("is", "r", "t", "rPr", (), ("rPh",))


@dataclass(slots=True)
class _Open:
    element: Element
    texts: list[Text] = field(default_factory=list)


class Package:
    """A file of XML parts in a ZIP."""

    def __init__(self, content: bytes) -> None:
        """Raise UnreadableError when the file is damaged or protected with a password."""
        if content.startswith(_OLE):
            raise UnreadableError("protected")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
            if sum(one.file_size for one in self._zip.infolist()) > _MOST:
                raise UnreadableError("too-large")
            if any(one.flag_bits & 1 for one in self._zip.infolist()):
                raise UnreadableError("protected")
            # Also what is not translated is written again, hours later.
            if (damaged := self._zip.testzip()) is not None:
                raise UnreadableError("damaged", damaged)
            self._found = self._find()
        except archives.DAMAGED as error:
            raise UnreadableError("damaged", str(error)) from error

    @property
    def units(self) -> list[Unit]:
        """The texts of all parts, in the order a reader meets them."""
        return [unit for found in self._found.values() for unit in found.units]

    def build(self, targets: Sequence[str | None], *, bilingual: bool) -> bytes:
        """Return the file with ``targets`` in the places of its texts."""
        changed: dict[str, bytes] = {}
        place = 0
        for name, found in self._found.items():
            part = targets[place : place + len(found.units)]
            place += len(found.units)
            changed[name] = found.build(part, bilingual=bilingual).encode("latin-1")
            _require_whole(changed[name])
        output = io.BytesIO()
        with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as written:
            for one in self._zip.infolist():
                content = changed.get(one.filename)
                written.writestr(one, self._zip.read(one) if content is None else content)
        return output.getvalue()

    def _find(self) -> dict[str, Found]:
        names = sorted(self._zip.namelist(), key=_natural)
        headers = self._table_headers(names)
        found: dict[str, Found] = {}
        for name in names:
            for pattern, dialects in _PARTS:
                if pattern.fullmatch(name):
                    content = self._zip.read(name)
                    for dialect in dialects:
                        found[name] = _units(content, dialect, headers)
                        if found[name].units:
                            break
        if not found and "mimetype" not in names and "[Content_Types].xml" not in names:
            raise UnreadableError("unknown")
        return found

    def _table_headers(self, names: Sequence[str]) -> frozenset[str]:
        """Return the headings of Excel's tables, which must equal their cells or it repairs."""
        headers: set[str] = set()

        def opened(element: Element) -> None:
            if element.name == "tableColumn":
                headers.add(element.attributes.get("name", "").replace("_x000a_", "\n"))

        for name in names:
            if _TABLE.fullmatch(name):
                walk(self._zip.read(name), opened, lambda _element: None)
        return frozenset(headers)


_PARTS: Final = (
    (_WORD, (WORD,)),
    (_SLIDE, (SLIDES,)),
    (_STRINGS, (STRINGS,)),
    (_SHEET, (INLINE,)),
)


def _units(content: bytes, dialect: Dialect, left: frozenset[str]) -> Found:
    source = content.decode("latin-1")
    found = Found(source)
    paragraphs: list[_Open] = []
    skipping: list[Element] = []
    styles: dict[int, bytes] = {}

    def flush(paragraph: _Open) -> None:
        if paragraph.texts:
            unit = runs.unit(source, paragraph.texts, dialect)
            if has_words(runs.untagged(unit.text)) and unit.text not in left:
                found.units.append(unit)
            paragraph.texts = []

    def opened(element: Element) -> None:
        if element.name in dialect.breaks and paragraphs:
            flush(paragraphs[-1])
        if element.name in dialect.skipped:
            skipping.append(element)
        if element.name == dialect.paragraph:
            paragraphs.append(_Open(element))

    def closed(element: Element) -> None:
        if element.name == dialect.style and element.parent is not None:
            styles[element.parent.start] = content[element.start : element.end]
        if skipping and skipping[-1] is element:
            skipping.pop()
        if element.name == dialect.paragraph:
            flush(paragraphs.pop())
        in_text = element.name == dialect.text and element.close > element.inner
        if in_text and paragraphs and not skipping:
            run = element.parent if element.parent and element.parent.name == dialect.run else None
            style = styles.get(run.start, b"") if run else b""
            paragraphs[-1].texts.append(Text(element, style, run))

    walk(content, opened, closed)
    return found


def _require_whole(part: bytes) -> None:
    """Refuse to write what could not be read again."""
    try:
        expat.ParserCreate("UTF-8").Parse(part, True)  # noqa: FBT003 - expat's own way
    except expat.ExpatError as error:
        raise UnreadableError("damaged", f"the translation broke a part: {error}") from error


def _natural(name: str) -> list[tuple[int, str]]:
    return [
        (int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name)
    ]
