"""The left side: a new conversation, the list of them, and the trash.

Knows no service: it shows what it is given and reports what is asked for.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QItemSelection, QPoint, QSize, Qt, QTimer, Signal, SignalInstance
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListView,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from hanlin.kernel.i18n import _
from hanlin_ui.sidebar.delegate import ConversationDelegate
from hanlin_ui.sidebar.item_model import ID_ROLE, ConversationItemModel
from hanlin_ui.theme import appearance
from hanlin_ui.theme.icons import icon

if TYPE_CHECKING:
    from hanlin.domain.conversation import Conversation

_UNDO_MS: Final = 8_000


class Sidebar(QWidget):
    """Shows the conversations, or those in the trash."""

    new_requested = Signal()
    conversation_chosen = Signal(str)
    rename_requested = Signal(str, str)
    trash_requested = Signal(str)
    restore_requested = Signal(str)
    delete_requested = Signal(str)
    undo_requested = Signal()
    trash_toggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._new = QPushButton()
        self._new.setProperty("role", "new")
        self._new.setIconSize(QSize(18, 18))
        self._new.clicked.connect(self.new_requested)
        self.items = ConversationItemModel(self)
        self.items.rename_requested.connect(self.rename_requested)
        self._build_list()
        self._about_trash = QLabel()
        self._about_trash.setProperty("role", "muted")
        self._about_trash.setWordWrap(True)
        self._restore = QPushButton()
        self._restore.clicked.connect(lambda: self._with_current(self.restore_requested))
        self._delete = QPushButton()
        self._delete.clicked.connect(lambda: self._with_current(self.delete_requested))
        self._trash_actions = QWidget()
        row = QHBoxLayout(self._trash_actions)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._restore)
        row.addWidget(self._delete)
        self._undo = _UndoBar()
        self._undo.undo_requested.connect(self.undo_requested)
        self._trash = QPushButton()
        self._trash.setProperty("role", "fold")
        self._trash.setCheckable(True)
        self._trash.setIconSize(QSize(16, 16))
        self._trash.toggled.connect(self._on_trash_toggled)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 12, 10, 8)
        layout.setSpacing(8)
        layout.addWidget(self._new)
        layout.addWidget(self._about_trash)
        layout.addWidget(self.list, stretch=1)
        layout.addWidget(self._trash_actions)
        layout.addWidget(self._undo)
        layout.addWidget(self._trash)
        self._show_mode()
        self._retranslate()

    @property
    def shows_trash(self) -> bool:
        """Tell whether the trash is shown."""
        return self._trash.isChecked()

    def set_conversations(self, conversations: Sequence["Conversation"], now: datetime) -> None:
        """Show ``conversations``, keeping what is selected."""
        current = self.current_id()
        if self.list.state() is QAbstractItemView.State.EditingState:
            self.list.closePersistentEditor(self.list.currentIndex())
        if self.items.set_conversations(conversations, now):
            self.select(current)
        self._show_mode()

    def select(self, conversation_id: str) -> None:
        """Select a conversation without reporting it; "" selects none."""
        index = self.items.index_of(conversation_id)
        selection = self.list.selectionModel()
        selection.blockSignals(True)  # noqa: FBT003 - Qt's signature
        if index.isValid():
            self.list.setCurrentIndex(index)
        else:
            selection.clear()
        selection.blockSignals(False)  # noqa: FBT003
        self.list.viewport().update()

    def current_id(self) -> str:
        """Return the selected conversation's id, or ""."""
        index = self.list.currentIndex()
        return str(index.data(ID_ROLE) or "") if index.isValid() else ""

    def rename_current(self) -> None:
        """Let the selected conversation's title be typed."""
        if self.current_id() and not self.shows_trash:
            self.list.edit(self.list.currentIndex())

    def trash_current(self) -> None:
        """Ask to move the selected conversation to the trash."""
        self._with_current(self.delete_requested if self.shows_trash else self.trash_requested)

    def offer_undo(self, title: str) -> None:
        """Offer for some seconds to take ``title`` out of the trash again."""
        self._undo.offer(title)

    def withdraw_undo(self) -> None:
        """Offer it no longer."""
        self._undo.hide()

    def changeEvent(self, event: QEvent) -> None:
        """Follow language and theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.PaletteChange):
            self._retranslate()

    def _build_list(self) -> None:
        self.list = QListView()
        self.list.setModel(self.items)
        self.list.setItemDelegate(ConversationDelegate(self.list))
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setMouseTracking(True)
        self.list.setUniformItemSizes(False)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._on_menu_requested)
        self.list.viewport().setAutoFillBackground(False)
        self.list.selectionModel().selectionChanged.connect(self._on_selected)
        delete = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self.list)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self.trash_current)

    def _with_current(self, signal: SignalInstance) -> None:
        if current := self.current_id():
            signal.emit(current)

    def _on_selected(self, _chosen: QItemSelection, _left: QItemSelection) -> None:
        indexes = self.list.selectionModel().selectedIndexes()
        if indexes and (chosen := str(indexes[0].data(ID_ROLE) or "")):
            self.conversation_chosen.emit(chosen)

    def _on_menu_requested(self, where: QPoint) -> None:
        index = self.list.indexAt(where)
        conversation_id = str(index.data(ID_ROLE) or "") if index.isValid() else ""
        if not conversation_id:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if self.shows_trash:
            menu.addAction(_("Restore"), lambda: self.restore_requested.emit(conversation_id))
            menu.addAction(
                _("Delete for good"), lambda: self.delete_requested.emit(conversation_id)
            )
        else:
            menu.addAction(_("Rename"), lambda: self.list.edit(index))
            menu.addAction(_("Delete"), lambda: self.trash_requested.emit(conversation_id))
        menu.popup(self.list.viewport().mapToGlobal(where))

    def _on_trash_toggled(self, shown: bool) -> None:  # noqa: FBT001 - a Qt slot
        self._show_mode()
        self._retranslate()
        self.trash_toggled.emit(shown)

    def _show_mode(self) -> None:
        trash = self.shows_trash
        self._new.setVisible(not trash)
        self._about_trash.setVisible(trash)
        self._trash_actions.setVisible(trash)
        filled = self.items.rowCount() > 0
        self._restore.setEnabled(filled)
        self._delete.setEnabled(filled)
        triggers = QAbstractItemView.EditTrigger
        self.list.setEditTriggers(triggers.NoEditTriggers if trash else triggers.EditKeyPressed)

    def _retranslate(self) -> None:
        theme = appearance.current()
        self._new.setText(_("New conversation"))
        self._new.setIcon(icon("add", theme.accent, 18))
        self.list.setAccessibleName(
            _("Conversations in the trash") if self.shows_trash else _("Conversations")
        )
        self._about_trash.setText(_("Conversations stay in the trash for 30 days."))
        self._restore.setText(_("Restore"))
        self._delete.setText(_("Delete for good"))
        self._trash.setText(_("Back to the conversations") if self.shows_trash else _("Trash"))
        self._trash.setIcon(icon("left" if self.shows_trash else "trash", theme.muted, 16))


class _UndoBar(QFrame):
    """Says what went to the trash and takes it back on a click, for some seconds."""

    undo_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "undo")
        self._label = QLabel()
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._button = QPushButton()
        self._button.clicked.connect(self._on_undo)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 6, 6, 6)
        layout.addWidget(self._label, stretch=1)
        layout.addWidget(self._button)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_UNDO_MS)
        self._timer.timeout.connect(self.hide)
        self.hide()

    def offer(self, title: str) -> None:
        """Show the offer."""
        self._label.setText(_("Moved to the trash"))
        self._label.setToolTip("")
        self._button.setText(_("Undo"))
        self._button.setAccessibleName(_("Undo: take “{title}” back").format(title=title))
        self.show()
        self._timer.start()

    def _on_undo(self) -> None:
        self.hide()
        self.undo_requested.emit()
