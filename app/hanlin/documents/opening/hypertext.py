"""HTML as plain text: what a reader of the page would read."""

import re
from html.parser import HTMLParser
from typing import Final

_SILENT: Final = frozenset({"script", "style", "template", "noscript", "svg", "head"})
_BLOCKS: Final = frozenset(
    {
        "address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "fieldset",
        "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header",
        "hr", "li", "main", "nav", "ol", "p", "pre", "section", "table", "title", "tr", "ul",
    }
)  # fmt: skip
_HEADING: Final = re.compile(r"h[1-6]")


def plain_text(source: str) -> str:
    """Return the text of a page, its headings and list items marked as in Markdown."""
    reader = _Reader()
    reader.feed(source)
    reader.close()
    lines = (re.sub(r"[ \t\f\v]+", " ", line).strip() for line in "".join(reader.said).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._silent: list[str] = []
        self._kept = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a line where a block begins."""
        del attrs
        if tag == "title":
            self._silent.clear()
        if tag in _SILENT:
            self._silent.append(tag)
        elif tag in _BLOCKS:
            self.said.append("\n")
            if _HEADING.fullmatch(tag):
                self.said.append(f"\n{'#' * int(tag[1])} ")
            elif tag == "li":
                self.said.append("- ")
            elif tag == "p":
                self.said.append("\n")
            self._kept += tag == "pre"

    def handle_endtag(self, tag: str) -> None:
        """End a line where a block ends."""
        if tag in self._silent:
            while self._silent and self._silent.pop() != tag:
                pass
        elif tag in ("td", "th"):
            self.said.append(" | ")
        elif tag in _BLOCKS:
            self.said.append("\n")
            if tag == "pre":
                self._kept = max(0, self._kept - 1)

    def handle_data(self, data: str) -> None:
        """Take the words."""
        if not self._silent:
            self.said.append(data if self._kept else re.sub(r"\s+", " ", data))
