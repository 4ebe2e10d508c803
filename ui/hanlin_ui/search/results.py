"""What a search found, as rows: conversations, and below each the places in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QPainter,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from hanlin.domain.conversation import Role
from hanlin.domain.search import Findings, Hit, Snippet
from hanlin.kernel.i18n import _
from hanlin_ui.theme import appearance

HIT_ROLE: Final = Qt.ItemDataRole.UserRole
_PADDING: Final = 12
_INDENT: Final = 10
"""Of a place below its title."""
_GAP: Final = 3
_LINES: Final = 2
_MOST_PLACES: Final = 4
"""Of one conversation; the others are found in it."""

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Row:
    """A conversation's title, or a place in a message."""

    hit: Hit
    is_title: bool

    @property
    def shown(self) -> Snippet:
        """What the row says."""
        return self.hit.title if self.is_title else self.hit.snippet


class FindingsItemModel(QAbstractListModel):
    """The rows; all can be chosen, a title opens its first place."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []

    def show(self, findings: Findings) -> None:
        """Show other findings."""
        self.beginResetModel()
        self._rows = []
        for first, places in findings.by_conversation():
            self._rows.append(Row(first, is_title=True))
            self._rows += [Row(hit, is_title=False) for hit in places[:_MOST_PLACES]]
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return the number of rows."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a row, or its text for a screen reader."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == HIT_ROLE:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return row.shown.text or _("Untitled")
        return None


class FindingsDelegate(QStyledItemDelegate):
    """Titles strong, places on two lines below them, what was looked for marked."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return one row's size."""
        row = index.data(HIT_ROLE)
        height = option.fontMetrics.lineSpacing()
        if not isinstance(row, Row):
            return QSize(option.rect.width(), height)
        if row.is_title:
            return QSize(option.rect.width(), height + 12)
        width = option.rect.width() - 2 * _PADDING - _INDENT
        layout = _laid_out(_prefixed(row), option.font, width)
        return QSize(option.rect.width(), round(_height(layout)) + 2 * _GAP + 2)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one row."""
        row = index.data(HIT_ROLE)
        if not isinstance(row, Row):
            return
        theme = appearance.current()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area: QRect = option.rect.adjusted(0, 1, 0, -1)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if selected or bool(option.state & QStyle.StateFlag.State_MouseOver):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.selected if selected else theme.hover))
            painter.drawRoundedRect(area, 7, 7)
        painter.setPen(QColor(theme.text if row.is_title or selected else theme.muted))
        inside = area.adjusted(_PADDING, 0, -_PADDING, 0)
        if row.is_title:
            font = QFont(option.font)
            font.setWeight(QFont.Weight.DemiBold)
            words = row.shown.text or _("Untitled")
            words = QFontMetrics(font).elidedText(
                words, Qt.TextElideMode.ElideRight, inside.width()
            )
            marks = tuple(mark for mark in row.shown.marks if mark[1] <= len(words))
            layout = _laid_out(Snippet(words, marks), font, inside.width() + 2, lines=1)
            top = inside.top() + (inside.height() - _height(layout)) / 2 + 1
        else:
            layout = _laid_out(_prefixed(row), option.font, inside.width() - _INDENT)
            top = inside.top() + float(_GAP)
            inside.adjust(_INDENT, 0, 0, 0)
        layout.draw(painter, QPointF(inside.left(), top))
        painter.restore()


def _prefixed(row: Row) -> Snippet:
    """Return the snippet behind the name of who said it."""
    who = (_("You") if row.hit.role is Role.USER else _("Answer")) + "  "
    marks = tuple((start + len(who), end + len(who)) for start, end in row.shown.marks)
    return Snippet(who + row.shown.text, marks)


def _laid_out(snippet: Snippet, font: QFont, width: int, lines: int = _LINES) -> QTextLayout:
    """Return the snippet on as many lines as there is room for."""
    theme = appearance.current()
    marked = QTextCharFormat()
    marked.setBackground(QColor(theme.warning_ground))
    marked.setForeground(QColor(theme.text))
    ranges = []
    for start, end in snippet.marks:
        one = QTextLayout.FormatRange()
        one.start, one.length, one.format = start, end - start, marked
        ranges.append(one)
    layout = QTextLayout(snippet.text, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.setFormats(ranges)
    layout.beginLayout()
    top = 0.0
    for _number in range(lines):
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(max(width, 20))
        line.setPosition(QPointF(0, top))
        top += line.height()
    layout.endLayout()
    return layout


def _height(layout: QTextLayout) -> float:
    return sum(layout.lineAt(number).height() for number in range(layout.lineCount()))


def rows_of(items: FindingsItemModel) -> Sequence[Row]:
    """Return the rows shown."""
    found = (items.index(number).data(HIT_ROLE) for number in range(items.rowCount()))
    return [row for row in found if isinstance(row, Row)]
