"""The body of an answer: Markdown that grows while it streams.

Finished blocks are frozen; only the last, open block is drawn again as text
arrives. What is drawn where is the stack's business: see :mod:`hanlin_ui.chat.stack`.
"""

import re
import time
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Final

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from hanlin.domain.tools import Decision
from hanlin_ui.chat import letters
from hanlin_ui.chat.markdown.blocks import Block, Code, ListItem, Paragraph, Placed, Span, Table
from hanlin_ui.chat.markdown.long_tables import cut, parse_under
from hanlin_ui.chat.markdown.parse import beginning, normalise, numbered_on, parse
from hanlin_ui.chat.markdown.pieces import end_of, longest_of, pieces
from hanlin_ui.chat.segments import CodeSegment, ProseSegment, estimated_height
from hanlin_ui.chat.stack import ViewStack
from hanlin_ui.chat.table import TableSegment, is_wide
from hanlin_ui.chat.tool import ToolSegment, ToolUse
from hanlin_ui.theme import appearance

_CALM: Final = 3
"""After drawing for t seconds, wait at least this many times t before drawing again."""
_ENDS: Final = ("\n", "。", "！", "？", ". ", "；", "; ", "，", ", ", " ")
"""Where an endless paragraph may be cut, the best first."""
_INSIDE_WORDS: Final = r"[^\s\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]"
_ENDLESS: Final = re.compile(f"(?<!{_INSIDE_WORDS}){_INSIDE_WORDS}{{4000}}")
"""A word without end. Chinese characters are none: a line may be broken after each."""
_SLICE_SECONDS: Final = 0.008
"""How long fonts are looked for before the event loop has its turn."""
_SPAN: Final = 1_500
"""Letters that are parsed together, or more where a block is longer…"""
_LINES: Final = 40
"""… or lines: of a list each is a block of its own."""
_SHORT: Final = 2_000
"""Letters that are read without a pause, so that they do not come in bits…"""
_SHORT_SECONDS: Final = 0.03
"""… unless they take longer."""


class MessageBody(ViewStack):
    """Shows Markdown text that may still be growing."""

    link_clicked = Signal(str)
    code_acted = Signal(object)
    """A CodeAct: what the person wants of a block of code."""
    decided = Signal(int, Decision)
    """What the person says to a call, by its number in the answer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._source = ""
        self._open_from = 0
        """Where in the source the block begins that is not frozen yet."""
        self._final = False
        self._unread = False
        """Nothing of the text was read yet, as nobody has come near it."""
        self._theme = appearance.current()
        self._tools: list[tuple[int, ToolSegment]] = []
        """The calls, and where in the source each stands."""
        self._tools_placed = 0
        self._span, self._lines = _SPAN, _LINES
        """Letters and lines that are parsed next."""
        self._due: Iterator[Block] = iter(())
        """Pieces that are read and not placed yet."""
        self._open: Block | None = None
        """What is to be placed behind them, and not finished."""
        self._header, self._header_from = "", 0
        """The header of a table that was cut, and where in the source its next row is."""
        self._number: int | None = None
        """The open block is a point of a list that has this number in it."""
        self._read_to: tuple[int, bool] | None = None
        """How far everything is read, and whether as the end of a text."""
        self._open_code: CodeSegment | None = None
        """The last segment, when it is code without an end yet."""
        self._breaks_anywhere = False
        self._drawing = QTimer(self)
        self._drawing.setSingleShot(True)
        self._drawing.timeout.connect(self._on_drawing)
        self._rest_until = 0.0
        self._new_letters: list[letters.Sought] = []
        """One letter of each script that no font is known for yet."""
        self._finding: QTimer | None = None

    def source(self) -> str:
        """Return the text as it came, Markdown and all."""
        return self._source

    def is_read(self) -> bool:
        """Tell whether nothing of the text waits to be read, near or far."""
        return not self._unread and not self._drawing.isActive()

    def set_text(self, *pieces: str | ToolUse) -> None:
        """Show the final text; one that is not seen is read when somebody comes near it."""
        text = ""
        tools: list[tuple[int, ToolUse]] = []
        for piece in pieces:
            if isinstance(piece, str):
                text += normalise(piece)
            else:
                tools.append((len(text), piece))
        anew = not text.startswith(self._source) or not self._begins_with_shown(tools)
        empty = anew or not (self._source or self._tools)
        if empty:
            self._new_letters = letters.of_new_scripts(text)
        self._unread = empty and (bool(self._new_letters) or not self.is_near())
        if anew:
            self._forget()
        for (_place, segment), (_same, use) in zip(self._tools, tools, strict=False):
            segment.use = use
            segment.refresh()
            self.changed(segment)
        for place, use in tools[len(self._tools) :]:
            self._add_tool(place, use)
        self._source = text
        self._final = True
        self.setAccessibleDescription(text)  # all of it, also where no view is built
        if self._unread:
            self.reserve(estimated_height(text, self.width()))
            self._come_near()
        else:
            self._draw()

    def read(self, seconds: float = _SHORT_SECONDS) -> None:
        """Read the text if nobody came near it so far; fonts are found for it before.

        What is left after ``seconds`` is read while the event loop has its turns.
        """
        if not self._unread:
            return
        if self._new_letters:
            self._find_fonts()
            return
        self._unread = False
        self._draw(seconds)

    def show_only(self, top: int, bottom: int) -> None:
        """Say which pixels are seen."""
        super().show_only(top, bottom)
        if self._unread:
            self._come_near()

    def _come_near(self) -> None:
        """Read what is seen now, as long as there is time, and soon what is near it."""
        if self.is_near(0) and self.has_time():
            self.read()
        elif self.is_near():
            self._drawing.start(0)

    def append(self, text: str) -> None:
        """Show more text; drawn at once unless the last drawing was costly."""
        self._source += normalise(text)
        self._final = False
        self._new_letters += letters.of_new_scripts(text)
        wait = self._rest_until - time.monotonic()
        if wait <= 0:
            self._draw()
        elif not self._drawing.isActive():
            self._drawing.start(max(1, round(wait * 1000)))

    def append_use(self, use: ToolUse) -> None:
        """Show a call behind what is there."""
        self._add_tool(len(self._source), use)
        self._draw()

    def uses(self) -> list[ToolUse]:
        """Return the calls, in their order."""
        return [segment.use for _place, segment in self._tools]

    def refresh_use(self, number: int) -> None:
        """Show how the call stands now."""
        segment = self._tools[number][1]
        segment.refresh()
        self.changed(segment)

    def flush(self) -> None:
        """Draw now what waits for a calm moment."""
        self._new_letters.clear()
        self._unread = False
        self._drawing.stop()
        while self._step():
            pass
        self._measure_end()
        self.build_all()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Follow the new width."""
        super().resizeEvent(event)
        if self._unread and event.size().width() != event.oldSize().width():
            self.reserve(estimated_height(self._source, self.width()))

    def changeEvent(self, event: QEvent) -> None:
        """Draw everything again in new colours, letters or gaps."""
        super().changeEvent(event)
        worn = appearance.current()
        if event.type() == QEvent.Type.StyleChange and self._theme is not worn:
            self._theme = worn
            self.rebuild()

    def _find_fonts(self) -> None:
        """Look for fonts while the event loop has its turns; read the text afterwards."""
        if self._finding is None:
            self._finding = QTimer(self)
            self._finding.timeout.connect(self._on_finding)
        if not self._finding.isActive():
            self._finding.start(0)

    def _on_finding(self) -> None:
        if not self.has_time():
            return
        letters.find_fonts(self._new_letters, _SLICE_SECONDS)
        if not self._new_letters and self._finding is not None:
            self._finding.stop()
            self.read()
            self._draw()

    def _add_tool(self, place: int, use: ToolUse) -> None:
        number = len(self._tools)
        segment = ToolSegment(use, lambda decision: self.decided.emit(number, decision))
        self._tools.append((place, segment))

    def _begins_with_shown(self, tools: Sequence[tuple[int, ToolUse]]) -> bool:
        shown = [(place, segment.use.call) for place, segment in self._tools]
        return shown == [(place, use.call) for place, use in tools[: len(shown)]]

    def _forget(self) -> None:
        self.clear()
        self._tools.clear()
        self._tools_placed = 0
        self._open_from = 0
        self._span, self._lines = _SPAN, _LINES
        self._due, self._open, self._read_to = iter(()), None, None
        self._number = None
        self._header, self._header_from = "", 0
        self._open_code = None
        self._breaks_anywhere = False

    def _on_drawing(self) -> None:
        """Draw more, unless others have taken all the time there is."""
        if not self.has_time():
            self._drawing.start(0)
        elif not self._unread:
            self._draw()
        elif self.is_near():
            self.read(0.0)

    def _draw(self, seconds: float | None = None) -> None:
        """Read on and draw what is read: for ``seconds``, and as long as there is time."""
        began = time.monotonic()
        self._drawing.stop()
        if self._unread:
            return
        if self._new_letters:
            self._find_fonts()
            return
        if seconds is None:
            short = len(self._source) - self._open_from <= _SHORT
            seconds = _SHORT_SECONDS if short else 0.0
        while more := self._step():
            if time.monotonic() - began > seconds and not self.has_time():
                break
        self._measure_end()
        self._rest_until = began + (1 + _CALM) * (time.monotonic() - began)
        if more:
            self._drawing.start(0)

    def _measure_end(self) -> None:
        if (end := self.last()) is not None:
            self.changed(end)

    def _step(self) -> bool:
        """Do one small piece of what is left to read and place; False when nothing is.

        Each call is put where it stands in the text.
        """
        if (piece := next(self._due, None)) is not None:
            self._place(piece, final=True)
            return True
        if self._open is not None:
            block, self._open = self._open, None
            self._place_open(block)
            return True
        tools = self._tools[self._tools_placed :]
        end = tools[0][0] if tools else len(self._source)
        final = bool(tools) or self._final
        if self._read_to != (end, final):
            self._read_on(end, final=final)
            return True
        if tools:
            self._open_from = end
            self._end_prose()
            self.add(tools[0][1])
            self._tools_placed += 1
        return bool(tools)

    def _read_on(self, end: int, *, final: bool) -> None:
        """Parse some of what is not frozen before ``end``; the last block is open if not final."""
        rest = self._source[self._open_from : end]
        part = beginning(rest, self._span, self._lines)
        if not self._breaks_anywhere and _ENDLESS.search(part):
            self._break_anywhere()
        header, behind = self._header if self._header_from == self._open_from else "", ""
        placed = numbered_on(parse_under(header, part), self._number)
        whole = len(part) == len(rest)
        if not final:
            placed, behind = cut(placed, part, header)
        finished: Sequence[Placed] = placed if whole and final else placed[:-1]
        if whole:
            self._read_to = (end, final)
        elif not finished or not placed[-1].offset:
            self._span, self._lines = 2 * self._span, 2 * self._lines  # the first block is longer
            return
        known = "" if finished else rest
        self._span, self._lines = len(known) + _SPAN, known.count("\n") + _LINES
        if not placed:
            return
        last = None if whole and final else placed[-1]
        self._number = last.block.number if last and isinstance(last.block, ListItem) else None
        finished = self._go_on_with_code(placed, finished)
        self._drop_open_table(placed[0].block)
        self._due = chain.from_iterable(pieces(one.block) for one in finished)
        self._open_from += len(rest) if last is None else last.offset
        if behind:
            self._header, self._header_from = behind, self._open_from
        if whole and last is not None and self._open_code is None:
            self._open = last.block

    def _go_on_with_code(
        self, placed: Sequence[Placed], finished: Sequence[Placed]
    ) -> Sequence[Placed]:
        """Let the open block of code grow; return the finished blocks behind it."""
        code, first = self._open_code, placed[0].block
        if code is None:
            return finished
        if isinstance(first, Code):
            code.set_code(first.language, first.text, final=bool(finished))
            if not finished:
                return ()
            self.changed(code)
            finished = finished[1:]
        else:
            self.pop()
        self._open_code = None
        return finished

    def _drop_open_table(self, first: Block) -> None:
        """Take away the wide table that was open if it turned out to be something else."""
        last = self.last()
        if isinstance(last, TableSegment) and last.is_open and not is_wide(first):
            self.pop()

    def _place_table(self, table: Table, *, final: bool) -> None:
        last = self.last()
        if isinstance(last, TableSegment) and last.is_open:
            last.set_table(table, final=final)
            self.changed(last)
            return
        self._end_prose()
        segment = TableSegment(self.link_clicked)
        segment.set_table(table, final=final)
        self.add(segment)

    def _place(self, block: Block, *, final: bool) -> None:
        if isinstance(block, Table) and is_wide(block):
            self._place_table(block, final=final)
        elif isinstance(block, Code):
            self._end_prose()
            code = CodeSegment(self.code_acted)
            code.set_code(block.language, block.text, final=final)
            self.add(code)
            self._open_code = None if final else code
        elif final:
            self._prose_for(block).freeze(block)
        else:
            self._prose_for(block).set_open(block)

    def _place_open(self, block: Block) -> None:
        rest = self._source[self._open_from :]
        longest = longest_of(rest)
        if isinstance(block, Paragraph) and len(rest) > longest:
            self._freeze_beginning(rest, longest)
            self._open = Paragraph((Span(self._source[self._open_from :]),))
        else:
            self._place(end_of(block), final=False)

    def _freeze_beginning(self, paragraph: str, longest: int) -> None:
        """Freeze the beginning of an endless paragraph, for drawing it whole each time is slow."""
        found = (paragraph.rfind(end, 0, longest) for end in _ENDS)
        cut = next((place for place in found if place > longest // 2), -1)
        cut = cut + 1 if cut > 0 else longest
        for block in parse(paragraph[:cut]):
            self._place(block.block, final=True)
        self._open_from += cut

    def _prose_for(self, block: Block) -> ProseSegment:
        """Return the segment that ``block`` belongs into."""
        last = self.last()
        if isinstance(last, ProseSegment) and not last.is_full_for(block):
            return last
        self._end_prose()
        prose = ProseSegment(self.link_clicked, goes_on=isinstance(last, ProseSegment))
        if self._breaks_anywhere:
            prose.break_anywhere()
        self.add(prose)
        return prose

    def _end_prose(self) -> None:
        """Take away what was drawn of the block that was open: it goes elsewhere."""
        last = self.last()
        if isinstance(last, ProseSegment):
            last.set_open(None)
            if last.is_empty():
                self.pop()
            else:
                self.changed(last)

    def _break_anywhere(self) -> None:
        self._breaks_anywhere = True
        for segment in self.segments():
            if isinstance(segment, ProseSegment):
                segment.break_anywhere()
