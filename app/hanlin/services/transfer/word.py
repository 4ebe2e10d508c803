"""A conversation as a Word document.

Written by hand, because the library for it brings an XML parser of twelve megabytes, and
of the format only paragraphs, styles and tables are needed.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from typing import Final, Protocol

from markdown_it.token import Token

from hanlin.domain.conversation import Role
from hanlin.domain.transfer import CarriedConversation, CarriedFile
from hanlin.formulas.mathml import Node
from hanlin.services.transfer import markup
from hanlin.services.transfer.documents import about, as_written, parser, picture_text, who
from hanlin.services.transfer.omml import NAMESPACE, omml

_MAIN: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_RELATIONS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MOMENT: Final = (1980, 1, 1, 0, 0, 0)
"""The same conversation gives the same file."""
_TYPES: Final = (
    _HEAD + f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships'
    '+xml"/><Default Extension="xml" ContentType="application/xml"/>'
    '<Default Extension="png" ContentType="image/png"/>'
    '<Default Extension="jpeg" ContentType="image/jpeg"/>'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-'
    'officedocument.wordprocessingml.document.main+xml"/>'
    '<Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-'
    'officedocument.wordprocessingml.styles+xml"/></Types>'
)
_ROOT: Final = (
    _HEAD + f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{_RELATIONS}/officeDocument" Target="word/document.xml"/></Relationships>'
)
_DRAWING: Final = "http://schemas.openxmlformats.org/drawingml/2006"
_PIXEL: Final = 9525
"""English metric units, in which pictures are measured."""
_ROOM: Final = (5_731_510, 7_000_000)
"""How wide and high a picture becomes: the page between its margins, and not quite all of it."""
_FONTS: Final = '<w:rFonts w:ascii="Calibri" w:hAnsi="Calibri" w:eastAsia="Microsoft YaHei"/>'
_MONO: Final = '<w:rFonts w:ascii="Consolas" w:hAnsi="Consolas" w:eastAsia="Microsoft YaHei"/>'


class Read(Protocol):
    """Reads a formula; None when it cannot be read."""

    def __call__(self, source: str, *, display: bool) -> Node | None:
        """Return the LaTeX ``source`` as MathML."""


def docx(carried: CarriedConversation, read: Read) -> bytes:
    """Return the visible conversation as a document that Word and LibreOffice open.

    Formulas are Word's own as far as ``read`` reads them, else as they were written.
    """
    body = [_paragraph(_run(carried.title), "Title")]
    pictures = list[CarriedFile]()
    for message in carried.path():
        body.append(_paragraph(_run(who(message)), "Who"))
        for file in message.files:
            if file.shown:
                pictures.append(file)
                body.append(_paragraph(_picture(file, len(pictures))))
            body.append(_paragraph(_run(about(file)), "Note"))
        if message.thinking:
            body += [_paragraph(_run(line), "Quote") for line in message.thinking.splitlines()]
        if message.role is Role.USER:
            body += [_paragraph(_run(line)) for line in message.text.splitlines()]
        else:
            body += _blocks(parser().parse(message.text), read)
    document = (
        f'{_HEAD}<w:document xmlns:w="{_MAIN}" xmlns:m="{NAMESPACE}"><w:body>{"".join(body)}'
        '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1440" w:right="1440" '
        'w:bottom="1440" w:left="1440" w:header="708" w:footer="708" w:gutter="0"/></w:sectPr>'
        "</w:body></w:document>"
    )
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _ROOT,
        "word/document.xml": document,
        "word/styles.xml": _styles(),
        "word/_rels/document.xml.rels": _relations(pictures),
        **{f"word/{_part(one, n)}": one.content for n, one in enumerate(pictures, 1)},
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, _MOMENT), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _part(file: CarriedFile, number: int) -> str:
    """Return where the picture of this number lies."""
    return f"media/{number}.{file.mime.removeprefix('image/')}"


def _relations(pictures: Sequence[CarriedFile]) -> str:
    """Return where what the document refers to lies: pictures by their number."""
    shown = "".join(
        f'<Relationship Id="picture{n}" Type="{_RELATIONS}/image" Target="{_part(one, n)}"/>'
        for n, one in enumerate(pictures, 1)
    )
    return (
        f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_RELATIONS}/styles" Target="styles.xml"/>{shown}</Relationships>'
    )


def _picture(file: CarriedFile, number: int) -> str:
    """Return a picture as a letter of a line, as large as it is if there is room."""
    wide, high = file.width * _PIXEL, file.height * _PIXEL
    scale = min(1.0, _ROOM[0] / wide, _ROOM[1] / high)
    extent = f'cx="{max(1, round(wide * scale))}" cy="{max(1, round(high * scale))}"'
    name = markup.attribute(file.name)
    known = f'id="{number}" name="{number}" descr="{name}"'
    return (
        f'<w:r><w:drawing><wp:inline xmlns:wp="{_DRAWING}/wordprocessingDrawing">'
        f"<wp:extent {extent}/><wp:docPr {known}/>"
        f'<a:graphic xmlns:a="{_DRAWING}/main"><a:graphicData uri="{_DRAWING}/picture">'
        f'<pic:pic xmlns:pic="{_DRAWING}/picture">'
        f"<pic:nvPicPr><pic:cNvPr {known}/><pic:cNvPicPr/></pic:nvPicPr>"
        f'<pic:blipFill><a:blip r:embed="picture{number}" xmlns:r="{_RELATIONS}"/>'
        "<a:stretch><a:fillRect/></a:stretch></pic:blipFill>"
        f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext {extent}/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr>'
        "</pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )


class _Place:
    """Where in the document's lists, quotations and headings the reading is."""

    def __init__(self) -> None:
        self.style = ""
        self.lists: list[str] = []
        self.marker = ""
        self.quotes = 0

    def follow(self, token: Token) -> None:
        """Take note of what a token opens or closes."""
        kind = token.type
        if kind == "heading_open":
            self.style = f"Heading{token.tag[1:]}"
        elif kind in ("heading_close", "paragraph_close"):
            self.style = ""
        elif kind.endswith("_list_open"):
            start = token.attrGet("start") or 1
            self.lists.append("•" if kind.startswith("bullet") else str(start))
        elif kind.endswith("_list_close"):
            self.lists.pop()
        elif kind == "list_item_open":
            self.marker = self.lists[-1] + ("" if self.lists[-1] == "•" else ".")
            if token.attrGet("class") == "task":
                self.marker = ""  # its text begins with a box
        elif kind == "list_item_close" and self.lists[-1].isdigit():
            self.lists[-1] = str(int(self.lists[-1]) + 1)
        elif kind.startswith("blockquote_"):
            self.quotes += 1 if kind.endswith("open") else -1

    def paragraph(self, said: str) -> str:
        """Return a paragraph as it looks here."""
        lead = _run(f"{self.marker} ") if self.marker else ""
        self.marker = ""
        style = self.style or ("Quote" if self.quotes else "")
        return _paragraph(lead + said, style, len(self.lists))


def _blocks(tokens: Sequence[Token], read: Read) -> Iterator[str]:
    place, rows = _Place(), list[list[str]]()
    for token in tokens:
        place.follow(token)
        if token.type in ("fence", "code_block"):
            yield from (_paragraph(_run(one, code=True), "Code") for one in _lines(token.content))
        elif token.type == "hr":
            yield _paragraph(_run("—" * 12))
        elif token.type == "math_block":
            yield place.paragraph(_formula(token, read))
        elif token.type == "footnote":
            inside = parser().parseInline(token.content)[0].children or ()
            yield _paragraph(_run(f"{token.info}. ") + "".join(_runs(inside, read)), "Note")
        elif token.type == "tr_open":
            rows.append([])
        elif token.type == "table_close":
            yield _table(rows)
            rows = []
        elif token.type == "inline":
            said = "".join(_runs(token.children or (), read, bold=len(rows) == 1))
            if rows:
                rows[-1].append(said)
            else:
                yield place.paragraph(said)


def _runs(tokens: Sequence[Token], read: Read, *, bold: int = 0) -> Iterator[str]:
    italic = strike = link = 0
    for token in tokens:
        step = 1 if token.type.endswith("_open") else -1
        if token.type.startswith("strong_"):
            bold += step
        elif token.type.startswith("em_"):
            italic += step
        elif token.type.startswith("s_"):
            strike += step
        elif token.type == "link_open":
            link += step
            yield f'<w:fldSimple w:instr="{_link(token, "href")}">'
        elif token.type == "link_close":
            link += step
            yield "</w:fldSimple>"
        elif token.type == "image":
            said = _run(picture_text(token), link=True)
            yield f'<w:fldSimple w:instr="{_link(token, "src")}">{said}</w:fldSimple>'
        elif token.type in ("math_inline", "math_display"):
            yield _formula(token, read)
        elif token.type == "footnote_mark":
            yield _run(token.content, raised=True)
        elif token.type in ("softbreak", "hardbreak"):
            yield "<w:r><w:br/></w:r>"
        elif token.content:
            yield _run(
                token.content,
                bold=bold > 0,
                italic=italic > 0,
                strike=strike > 0,
                code=token.type == "code_inline",
                link=link > 0,
            )


def _formula(formula: Token, read: Read) -> str:
    """Return a formula as Word's own, or as it was written where that cannot be."""
    display = formula.type != "math_inline"
    known = read(formula.content, display=display)
    if known is not None and (made := omml(known, display=display)) is not None:
        return made
    lines = [_run(line, code=True) for line in as_written(formula).split("\n")]
    return "<w:r><w:br/></w:r>".join(lines)


def _link(token: Token, name: str) -> str:
    """Return the field that leads to an address, which markdown-it has left no quotes in."""
    address = str(token.attrGet(name) or "")
    return markup.attribute(f' HYPERLINK "{address}" ')


def _run(
    text: str,
    *,
    bold: bool = False,
    italic: bool = False,
    strike: bool = False,
    code: bool = False,
    link: bool = False,
    raised: bool = False,
) -> str:
    style = (
        (_MONO if code else "")
        + ("<w:b/>" if bold else "")
        + ("<w:i/>" if italic else "")
        + ("<w:strike/>" if strike else "")
        + ('<w:color w:val="1F5FA8"/><w:u w:val="single"/>' if link else "")
        + ('<w:vertAlign w:val="superscript"/>' if raised else "")
    )
    return f'<w:r><w:rPr>{style}</w:rPr><w:t xml:space="preserve">{markup.text(text)}</w:t></w:r>'


def _paragraph(runs: str, style: str = "", depth: int = 0) -> str:
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    indent = f'<w:ind w:left="{min(depth, 8) * 360}"/>' if depth else ""
    return f"<w:p><w:pPr>{named}{indent}</w:pPr>{runs}</w:p>"


def _table(rows: Sequence[Sequence[str]]) -> str:
    width = max((len(row) for row in rows), default=1) or 1
    edges = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:color="BDB4A3"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    grid = "<w:gridCol/>" * width
    lines = "".join(
        "<w:tr>"
        + "".join(
            f"<w:tc><w:tcPr/>{_paragraph(row[column] if column < len(row) else '')}</w:tc>"
            for column in range(width)
        )
        + "</w:tr>"
        for row in rows
    )
    return (
        f"<w:tbl><w:tblPr><w:tblBorders>{edges}</w:tblBorders></w:tblPr>"
        f"<w:tblGrid>{grid}</w:tblGrid>{lines}</w:tbl>" + _paragraph("")
    )


def _styles() -> str:
    def style(name: str, size: int, extra: str = "", space: int = 120, layout: str = "") -> str:
        known = re.sub(r"Heading(\d)", r"heading \1", name)  # the name by which Word lists headings
        return (
            f'<w:style w:type="paragraph" w:styleId="{name}"><w:name w:val="{known}"/>'
            f'<w:pPr><w:spacing w:before="{space}" w:after="60"/>{layout}</w:pPr>'
            f'<w:rPr>{extra}<w:sz w:val="{size}"/></w:rPr></w:style>'
        )

    headings = "".join(
        style(f"Heading{n}", 36 - 3 * n, "<w:b/>", 240, f'<w:outlineLvl w:val="{n - 1}"/>')
        for n in range(1, 7)
    )
    return (
        f'{_HEAD}<w:styles xmlns:w="{_MAIN}"><w:docDefaults><w:rPrDefault><w:rPr>{_FONTS}'
        '<w:sz w:val="22"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr><w:spacing w:after="100" '
        'w:line="320" w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults>'
        + style("Title", 40, "<w:b/>")
        + style("Who", 18, '<w:color w:val="6F685D"/>', 300)
        + style("Quote", 20, '<w:color w:val="6F685D"/>', 40, '<w:ind w:left="240"/>')
        + style("Note", 19, '<w:color w:val="6F685D"/>', 40)
        + style("Code", 19, _MONO, 0)
        + headings
        + "</w:styles>"
    )


def _lines(text: str) -> list[str]:
    return text.rstrip("\n").split("\n")
