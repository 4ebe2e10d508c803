"""A conversation as Markdown and as one HTML page that needs nothing else."""

import datetime
import html as escaping

from markdown_it import MarkdownIt

from hanlin.domain.conversation import Role
from hanlin.domain.transfer import CarriedConversation, CarriedMessage
from hanlin.kernel.i18n import _, current_language

_STYLE = """
body { max-width: 46em; margin: 2em auto; padding: 0 1em; line-height: 1.7; color: #23201c;
  font-family: system-ui, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; }
h1 { font-size: 1.6em; } .who { color: #6f685d; font-size: .9em; margin: 1.6em 0 .2em; }
.user { background: #f1ece1; border-radius: 12px; padding: .6em 1em; white-space: pre-wrap; }
pre { background: #f6f3ec; border: 1px solid #e2dccf; border-radius: 8px; padding: .8em;
  overflow-x: auto; } code { font-family: monospace; }
table { border-collapse: collapse; } td, th { border: 1px solid #e2dccf; padding: .3em .7em; }
blockquote { border-left: 3px solid #e2dccf; margin-left: 0; padding-left: 1em; color: #6f685d; }
details { color: #6f685d; } @media (prefers-color-scheme: dark) {
  body { background: #1f1e1c; color: #e8e4db; } .user { background: #302d29; }
  pre { background: #262421; border-color: #3b3833; } td, th { border-color: #3b3833; } }
"""


def markdown(carried: CarriedConversation) -> str:
    """Return the visible conversation as Markdown."""
    pieces = [f"# {_line(carried.title)}"]
    for message in carried.path():
        pieces.append(f"## {who(message)}")
        if message.thinking:
            pieces.append("\n".join(f"> {line}" for line in message.thinking.splitlines()))
        pieces.append(message.text)
    return "\n\n".join(pieces) + "\n"


def html(carried: CarriedConversation) -> str:
    """Return the visible conversation as a page: what models wrote is text, never markup.

    No picture is loaded and no script is in it.
    """
    reader = parser()
    body = [f"<h1>{escaping.escape(_line(carried.title))}</h1>"]
    for message in carried.path():
        body.append(f'<p class="who">{escaping.escape(who(message))}</p>')
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
        "style-src 'unsafe-inline'\">\n"
        f"<title>{escaping.escape(_line(carried.title))}</title>\n<style>{_STYLE}</style>\n"
        "</head>\n<body>\n" + "\n".join(body) + "\n</body>\n</html>\n"
    )


def parser() -> MarkdownIt:
    """Return what reads Markdown: no markup of the text's own, no pictures."""
    reader = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    return reader.disable(["image"])


def who(message: CarriedMessage) -> str:
    """Return who said it, with which model and when."""
    name = _("You") if message.role is Role.USER else (message.model or _("Answer"))
    if not message.created_at:
        return _line(name)
    moment = datetime.datetime.fromtimestamp(message.created_at / 1000).astimezone()
    return f"{_line(name)} · {moment:%Y-%m-%d %H:%M}"


def _line(text: str) -> str:
    return " ".join(text.split())
