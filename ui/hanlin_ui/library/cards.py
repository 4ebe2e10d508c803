"""A list of cards: a name, a line on what it is, quiet facts, and a label that judges.

Drawn by a delegate, because a catalogue has more entries than a window should have
widgets. What the cards are about is decided elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QItemSelection,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from hanlin_ui.theme import appearance
from hanlin_ui.widgets.tips import tip

CARD_ROLE: Final = Qt.ItemDataRole.UserRole
_PADDING: Final = 12
_GAP: Final = 5
_HEADING_ABOVE: Final = 12

Index = QModelIndex | QPersistentModelIndex


class Tone(StrEnum):
    """What a label means, for the eye."""

    PLAIN = "plain"
    GOOD = "good"
    CAREFUL = "careful"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Card:
    """One card; without a key it is a heading. All texts are plain text."""

    key: str
    title: str
    text: str = ""
    facts: str = ""
    label: str = ""
    tone: Tone = Tone.PLAIN

    @property
    def spoken(self) -> str:
        """Return everything the card says, for a screen reader."""
        return ", ".join(part for part in (self.title, self.label, self.text, self.facts) if part)


def heading(words: str) -> Card:
    """Return a row that only says ``words``."""
    return Card("", words)


class CardItemModel(QAbstractListModel):
    """The cards in the order given."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cards: list[Card] = []

    def cards(self) -> list[Card]:
        """Return what is shown."""
        return list(self._cards)

    def set_cards(self, cards: Sequence[Card]) -> None:
        """Show ``cards`` instead."""
        self.beginResetModel()
        self._cards = list(cards)
        self.endResetModel()

    def index_of(self, key: str) -> QModelIndex:
        """Return where the card stands, an invalid index if nowhere."""
        rows = (row for row, card in enumerate(self._cards) if key and card.key == key)
        row = next(rows, -1)
        return self.index(row) if row >= 0 else QModelIndex()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return the number of rows."""
        return 0 if parent.isValid() else len(self._cards)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the card, or what stands for it in words."""
        if not index.isValid():
            return None
        card = self._cards[index.row()]
        values: dict[int, object] = {
            Qt.ItemDataRole.DisplayRole: card.title,
            Qt.ItemDataRole.AccessibleTextRole: card.spoken,
            Qt.ItemDataRole.ToolTipRole: tip("\n".join(p for p in (card.label, card.text) if p)),
            CARD_ROLE: card,
        }
        return values.get(role)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let cards be chosen and headings be read."""
        if not index.isValid() or not self._cards[index.row()].key:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class CardList(QListView):
    """Shows cards and tells which one is looked at."""

    chosen = Signal(str)
    opened = Signal(str)
    """A card was double-clicked, or Enter was pressed on it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.items = CardItemModel(self)
        self.setModel(self.items)
        self.setItemDelegate(_CardDelegate(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.viewport().setAutoFillBackground(False)
        self.selectionModel().selectionChanged.connect(self._on_selected)
        self.activated.connect(self._on_activated)

    def set_cards(self, cards: Sequence[Card]) -> None:
        """Show ``cards``, keeping the chosen one, else choosing the first."""
        key = self.current_key()
        selection = self.selectionModel()
        selection.blockSignals(True)  # noqa: FBT003 - Qt's signature
        self.items.set_cards(cards)
        index = self.items.index_of(key)
        if not index.isValid():
            first = next((card.key for card in cards if card.key), "")
            index = self.items.index_of(first)
        if index.isValid():
            self.setCurrentIndex(index)
        selection.blockSignals(False)  # noqa: FBT003 - Qt's signature
        self.chosen.emit(self.current_key())

    def choose(self, key: str) -> None:
        """Look at the card called ``key``, if it is there."""
        index = self.items.index_of(key)
        if index.isValid():
            self.setCurrentIndex(index)
            self.scrollTo(index)

    def current_key(self) -> str:
        """Return the key of the card that is looked at, or ""."""
        index = self.currentIndex()
        card = index.data(CARD_ROLE) if index.isValid() else None
        return card.key if isinstance(card, Card) else ""

    def changeEvent(self, event: QEvent) -> None:
        """Measure the cards again in another font."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.PaletteChange):
            self.scheduleDelayedItemsLayout()

    def _on_selected(self, _chosen: QItemSelection, _left: QItemSelection) -> None:
        self.chosen.emit(self.current_key())

    def _on_activated(self, _index: QModelIndex) -> None:
        if key := self.current_key():
            self.opened.emit(key)


class _CardDelegate(QStyledItemDelegate):
    """Draws a heading on one line, a card on three."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return one card's size."""
        card = index.data(CARD_ROLE)
        title, small = QFontMetrics(_bold(option.font)), QFontMetrics(_small(option.font))
        if not card.key:
            return QSize(option.rect.width(), small.height() + _HEADING_ABOVE + 2 * _GAP)
        lines = title.height() + sum(small.height() + 2 for part in (card.text, card.facts) if part)
        return QSize(option.rect.width(), lines + 2 * _PADDING)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one row."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        card = index.data(CARD_ROLE)
        if card.key:
            self._paint_card(painter, option, card)
        else:
            self._paint_heading(painter, option, card.title)
        painter.restore()

    def _paint_heading(self, painter: QPainter, option: QStyleOptionViewItem, text: str) -> None:
        painter.setFont(_small(option.font))
        painter.setPen(QColor(appearance.current().muted))
        area = option.rect.adjusted(_PADDING + 1, _HEADING_ABOVE, -_PADDING, 0)
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)

    def _paint_card(self, painter: QPainter, option: QStyleOptionViewItem, card: Card) -> None:
        theme = appearance.current()
        area: QRect = option.rect.adjusted(1, 3, -3, -3)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        focused = selected and bool(option.state & QStyle.StateFlag.State_HasFocus)
        painter.setPen(QColor(theme.accent if focused else theme.border))
        painter.setBrush(
            QColor(theme.selected if selected else theme.hover if hovered else theme.raised)
        )
        painter.drawRoundedRect(area, 9, 9)
        inside = area.adjusted(_PADDING, _PADDING - 4, -_PADDING, -(_PADDING - 4))
        used = self._paint_label(painter, option, card, inside)
        y = inside.top()
        title = _bold(option.font)
        y = _line(painter, title, theme.text, card.title, inside, y, inside.width() - used)
        small = _small(option.font)
        for text, colour in ((card.text, theme.text), (card.facts, theme.muted)):
            if text:
                y = _line(painter, small, colour, text, inside, y + 2, inside.width())

    def _paint_label(
        self, painter: QPainter, option: QStyleOptionViewItem, card: Card, inside: QRect
    ) -> int:
        """Draw the label into the upper right corner; return the width it took."""
        if not card.label:
            return 0
        font = _small(option.font)
        metrics = QFontMetrics(font)
        most = inside.width() * 3 // 5
        text = metrics.elidedText(card.label, Qt.TextElideMode.ElideRight, most)
        width = metrics.horizontalAdvance(text)
        painter.setFont(font)
        painter.setPen(QColor(tone_colour(card.tone)))
        where = QRect(inside.right() - width, inside.top(), width + 1, metrics.height() + 4)
        painter.drawText(where, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, text)
        return width + _PADDING


def tone_colour(tone: Tone) -> str:
    """Return the colour of a label in the theme that is worn."""
    theme = appearance.current()
    return {
        Tone.PLAIN: theme.muted,
        Tone.GOOD: theme.good,
        Tone.CAREFUL: theme.warning,
        Tone.BAD: theme.bad,
    }[tone]


def _line(
    painter: QPainter, font: QFont, colour: str, text: str, inside: QRect, y: int, width: int
) -> int:
    """Draw one line of text at ``y``; return where the next one begins."""
    metrics = QFontMetrics(font)
    painter.setFont(font)
    painter.setPen(QColor(colour))
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
    where = QRect(inside.left(), y, width, metrics.height())
    painter.drawText(where, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
    return y + metrics.height()


def _bold(font: QFont) -> QFont:
    bold = QFont(font)
    bold.setWeight(QFont.Weight.DemiBold)
    return bold


def _small(font: QFont) -> QFont:
    small = QFont(font)
    small.setPointSizeF(font.pointSizeF() * 0.9)
    return small
