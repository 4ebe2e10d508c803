"""The list of conversations: choosing, renaming in place, deleting, a menu for each.

Knows no service: it shows what it is given and reports what is asked for.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelection, QPoint, Qt, Signal
from PySide6.QtGui import QColor, QKeySequence, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QMenu, QWidget

from hanlin.kernel.i18n import _
from hanlin_ui.sidebar.delegate import ConversationDelegate
from hanlin_ui.sidebar.item_model import ID_ROLE, ConversationItemModel
from hanlin_ui.theme import appearance

if TYPE_CHECKING:
    from hanlin.domain.conversation import Conversation


class ConversationList(QListView):
    """Shows conversations, or those in the trash, under headings."""

    chosen = Signal(str)
    rename_requested = Signal(str, str)
    trash_requested = Signal(str)
    restore_requested = Signal(str)
    delete_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._trash = False
        self.items = ConversationItemModel(self)
        self.items.rename_requested.connect(self.rename_requested)
        self.setModel(self.items)
        self.setItemDelegate(ConversationDelegate(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._on_menu_requested)
        self.viewport().setAutoFillBackground(False)
        self.selectionModel().selectionChanged.connect(self._on_selected)
        delete = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self.delete_current)
        self.set_trash(shown=False)

    def set_trash(self, *, shown: bool) -> None:
        """Treat what is shown as the trash, or as the conversations."""
        self._trash = shown
        triggers = QAbstractItemView.EditTrigger
        self.setEditTriggers(triggers.NoEditTriggers if shown else triggers.EditKeyPressed)
        self.setAccessibleName(_("Conversations in the trash") if shown else _("Conversations"))

    def set_conversations(self, conversations: Sequence["Conversation"], now: datetime) -> None:
        """Show ``conversations``, keeping what is selected."""
        current = self.current_id()
        if self.items.set_conversations(conversations, now):
            self.select(current)

    def select(self, conversation_id: str) -> None:
        """Select a conversation without reporting it; "" selects none."""
        index = self.items.index_of(conversation_id)
        selection = self.selectionModel()
        selection.blockSignals(True)  # noqa: FBT003 - Qt's signature
        if index.isValid():
            self.setCurrentIndex(index)
        else:
            selection.clear()
        selection.blockSignals(False)  # noqa: FBT003
        self.viewport().update()

    def current_id(self) -> str:
        """Return the selected conversation's id, or ""."""
        index = self.currentIndex()
        return str(index.data(ID_ROLE) or "") if index.isValid() else ""

    def rename_current(self) -> None:
        """Let the selected conversation's title be typed."""
        if self.current_id() and not self._trash:
            self.edit(self.currentIndex())

    def restore_current(self) -> None:
        """Ask to take the selected conversation out of the trash."""
        if current := self.current_id():
            self.restore_requested.emit(current)

    def delete_current(self) -> None:
        """Ask to move the selected conversation to the trash, or out of it for good."""
        if current := self.current_id():
            (self.delete_requested if self._trash else self.trash_requested).emit(current)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows, or say that there are none."""
        super().paintEvent(event)
        if self.items.rowCount():
            return
        painter = QPainter(self.viewport())
        painter.setPen(QColor(appearance.current().muted))
        said = _("The trash is empty") if self._trash else _("No conversations yet")
        wrapped = Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(self.viewport().rect().adjusted(8, 14, -8, 0), wrapped, said)
        painter.end()

    def _on_selected(self, _chosen: QItemSelection, _left: QItemSelection) -> None:
        if chosen := self.current_id():
            self.chosen.emit(chosen)

    def _on_menu_requested(self, where: QPoint) -> None:
        index = self.indexAt(where)
        identity = str(index.data(ID_ROLE) or "") if index.isValid() else ""
        if not identity:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if self._trash:
            menu.addAction(_("Restore"), lambda: self.restore_requested.emit(identity))
            menu.addAction(_("Delete for good"), lambda: self.delete_requested.emit(identity))
        else:
            menu.addAction(_("Rename"), lambda: self.edit(index))
            menu.addAction(_("Delete"), lambda: self.trash_requested.emit(identity))
        menu.popup(self.viewport().mapToGlobal(where))
