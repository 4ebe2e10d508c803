"""What an answer's stack is made of: stretches of prose, and blocks of code.

A segment keeps what it says as values, so that its view can go and come back.
How text becomes blocks is not known here: see :mod:`hanlin_ui.chat.body`.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import shiboken6
from PySide6.QtCore import QEvent, SignalInstance
from PySide6.QtGui import QFontMetrics, QTextOption
from PySide6.QtWidgets import QApplication, QWidget

from hanlin.kernel.i18n import _
from hanlin_ui.chat import formulas, letters
from hanlin_ui.chat.code import CodeView
from hanlin_ui.chat.code_actions import BlockState, CodeAct
from hanlin_ui.chat.markdown.blocks import Block, Heading, cells, texts
from hanlin_ui.chat.markdown.render import LINE_GAP, PARAGRAPH_GAP, Mark, Renderer
from hanlin_ui.chat.stack import Segment, holds_focus
from hanlin_ui.theme import appearance
from hanlin_ui.theme.fonts import code_font
from hanlin_ui.widgets.text_view import TextView

_ENOUGH: Final = 3_000
"""Letters (a Chinese one counts twice) after which the next heading begins another segment…"""
_TOO_MUCH: Final = 9_000
"""… and after which any block does."""
_TOO_MANY: Final = 40
"""Lines, however short, after which any block begins another one: each costs its own layout."""
_MANY_CELLS: Final = 240
"""Cells of tables that one segment has at most, as long as no single table has more."""
_CODE_FRAME: Final = 52
"""Pixels of a block of code that are not code."""


class ProseView(TextView):
    """A text view with the renderer that fills it; its last block may be open."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._renderer = Renderer(self.document(), appearance.current())
        self._mark: Mark | None = None
        """The end of what is frozen, while there is an open block behind it."""
        self._retranslate()
        if (hub := formulas.current()) is not None:
            hub.drawn.connect(self._on_drawn)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        self.setAccessibleName(_("Answer text"))

    def _on_drawn(self, key: formulas.Key) -> None:
        """Give a formula that is drawn its room, or show the source of one that cannot be."""
        hub = formulas.current()
        if hub is None or "\N{OBJECT REPLACEMENT CHARACTER}" not in self.toPlainText():
            return
        if hub.is_broken(key):
            self._renderer.show_sources(key)
        else:
            self.document().markContentsDirty(0, self.document().characterCount())

    def forget(self) -> None:
        """Be as new."""
        self._mark = None
        self._renderer.cut_back(Mark(0, fresh=True))

    def freeze(self, block: Block) -> None:
        """Draw ``block`` for good, in the place of the open one."""
        self._cut_open()
        self._renderer.append(block)

    def set_open(self, block: Block | None) -> None:
        """Draw ``block``, which may still grow, in the place of the open one."""
        self._cut_open()
        if block is not None:
            self._mark = self._renderer.mark()
            self._renderer.append(block)

    def _cut_open(self) -> None:
        if self._mark is not None:
            self._renderer.cut_back(self._mark)
            self._mark = None


class ProseSegment(Segment):
    """Paragraphs, lists, tables: whatever runs in one text."""

    def __init__(self, link_clicked: SignalInstance, *, goes_on: bool) -> None:
        super().__init__()
        self.view: ProseView | None = None
        self.gap = 0 if goes_on else Segment.gap
        self._link_clicked = link_clicked
        self._blocks: list[Block] = []
        self._open: Block | None = None
        self._widths: list[int] = []
        """Of each text that begins a line: its width in Latin letters."""
        self._breaks_anywhere = False
        self._cells = 0
        self._changes = 0
        """Of scripts: text in many of them takes long to lay out."""

    def is_empty(self) -> bool:
        """Tell whether nothing is said here."""
        return not self._blocks and self._open is None

    def is_full_for(self, block: Block) -> bool:
        """Tell whether ``block`` should begin another segment."""
        if self._changes >= letters.RESTLESS or len(self._widths) > _TOO_MANY:
            return True
        if self._cells and self._cells + cells(block) > _MANY_CELLS:
            return True
        return sum(self._widths) > (_ENOUGH if isinstance(block, Heading) else _TOO_MUCH)

    def freeze(self, block: Block) -> None:
        """Say ``block`` behind what is there, in the place of the open one."""
        self._open = None
        self._blocks.append(block)
        self._widths.extend(_widths(block))
        self._cells += cells(block)
        self._changes += sum(1 for text in texts(block) for _place in letters.changes(text))
        if self.view is not None:
            self.view.freeze(block)

    def set_open(self, block: Block | None) -> None:
        """Say ``block``, which may still grow, in the place of the open one."""
        self._open = block
        if self.view is not None:
            self.view.set_open(block)

    def break_anywhere(self) -> None:
        """Break lines within words: to look for a better place takes Qt minutes in such a one."""
        self._breaks_anywhere = True
        if self.view is not None:
            self.view.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)

    def build(self, parent: QWidget, spare: QWidget | None) -> QWidget:
        """Draw all of it."""
        if isinstance(spare, ProseView):
            view = spare
            view.forget()
        else:
            view = ProseView(parent)
            view.link_clicked.connect(self._link_clicked)
        self.view = view
        modes = QTextOption.WrapMode
        view.setWordWrapMode(
            modes.WrapAnywhere if self._breaks_anywhere else modes.WrapAtWordBoundaryOrAnywhere
        )
        # As wide as it will be while it is empty: each later width lays all of it out anew.
        view.setGeometry(0, self.top, parent.width(), 1)
        view.show()
        for block in self._blocks:
            view.freeze(block)
        view.set_open(self._open)
        return view

    def measure(self, width: int) -> int:
        """Return the height of the text."""
        return 0 if self.view is None else self.view.height_for(width)

    def estimate(self, width: int) -> int:
        """Return about the height of the text."""
        widths = list(self._widths)
        if self._open is not None:
            widths.extend(_widths(self._open))
        return _height(widths, width) + round(len(widths) * PARAGRAPH_GAP)

    def stick(self, above: int) -> None:
        """Do nothing: text scrolls by."""

    def leave(self) -> None:
        """Remember nothing: the view knows no more than the segment."""

    def is_in_use(self) -> bool:
        """Tell whether text is selected, or the keyboard is in it."""
        view = self.view
        return view is not None and (view.textCursor().hasSelection() or holds_focus(view))


class CodeSegment(Segment):
    """One block of code."""

    def __init__(self, acted: SignalInstance) -> None:
        super().__init__()
        self.view: CodeView | None = None
        self._acted = acted
        self._state = BlockState()
        self._language = ""
        self._code = ""
        self._final = False
        self._unfolded = False

    def set_code(self, language: str, code: str, *, final: bool) -> None:
        """Say ``code``; it is coloured once it is ``final``."""
        self._language, self._code, self._final = language, code, final
        if self.view is not None:
            self.view.set_code(language, code, final=final)

    def build(self, parent: QWidget, spare: QWidget | None) -> QWidget:
        """Draw the code."""
        self.view = spare if isinstance(spare, CodeView) else CodeView(parent)
        self.view.forget(unfolded=self._unfolded)
        self.view.set_code(self._language, self._code, final=self._final)
        self.view.acted.connect(self._on_acted)
        self.view.show_state(self._state)
        return self.view

    def stick(self, above: int) -> None:
        """Keep what can be done with the code in sight."""
        if self.view is not None:
            self.view.stick(above)

    def _on_acted(self, action: str) -> None:
        if self.view is not None:
            gap = self.view.gap()
            act = CodeAct(action, self._language, self._code, self._state, self._show_state, gap)
            self._acted.emit(act)

    def _show_state(self) -> None:
        if self.view is not None and shiboken6.isValid(self.view):
            self.view.show_state(self._state)

    def leave(self) -> None:
        """Remember whether all of a long code was asked for."""
        self._unfolded = self.view is not None and self.view.is_unfolded()
        if self.view is not None:
            self.view.acted.disconnect(self._on_acted)

    def measure(self, width: int) -> int:
        """Return the height of the view."""
        return 0 if self.view is None else self.view.height_for(width)

    def estimate(self, width: int) -> int:  # noqa: ARG002 - code is not wrapped
        """Return about the height of the view."""
        lines = self._code.count("\n") + 1
        spacing = QFontMetrics(code_font(QApplication.font())).lineSpacing()
        return lines * spacing + _CODE_FRAME

    def is_in_use(self) -> bool:
        """Tell whether code is selected, or the keyboard is in it."""
        return self.view is not None and (self.view.has_selection() or holds_focus(self.view))


def estimated_height(source: str, width: int) -> int:
    """Return about how tall the Markdown ``source`` will be at ``width`` pixels."""
    lines = [letters_of(line) for line in source.split("\n") if line.strip()]
    return _height(lines, width) + round(source.count("\n\n") * PARAGRAPH_GAP)


def _height(widths: Sequence[int], width: int) -> int:
    metrics = QFontMetrics(QApplication.font())
    letters = max(1, width // metrics.averageCharWidth())
    lines = sum(1 + one // letters for one in widths)
    return round(lines * (metrics.lineSpacing() + LINE_GAP))


def _widths(block: Block) -> Iterator[int]:
    return (letters_of(text) for text in texts(block))


def letters_of(text: str) -> int:
    """Return about how wide ``text`` is, in Latin letters."""
    return (len(text) + len(text.encode(errors="replace"))) // 2  # Chinese: 3 bytes, 2 letters
