"""A PDF's text as a Word document: paragraph by paragraph, with the source above or without it.

A PDF says where letters stand and not what belongs together, so its layout cannot be kept with
other words in it; its text can. Scanned pages have none: they are told as empty.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from hanlin.documents.formats.markup import escaped
from hanlin.documents.opening.pdf import Pdf
from hanlin.documents.splicing import Edit, Unit, UnreadableError, has_words

_FULL: Final = 0.72
"""A line shorter than this part of the page's longest ends its paragraph after a full stop."""
_SHORT: Final = 0.55
"""A line shorter than this part is a heading or an item, whatever it ends with."""
_END: Final = re.compile(r"[.!?:;。！？：；…][\"'”’」』）)]*$")
_ITEM: Final = re.compile(
    r"^(?:[-•·*▪◦–]|\(?\d{1,3}[.)、]|[（(][一二三四五六七八九十\d]+[)）])\s*\S"
)
_FIRST_WIDE: Final = "\u2e80"
_TYPES: Final = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_RELATIONS: Final = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/officeDocument" Target="word/document.xml"/></Relationships>'
)
_BODY: Final = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
    "{}<w:sectPr/></w:body></w:document>"
)
_SOURCE: Final = '<w:rPr><w:color w:val="666666"/></w:rPr>'


@dataclass(frozen=True, slots=True)
class _Paragraph:
    text: str
    begins_page: bool


class Pages:
    """A PDF with a text layer."""

    def __init__(self, content: bytes) -> None:
        """Raise UnreadableError when it is damaged, protected, or has no text."""
        file = Pdf(content)
        pages = file.facts()["pages"]
        if not isinstance(pages, int):
            raise TypeError("a PDF has pages")
        self._paragraphs = [
            _Paragraph(text, begins_page=not number and page > 0)
            for page, words in enumerate(file.texts(1, pages))
            for number, text in enumerate(paragraphs(words))
        ]
        if not any(has_words(one.text) for one in self._paragraphs):
            raise UnreadableError("no-text")

    @property
    def units(self) -> Sequence[Unit]:
        """Its paragraphs, those without a word among them."""
        return [Unit(one.text, _nothing) for one in self._paragraphs]

    def build(self, targets: Sequence[str | None], *, bilingual: bool) -> bytes:
        """Return a Word document: the source in grey above each paragraph where ``bilingual``."""
        parts: list[str] = []
        for one, target in zip(self._paragraphs, targets, strict=True):
            shown = one.text if target is None else target
            if bilingual and shown != one.text:
                parts.append(_written(one.text, _SOURCE, breaks=one.begins_page))
                parts.append(_written(shown))
            else:
                parts.append(_written(shown, breaks=one.begins_page))
        output = io.BytesIO()
        with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as written:
            written.writestr("[Content_Types].xml", _TYPES)
            written.writestr("_rels/.rels", _RELATIONS)
            written.writestr("word/document.xml", _BODY.format("".join(parts)))
        return output.getvalue()


def paragraphs(text: str) -> Iterator[str]:
    """Yield the paragraphs of a page whose lines are known alone."""
    lines = [line.strip() for line in text.split("\n")]
    longest = max(map(_width, lines), default=0)
    block = ""
    last = 0
    for line in lines:
        ended = bool(_END.search(block)) and last < _FULL * longest
        if block and (not line or ended or last < _SHORT * longest or _ITEM.match(line)):
            yield block
            block = ""
        block = _joined(block, line) if block else line
        last = _width(line)
    if block:
        yield block


def _joined(block: str, line: str) -> str:
    """Return two lines as one: a word that was hyphenated is whole again."""
    if block.endswith("-") and block[-2:-1].isalpha() and line[:1].islower():
        return block[:-1] + line
    wide = block[-1] >= _FIRST_WIDE and line[:1] >= _FIRST_WIDE
    return block + line if wide else f"{block} {line}"


def _width(line: str) -> int:
    return sum(2 if letter >= _FIRST_WIDE else 1 for letter in line)


def _written(text: str, style: str = "", *, breaks: bool = False) -> str:
    begins = "<w:pPr><w:pageBreakBefore/></w:pPr>" if breaks else ""
    return f'<w:p>{begins}<w:r>{style}<w:t xml:space="preserve">{escaped(text)}</w:t></w:r></w:p>'


def _nothing(_target: str, /, *, bilingual: bool) -> Sequence[Edit]:
    """Nothing is spliced: the document is written anew."""
    del bilingual
    return ()
