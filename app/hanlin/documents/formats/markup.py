"""XML by positions: where elements and their texts stand in the bytes of a file.

Expat says where it is; the bytes around are never written anew. Entities that a document
declares itself are refused, for they are how small files become large.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from hanlin.documents.splicing import UnreadableError

_TAG: Final = re.compile(rb"<[^>\"']*(?:(?:\"[^\"]*\"|'[^']*')[^>\"']*)*>")
_DECLARED: Final = re.compile(rb"^(<\?xml[^>]*encoding=[\"'])([\w-]+)")


@dataclass(slots=True)
class Element:
    """An element that was closed: positions of its tags in the bytes, and its direct text."""

    name: str
    start: int
    inner: int
    """Where its content begins."""
    attributes: dict[str, str]
    parent: "Element | None"
    close: int = 0
    """Where its end tag begins."""
    end: int = 0
    texts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text that stands in it directly."""
        return "".join(self.texts)


def utf8(content: bytes) -> bytes:
    """Return an XML file in UTF-8, whatever it was in."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        content = content.decode("utf-16").encode("utf-8")
    if content.startswith(b"\xef\xbb\xbf"):
        content = content[3:]
    declared = _DECLARED.match(content)
    if declared is None or declared.group(2).lower() in (b"utf-8", b"us-ascii"):
        return content
    encoding = declared.group(2).decode()
    if not encoding.lower().startswith("utf-16"):
        try:
            content = content.decode(encoding).encode("utf-8")
        except (LookupError, UnicodeDecodeError) as error:
            raise UnreadableError("damaged", str(error)) from error
    return _DECLARED.sub(rb"\1UTF-8", content)


def walk(
    content: bytes,
    opened: Callable[[Element], object],
    closed: Callable[[Element], object],
) -> None:
    """Call back for every element, in the order of the document. Raises UnreadableError."""
    parser = expat.ParserCreate("UTF-8", namespace_separator=None)
    open_elements: list[Element] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        at = parser.CurrentByteIndex
        tag = _TAG.match(content, at)
        inner = tag.end() if tag else at
        parent = open_elements[-1] if open_elements else None
        element = Element(name, at, inner, attributes, parent)
        open_elements.append(element)
        opened(element)

    def end(_name: str) -> None:
        element = open_elements.pop()
        if content[element.inner - 2 : element.inner] == b"/>":
            element.close = element.end = element.inner
        else:
            element.close = parser.CurrentByteIndex
            tag = _TAG.match(content, element.close)
            element.end = tag.end() if tag else element.close
        closed(element)

    def data(text: str) -> None:
        if open_elements:
            open_elements[-1].texts.append(text)

    def entity(*_arguments: object) -> None:
        raise UnreadableError("damaged", "the file declares entities of its own")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = data
    parser.EntityDeclHandler = entity
    try:
        parser.Parse(content, True)  # noqa: FBT003 - expat's own way
    except expat.ExpatError as error:
        raise UnreadableError("damaged", str(error)) from error


def escaped(text: str) -> str:
    """Return ``text`` as XML content, without what XML cannot hold."""
    kept = "".join(letter for letter in text if letter >= " " or letter in "\n\t")
    return kept.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def narrow(text: str) -> str:
    """Return ``text`` as one letter for each byte of its UTF-8, as positions count."""
    return text.encode("utf-8").decode("latin-1")
