"""The list of conversations, under headings that say how long ago they were used."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from hanlin.kernel.i18n import _

if TYPE_CHECKING:
    from hanlin.domain.conversation import Conversation

    Row = Conversation | str

ID_ROLE: Final = Qt.ItemDataRole.UserRole
"""The id of a row's conversation, "" for a heading."""
ANSWERING_ROLE: Final = Qt.ItemDataRole.UserRole + 1

Index = QModelIndex | QPersistentModelIndex
_WEEK: Final = 7
_MONTH: Final = 30


def age_of(updated_at: int, now: datetime) -> str:
    """Return the heading for a conversation last used at ``updated_at`` (ms since 1970)."""
    used = datetime.fromtimestamp(updated_at / 1000, UTC).astimezone(now.tzinfo).date()
    if used >= now.date():
        return _("Today")
    if used == now.date() - timedelta(days=1):
        return _("Yesterday")
    days = (now.date() - used).days
    if days <= _WEEK:
        return _("Last 7 days")
    return _("Last 30 days") if days <= _MONTH else _("Earlier")


class ConversationItemModel(QAbstractListModel):
    """One row per conversation and per heading, in the order given."""

    rename_requested = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []
        self._answering: frozenset[str] = frozenset()

    def set_conversations(self, conversations: Sequence["Conversation"], now: datetime) -> bool:
        """Show ``conversations``, last used first; return whether anything changed."""
        rows: list[Row] = []
        heading = ""
        for conversation in conversations:
            age = age_of(conversation.updated_at, now)
            if age != heading:
                heading = age
                rows.append(heading)
            rows.append(conversation)
        if _visible(rows) == _visible(self._rows):
            self._rows = rows
            return False
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()
        return True

    def set_answering(self, ids: frozenset[str]) -> None:
        """Mark the conversations in which an answer is being written."""
        if ids == self._answering:
            return
        changed = ids ^ self._answering
        self._answering = ids
        for conversation_id in changed:
            index = self.index_of(conversation_id)
            if index.isValid():
                self.dataChanged.emit(index, index, [ANSWERING_ROLE])

    def conversations(self) -> list["Conversation"]:
        """Return the conversations shown, in order."""
        return [row for row in self._rows if not isinstance(row, str)]

    def index_of(self, conversation_id: str) -> QModelIndex:
        """Return where the conversation stands, an invalid index if nowhere."""
        for number, row in enumerate(self._rows):
            if not isinstance(row, str) and row.id == conversation_id:
                return self.index(number)
        return QModelIndex()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return the number of rows."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a title, an id, or whether an answer is being written."""
        if not index.isValid():
            return None
        values = self._values(self._rows[index.row()])
        return values.get(role)

    def _values(self, row: "Row") -> dict[int, object]:
        if isinstance(row, str):
            return {Qt.ItemDataRole.DisplayRole: row, ID_ROLE: ""}
        title = row.title or _("Untitled")
        return {
            Qt.ItemDataRole.DisplayRole: title,
            Qt.ItemDataRole.EditRole: title,
            Qt.ItemDataRole.AccessibleTextRole: title,
            # In these marks, so that Qt does not look for others in what a person wrote.
            Qt.ItemDataRole.ToolTipRole: f"<qt>{escape(title)}</qt>",
            ID_ROLE: row.id,
            ANSWERING_ROLE: row.id in self._answering,
        }

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Ask for another title; the list follows when it is stored."""
        row = self._rows[index.row()]
        title = str(value).strip()
        if role != Qt.ItemDataRole.EditRole or isinstance(row, str) or not title:
            return False
        if title != row.title:
            self.rename_requested.emit(row.id, title)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let conversations be chosen and renamed, headings be read."""
        if not index.isValid() or isinstance(self._rows[index.row()], str):
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable


def _visible(rows: Sequence["Row"]) -> list[tuple[str, str]]:
    return [("", row) if isinstance(row, str) else (row.id, row.title) for row in rows]
