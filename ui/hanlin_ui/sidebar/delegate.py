"""How a row of the conversation list is drawn and edited."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from hanlin_ui.sidebar.item_model import (
    ANSWERING_ROLE,
    CLOSED_ROLE,
    FOLDER_ROLE,
    ID_ROLE,
    TAGS_ROLE,
)
from hanlin_ui.theme import appearance
from hanlin_ui.theme.icons import extent, icon

_ROW_GAP: Final = 16
_HEADING_GAP: Final = 14
_PADDING: Final = 12
_DOT: Final = 7
_SIGN: Final = 12
_TAGS_GAP: Final = 8
_LEAST_OF_TAG: Final = 4
"""Characters of a tag that is cut: its sign, two letters and the ellipsis."""
_FILLED: Final = "filled"

Index = QModelIndex | QPersistentModelIndex


class ConversationDelegate(QStyledItemDelegate):
    """Headings small and quiet, titles on one line, a dot while an answer is written."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return one row's size."""
        gap = appearance.looks().spaced(_ROW_GAP if index.data(ID_ROLE) else _HEADING_GAP)
        return QSize(option.rect.width(), option.fontMetrics.height() + gap)

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """Put the title into a fresh editor; what was typed there is not overwritten.

        Qt also calls this whenever the row changes, such as when its answer ends.
        """
        if not editor.property(_FILLED):
            editor.setProperty(_FILLED, True)  # noqa: FBT003 - Qt's signature
            super().setEditorData(editor, index)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one row."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if index.data(ID_ROLE):
            self._paint_title(painter, option, index)
        else:
            self._paint_heading(painter, option, index)
        painter.restore()

    def _paint_heading(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        font = QFont(option.font)
        font.setPointSizeF(option.font.pointSizeF() * 0.85)
        painter.setFont(font)
        muted = appearance.current().muted
        painter.setPen(QColor(muted))
        area = option.rect.adjusted(_PADDING, 6, -_PADDING, -2)
        if index.data(FOLDER_ROLE):
            sign = icon("right" if index.data(CLOSED_ROLE) else "down", muted, _SIGN)
            side = extent(_SIGN).width()
            sign.paint(painter, QRect(area.left() - 2, area.center().y() - side // 2, side, side))
            area.adjust(side + 3, 0, 0, 0)
        text = painter.fontMetrics().elidedText(
            str(index.data()), Qt.TextElideMode.ElideRight, area.width()
        )
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)

    def _paint_title(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme = appearance.current()
        area: QRect = option.rect.adjusted(0, 1, 0, -1)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        if selected or hovered:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.selected if selected else theme.hover))
            painter.drawRoundedRect(area, 7, 7)
        if selected and bool(option.state & QStyle.StateFlag.State_HasFocus):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QColor(theme.muted))
            painter.drawRoundedRect(area, 7, 7)
        text = area.adjusted(_PADDING, 0, -_PADDING, 0)
        if index.data(ANSWERING_ROLE):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.accent))
            painter.drawEllipse(text.right() - _DOT, area.center().y() - _DOT // 2, _DOT, _DOT)
            text.adjust(0, 0, -2 * _DOT, 0)
        painter.setFont(option.font)
        title, metrics = str(index.data()), option.fontMetrics
        free = text.width() - metrics.horizontalAdvance(title) - _TAGS_GAP
        if tags := tags_within(index.data(TAGS_ROLE), metrics, max(free, text.width() // 3)):
            painter.setPen(QColor(theme.muted))
            right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            painter.drawText(text, right, tags)
            text.adjust(0, 0, -metrics.horizontalAdvance(tags) - _TAGS_GAP, 0)
        painter.setPen(QColor(theme.text))
        title = metrics.elidedText(title, Qt.TextElideMode.ElideRight, text.width())
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, title)


def tags_within(tags: Sequence[str], metrics: QFontMetrics, width: int) -> str:
    """Return as many whole tags as there is room for, and how many more there are.

    A first one that is too long is cut, as long as enough of it is left to know it by.
    """
    for many in range(len(tags), 0, -1):
        left = len(tags) - many
        shown = "  ".join((*tags[:many], *([f"+{left}"] if left else [])))
        if metrics.horizontalAdvance(shown) <= width:
            return shown
    cut = metrics.elidedText(next(iter(tags), ""), Qt.TextElideMode.ElideRight, width)
    return cut if len(cut) >= _LEAST_OF_TAG else ""
