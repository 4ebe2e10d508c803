"""The body of an answer: Markdown that grows while it streams.

Finished blocks are drawn once and frozen; only the last, open block is drawn
again as text arrives. Prose goes into text views, code into code views.
"""

import math
import re
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtGui import QTextOption
from PySide6.QtWidgets import QVBoxLayout, QWidget

from hanlin.kernel.i18n import _
from hanlin_ui.chat.code import CodeView
from hanlin_ui.chat.markdown.blocks import Block, Code, Paragraph, Span
from hanlin_ui.chat.markdown.parse import normalise, parse
from hanlin_ui.chat.markdown.render import Mark, Renderer
from hanlin_ui.theme import appearance
from hanlin_ui.widgets.text_view import TextView

_CALM: Final = 3
"""After drawing for t seconds, wait at least this many times t before drawing again."""
_ENDS: Final = ("\n", "。", "！", "？", ". ", "；", "; ", "，", ", ", " ")
"""Where an endless paragraph may be cut, the best first."""
_SLICE_SECONDS: Final = 0.012
_STORED_SECONDS: Final = 0.1
"""A stored message is drawn at once, within reason, so that the transcript does not jump."""
_ENDLESS: Final = re.compile(r"[^\s\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]{4000}")
"""A word without end. Chinese characters are none: a line may be broken after each."""
_LONGEST_OPEN: Final = 6_000
"""Characters of one unfinished paragraph above which its beginning is frozen."""


class _Prose(TextView):
    """A text view with the renderer that fills it."""

    def __init__(self) -> None:
        super().__init__()
        self.renderer = Renderer(self.document(), appearance.current())
        self.setAccessibleName(_("Answer text"))


class MessageBody(QWidget):
    """Shows Markdown text that may still be growing."""

    link_clicked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._source = ""
        self._open_from = 0
        """Where in the source the block begins that is not frozen yet."""
        self._final = False
        self._theme = appearance.current()
        self._views: list[_Prose | CodeView] = []
        self._mark: Mark | None = None
        """The end of what is frozen in the last view, when that is prose with an open block."""
        self._open_code = False
        self._breaks_anywhere = False
        self._waiting: deque[Block] = deque()
        """Finished blocks that are not drawn yet."""
        self._open: Block | None = None
        """The last block, understood and not drawn yet."""
        self._understood = 0
        """How many characters have been read."""
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(10)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._draw)
        self._rest_until = 0.0

    def source(self) -> str:
        """Return the text as it came, Markdown and all."""
        return self._source

    def set_text(self, text: str) -> None:
        """Show the final ``text``."""
        text = normalise(text)
        stored = not self._source
        if not text.startswith(self._source):
            self._forget()
        self._source = text
        self._final = True
        self._understood = 0
        self._draw(_STORED_SECONDS if stored else _SLICE_SECONDS)

    def append(self, text: str) -> None:
        """Show more text; drawn at once unless the last drawing was costly."""
        self._source += normalise(text)
        self._final = False
        wait = self._rest_until - time.monotonic()
        if wait <= 0:
            self._draw()
        elif not self._later.isActive():
            self._later.start(max(1, round(wait * 1000)))

    def flush(self) -> None:
        """Draw now what waits for a calm moment."""
        while self._later.isActive():
            self._draw(math.inf)

    def changeEvent(self, event: QEvent) -> None:
        """Draw everything again in the colours of a new theme."""
        super().changeEvent(event)
        worn = appearance.current()
        if event.type() == QEvent.Type.PaletteChange and self._theme is not worn:
            self._theme = worn
            self._forget()
            self._draw(_STORED_SECONDS)

    def _forget(self) -> None:
        for view in self._views:
            self._drop(view)
        self._views.clear()
        self._open_from = 0
        self._mark = None
        self._open_code = False
        self._breaks_anywhere = False
        self._waiting.clear()
        self._open = None
        self._understood = 0

    def _drop(self, view: QWidget) -> None:
        self._layout.removeWidget(view)
        view.hide()
        view.deleteLater()

    def _draw(self, budget: float = _SLICE_SECONDS) -> None:
        """Draw for about ``budget`` seconds, and the rest a little later."""
        began = time.monotonic()
        self._later.stop()
        if not self._waiting:
            self._understand()
        while self._waiting:
            self._place(self._waiting.popleft(), final=True)
            if time.monotonic() - began > budget:
                break
        if not self._waiting and self._open is not None:
            block, self._open = self._open, None
            self._place_open(block)
        took = time.monotonic() - began
        self._rest_until = began + (1 + _CALM) * took
        if self._waiting or self._understood < len(self._source):
            self._later.start(0 if self._waiting else round(_CALM * took * 1000))

    def _understand(self) -> None:
        """Read what is not frozen: finished blocks wait to be drawn, the last one stays open."""
        rest = self._source[self._open_from :]
        self._understood = len(self._source)
        if _ENDLESS.search(rest):
            self._break_anywhere()
        placed = parse(rest)
        if not placed:
            return
        finished = placed if self._final else placed[:-1]
        last = None if self._final else placed[-1]
        if self._open_code and isinstance(placed[0].block, Code):
            self._code_in_last(placed[0].block, final=bool(finished))
            if last is placed[0]:
                return
            finished = finished[1:]
            self._open_code = False
        self._cut_open_block()
        for block in finished:
            self._waiting.extend(_pieces(block.block) if self._breaks_anywhere else (block.block,))
        self._open_from += len(rest) if last is None else last.offset
        self._open = None if last is None else last.block

    def _break_anywhere(self) -> None:
        """Break lines within words: to look for a better place takes Qt minutes in such a one."""
        self._breaks_anywhere = True
        for view in self._views:
            if isinstance(view, _Prose):
                view.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)

    def _freeze_beginning(self, paragraph: str) -> None:
        """Freeze the beginning of an endless paragraph, for drawing it whole each time is slow."""
        found = (paragraph.rfind(end, 0, _LONGEST_OPEN) for end in _ENDS)
        cut = next((place for place in found if place > _LONGEST_OPEN // 2), -1)
        cut = cut + 1 if cut > 0 else _LONGEST_OPEN
        for block in parse(paragraph[:cut]):
            self._place(block.block, final=True)
        self._open_from += cut

    def _cut_open_block(self) -> None:
        """Take away what was drawn of the block that was open."""
        last = self._views[-1] if self._views else None
        if isinstance(last, _Prose) and self._mark is not None:
            last.renderer.cut_back(self._mark)
        elif isinstance(last, CodeView) and self._open_code:
            self._drop(self._views.pop())
        self._mark = None
        self._open_code = False

    def _place(self, block: Block, *, final: bool) -> None:
        if isinstance(block, Code):
            self._drop_empty_prose()
            self._add(CodeView())
            self._open_code = not final
            self._code_in_last(block, final=final)
            return
        prose = self._last_prose()
        if not final:
            self._mark = prose.renderer.mark()
        prose.renderer.append(block)

    def _place_open(self, block: Block) -> None:
        rest = self._source[self._open_from :]
        if isinstance(block, Paragraph) and len(rest) > _LONGEST_OPEN:
            self._freeze_beginning(rest)
            block = Paragraph((Span(self._source[self._open_from :]),))
        self._place(block, final=False)

    def _code_in_last(self, block: Code, *, final: bool) -> None:
        view = self._views[-1]
        if isinstance(view, CodeView):
            view.set_code(block.language, block.text, final=final)

    def _last_prose(self) -> _Prose:
        last = self._views[-1] if self._views else None
        if isinstance(last, _Prose):
            return last
        prose = _Prose()
        if self._breaks_anywhere:
            prose.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)
        prose.link_clicked.connect(self.link_clicked)
        self._add(prose)
        return prose

    def _drop_empty_prose(self) -> None:
        if (
            self._views
            and isinstance(self._views[-1], _Prose)
            and self._views[-1].document().isEmpty()
        ):
            self._drop(self._views.pop())

    def _add(self, view: _Prose | CodeView) -> None:
        self._views.append(view)
        self._layout.addWidget(view)


def _pieces(block: Block) -> Iterator[Block]:
    """Cut an endless paragraph, as is done while it streams: Qt paints a paragraph as a whole."""
    if not isinstance(block, Paragraph):
        yield block
        return
    piece: list[Span] = []
    room = _LONGEST_OPEN
    for span in block.spans:
        for start in range(0, len(span.text), _LONGEST_OPEN):
            text = span.text[start : start + _LONGEST_OPEN]
            if len(text) > room:
                yield Paragraph(tuple(piece))
                piece, room = [], _LONGEST_OPEN
            piece.append(replace(span, text=text))
            room -= len(text)
    yield Paragraph(tuple(piece))
