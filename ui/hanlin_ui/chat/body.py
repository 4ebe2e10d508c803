"""The body of an answer: Markdown that grows while it streams.

Finished blocks are drawn once and frozen; only the last, open block is drawn
again as text arrives. Prose goes into text views, code into code views.
"""

import time
from typing import Final

from PySide6.QtCore import QEvent, QTimer, Signal
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
        self._views: list[_Prose | CodeView] = []
        self._mark: Mark | None = None
        """The end of what is frozen in the last view, when that is prose with an open block."""
        self._open_code = False
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
        if not text.startswith(self._source):
            self._forget()
        self._source = text
        self._final = True
        self._draw()

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
        if self._later.isActive():
            self._draw()

    def changeEvent(self, event: QEvent) -> None:
        """Draw everything again in the colours of a new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._source:
            self._forget()
            self._draw()

    def _forget(self) -> None:
        for view in self._views:
            self._drop(view)
        self._views.clear()
        self._open_from = 0
        self._mark = None
        self._open_code = False

    def _drop(self, view: QWidget) -> None:
        self._layout.removeWidget(view)
        view.hide()
        view.deleteLater()

    def _draw(self) -> None:
        began = time.monotonic()
        self._later.stop()
        self._draw_blocks(self._source[self._open_from :])
        now = time.monotonic()
        self._rest_until = now + _CALM * (now - began)

    def _draw_blocks(self, rest: str) -> None:
        placed = parse(rest)
        if not placed:
            return
        finished = placed if self._final else placed[:-1]
        last = None if self._final else placed[-1]
        if self._open_code and isinstance(placed[0].block, Code):
            self._code_in_last(placed[0].block, final=bool(finished))
            finished = finished[1:]
            if last is placed[0]:
                return
            self._open_code = False
        self._cut_open_block()
        for block in finished:
            self._place(block.block, final=True)
        if last is not None:
            self._open_from += last.offset
            self._place_open(last.block)
        else:
            self._open_from = len(self._source)

    def _freeze_beginning(self, paragraph: str) -> None:
        """Freeze the beginning of an endless paragraph, for drawing it whole each time is slow."""
        cut = max(paragraph.rfind(end, 0, _LONGEST_OPEN) for end in ("\n", " ", "。", "，"))
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
