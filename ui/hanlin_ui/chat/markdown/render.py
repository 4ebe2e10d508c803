"""Blocks into a QTextDocument, by cursor and formats alone.

``setHtml`` and ``setMarkdown`` are never used: a few kilobytes can hang them,
and they open pictures and addresses unasked (packaging/design.md 7).
Code at the top level has a widget of its own: :mod:`hanlin_ui.chat.code`.
"""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontInfo,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrameFormat,
    QTextListFormat,
    QTextTable,
    QTextTableCellFormat,
    QTextTableFormat,
)

from hanlin.kernel.i18n import _
from hanlin_ui.chat import formulas
from hanlin_ui.chat.markdown.blocks import (
    Align,
    Block,
    Code,
    Footnote,
    Heading,
    ListBlock,
    ListItem,
    Paragraph,
    Quote,
    Rule,
    Span,
    Table,
)
from hanlin_ui.theme import appearance
from hanlin_ui.theme.fonts import code_font
from hanlin_ui.theme.palette import Theme

QUOTE_DEPTH: Final = QTextFormat.Property.UserProperty.value + 1
"""Block property: how many bars the view paints to the left of a quotation."""
BULLET: Final = QUOTE_DEPTH + 1
"""Block property: how deep a point of a list is, from 1; the view paints its dot."""
RULE: Final = BULLET + 1
"""Block property: the view paints a line across instead of text."""
TASK: Final = RULE + 1
"""Block property: a box before the text, 1 empty and 2 ticked; BULLET says how deep."""
INDENT: Final = 22.0
LINE_GAP: Final = 4.0
PARAGRAPH_GAP: Final = 9.0
CELL_PADDING: Final = 6
_RULED_COLUMNS: Final = 20
"""Columns up to which each row is ruled: Qt takes longer for the lines than for the words."""
_ITEM_GAP = 4.0
_FOOTNOTE_SIZE = 0.9
_OBJECT = "\N{OBJECT REPLACEMENT CHARACTER}"
_HEADING_GAPS = (18.0, 17.0, 14.0, 12.0, 12.0, 12.0)
_HEADING_REST = 7.0
_RULE_HEIGHT = 9.0
_HEADING_SIZES = (1.45, 1.28, 1.14, 1.05, 1.0, 1.0)
_ALIGNMENTS = {
    Align.LEFT: Qt.AlignmentFlag.AlignLeft,
    Align.CENTER: Qt.AlignmentFlag.AlignHCenter,
    Align.RIGHT: Qt.AlignmentFlag.AlignRight,
}


@dataclass(frozen=True, slots=True)
class Mark:
    """A place at the end of a document to which it can be cut back."""

    position: int
    fresh: bool


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the nesting a block stands."""

    indent: int = 0
    quotes: int = 0
    gap: float = PARAGRAPH_GAP


class Renderer:
    """Appends blocks to one document."""

    def __init__(
        self, document: QTextDocument, theme: Theme, drawings: formulas.Drawings | None = None
    ) -> None:
        """Make it; formulas are ``drawings``' business, or the window's."""
        self._document = document
        self._drawings = drawings
        self._theme = theme
        self._font = document.defaultFont()
        self._code_font = code_font(self._font)
        self._fresh = True
        """The last text block exists but is unused."""
        document.setIndentWidth(INDENT)

    def mark(self) -> Mark:
        """Return the present end."""
        return Mark(self._document.characterCount() - 1, self._fresh)

    def cut_back(self, mark: Mark) -> None:
        """Remove everything behind ``mark``."""
        if mark.position == 0:
            self._document.clear()
            self._document.setIndentWidth(INDENT)
        else:
            cursor = QTextCursor(self._document)
            cursor.setPosition(mark.position)
            cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
            cursor.removeSelectedText()
        self._fresh = mark.fresh

    def append(self, block: Block) -> None:
        """Draw ``block`` at the end."""
        cursor = QTextCursor(self._document)
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.beginEditBlock()
        self._append(cursor, block, _Place())
        cursor.endEditBlock()

    def _append(self, cursor: QTextCursor, block: Block, place: _Place) -> None:
        match block:
            case Paragraph(spans):
                self._paragraph(cursor, spans, place)
            case Heading(level, spans):
                self._heading(cursor, level, spans, place)
            case Footnote(label, spans):
                self._footnote(cursor, label, spans, place)
            case Code(_language, text):
                self._code(cursor, text, place)
            case Rule():
                self._rule(cursor)
            case Quote(blocks):
                inner = _Place(place.indent, place.quotes + 1, place.gap)
                for quoted in blocks:
                    self._append(cursor, quoted, inner)
            case ListItem():
                self._item(cursor, block, place)
            case ListBlock(items):
                for item in items:
                    self._item(cursor, item, place)
            case Table():
                self._table(cursor, block)

    def _begin(self, cursor: QTextCursor, layout: QTextBlockFormat) -> None:
        plain = QTextCharFormat()
        if self._fresh:
            cursor.setBlockFormat(layout)
            cursor.setBlockCharFormat(plain)
            self._fresh = False
        else:
            cursor.insertBlock(layout, plain)

    def _layout(self, place: _Place) -> QTextBlockFormat:
        layout = QTextBlockFormat()
        layout.setLineHeight(LINE_GAP, QTextBlockFormat.LineHeightTypes.LineDistanceHeight.value)
        gap = appearance.looks().spaced(place.gap)
        if not self._document.isEmpty():
            layout.setTopMargin(gap)  # of two margins that meet, the larger one counts
        layout.setBottomMargin(gap)
        layout.setIndent(place.indent)
        if place.quotes:
            layout.setLeftMargin(place.quotes * INDENT * 0.75)
            layout.setProperty(QUOTE_DEPTH, place.quotes)
        return layout

    def _footnote(
        self, cursor: QTextCursor, label: str, spans: tuple[Span, ...], place: _Place
    ) -> None:
        layout = self._layout(_Place(place.indent, place.quotes, _ITEM_GAP))
        self._begin(cursor, layout)
        style = QTextCharFormat()
        style.setFontPointSize(self._font.pointSizeF() * _FOOTNOTE_SIZE)
        style.setForeground(QColor(self._theme.muted))
        self._insert(cursor, (Span(f"{label}. "), *spans), style)

    def _paragraph(self, cursor: QTextCursor, spans: tuple[Span, ...], place: _Place) -> None:
        layout = self._layout(place)
        if len(spans) == 1 and spans[0].display:
            layout.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._begin(cursor, layout)
        self._insert(cursor, spans, QTextCharFormat())

    def _heading(
        self, cursor: QTextCursor, level: int, spans: tuple[Span, ...], place: _Place
    ) -> None:
        layout = self._layout(place)
        if not self._document.isEmpty():
            layout.setTopMargin(appearance.looks().spaced(_HEADING_GAPS[level - 1]))
        layout.setBottomMargin(_HEADING_REST)
        layout.setHeadingLevel(level)
        self._begin(cursor, layout)
        style = QTextCharFormat()
        style.setFontWeight(QFont.Weight.DemiBold)
        style.setFontPointSize(self._font.pointSizeF() * _HEADING_SIZES[level - 1])
        self._insert(cursor, spans, style)

    def _code(self, cursor: QTextCursor, text: str, place: _Place) -> None:
        layout = self._layout(place)
        layout.setBackground(QColor(self._theme.code))
        self._begin(cursor, layout)
        cursor.insertText(text.replace("\n", "\u2028"), self._code_style())

    def _rule(self, cursor: QTextCursor) -> None:
        layout = self._layout(_Place())
        layout.setLineHeight(_RULE_HEIGHT, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
        layout.setProperty(RULE, True)  # noqa: FBT003 - Qt's signature
        if not self._document.isEmpty():
            self._fresh = False  # Qt gives an empty paragraph behind a table no room
        self._begin(cursor, layout)

    def _item(self, cursor: QTextCursor, item: ListItem, place: _Place) -> None:
        listing = QTextListFormat()
        listing.setIndent(place.indent + 1)
        if item.number is not None:
            listing.setStyle(QTextListFormat.Style.ListDecimal)
            listing.setStart(item.number)
        outer = _Place(0, place.quotes, _ITEM_GAP)
        inner = _Place(place.indent + 1, place.quotes, _ITEM_GAP)
        first, rest = (item.blocks[0], item.blocks[1:]) if item.blocks else (Paragraph(()), ())
        if not isinstance(first, Paragraph | Heading):
            first, rest = Paragraph(()), item.blocks
        layout = self._layout(outer)
        if item.number is None:
            layout.setProperty(BULLET, place.indent + 1)
        if item.done is not None:
            layout.setProperty(TASK, 2 if item.done else 1)
        self._begin(cursor, layout)
        self._insert(cursor, first.spans, QTextCharFormat())
        cursor.createList(listing)
        for block in rest:
            self._append(cursor, block, inner)

    def _table(self, cursor: QTextCursor, table: Table) -> None:
        if not table.rows:
            return
        if not self._fresh:
            cursor.insertBlock(QTextBlockFormat(), QTextCharFormat())
        columns = max(len(row) for row in table.rows)
        style = QTextTableFormat()
        style.setCellPadding(CELL_PADDING)
        style.setCellSpacing(0)
        style.setBorderCollapse(True)
        style.setBorder(0)
        style.setTopMargin(2)
        style.setBottomMargin(PARAGRAPH_GAP)
        drawn = cursor.insertTable(len(table.rows), columns, style)
        for number, row in enumerate(table.rows):
            self._row(drawn, number, row, table.alignments)
        cursor.movePosition(QTextCursor.MoveOperation.End)
        closing = QTextBlockFormat()  # Qt keeps a paragraph behind each table: make it invisible
        closing.setLineHeight(1, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
        cursor.setBlockFormat(closing)
        self._fresh = True

    def _row(
        self,
        table: QTextTable,
        number: int,
        row: tuple[tuple[Span, ...], ...],
        alignments: tuple[Align, ...],
    ) -> None:
        style = QTextCharFormat()
        if number == 0:
            style.setFontWeight(QFont.Weight.DemiBold)
        line = QTextTableCellFormat()  # rows alone are ruled, as in print
        if number == 0 or len(row) <= _RULED_COLUMNS:
            line.setBottomBorder(1)
            line.setBottomBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
            line.setBottomBorderBrush(QColor(self._theme.border if number else self._theme.edge))
        for column, spans in enumerate(row):
            place = table.cellAt(number, column)
            place.setFormat(line)
            cell = place.firstCursorPosition()
            layout = QTextBlockFormat()
            if column < len(alignments):
                layout.setAlignment(_ALIGNMENTS[alignments[column]])
            cell.setBlockFormat(layout)
            self._insert(cell, spans, style)

    def _insert(self, cursor: QTextCursor, spans: tuple[Span, ...], base: QTextCharFormat) -> None:
        for span in spans:
            if span.math:
                self._formula(cursor, span, base)
                continue
            cursor.insertText(self._shown(span), self._style(span, base))

    def _formula(self, cursor: QTextCursor, span: Span, base: QTextCharFormat) -> None:
        key = formulas.Key(span.text, span.display)
        points = base.fontPointSize() or self._font.pointSizeF()
        pixels = QFontInfo(self._font).pixelSize() * points / self._font.pointSizeF()
        if not formulas.insert(cursor, key, pixels, self._drawings):
            shown = formulas.source_text(key).replace("\n", "\u2028")
            cursor.insertText(shown, self._code_style())

    def show_sources(self, key: formulas.Key) -> None:
        """Put its source in the place of each formula ``key``: it cannot be drawn."""
        style = self._code_style()
        shown = formulas.source_text(key).replace("\n", "\u2028")
        place = 0
        while place < self._document.characterCount():
            cursor = self._document.find(_OBJECT, place)
            if cursor.isNull():
                return
            place = cursor.selectionEnd()
            if formulas.key_of(cursor.charFormat()) == key:
                cursor.insertText(shown, style)
                place += len(shown)

    def _shown(self, span: Span) -> str:
        text = span.text.replace("\n", "\u2028")
        if not span.image:
            return text
        said = _("picture: {description}").format(description=text) if text else _("picture")
        return f"\N{NO-BREAK SPACE}{said}\N{NO-BREAK SPACE}"

    def _style(self, span: Span, base: QTextCharFormat) -> QTextCharFormat:
        style = QTextCharFormat(base)
        if span.code:
            style = self._code_style()
            style.setBackground(QColor(self._theme.code))
        if span.raised:
            style.setVerticalAlignment(QTextCharFormat.VerticalAlignment.AlignSuperScript)
            style.setForeground(QColor(self._theme.link))
        if span.bold:
            style.setFontWeight(QFont.Weight.Bold)
        if span.italic:
            style.setFontItalic(True)
        if span.strike:
            style.setFontStrikeOut(True)
        if span.image:
            style.setBackground(QColor(self._theme.selected))
            style.setForeground(QColor(self._theme.muted))
        if span.link:
            style.setAnchor(True)
            style.setAnchorHref(span.link)
            style.setForeground(QColor(self._theme.link))
            style.setFontUnderline(True)
        return style

    def _code_style(self) -> QTextCharFormat:
        style = QTextCharFormat()
        style.setFont(self._code_font)
        return style
