"""HTML, XLIFF, Android's strings: texts with inline tags, which the translator masks."""

import re
from collections.abc import Sequence
from html.parser import HTMLParser
from typing import Final

from hanlin.documents.formats.markup import Element, narrow, walk
from hanlin.documents.splicing import Edit, Found, Unit, has_words

_INLINE: Final = frozenset(
    [
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "code",
        "data",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "ins",
        "kbd",
        "label",
        "mark",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "time",
        "tt",
        "u",
        "var",
        "wbr",
        "ruby",
        "rt",
        "rp",
    ]
)
_OPAQUE: Final = frozenset(
    {"script", "style", "pre", "textarea", "svg", "math", "template", "noscript"}
)
_STRAY_AND: Final = re.compile(r"&(?!#?\w+;)")
_STRAY_LESS: Final = re.compile(r"<(?![A-Za-z/!?])")
_MARKUP: Final = re.compile(r"<[^>]*>|&#?\w+;")


def html(source: str) -> Found:
    """Find the blocks of an HTML page; scripts, styles and ``translate="no"`` stay."""
    found = Found(source)
    reader = _Reader(source, found)
    reader.feed(source)
    reader.close()
    reader.flush(len(source))
    return found


class _Reader(HTMLParser):
    """Collects what stands between two block tags."""

    def __init__(self, source: str, found: Found) -> None:
        super().__init__(convert_charrefs=False)
        self._found = found
        self._source = source
        self._starts = [0, *(match.end() for match in re.finditer("\n", source))]
        self._begin: int | None = None
        self._opaque: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        here = self._here()
        if self._opaque:
            if tag == self._opaque[-1]:
                self._opaque.append(tag)
            return
        closed = dict(attrs).get("translate") == "no" and tag not in _VOID
        if tag in _OPAQUE or closed:
            self.flush(here)
            self._opaque.append(tag)
        elif tag not in _INLINE:
            self.flush(here)
        elif self._begin is None:
            self._begin = here

    def handle_endtag(self, tag: str) -> None:
        if self._opaque:
            if tag == self._opaque[-1]:
                self._opaque.pop()
            return
        if tag not in _INLINE:
            self.flush(self._here())

    def handle_data(self, data: str) -> None:
        self._take(data)

    def handle_entityref(self, name: str) -> None:
        self._take(name)

    def handle_charref(self, name: str) -> None:
        self._take(name)

    def handle_comment(self, data: str) -> None:
        del data
        self.flush(self._here())

    def flush(self, end: int) -> None:
        """End the block that is being collected."""
        begin, self._begin = self._begin, None
        if begin is None:
            return
        raw = self._source[begin:end]
        core = raw.strip()
        if has_words(_MARKUP.sub("", core)):
            start = begin + raw.index(core)
            self._found.units.append(_block(start, start + len(core), core))

    def _take(self, data: str) -> None:
        if not self._opaque and self._begin is None and data.strip():
            self._begin = self._here()

    def _here(self) -> int:
        line, column = self.getpos()
        return self._starts[line - 1] + column


_VOID: Final = frozenset(
    {
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "source",
        "track",
        "wbr",
    }
)


def _block(start: int, end: int, core: str) -> Unit:
    text = " ".join(core.split())

    def write(target: str, *, bilingual: bool) -> Sequence[Edit]:
        shown = _clean(target)
        return (Edit(start, end, f"{core}<br>{shown}" if bilingual else shown),)

    return Unit(text, write)


def _clean(target: str) -> str:
    return _STRAY_LESS.sub("&lt;", _STRAY_AND.sub("&amp;", target))


def xliff(content: bytes, language: str = "") -> Found:
    """Find the units of XLIFF 1.2 and 2 that have no translation yet.

    A file of version 2 that does not say which language it is for must say so once it has
    translations: it is ``language``.
    """
    source = content.decode("latin-1")
    found = Found(source)
    heads: list[Edit] = []
    state: dict[int, dict[str, Element]] = {}

    def closed(element: Element) -> None:
        name = element.name.rpartition(":")[2]
        parent = element.parent
        if name in ("source", "target") and parent is not None:
            if parent.name.rpartition(":")[2] in ("trans-unit", "segment"):
                state.setdefault(parent.start, {})[name] = element
            return
        parts = state.pop(element.start, None)
        if parts is None or "source" not in parts or _kept(element):
            return
        raw = content[parts["source"].inner : parts["source"].close].decode("utf-8")
        target = parts.get("target")
        done = target is not None and target.close > target.inner
        if has_words(_MARKUP.sub("", raw)) and not done:
            unit = _segment(source, parts["source"], target, raw)
            found.units.append(unit if found.units or not heads else _first(unit, heads))

    def opened(element: Element) -> None:
        if element.parent is None and language and _lacks_language(element):
            at = element.inner - 1
            heads.append(Edit(at, at, f' trgLang="{language}"'))

    walk(content, opened, closed)
    return found


def _lacks_language(root: Element) -> bool:
    attributes = root.attributes
    return attributes.get("version", "").startswith("2") and "trgLang" not in attributes


def _first(unit: Unit, heads: Sequence[Edit]) -> Unit:
    def write(words: str, *, bilingual: bool) -> Sequence[Edit]:
        return (*heads, *unit.write(words, bilingual=bilingual))

    return Unit(unit.text, write)


def _kept(element: Element | None) -> bool:
    while element is not None:
        if element.attributes.get("translate") == "no":
            return True
        element = element.parent
    return False


def _segment(source: str, origin: Element, target: Element | None, raw: str) -> Unit:
    def write(words: str, *, bilingual: bool) -> Sequence[Edit]:
        del bilingual  # the format itself keeps both
        shown = narrow(_clean(words))
        prefix = origin.name.removesuffix("source")
        if target is None:
            return (Edit(origin.end, origin.end, f"<{prefix}target>{shown}</{prefix}target>"),)
        tag = source[target.start : target.inner]
        opening = f"{tag[:-2].rstrip()}>" if tag.endswith("/>") else tag
        return (Edit(target.start, target.end, f"{opening}{shown}</{prefix}target>"),)

    return Unit(raw.strip(), write)


def android(content: bytes, _language: str = "") -> Found:
    """Find the texts of Android's ``strings.xml``."""
    source = content.decode("latin-1")
    found = Found(source)

    def closed(element: Element) -> None:
        if element.name in ("string", "item") and element.attributes.get("translatable") != "false":
            raw = content[element.inner : element.close].decode("utf-8")
            if has_words(_MARKUP.sub("", raw)) and not raw.strip().startswith("@"):
                found.units.append(_android_text(element, raw))

    walk(content, lambda _element: None, closed)
    return found


def _android_text(element: Element, raw: str) -> Unit:
    text = raw.strip().replace("\\'", "'").replace('\\"', '"')

    def write(words: str, *, bilingual: bool) -> Sequence[Edit]:
        shown = _clean(words).replace("'", "\\'")
        shown = f"{raw.strip()}\\n{shown}" if bilingual else shown
        return (Edit(element.inner, element.close, narrow(shown)),)

    return Unit(text, write)
