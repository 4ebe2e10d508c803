"""A wide table in an answer: it scrolls sideways by itself instead of squeezing its columns.

Narrow tables run in the text around them; which are wide is told by :func:`is_wide`,
from the words alone, so that a table does not move when the window's width changes.
"""

import math
from typing import Final

from PySide6.QtCore import Qt, SignalInstance
from PySide6.QtGui import QFontMetrics, QKeyEvent, QResizeEvent, QTextCursor, QWheelEvent
from PySide6.QtWidgets import QApplication, QTextEdit, QWidget

from hanlin.kernel.i18n import _
from hanlin_ui.chat.markdown.blocks import Block, Span, Table
from hanlin_ui.chat.markdown.render import CELL_PADDING
from hanlin_ui.chat.segments import ProseView, letters_of
from hanlin_ui.chat.stack import Segment, holds_focus

_WIDE: Final = 62
"""Latin letters in its columns together above which a table stands by itself."""
_WIDEST_COLUMN: Final = 30
"""Latin letters after which the words of a cell go on in the next line."""
_MEASURED_ROWS: Final = 200
_STEP: Final = 48
"""Pixels that a key scrolls."""


def is_wide(block: Block) -> bool:
    """Tell whether ``block`` is a table that wants more room than a narrow window has."""
    return isinstance(block, Table) and sum(_columns(block)) > _WIDE


class TableView(ProseView):
    """A table as wide as its columns want, behind a scroll bar where that is too wide."""

    _wanted = 0
    """Pixels."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)

    def _retranslate(self) -> None:
        self.setAccessibleName(_("Table"))

    def set_wanted(self, pixels: int) -> None:
        """Say how wide the table wants to be."""
        self._wanted = pixels
        self._wrap(self.width())

    def height_for(self, width: int) -> int:
        """Become ``width`` pixels wide; return how tall the table is then, with its scroll bar."""
        if width != self.width():
            self.resize(width, self.height())
        self._wrap(width)
        height = self._text_height(max(width, self._wanted))
        return height + (self._bar_height() if width < self._wanted else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Follow the new width."""
        self._wrap(event.size().width())
        super().resizeEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll sideways; up and down is the transcript's."""
        delta = event.angleDelta()
        sideways = delta.x() or (
            delta.y() if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 0
        )
        bar = self.horizontalScrollBar()
        if not sideways or not bar.maximum():
            event.ignore()
            return
        bar.setValue(bar.value() - sideways)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Scroll with the arrow keys, unless they select."""
        steps = {Qt.Key.Key_Left: -_STEP, Qt.Key.Key_Right: _STEP}
        step = steps.get(Qt.Key(event.key()))
        bar = self.horizontalScrollBar()
        if step is None or event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            super().keyPressEvent(event)
            return
        bar.setValue(bar.value() + step)

    def _wrap(self, width: int) -> None:
        modes = QTextEdit.LineWrapMode
        if width >= self._wanted:
            self.setLineWrapMode(modes.WidgetWidth)
            return
        if self.lineWrapColumnOrWidth() != self._wanted:  # Qt lays all of it out for the same, too
            self.setLineWrapColumnOrWidth(self._wanted)
        self.setLineWrapMode(modes.FixedPixelWidth)

    def _bar_height(self) -> int:
        return self.horizontalScrollBar().sizeHint().height()

    def _fit(self) -> None:
        height = math.ceil(self.document().size().height())
        height += self._bar_height() if self.width() < self._wanted else 0
        if height != self.height():
            self.setFixedHeight(max(height, 1))


class TableSegment(Segment):
    """One wide table."""

    def __init__(self, link_clicked: SignalInstance) -> None:
        super().__init__()
        self.view: TableView | None = None
        self.is_open = True
        """It may still grow."""
        self._link_clicked = link_clicked
        self._table = Table((), ())

    def set_table(self, table: Table, *, final: bool) -> None:
        """Say ``table``."""
        self._table, self.is_open = table, not final
        if self.view is not None:
            self._show(self.view)

    def build(self, parent: QWidget, spare: QWidget | None) -> QWidget:
        """Draw the table."""
        if isinstance(spare, TableView):
            view = spare
        else:
            view = TableView(parent)
            view.link_clicked.connect(self._link_clicked)
        self.view = view
        view.forget()
        view.setGeometry(0, self.top, parent.width(), 1)
        view.show()
        self._show(view)
        return view

    def measure(self, width: int) -> int:
        """Return the height of the view."""
        return 0 if self.view is None else self.view.height_for(width)

    def estimate(self, width: int) -> int:  # noqa: ARG002 - a wide table is not squeezed
        """Return about the height of the view."""
        line = QFontMetrics(QApplication.font()).lineSpacing()
        return len(self._table.rows) * (line + 2 * CELL_PADDING + 1)

    def stick(self, above: int) -> None:
        """Do nothing: the table scrolls by."""

    def leave(self) -> None:
        """Remember nothing: the view knows no more than the segment."""

    def is_in_use(self) -> bool:
        """Tell whether text is selected, or the keyboard is in it."""
        view = self.view
        return view is not None and (view.textCursor().hasSelection() or holds_focus(view))

    def _show(self, view: TableView) -> None:
        view.forget()
        letter = QFontMetrics(view.font()).averageCharWidth()
        frames = 2 * CELL_PADDING + 1
        # While it is empty, as each later width lays all of it out anew.
        view.set_wanted(sum(letters * letter + frames for letters in _columns(self._table)))
        view.freeze(self._table)
        view.moveCursor(QTextCursor.MoveOperation.Start)  # else the end is scrolled to


def _columns(table: Table) -> list[int]:
    """Return about how many Latin letters wide each column wants to be."""
    widths: list[int] = []
    for row in table.rows[:_MEASURED_ROWS]:
        widths.extend([0] * (len(row) - len(widths)))
        for number, cell in enumerate(row):
            widths[number] = max(widths[number], _letters(cell))
    return [min(one, _WIDEST_COLUMN) for one in widths]


def _letters(cell: tuple[Span, ...]) -> int:
    return letters_of("".join(span.text for span in cell))
