"""A page for looking around: what to look for above, cards on the left, details on the right."""

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLayout, QSplitter, QVBoxLayout, QWidget

from hanlin_ui.library.cards import Card, CardList
from hanlin_ui.library.details import Details, DetailsPanel
from hanlin_ui.widgets.flow import FlowLayout
from hanlin_ui.widgets.labels import wrapped_label

_LIST_WIDTH = 430
_DETAILS_WIDTH = 420


class BrowsePage(QWidget):
    """Shows cards and the details of one of them; decides nothing."""

    chosen = Signal(str)
    opened = Signal(str)
    acted = Signal(str, str)
    """The key of a button of the details, and of the choice made there."""
    choice_made = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list = CardList()
        self.list.chosen.connect(self.chosen)
        self.list.opened.connect(self.opened)
        self.details = DetailsPanel()
        self.details.acted.connect(self.acted)
        self.details.choice_made.connect(self.choice_made)
        self._head = wrapped_label()
        self._head.hide()
        self._empty = wrapped_label("", "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._empty.hide()
        self.bar = QHBoxLayout()
        self.bar.setSpacing(8)
        self.bar.setContentsMargins(0, 0, 14, 0)
        self._filters = QWidget()
        self._filters.hide()
        self._filter_row = FlowLayout(self._filters, 8)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._empty)
        column.addWidget(self.list, stretch=1)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setHandleWidth(1)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(left)
        splitter.addWidget(self.details)
        left.setMinimumWidth(240)
        self.details.setMinimumWidth(260)
        splitter.setSizes([_LIST_WIDTH, _DETAILS_WIDTH])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 14, 0, 0)
        layout.setSpacing(10)
        layout.addWidget(self._head)
        layout.addLayout(self.bar)
        layout.addWidget(self._filters)
        layout.addWidget(splitter, stretch=1)

    def showEvent(self, event: QShowEvent) -> None:
        """Order the keys once the page is inside its window; before, Qt forgets it."""
        super().showEvent(event)
        self._order_keys()

    def _order_keys(self) -> None:
        """Let Tab go from the bars to the cards to the details, as the eye does."""
        chain = [*_inside(self.bar), *_inside(self._filter_row), self.list, self.details]
        for before, after in pairwise(chain):
            QWidget.setTabOrder(before, after)

    def add_filter(self, widget: QWidget) -> None:
        """Put one more into the row below the bar; what has no room goes on in the next line."""
        self._filter_row.addWidget(widget)
        self._filters.show()

    def set_head(self, text: str) -> None:
        """Say ``text`` above everything; nothing when it is empty."""
        self._head.setText(text)
        self._head.setVisible(bool(text))

    def set_empty(self, text: str) -> None:
        """Say why there are no cards; nothing when ``text`` is empty."""
        self._empty.setText(text)
        self._empty.setVisible(bool(text))

    def empty_text(self) -> str:
        """Return why there are no cards."""
        return self._empty.text()

    def set_cards(self, cards: Sequence[Card]) -> None:
        """Show ``cards``, keeping the chosen one."""
        self.list.set_cards(cards)

    def show_details(self, details: Details | None) -> None:
        """Show what is known of the chosen one."""
        self.details.show_details(details)


def _inside(row: QLayout) -> list[QWidget]:
    """Return what lies in ``row``, in its order."""
    around = row.parentWidget()
    if around is None:
        return []
    children = around.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
    return sorted((one for one in children if row.indexOf(one) >= 0), key=row.indexOf)
