"""From a model's Markdown to blocks, with caps against text made to hang a program.

Nothing is dropped for a cap: what is too deep or too long is kept as plain
text. HTML is text. Nothing here knows Qt.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby, islice
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, blockquote, lheading, paragraph, table
from markdown_it.token import Token

from hanlin.services import markdown
from hanlin_ui.chat.markdown.blocks import (
    Align,
    Block,
    Code,
    Footnote,
    Heading,
    ListBlock,
    ListItem,
    Paragraph,
    Placed,
    Quote,
    Rule,
    Span,
    Table,
)

DEEPEST: Final = 12
"""Levels of nesting that are drawn as such."""
LONGEST_INLINE: Final = 6_000
"""Characters of one paragraph in which emphasis and links are looked for."""
MOST_BRACKETS: Final = 200
"""Brackets of one paragraph up to which links are looked for: their search is quadratic."""
MOST_MARKS: Final = 1_000
"""Stars, backticks, ends of lines and the like of one paragraph up to which they are looked at:
each takes some hundredths of a millisecond."""
WIDEST_TABLE: Final = 50
_MOST_CELLS: Final = 2_000
_LEAST_ROWS: Final = 20
_MOST_LINES: Final = 300
"""Lines of one paragraph or quotation: what is longer goes on in the next one."""
_PARSER_NESTING: Final = 60  # beyond it markdown-it drops text, so we keep the text ourselves
_BARE_LINK = re.compile(r"https?://[^\s<>\"'`()（）「」，。；、！？]+")

_SPECIAL = re.compile(r"[\\`*_\[\]!<>&$~\n\ud800-\udfff]|https?:")
_UNSEEN = re.compile(
    "([\u0300-\u036f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]{40})"
    "[\u0300-\u036f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]+"
)
"""Marks that take no room, one on the other: thousands of them stop Qt for seconds."""


def _any_address(url: str) -> bool:
    return bool(url)


def _bounded_table(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - the parser's signature
    """Read a table, unless it is far too wide; what is far too long goes on as text."""
    line = state.src[state.bMarks[start] : state.eMarks[start]]
    columns = line.count("|") + 1
    if columns > WIDEST_TABLE + 1:
        return False
    rows = max(_LEAST_ROWS, _MOST_CELLS // columns)
    return table(state, start, min(end, start + rows), silent)


def _bounded_quote(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - the parser's signature
    """Read a quotation, of a far too long one the beginning."""
    return blockquote(state, start, min(end, start + _MOST_LINES), silent)


def _bounded_heading(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - the parser's signature
    """Read a heading that is underlined, unless that is far away."""
    return lheading(state, start, min(end, start + _MOST_LINES), silent)


def _bounded_paragraph(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - the parser's signature
    """Read a paragraph, of a far too long one the beginning, unless a list is around it."""
    last = state.lineMax
    if not state.level:
        state.lineMax = min(last, start + _MOST_LINES)
    try:
        return paragraph(state, start, end, silent)
    finally:
        state.lineMax = last


_parser = MarkdownIt("commonmark", {"html": False, "maxNesting": _PARSER_NESTING})
_parser.enable(["table", "strikethrough"])
_parser.block.ruler.at("table", _bounded_table, {"alt": ["paragraph", "reference"]})
_quote_ends = ["paragraph", "reference", "blockquote", "list"]
_parser.block.ruler.at("blockquote", _bounded_quote, {"alt": _quote_ends})
_parser.block.ruler.at("lheading", _bounded_heading)
_parser.block.ruler.at("paragraph", _bounded_paragraph)
markdown.install(_parser)
# An address is only shown, or opened after a question; refusing it here would show raw Markdown.
_parser.validateLink = _any_address  # type: ignore[method-assign]  # markdown-it's own hook
_parser.core.ruler.disable(["inline", "text_join"])  # inline text is parsed below, under its cap


def normalise(text: str) -> str:
    """Return ``text`` with the line ends and the harmless NUL that the parser counts with."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\N{REPLACEMENT CHARACTER}")


def beginning(source: str, letters: int, lines: int) -> str:
    """Return whole lines of the beginning of ``source``: about so many letters, or so many lines.

    A line that is longer comes whole.
    """
    if len(source) <= letters and source.count("\n") <= lines:
        return source
    end = count = 0
    while count < lines and end < letters:
        found = source.find("\n", end)
        if found < 0:
            return source
        end, count = found + 1, count + 1
    return source[:end]


def parse(source: str) -> list[Placed]:
    """Return the top-level blocks of ``source``, as :func:`normalise` gives it.

    A top-level list yields one block per item, so that a growing answer's finished
    items need not be drawn again.
    """
    tokens = _parser.parse(source)
    if any(token.level >= _PARSER_NESTING - 2 for token in tokens):
        return [Placed(Paragraph((Span(source),)), 0)]
    starts = _line_starts(source)
    return list(_top_level(tokens, starts))


def numbered_on(placed: Sequence[Placed], number: int | None) -> Sequence[Placed]:
    """Return ``placed`` with the list that it begins with counted from ``number``.

    The text was cut within a list: what its first line says is not where the list began.
    """
    first = placed[0].block if placed else None
    expected = first.number if isinstance(first, ListItem) else None
    if number is None or expected is None or expected == number:
        return placed
    result = list(placed)
    for index, one in enumerate(placed):
        if not isinstance(one.block, ListItem) or one.block.number != expected:
            break
        result[index] = replace(one, block=replace(one.block, number=number + index))
        expected += 1
    return result


def _line_starts(source: str) -> list[int]:
    starts = [0]
    starts.extend(match.end() for match in re.finditer("\n", source))
    return starts


def _top_level(tokens: Sequence[Token], starts: Sequence[int]) -> Iterator[Placed]:
    position = 0
    while position < len(tokens):
        end = _closing(tokens, position)
        token = tokens[position]
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            for item, first in _items(tokens, position, end, depth=1):
                yield Placed(item, _offset(first, starts))
        else:
            for block in _blocks(tokens[position : end + 1], depth=0):
                yield Placed(block, _offset(token, starts))
        position = end + 1


def _offset(token: Token, starts: Sequence[int]) -> int:
    return starts[token.map[0]] if token.map else 0


def _closing(tokens: Sequence[Token], position: int) -> int:
    """Return the index of the token that closes the one at ``position`` (itself, if alone)."""
    if tokens[position].nesting != 1:
        return position
    level = tokens[position].level
    for index in range(position + 1, len(tokens)):
        if tokens[index].nesting == -1 and tokens[index].level == level:
            return index
    return len(tokens) - 1


def _blocks(tokens: Sequence[Token], depth: int) -> Iterator[Block]:
    position = 0
    while position < len(tokens):
        end = _closing(tokens, position)
        token = tokens[position]
        inner = tokens[position + 1 : end]
        match token.type:
            case "paragraph_open":
                yield Paragraph(_spans(inner[0].content))
            case "heading_open":
                yield Heading(int(token.tag[1:]), _spans(inner[0].content))
            case "fence" | "code_block":
                language = token.info.split(maxsplit=1)[0] if token.info.strip() else ""
                yield Code(language, token.content.removesuffix("\n"))
            case "math_block":
                yield Paragraph((Span(token.content, math=True, display=True),))
            case "footnote":
                yield Footnote(token.info, _spans(token.content))
            case "hr":
                yield Rule()
            case "blockquote_open":
                yield from _nested(Quote, tuple(_blocks(inner, depth + 1)), depth)
            case "bullet_list_open" | "ordered_list_open":
                items = tuple(item for item, _first in _items(tokens, position, end, depth + 1))
                yield from _nested(ListBlock, items, depth)
            case "table_open":
                yield _table(inner)
            case _:
                yield Paragraph((Span(token.content),))
        position = end + 1


def _nested(
    kind: type[Quote] | type[ListBlock], inner: tuple[Block, ...], depth: int
) -> Iterator[Block]:
    """Yield ``kind`` around ``inner``, or ``inner`` alone where it is deep enough already."""
    if depth < DEEPEST:
        yield kind(inner)  # type: ignore[arg-type]  # each kind is only ever given its own blocks
    else:
        for block in inner:
            yield from block.blocks if isinstance(block, ListItem) else (block,)


def _items(
    tokens: Sequence[Token], position: int, end: int, depth: int
) -> Iterator[tuple[ListItem, Token]]:
    ordered = tokens[position].type == "ordered_list_open"
    number = int(tokens[position].attrGet("start") or 1) if ordered else None
    index = position + 1
    while index < end:
        close = _closing(tokens, index)
        blocks = tuple(_blocks(tokens[index + 1 : close], depth))
        yield _task(ListItem(number, blocks)), tokens[index]
        number = None if number is None else number + 1
        index = close + 1


def _task(item: ListItem) -> ListItem:
    """Return ``item``, as a task if it begins with a box."""
    first = item.blocks[0] if item.blocks else None
    if not isinstance(first, Paragraph) or not first.spans:
        return item
    span = first.spans[0]
    box = markdown.TASK.match(span.text)
    if box is None or span.code or span.math:
        return item
    said = Paragraph((replace(span, text=span.text[box.end() :]), *first.spans[1:]))
    return ListItem(item.number, (said, *item.blocks[1:]), box.group(1) != " ")


def _table(tokens: Sequence[Token]) -> Table:
    rows: list[tuple[tuple[Span, ...], ...]] = []
    cells: list[tuple[Span, ...]] = []
    alignments: list[Align] = []
    in_header = False
    for token in tokens:
        if token.type in {"thead_open", "thead_close"}:
            in_header = token.type == "thead_open"
        elif token.type == "th_open" and in_header:
            alignments.append(_alignment(token))
        elif token.type == "inline":
            cells.append(_spans(token.content))
        elif token.type == "tr_close":
            rows.append(tuple(cells))
            cells = []
    return Table(tuple(rows), tuple(alignments))


def _alignment(token: Token) -> Align:
    style = str(token.attrGet("style") or "")
    return next((align for align in Align if align.value in style), Align.LEFT)


def _spans(content: str) -> tuple[Span, ...]:
    if _UNSEEN.search(content):  # to replace where nothing is found takes longer than to look
        content = _UNSEEN.sub(r"\1", content)
    if len(content) > LONGEST_INLINE or content.count("[") > MOST_BRACKETS:
        return (Span(content),)
    marks = len(_SPECIAL.findall(content))
    if not marks or marks > MOST_MARKS:  # a table has thousands of cells without any
        return (Span(content),) if content else ()
    tokens: list[Token] = []
    _parser.inline.parse(content, _parser, {}, tokens)
    return tuple(_joined(_styled(tokens)))


def _joined(spans: Iterator[Span]) -> Iterator[Span]:
    """Yield ``spans``, neighbours of one style as one: the parser cuts text at each bracket."""
    for _style, run in groupby(spans, key=_style_of):
        first, *rest = run
        if first.math:
            yield from (first, *rest)
            continue
        text = "".join((first.text, *(span.text for span in rest)))
        yield replace(first, text=text)


def _style_of(span: Span) -> tuple[object, ...]:
    styles = (span.bold, span.italic, span.strike, span.code, span.image, span.link, span.raised)
    return (*styles, span.text) if span.math else styles


def _styled(tokens: Sequence[Token]) -> Iterator[Span]:
    bold = italic = strike = 0
    links: list[str] = []
    for token in tokens:
        match token.type:
            case "strong_open" | "strong_close":
                bold += token.nesting
            case "em_open" | "em_close":
                italic += token.nesting
            case "s_open" | "s_close":
                strike += token.nesting
            case "link_open":
                links.append(str(token.attrGet("href") or ""))
            case "link_close":
                links.pop()
            case _:
                link = links[-1] if links else ""
                style = (bold > 0, italic > 0, strike > 0)
                yield from _leaf(token, style, link)


def _leaf(token: Token, style: tuple[bool, bool, bool], link: str) -> Iterator[Span]:
    bold, italic, strike = style
    match token.type:
        case "softbreak" | "hardbreak":
            yield Span("\n", bold, italic, strike, link=link)
        case "code_inline":
            yield Span(token.content, bold, italic, strike, code=True, link=link)
        case "math_inline" | "math_display":
            yield Span(token.content, math=True, display=token.type == "math_display")
        case "footnote_mark":
            yield Span(token.content, raised=True)
        case "image":
            described = "".join(child.content for child in token.children or ())
            yield Span(described, image=True, link=link)
        case _ if token.content and not link:
            yield from _with_bare_links(Span(token.content, bold, italic, strike))
        case _ if token.content:
            yield Span(token.content, bold, italic, strike, link=link)


def _with_bare_links(span: Span) -> Iterator[Span]:
    """Yield ``span`` cut at the addresses written out in it."""
    position = 0
    for match in islice(_BARE_LINK.finditer(span.text), 200):
        address = match.group().rstrip(".,;:!?")
        if match.start() > position:
            before = span.text[position : match.start()]
            yield Span(before, span.bold, span.italic, span.strike)
        yield Span(address, span.bold, span.italic, span.strike, link=address)
        position = match.start() + len(address)
    if position < len(span.text):
        yield Span(span.text[position:], span.bold, span.italic, span.strike)
