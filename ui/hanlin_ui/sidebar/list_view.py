"""The list of conversations: choosing, renaming in place, deleting, a menu for each.

Knows no service: it shows what it is given and reports what is asked for.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelection, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShortcut,
)
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QMenu, QWidget

from hanlin.domain.ids import is_temporary
from hanlin.kernel.i18n import _
from hanlin_ui.menus import EXPORTS
from hanlin_ui.sidebar.delegate import ConversationDelegate
from hanlin_ui.sidebar.filing_menu import ask_for_name, fill_for_filing
from hanlin_ui.sidebar.item_model import FOLDER_ROLE, ID_ROLE, ConversationItemModel
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
    pin_requested = Signal(str, bool)
    folder_chosen = Signal(str, str)
    """Conversation and the folder it is to lie in, "" for none."""
    folder_renamed = Signal(str, str)
    """The folder's name, and its name from now on; "" takes everything out of it."""
    export_requested = Signal(str, str)
    """Conversation and the format of the file."""
    tags_chosen = Signal(str, list)
    """Conversation and all the tags it is to have."""

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
            self._select(current)

    def select(self, conversation_id: str) -> None:
        """Select a conversation without reporting it, and scroll to it; "" selects none."""
        self.items.open_folder_of(conversation_id)
        self._select(conversation_id)
        if (index := self.currentIndex()).isValid():
            self.scrollTo(index)

    def _select(self, conversation_id: str) -> None:
        """Select a conversation where the list stands: a person may be reading elsewhere in it."""
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
            final = self._trash or is_temporary(current)
            (self.delete_requested if final else self.trash_requested).emit(current)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keep the keyboard: arrows go on, though what they choose opens beside the list."""
        before = self.currentIndex()
        super().keyPressEvent(event)
        if self.currentIndex() != before:
            self.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep in sight what the keyboard is on: an offer to undo takes some of the height."""
        super().resizeEvent(event)
        if self.hasFocus() and (index := self.currentIndex()).isValid():
            self.scrollTo(index)

    def moveCursor(
        self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        """Return where a key leads; Home to the first conversation, which a heading is above."""
        if action is QAbstractItemView.CursorAction.MoveHome:
            first = next(iter(self.items.conversations()), None)
            return self.items.index_of(first.id) if first is not None else QModelIndex()
        return super().moveCursor(action, modifiers)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Close or open a folder whose name is clicked."""
        super().mouseReleaseEvent(event)
        folder = str(self.indexAt(event.position().toPoint()).data(FOLDER_ROLE) or "")
        if folder and event.button() is Qt.MouseButton.LeftButton:
            self._toggle(folder)

    def _toggle(self, folder: str) -> None:
        current = self.current_id()
        self.items.toggle(folder)
        self._select(current)

    def filter_by(self, tag: str) -> None:
        """Show what is tagged so alone; "" shows everything."""
        current = self.current_id()
        self.items.filter_by(tag)
        self._select(current)

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
        folder = str(index.data(FOLDER_ROLE) or "") if index.isValid() else ""
        if not identity and not folder:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if folder:
            self._fill_for_folder(menu, folder)
        elif is_temporary(identity):
            menu.addAction(_("Delete for good"), lambda: self.delete_requested.emit(identity))
        elif self._trash:
            menu.addAction(_("Restore"), lambda: self.restore_requested.emit(identity))
            menu.addAction(_("Delete for good"), lambda: self.delete_requested.emit(identity))
        else:
            menu.addAction(_("Rename"), lambda: self.edit(index))
            fill_for_filing(menu, self, identity)
            export = menu.addMenu(_("Export"))
            for kind, name in EXPORTS.items():
                export.addAction(f"{name}…", partial(self.export_requested.emit, identity, kind))
            menu.addSeparator()
            menu.addAction(_("Delete"), lambda: self.trash_requested.emit(identity))
        menu.popup(self.viewport().mapToGlobal(where))

    def _fill_for_folder(self, menu: QMenu, folder: str) -> None:
        rename = self.folder_renamed
        menu.addAction(
            _("Rename folder…"),
            lambda: ask_for_name(
                self, _("Rename folder"), folder, lambda name: rename.emit(folder, name)
            ),
        )
        menu.addAction(_("Take everything out of it"), lambda: rename.emit(folder, ""))
