"""Translation memories of other programs (TMX 1.4): their pairs of sentences.

Only read here, for the file comes from anywhere; ``services.translation.memory_files`` writes it.
"""

import html
import re
from dataclasses import dataclass, field
from typing import Final

from hanlin.documents.formats.markup import Element, utf8, walk
from hanlin.documents.splicing import UnreadableError

_NATIVE: Final = re.compile(r"<(bpt|ept|ph|it|ut)\b[^>]*?(?:/>|>.*?</\1\s*>)", re.DOTALL)
"""Codes of the program that wrote the file; what stands between them is text."""
_TAG: Final = re.compile(r"<[^>]*>")
_ANY: Final = "*all*"


@dataclass(slots=True)
class _Unit:
    """The variants of one sentence: a language and a text each."""

    source: str
    variants: list[tuple[str, str]] = field(default_factory=list)


def pairs(content: bytes) -> list[tuple[str, str, str, str]]:
    """Return source language, target language, source and target of each pair.

    Languages are called as the file calls them. Raises UnreadableError.
    """
    content = utf8(content)
    found: list[tuple[str, str, str, str]] = []
    header = {"srclang": ""}
    names: set[str] = set()
    unit: list[_Unit] = []
    language: list[str] = []

    def opened(element: Element) -> None:
        names.add(element.name)
        if element.name == "header":
            header["srclang"] = element.attributes.get("srclang", "")
        elif element.name == "tu":
            unit.append(_Unit(element.attributes.get("srclang", header["srclang"])))
        elif element.name == "tuv":
            attributes = element.attributes
            language.append(attributes.get("xml:lang") or attributes.get("lang", ""))

    def closed(element: Element) -> None:
        if element.name == "seg" and unit and language:
            raw = content[element.inner : element.close].decode("utf-8")
            text = html.unescape(_TAG.sub("", _NATIVE.sub("", raw))).strip()
            unit[-1].variants.append((language[-1], text))
        elif element.name == "tuv":
            language.pop()
        elif element.name == "tu":
            found.extend(_pairs(unit.pop()))

    walk(content, opened, closed)
    if "tmx" not in names:
        raise UnreadableError("damaged", "no TMX")
    return found


def _pairs(unit: _Unit) -> list[tuple[str, str, str, str]]:
    full = [(language, text) for language, text in unit.variants if language and text]
    every = unit.source.lower() in ("", _ANY)
    sources = [one for one in full if every or _same(one[0], unit.source)] or full[:1]
    return [
        (source[0], target[0], source[1], target[1])
        for source in (sources if unit.source.lower() == _ANY else sources[:1])
        for target in full
        if not _same(source[0], target[0])
    ]


def _same(one: str, other: str) -> bool:
    return one.replace("_", "-").casefold() == other.replace("_", "-").casefold()
