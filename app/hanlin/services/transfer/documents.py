"""A conversation as Markdown and as one HTML page that needs nothing else."""

import base64
import datetime
import html as escaping
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML, RendererProtocol
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from hanlin.colours.runs import Colours
from hanlin.domain.conversation import Role
from hanlin.domain.transfer import CarriedConversation, CarriedFile, CarriedMessage
from hanlin.formulas.shape import Shape
from hanlin.kernel.i18n import _, current_language
from hanlin.kernel.units import size
from hanlin.services import markdown as rules
from hanlin.services.transfer.drawn import svg

_STYLE = """
body { max-width: 46em; margin: 2em auto; padding: 0 1em; line-height: 1.7; color: #23201c;
  font-family: system-ui, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; }
h1 { font-size: 1.6em; } .who { color: #6f685d; font-size: .9em; margin: 1.6em 0 .2em; }
.user { background: #f1ece1; border-radius: 12px; padding: .6em 1em; white-space: pre-wrap; }
pre { background: #f6f3ec; border: 1px solid #e2dccf; border-radius: 8px; padding: .8em;
  overflow-x: auto; } code { font-family: monospace; }
figure { margin: 0 0 .6em; } img { max-width: 100%; height: auto; border-radius: 8px; }
table { border-collapse: collapse; } td, th { border: 1px solid #e2dccf; padding: .3em .7em; }
.note { color: #6f685d; font-size: .9em; } .display { display: block; text-align: center; }
svg { fill: currentColor; overflow: visible; max-width: 100%; } li.task { list-style: none; }
blockquote { border-left: 3px solid #e2dccf; margin-left: 0; padding-left: 1em; color: #6f685d; }
details { color: #6f685d; } .comment { color: #706959; } .string { color: #2f6b3a; }
.number { color: #9a4a00; } .keyword { color: #8a2f6d; } .name { color: #1d5a9e; }
@media (prefers-color-scheme: dark) {
  body { background: #1f1e1c; color: #e8e4db; } .user { background: #302d29; }
  pre { background: #262421; border-color: #3b3833; } td, th { border-color: #3b3833; }
  blockquote { border-color: #3b3833; } .who, .note, blockquote, details { color: #a8a092; }
  a { color: #8ab4e8; } .comment { color: #958d7c; } .string { color: #9cc58f; }
  .number { color: #e0a56b; } .keyword { color: #d79bc5; } .name { color: #86b8f0; } }
"""


class Draw(Protocol):
    """Draws a formula; None when it cannot be drawn."""

    def __call__(self, source: str, *, display: bool) -> Shape | None:
        """Return the drawing of the LaTeX ``source``."""


FindColours = Callable[[str, str], Colours]
"""Finds the colours of a code by the name of its language."""
_CLASSES: Final = {
    "Comment": "comment",
    "String": "string",
    "Number": "number",
    "Keyword": "keyword",
    "Name.Function": "name",
    "Name.Class": "name",
    "Name.Builtin": "name",
}


def markdown(carried: CarriedConversation) -> str:
    """Return the visible conversation as Markdown."""
    pieces = [f"# {_line(carried.title)}"]
    for message in carried.path():
        pieces.append(f"## {who(message)}")
        if message.thinking:
            pieces.append("\n".join(f"> {line}" for line in message.thinking.splitlines()))
        pieces.append(message.said())
    return "\n\n".join(pieces) + "\n"


def html(carried: CarriedConversation, draw: Draw, find: FindColours) -> str:
    """Return the visible conversation as a page: what models wrote is text, never markup.

    No picture is loaded from elsewhere and no script is in it. Formulas are ``draw``'s, or as
    they were written; the colours of code are those that ``find`` finds.
    """
    reader = parser(lambda made: _Page(made, draw))
    reader.options["highlight"] = lambda code, language, _rest: coloured(code, find(language, code))
    body = [f"<h1>{escaping.escape(_line(carried.title))}</h1>"]
    for message in carried.path():
        body.append(f'<p class="who">{escaping.escape(who(message))}</p>')
        body += [_attached(one) for one in message.files]
        if message.role is Role.USER:
            body.append(f'<div class="user">{escaping.escape(message.text)}</div>')
            continue
        if message.thinking:
            thought = escaping.escape(message.thinking)
            body.append(
                f"<details><summary>{escaping.escape(_('Thinking'))}</summary>"
                f'<p style="white-space: pre-wrap">{thought}</p></details>'
            )
        body.append(reader.render(message.text))
    language = current_language().replace("_", "-")
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'; img-src data:\">\n"
        f"<title>{escaping.escape(_line(carried.title))}</title>\n<style>{_STYLE}</style>\n"
        "</head>\n<body>\n" + "\n".join(body) + "\n</body>\n</html>\n"
    )


def parser(page: Callable[[MarkdownIt], RendererProtocol] = RendererHTML) -> MarkdownIt:
    """Return what reads Markdown as the window does: no markup of the text's own.

    ``page`` makes what writes it.
    """
    reader = MarkdownIt("commonmark", {"html": False}, renderer_cls=page)
    reader.enable(["table", "strikethrough"])
    rules.install(reader)
    reader.core.ruler.push("tasks", _tick)
    return reader


def coloured(code: str, colours: Colours) -> str:
    """Return code as it stands in a page, each coloured run in an element of its class."""
    units = code.encode("utf-16-le", "replace")  # as runs are counted

    def piece(first: int, last: int) -> str:
        return escaping.escape(units[2 * first : 2 * last].decode("utf-16-le", "replace"))

    said, done = list[str](), 0
    for place, length, kind in colours.runs():
        if place < done:
            continue
        said.append(piece(done, place))
        said.append(f'<span class="{_CLASSES[kind]}">{piece(place, place + length)}</span>')
        done = place + length
    return "".join([*said, piece(done, len(units) // 2)])


def who(message: CarriedMessage) -> str:
    """Return who said it, with which model and when."""
    name = _("You") if message.role is Role.USER else (message.model or _("Answer"))
    if not message.created_at:
        return _line(name)
    moment = datetime.datetime.fromtimestamp(message.created_at / 1000).astimezone()
    return f"{_line(name)} · {moment:%Y-%m-%d %H:%M}"


def about(file: CarriedFile) -> str:
    """Return what was attached: its name, and how large it is."""
    return f"{_line(file.name)} · {size(file.size)}"


def as_written(formula: Token) -> str:
    """Return a formula with what says that it is one."""
    if formula.type == "math_inline":
        return f"${formula.content}$"
    return formula.content if formula.content.startswith("\\begin") else f"$${formula.content}$$"


def picture_text(picture: Token) -> str:
    """Return what stands in the place of a picture, which is never loaded."""
    if not picture.content:
        return _("picture")
    return _("picture: {description}").format(description=picture.content)


def _attached(file: CarriedFile) -> str:
    words = escaping.escape(about(file))
    if not file.shown:
        return f'<p class="note">{words}</p>'
    data = base64.b64encode(file.content).decode("ascii")
    return (
        f'<figure><img src="data:{file.mime};base64,{data}" alt="{words}" width="{file.width}" '
        f'height="{file.height}"><figcaption class="note">{words}</figcaption></figure>'
    )


def _tick(state: StateCore) -> None:
    """Make the boxes of tasks signs, and their items of the class ``task``."""
    for item, inside in zip(state.tokens, state.tokens[2:], strict=False):
        if item.type != "list_item_open" or not inside.children:
            continue
        first = inside.children[0]
        if (box := rules.TASK.match(first.content)) and first.type == "text":
            sign = "☐" if box.group(1) == " " else "☑"
            first.content = f"{sign} {first.content[box.end() :]}"
            item.attrSet("class", "task")


class _Page(RendererHTML):
    """Writes what was read as a page; each method writes the token that has its name."""

    def __init__(self, reader: MarkdownIt, draw: Draw) -> None:
        super().__init__(reader)
        self._reader = reader
        self._draw = draw

    def math_inline(self, tokens: Sequence[Token], idx: int, *_rest: object) -> str:
        """Write a formula in a line."""
        return self._formula(tokens[idx], display=False)

    def math_display(self, tokens: Sequence[Token], idx: int, *_rest: object) -> str:
        """Write a formula that has a line of its own."""
        return f'<span class="display">{self._formula(tokens[idx], display=True)}</span>'

    def math_block(self, tokens: Sequence[Token], idx: int, *_rest: object) -> str:
        """Write a formula that is a paragraph."""
        return f"<p>{self.math_display(tokens, idx)}</p>\n"

    def footnote(self, tokens: Sequence[Token], idx: int, *_rest: object) -> str:
        """Write a footnote, where it was written."""
        note = tokens[idx]
        said = self._reader.renderInline(note.content)
        return f'<p class="note">{escaping.escape(note.info)}. {said}</p>\n'

    def footnote_mark(self, tokens: Sequence[Token], idx: int, *_rest: object) -> str:
        """Write the mark that leads to a footnote."""
        return f"<sup>{escaping.escape(tokens[idx].content)}</sup>"

    def image(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: EnvType) -> str:
        """Write that a picture is meant, and where it is."""
        address = escaping.escape(str(tokens[idx].attrGet("src") or ""))
        return f'<a href="{address}">{escaping.escape(picture_text(tokens[idx]))}</a>'

    def _formula(self, formula: Token, *, display: bool) -> str:
        shape = self._draw(formula.content, display=display)
        if shape is not None:
            return svg(shape, formula.content)
        return f"<code>{escaping.escape(as_written(formula))}</code>"


def _line(text: str) -> str:
    return " ".join(text.split())
