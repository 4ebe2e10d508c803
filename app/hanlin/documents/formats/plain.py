"""Plain text, Markdown, and texts in lines of other kinds: properties, strings, gettext."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from hanlin.documents.splicing import Edit, Found, Unit, has_words, simple

_LINE: Final = re.compile(r"[^\r\n]+")
_FENCE: Final = re.compile(r"^ {0,3}(`{3,}|~{3,})")
_PREFIX: Final = re.compile(
    r"^(?:\s*(?:>\s?|[-*+]\s+(?:\[[ xX]\]\s+)?|\d{1,4}[.)]\s+))*\s*(?:#{1,6}\s+)?"
)
_NO_TEXT: Final = re.compile(
    r"^\s*(?:[-*_=\s|:]+|\[[^\]]+\]:\s.*|</?[A-Za-z][^>]*>|<!--.*-->|:::.*|!\[[^\]]*\]\([^)]*\))\s*$"
)
_CELL: Final = re.compile(r"(?<=\|)[^|\n]+(?=\|)")
_PROPERTY: Final = re.compile(
    r"^[ \t\f]*(?![#!\s])((?:\\.|[^\\=:\s])+)[ \t\f]*[=:][ \t\f]*((?:\\\r?\n|.)*)$", re.MULTILINE
)
_APPLE: Final = re.compile(r'"(?:\\.|[^"\\])*"\s*=\s*"((?:\\.|[^"\\])*)"\s*;', re.DOTALL)
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "'": "'", "\\": "\\", ":": ":",
                   "=": "=", " ": " ", "#": "#", "!": "!"}  # fmt: skip


def text(source: str) -> Found:
    """Find the lines of a plain text."""
    found = Found(source)
    for match in _LINE.finditer(source):
        core = match.group().strip()
        if has_words(core):
            start = match.start() + match.group().index(core)
            found.units.append(simple(start, start + len(core), core))
    return found


def markdown(source: str) -> Found:
    """Find paragraphs, headings, list items and table cells; code and front matter stay."""
    found = Found(source)
    block: list[tuple[int, str]] = []

    def end_block() -> None:
        if block:
            found.units.append(_paragraph(block))
            block.clear()

    for start, line, is_text in _markdown_lines(source):
        if not is_text:
            end_block()
        elif line.lstrip().startswith("|"):
            end_block()
            for cell in _CELL.finditer(line):
                core = cell.group().strip()
                if has_words(core):
                    at = start + cell.start() + cell.group().index(core)
                    found.units.append(simple(at, at + len(core), core, "<br>"))
        else:
            width = _beginning(line)
            if width > len(line) - len(line.lstrip()):  # a mark: a new block begins
                end_block()
            block.append((start + width, line[width:].rstrip("\r")))
            if line.lstrip().startswith("#") or line.endswith("  "):
                end_block()
    end_block()
    return found


def _markdown_lines(source: str) -> Iterator[tuple[int, str, bool]]:
    fence = ""
    front = source.startswith(("---\n", "---\r\n"))
    start = 0
    for number, raw in enumerate(source.splitlines(keepends=True)):
        line = raw.rstrip("\r\n")
        opening = _FENCE.match(line)
        is_text = not fence and not front and not _NO_TEXT.match(line) and bool(line.strip())
        if front and number and line.strip() == "---":
            front = False
        elif opening and not fence:
            fence, is_text = opening.group(1), False
        elif fence and line.strip().startswith(fence) and not line.strip(" `~"):
            fence = ""
        indented = line.startswith(("    ", "\t")) and not _beginning(line.strip())
        yield start, line, is_text and has_words(line) and not indented
        start += len(raw)


def _beginning(line: str) -> int:
    """Return how many characters of ``line`` are quotation, list and heading marks."""
    head = _PREFIX.match(line)
    return head.end() if head else 0


def _paragraph(lines: Sequence[tuple[int, str]]) -> Unit:
    """Return a block of lines that were wrapped as one unit."""
    first, last = lines[0], lines[-1]
    words = [line.strip() for _, line in lines]
    joined = words[0]
    for word in words[1:]:
        wide = joined[-1:] > "\u2e80" and word[:1] > "\u2e80"
        joined += word if wide else f" {word}"
    start = first[0] + len(first[1]) - len(first[1].lstrip())
    end = last[0] + len(last[1].rstrip())
    return simple(start, end, joined, "  \n")


def properties(source: str) -> Found:
    """Find the values of Java's properties."""
    found = Found(source)
    for match in _PROPERTY.finditer(source):
        raw = re.sub(r"\\\r?\n[ \t\f]*", "", match.group(2)).rstrip("\r")
        value = _unescaped(raw)
        if has_words(value):
            ascii_only = "\\u" in source or source.isascii()
            found.units.append(_escaped_unit(match.span(2), value, ascii_only=ascii_only))
    return found


def apple_strings(source: str) -> Found:
    """Find the values of Apple's ``.strings``."""
    found = Found(source)
    for match in _APPLE.finditer(source):
        value = _unescaped(match.group(1))
        if has_words(value):
            found.units.append(_quoted_unit(match.span(1), value))
    return found


_PO_STRING: Final = r'((?:"(?:\\.|[^"\\])*"[ \t]*\r?\n?)+)'
_PO_ENTRY: Final = re.compile(
    rf"^msgid[ \t]+{_PO_STRING}(?:^msgid_plural[ \t]+{_PO_STRING})?"
    rf"((?:^msgstr(?:\[\d+\])?[ \t]+(?:\"(?:\\.|[^\"\\])*\"[ \t]*\r?\n?)+)+)",
    re.MULTILINE,
)
_PO_TARGET: Final = re.compile(rf"^msgstr(?:\[(\d+)\])?[ \t]+{_PO_STRING}", re.MULTILINE)


def gettext(source: str) -> Found:
    """Find the messages of a PO file that have no translation yet."""
    found = Found(source)
    for entry in _PO_ENTRY.finditer(source):
        singular, plural = _po_text(entry.group(1)), _po_text(entry.group(2) or "")
        for target in _PO_TARGET.finditer(entry.group(3)):
            message = plural if plural and target.group(1) not in (None, "0") else singular
            if not has_words(message) or _po_text(target.group(2)):
                continue
            start = entry.start(3) + target.start(2)
            end = start + len(target.group(2).rstrip())
            found.units.append(_po_unit(start, end, message))
    return found


def _po_unit(start: int, end: int, message: str) -> Unit:
    def write(target: str, *, bilingual: bool) -> Sequence[Edit]:
        del bilingual  # the format itself keeps both
        # gettext wants the same newline at both ends.
        target = target.strip("\n")
        head = "\n" * (len(message) - len(message.lstrip("\n")))
        tail = "\n" * (len(message) - len(message.rstrip("\n")))
        return (Edit(start, end, f'"{_quoted(head + target + tail)}"'),)

    return Unit(message, write)


def _po_text(strings: str) -> str:
    return _unescaped("".join(re.findall(r'"((?:\\.|[^"\\])*)"', strings)))


def _quoted_unit(span: tuple[int, int], value: str) -> Unit:
    def write(target: str, *, bilingual: bool) -> Sequence[Edit]:
        return (Edit(*span, _quoted(f"{value}\n{target}" if bilingual else target)),)

    return Unit(value, write)


def _escaped_unit(span: tuple[int, int], value: str, *, ascii_only: bool) -> Unit:
    def write(target: str, *, bilingual: bool) -> Sequence[Edit]:
        words = f"{value}\n{target}" if bilingual else target
        words = words.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")
        if ascii_only:
            units = words.encode("utf-16-be")
            codes = (int.from_bytes(units[at : at + 2]) for at in range(0, len(units), 2))
            words = "".join(chr(code) if code < 0x7F else f"\\u{code:04x}" for code in codes)  # noqa: PLR2004
        return (Edit(*span, words),)

    return Unit(value, write)


def _quoted(words: str) -> str:
    return words.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")


def _unescaped(raw: str) -> str:
    def letter(match: "re.Match[str]") -> str:
        code = match.group(1)
        return chr(int(code[1:], 16)) if len(code) > 1 else _ESCAPES.get(code, f"\\{code}")

    words = re.sub(r"\\(u[0-9A-Fa-f]{4}|.)", letter, raw, flags=re.DOTALL)
    return words.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
