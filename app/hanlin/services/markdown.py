r"""What models write beyond CommonMark: formulas in dollars and brackets, footnotes, tasks.

Rules for markdown-it, for the window and for what is exported. ``$5 and $6`` is money: an
opening dollar has no space behind it, a closing one none before it and no digit behind it.
"""

import re
from typing import TYPE_CHECKING, Final

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

if TYPE_CHECKING:
    from markdown_it.ruler import RuleOptionsType

_MOST_LINES: Final = 200
_LONGEST: Final = 3_000
_CLOSING: Final = {"$$": "$$", "\\[": "\\]"}
_BEGIN: Final = re.compile(r"\\begin\{([a-zA-Z]+\*?)\}")
TASK: Final = re.compile(r"\[([ xX])\] +")
"""The beginning of a task in a list."""
_FOOTNOTE: Final = re.compile(r"\[\^([^\]\s]{1,40})\]")


def install(parser: MarkdownIt) -> None:
    """Teach ``parser`` the tokens ``math_block``, ``math_inline``, ``footnote`` and its mark."""
    others: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    parser.block.ruler.before("fence", "math_block", _math_block, others)
    parser.block.ruler.before("reference", "footnote", _footnote, others)
    parser.inline.ruler.before("escape", "math_inline", _math_inline)
    parser.inline.ruler.before("link", "footnote_mark", _footnote_mark)


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]


def _math_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001
    first = _line(state, start)
    begun = _BEGIN.match(first)
    closing = _CLOSING.get(first[:2]) or (f"\\end{{{begun.group(1)}}}" if begun else "")
    if not closing or state.is_code_block(start):
        return False
    rest = first if begun else first[2:]
    lines: list[str] = []
    for number in range(start, min(end, start + _MOST_LINES)):
        if number > start and state.sCount[number] < state.blkIndent:
            return False
        text = rest if number == start else _line(state, number)
        if closing in text:
            before, _mark, behind = text.partition(closing)
            if behind.strip(" .,，。;；"):
                return False
            lines.append(text.strip() if begun else before)
            break
        lines.append(text)
    else:
        return False
    if not silent:
        token = state.push("math_block", "math", 0)
        token.content = "\n".join(lines).strip()
        token.map = [start, number + 1]
    state.line = number + 1
    return True


def _footnote(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001
    first = _line(state, start)
    mark = _FOOTNOTE.match(first)
    if mark is None or first[mark.end() : mark.end() + 1] != ":" or state.is_code_block(start):
        return False
    number = start + 1
    lines = [first[mark.end() + 1 :].strip()]
    while number < end and (text := _line(state, number)).strip() and not _FOOTNOTE.match(text):
        lines.append(text.strip())
        number += 1
    if not silent:
        token = state.push("footnote", "", 0)
        token.info = mark.group(1)
        token.content = "\n".join(lines)
        token.map = [start, number]
    state.line = number
    return True


def _footnote_mark(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's
    mark = _FOOTNOTE.match(state.src, state.pos)
    if mark is None:
        return False
    if not silent:
        state.push("footnote_mark", "", 0).content = mark.group(1)
    state.pos = mark.end()
    return True


def _math_inline(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's
    found = _formula_at(state.src, state.pos)
    if found is None:
        return False
    kind, content, end = found
    if not silent:
        token = state.push(kind, "", 0)
        token.content = content
    state.pos = end
    return True


def _formula_at(text: str, start: int) -> tuple[str, str, int] | None:
    """Return the token's kind, its content and where it ends; None when there is none."""
    two = text[start : start + 2]
    if two in ("\\(", "\\["):
        end = text.find("\\)" if two == "\\(" else "\\]", start + 2, start + _LONGEST)
        if end > 0 and (content := text[start + 2 : end].strip()):
            return ("math_inline" if two == "\\(" else "math_display"), content, end + 2
        return "text", two, start + 2  # not an escaped bracket: the backslash stays
    if two in ("\\)", "\\]"):
        return "text", two, start + 2
    if two == "$$":
        end = text.find("$$", start + 2, start + _LONGEST)
        content = text[start + 2 : end].strip() if end > 0 else ""
        return ("math_display", content, end + 2) if content else None
    if text[start] == "$":
        return _in_dollars(text, start)
    return None


def _in_dollars(text: str, start: int) -> tuple[str, str, int] | None:
    if text[start + 1 : start + 2].isspace():
        return None
    end = start
    while (end := text.find("$", end + 1, start + _LONGEST)) > 0:
        before, behind = text[end - 1], text[end + 1 : end + 2]
        if before == "\\":
            continue
        if end == start + 1 or before.isspace() or behind.isdigit():
            return None
        return "math_inline", text[start + 1 : end], end + 1
    return None
