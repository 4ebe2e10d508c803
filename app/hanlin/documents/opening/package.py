"""Word, PowerPoint, Excel, OpenDocument and EPUB files: their texts as a reader meets them.

Of the XML only what is text is looked at, as expat tells it: nothing is built of it, and
entities that a file declares itself are refused.
"""

import io
import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Set
from typing import Final
from xml.parsers import expat

from hanlin.documents.formats.markup import utf8
from hanlin.documents.opening.hypertext import plain_text
from hanlin.documents.opening.pages import Pages, sections
from hanlin.documents.splicing import UnreadableError
from hanlin.kernel import archives

_MOST: Final = 400 * 2**20
"""Bytes that all parts may have unpacked."""
_MOST_PART: Final = 100 * 2**20
_MOST_COLUMNS: Final = 400
_ENCRYPTED: Final = 1
_NUMBER: Final = re.compile(r"(\d+)")
_COLUMN: Final = re.compile(r"[A-Z]+")
_LETTERS: Final = 26
_OFFICE: Final = "application/vnd.openxmlformats-officedocument."

Start = Callable[[str, Mapping[str, str]], None]
End = Callable[[str], None]


def opened(content: bytes) -> Pages:
    """Read the file. Raises UnreadableError."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            return _Package(parts).pages()
    except archives.DAMAGED as error:
        raise UnreadableError("damaged", str(error)) from error


class _Package:
    def __init__(self, parts: zipfile.ZipFile) -> None:
        self._parts = parts
        infos = parts.infolist()
        if any(one.flag_bits & _ENCRYPTED for one in infos):
            raise UnreadableError("protected")
        if sum(one.file_size for one in infos) > _MOST:
            raise UnreadableError("bomb")
        self._names = sorted(parts.namelist(), key=_natural)

    def pages(self) -> Pages:
        """Return the texts, by whichever kind of package it is."""
        if "word/document.xml" in self._names:
            return self._word()
        if "ppt/presentation.xml" in self._names:
            return self._slides()
        if "xl/workbook.xml" in self._names:
            return self._sheets()
        kind = self._read("mimetype") if "mimetype" in self._names else b""
        if b"epub" in kind and "META-INF/container.xml" in self._names:
            return self._book()
        if "content.xml" in self._names:
            return self._open_document()
        raise UnreadableError("unknown", "a ZIP of something else")

    def _word(self) -> Pages:
        text = _Words(
            paragraphs={"w:p"},
            texts={"w:t"},
            signs={"w:tab": "\t", "w:br": "\n", "w:cr": "\n"},
            cells={"w:tc"},
            rows={"w:tr"},
            skipped={"w:del", "mc:Fallback", "w:instrText"},
            breaks=lambda name, attributes: (
                name == "w:lastRenderedPageBreak"
                or (name == "w:br" and attributes.get("w:type") == "page")
            ),
        )
        pages = text.read(self._read("word/document.xml"))
        notes = [
            line
            for name in self._names
            if re.fullmatch(r"word/(?:footnotes|endnotes|comments)\.xml", name)
            for page in text.read(self._read(name))
            for line in page.split("\n")
            if line.strip()
        ]
        paged = len(pages) > 1
        shown = pages if paged else sections(pages[0].split("\n"))
        if notes:
            shown = [*shown, "\n".join(notes)]
        return Pages(f"{_OFFICE}wordprocessingml.document", shown, paged=paged)

    def _slides(self) -> Pages:
        text = _Words(
            paragraphs={"a:p"}, texts={"a:t"}, signs={"a:br": "\n"}, cells={"a:tc"}, rows={"a:tr"}
        )
        pages: list[str] = []
        for slide in self._linked("ppt/presentation.xml", "p:sldId"):
            said = "\n".join(text.read(self._read(slide)))
            for notes in self._related(slide, "notesSlide"):
                spoken = "\n".join(text.read(self._read(notes))).strip()
                said += f"\n\n{spoken}" if spoken else ""
            pages.append(said)
        return Pages(f"{_OFFICE}presentationml.presentation", pages, paged=True)

    def _sheets(self) -> Pages:
        strings: list[str] = []
        if "xl/sharedStrings.xml" in self._names:
            strings = _shared_strings(self._read("xl/sharedStrings.xml"))
        pages: list[str] = []
        targets = self._linked("xl/workbook.xml", "sheet")
        titles = _attributes(self._read("xl/workbook.xml"), "sheet", "name")
        for number, sheet in enumerate(targets):
            title = titles[number] if number < len(titles) else ""
            rows = list(_rows(self._read(sheet), strings))
            pages += [f"# {title}\n{one}" for one in sections(rows)]
        return Pages(f"{_OFFICE}spreadsheetml.sheet", pages, paged=False)

    def _book(self) -> Pages:
        package = _attributes(self._read("META-INF/container.xml"), "rootfile", "full-path")[0]
        content = self._read(package)
        ids = _attributes(content, "item", "id")
        targets = dict(zip(ids, _attributes(content, "item", "href"), strict=False))
        folder = posixpath.dirname(package)
        lines: list[str] = []
        for chapter in _attributes(content, "itemref", "idref"):
            name = posixpath.normpath(posixpath.join(folder, targets.get(chapter, "")))
            if name in self._names:
                page = self._read(name).decode("utf-8", "replace")
                lines += [*plain_text(page).split("\n"), ""]
        return Pages("application/epub+zip", sections(lines), paged=False)

    def _open_document(self) -> Pages:
        mime = (
            self._read("mimetype").decode("ascii", "replace") if "mimetype" in self._names else ""
        )
        text = _Words(
            paragraphs={"text:p", "text:h"},
            texts={"text:p", "text:h", "text:span", "text:a"},
            signs={"text:tab": "\t", "text:line-break": "\n", "text:s": " "},
            cells={"table:table-cell"},
            rows={"table:table-row"},
            skipped={"text:tracked-changes", "office:annotation"},
            breaks=lambda name, _attributes: (
                name in ("draw:page", "text:soft-page-break", "table:table")
            ),
        )
        pages = [page for page in text.read(self._read("content.xml")) if page.strip()]
        paged = "presentation" in mime or (len(pages) > 1 and "text" in mime)
        if not paged:
            pages = [one for page in pages for one in sections(page.split("\n"))]
        return Pages(mime or "application/vnd.oasis.opendocument.text", pages, paged=paged)

    def _read(self, name: str) -> bytes:
        if self._parts.getinfo(name).file_size > _MOST_PART:
            raise UnreadableError("bomb", name)
        return self._parts.read(name)

    def _linked(self, name: str, element: str) -> list[str]:
        """Return the parts that ``element`` of the part ``name`` points to, in its order."""
        targets = self._relations(name)
        ids = _attributes(self._read(name), element, "r:id")
        return [targets[one][1] for one in ids if one in targets and targets[one][1] in self._names]

    def _related(self, name: str, kind: str) -> Iterator[str]:
        for found, target in self._relations(name).values():
            if found.endswith(f"/{kind}") and target in self._names:
                yield target

    def _relations(self, name: str) -> dict[str, tuple[str, str]]:
        folder, base = posixpath.split(name)
        links = f"{folder}/_rels/{base}.rels"
        if links not in self._names:
            return {}
        found: dict[str, tuple[str, str]] = {}

        def start(element: str, attributes: Mapping[str, str]) -> None:
            if element == "Relationship":
                target = attributes.get("Target", "")
                whole = target[1:] if target.startswith("/") else f"{folder}/{target}"
                kind = attributes.get("Type", "")
                found[attributes.get("Id", "")] = (kind, posixpath.normpath(whole))

        _parse(self._read(links), start)
        return found


class _Words:
    """Texts of paragraphs, with cells of a row beside each other."""

    def __init__(
        self,
        *,
        paragraphs: Set[str],
        texts: Set[str],
        signs: Mapping[str, str],
        cells: Set[str],
        rows: Set[str],
        skipped: Set[str] = frozenset(),
        breaks: Callable[[str, Mapping[str, str]], bool] = lambda _name, _attributes: False,
    ) -> None:
        self._paragraphs = paragraphs
        self._texts = texts
        self._signs = signs
        self._cells = cells
        self._rows = rows
        self._skipped = skipped
        self._breaks = breaks

    def read(self, content: bytes) -> list[str]:
        """Return the text of each page; one where no page is known."""
        pages: list[list[str]] = [[]]
        depth = {"text": 0, "skipped": 0, "cell": 0}

        def start(name: str, attributes: Mapping[str, str]) -> None:
            if name in self._skipped:
                depth["skipped"] += 1
            if self._breaks(name, attributes):
                if "".join(pages[-1]).strip():
                    pages.append([])
            elif name in self._signs and not depth["skipped"]:
                pages[-1].append(self._signs[name])
            depth["text"] += name in self._texts
            depth["cell"] += name in self._cells

        def end(name: str) -> None:
            depth["text"] -= name in self._texts
            depth["cell"] -= name in self._cells
            if name in self._skipped:
                depth["skipped"] -= 1
            elif name in self._cells:
                pages[-1].append(" | ")
            elif name in self._rows:
                pages[-1].append("\n")
            elif name in self._paragraphs:
                pages[-1].append(" " if depth["cell"] else "\n")

        def data(text: str) -> None:
            if depth["text"] and not depth["skipped"]:
                pages[-1].append(text)

        _parse(content, start, end, data)
        return [_tidied("".join(page)) for page in pages]


def _shared_strings(content: bytes) -> list[str]:
    found: list[str] = []
    held: list[str] = []
    inside = {"t": False, "rPh": False}

    def start(name: str, _attributes: Mapping[str, str]) -> None:
        if name in inside:
            inside[name] = True

    def end(name: str) -> None:
        if name in inside:
            inside[name] = False
        if name == "si":
            found.append("".join(held))
            held.clear()

    def data(text: str) -> None:
        if inside["t"] and not inside["rPh"]:
            held.append(text)

    _parse(content, start, end, data)
    return found


def _rows(content: bytes, strings: list[str]) -> Iterator[str]:
    """Return the rows of a sheet, their cells with tabs between them."""
    reader = _Sheet(strings)
    _parse(content, reader.start, reader.end, reader.data)
    return iter(reader.rows)


class _Sheet:
    def __init__(self, strings: list[str]) -> None:
        self.rows: list[str] = []
        self._strings = strings
        self._cells: dict[int, str] = {}
        self._column = -1
        self._kind = self._inside = ""
        self._held: list[str] = []

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Begin a cell, or what is in it."""
        if name == "row":
            self._column = -1
        elif name == "c":
            place = _COLUMN.match(attributes.get("r", ""))
            self._column = _column(place.group()) if place else self._column + 1
            self._kind = attributes.get("t", "")
            self._held.clear()
        self._inside = name

    def end(self, name: str) -> None:
        """End a cell, or a row."""
        self._inside = ""
        if name == "c" and self._held and self._column < _MOST_COLUMNS:
            self._cells[self._column] = " ".join(self._shown("".join(self._held)).split())
        elif name == "row":
            if any(self._cells.values()):
                columns = range(max(self._cells) + 1)
                self.rows.append("\t".join(self._cells.get(n, "") for n in columns))
            self._cells.clear()

    def data(self, text: str) -> None:
        """Take a value or a text."""
        if self._inside in ("v", "t"):
            self._held.append(text)

    def _shown(self, text: str) -> str:
        if self._kind == "s":
            number = int(text) if text.isdecimal() else len(self._strings)
            return self._strings[number] if number < len(self._strings) else ""
        if self._kind == "b":
            return "TRUE" if text == "1" else "FALSE"
        return text


def _attributes(content: bytes, element: str, attribute: str) -> list[str]:
    found: list[str] = []

    def start(name: str, attributes: Mapping[str, str]) -> None:
        if name.rpartition(":")[2] == element.rpartition(":")[2] and attribute in attributes:
            found.append(attributes[attribute])

    _parse(content, start)
    return found


def _parse(
    content: bytes,
    start: Start,
    end: End = lambda _name: None,
    data: Callable[[str], None] = lambda _text: None,
) -> None:
    parser = expat.ParserCreate("UTF-8")

    def entity(*_arguments: object) -> None:
        raise UnreadableError("bomb", "the file declares entities of its own")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = data
    parser.EntityDeclHandler = entity
    try:
        parser.Parse(utf8(content), True)  # noqa: FBT003 - expat's own way
    except expat.ExpatError as error:
        raise UnreadableError("damaged", str(error)) from error


def _tidied(text: str) -> str:
    lines = (line.strip().removesuffix(" |").rstrip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _column(letters: str) -> int:
    number = 0
    for letter in letters[:4]:
        number = number * _LETTERS + ord(letter) - ord("A") + 1
    return number - 1


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in _NUMBER.split(name)]
