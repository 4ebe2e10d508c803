"""The list of conversations, under headings that say how long ago they were used."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, TypeAlias

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from hanlin.kernel.i18n import _
from hanlin_ui.widgets.tips import tip

if TYPE_CHECKING:
    from hanlin.domain.conversation import Conversation

    Row: TypeAlias = "Conversation | Heading"

ID_ROLE: Final = Qt.ItemDataRole.UserRole
"""The id of a row's conversation, "" for a heading."""
ANSWERING_ROLE: Final = Qt.ItemDataRole.UserRole + 1
TAGS_ROLE: Final = Qt.ItemDataRole.UserRole + 2
"""What a conversation is tagged with, as it is shown."""
FOLDER_ROLE: Final = Qt.ItemDataRole.UserRole + 3
"""The folder that a heading is the name of, "" for other headings and for conversations."""
CLOSED_ROLE: Final = Qt.ItemDataRole.UserRole + 4

Index = QModelIndex | QPersistentModelIndex
_WEEK: Final = 7
_MONTH: Final = 30


@dataclass(frozen=True, slots=True)
class Heading:
    """Stands above conversations that belong together. A folder's can be closed."""

    text: str
    folder: str = ""
    closed: bool = False


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
    return _("Last 30 days") if days <= _MONTH else _("Older")


def _in_order(conversations: Sequence["Conversation"], now: int) -> list[int]:
    """Return when each was used, last used first, also where a clock was wrong for a while.

    The order is true, the times may not be: nothing was used before what stands below it, and
    what seems to be still to come was not used after what stands above it.
    """
    newest, past = 0, []
    for one in reversed(conversations):
        newest = max(newest, one.updated_at if one.updated_at <= now else 0)
        past.append(newest)
    above, used = now, []
    for one, below in zip(conversations, reversed(past), strict=True):
        above = below if one.updated_at <= now else above
        used.append(above)
    return used


class ConversationItemModel(QAbstractListModel):
    """One row per conversation and per heading: temporary ones, pins, folders, then by age."""

    rename_requested = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []
        self._answering: frozenset[str] = frozenset()
        self._all: Sequence[Conversation] = ()
        self._now = datetime.now(UTC)
        self._closed: set[str] = set()
        self._tag = ""

    def set_conversations(self, conversations: Sequence["Conversation"], now: datetime) -> bool:
        """Show ``conversations``, last used first; return whether anything changed."""
        self._all, self._now = conversations, now
        if self._tag and self._tag not in self.tags():
            self._tag = ""
        return self._arrange()

    def filter_by(self, tag: str) -> None:
        """Show what is tagged so alone; "" shows everything."""
        self._tag = tag
        if not self._arrange() and self._rows:  # the same rows name another of their tags first
            self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1), [TAGS_ROLE])

    @property
    def tag(self) -> str:
        """What is filtered by."""
        return self._tag

    def tags(self) -> list[str]:
        """Return all tags there are."""
        return sorted({tag for one in self._all for tag in one.tags})

    def folders(self) -> list[str]:
        """Return the names of all folders."""
        return sorted({one.folder for one in self._all if one.folder})

    def toggle(self, folder: str) -> None:
        """Close the folder, or open it."""
        self._closed ^= {folder}
        self._arrange()

    def open_folder_of(self, conversation_id: str) -> None:
        """Open the folder that the conversation lies in, if it is closed."""
        found = next((one for one in self._all if one.id == conversation_id), None)
        if found is not None and found.folder in self._closed and not found.pinned:
            self.toggle(found.folder)

    def _arrange(self) -> bool:
        wanted = [one for one in self._all if not self._tag or self._tag in one.tags]
        temporary = [one for one in wanted if one.temporary]
        pinned = [one for one in wanted if one.pinned and not one.temporary]
        rest = [one for one in wanted if not one.temporary and not one.pinned]
        rows: list[Row] = []
        for name, group in ((_("Temporary"), temporary), (_("Pinned"), pinned)):
            if group:
                rows.extend((Heading(name), *group))
        for folder in sorted({one.folder for one in rest if one.folder}):
            closed = folder in self._closed
            rows.append(Heading(folder, folder, closed))
            rows.extend(one for one in rest if one.folder == folder and not closed)
        rows.extend(self._by_age([one for one in rest if not one.folder]))
        return self._show(rows)

    def _by_age(self, conversations: "Sequence[Conversation]") -> "Iterator[Row]":
        heading, now = "", int(self._now.timestamp() * 1000)
        for conversation, used in zip(conversations, _in_order(conversations, now), strict=True):
            age = age_of(used, self._now)
            if age != heading:
                heading = age
                yield Heading(heading)
            yield conversation

    def _show(self, rows: "list[Row]") -> bool:
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
        return [row for row in self._rows if not isinstance(row, Heading)]

    def index_of(self, conversation_id: str) -> QModelIndex:
        """Return where the conversation stands, an invalid index if nowhere."""
        for number, row in enumerate(self._rows):
            if not isinstance(row, Heading) and row.id == conversation_id:
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
        if isinstance(row, Heading):
            return {
                Qt.ItemDataRole.DisplayRole: row.text,
                ID_ROLE: "",
                FOLDER_ROLE: row.folder,
                CLOSED_ROLE: row.closed,
            }
        title = row.title or _("Untitled")
        # What is filtered by comes first: there may not be room for all.
        tags = [f"#{tag}" for tag in sorted(row.tags, key=lambda one: one != self._tag)]
        return {
            Qt.ItemDataRole.DisplayRole: title,
            Qt.ItemDataRole.EditRole: title,
            Qt.ItemDataRole.AccessibleTextRole: " ".join((title, *row.tags)),
            TAGS_ROLE: tags,
            Qt.ItemDataRole.ToolTipRole: tip("\n".join((title, *tags))),
            ID_ROLE: row.id,
            ANSWERING_ROLE: row.id in self._answering,
        }

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Ask for another title; the list follows when it is stored."""
        row = self._rows[index.row()]
        title = str(value).strip()
        if role != Qt.ItemDataRole.EditRole or isinstance(row, Heading) or not title:
            return False
        if title != row.title:
            self.rename_requested.emit(row.id, title)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let conversations be chosen and renamed, headings be read."""
        if not index.isValid() or isinstance(self._rows[index.row()], Heading):
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable


def _visible(rows: Sequence["Row"]) -> list[object]:
    return [
        row if isinstance(row, Heading) else (row.id, row.title, row.tags, row.pinned)
        for row in rows
    ]
