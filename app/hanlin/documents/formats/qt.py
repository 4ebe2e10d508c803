"""The messages of a Qt program (``.ts``), as lupdate writes them and Linguist shows them.

A translation that was filled in stays ``unfinished``: a person has not seen it yet. lrelease
takes it all the same.
"""

import html
import re
from collections.abc import Sequence
from typing import Final

from hanlin.documents.formats.markup import Element, escaped, narrow, walk
from hanlin.documents.splicing import Edit, Found, Unit, UnreadableError, has_words

_KEY: Final = re.compile(r"\s*\(&(\w)\)|&(?=(\w))")
"""Stands before the letter that opens a menu; ``&&`` is a sign that is shown."""
_TAIL: Final = re.compile(r"(?:…|\.{3}|[:：])?\s*\Z")
_BYTE: Final = re.compile(r"<byte\b[^>]*/>")
_WITHOUT_LETTERS: Final = ("zh", "ja", "ko")
"""Their menus have the letter in brackets behind the words."""
_ROOT: Final = b"<TS"
_HEAD: Final = 4_096
"""Bytes in which the root must begin."""
_LEFT: Final = frozenset({"vanished", "obsolete"})


def messages(content: bytes, language: str = "") -> Found:
    """Find the messages that have no translation yet. Raises UnreadableError.

    ``language`` counts where the file does not say which one it is for.
    """
    if _ROOT not in content[:_HEAD]:  # a program in TypeScript, or a film
        raise UnreadableError("unknown", "no messages of Qt")
    source = content.decode("latin-1")
    found = Found(source)
    target = [language]

    def opened(element: Element) -> None:
        if element.parent is None:
            target[0] = element.attributes.get("language") or language

    parts: dict[int, dict[str, list[Element]]] = {}

    def closed(element: Element) -> None:
        parent = element.parent
        if parent is not None and element.name in ("source", "translation"):
            parts.setdefault(parent.start, {}).setdefault(element.name, []).append(element)
        elif parent is not None and element.name == "numerusform" and parent.parent is not None:
            parts.setdefault(parent.parent.start, {}).setdefault("form", []).append(element)
        elif element.name == "message":
            _add(found, content, parts.pop(element.start, {}), target[0])

    walk(content, opened, closed)
    return found


def _add(found: Found, content: bytes, parts: dict[str, list[Element]], language: str) -> None:
    if "source" not in parts or "translation" not in parts:
        return
    origin, translation = parts["source"][0], parts["translation"][0]
    if translation.attributes.get("type") in _LEFT:
        return
    raw = _BYTE.sub("", content[origin.inner : origin.close].decode("utf-8"))
    text = html.unescape(raw)
    if not has_words(text):
        return
    for place in parts.get("form", [translation]):
        if not place.text.strip():
            found.units.append(_unit(found.source, place, text, language))


def _unit(source: str, place: Element, text: str, language: str) -> Unit:
    key = _KEY.search(text)
    letter = (key.group(1) or key.group(2)) if key else ""
    words = (_KEY.sub("", text, count=1) if key else text).replace("&&", "&")

    def write(target: str, *, bilingual: bool) -> Sequence[Edit]:
        del bilingual  # the format itself keeps both
        shown = narrow(escaped(_keyed(target.strip().replace("&", "&&"), letter, language)))
        tag = source[place.start : place.inner]
        if tag.endswith("/>"):
            tag = f"{tag[:-2].rstrip()}>"
        return (Edit(place.start, place.end, f"{tag}{shown}</{place.name}>"),)

    return Unit(words, write)


def _keyed(target: str, letter: str, language: str) -> str:
    """Return ``target`` with the key of its source, where its language puts it."""
    if not letter or not target:
        return target
    if language.startswith(_WITHOUT_LETTERS):
        tail = _TAIL.search(target)
        cut = tail.start() if tail else len(target)
        return f"{target[:cut]}(&{letter.upper()}){target[cut:]}"
    place = max(target.casefold().find(letter.casefold()), 0)
    return f"{target[:place]}&{target[place:]}"
