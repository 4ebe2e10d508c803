"""The open folder as a tree with boxes: which files, and which parts of them, a model is shown.

Rows are made when a folder is opened in the view, so that a hundred thousand files cost nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractItemModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QIcon

from hanlin.kernel.i18n import _, ngettext
from hanlin.services.workspace.languages import language_of
from hanlin.services.workspace.listing import Entry, Listing
from hanlin.symbols.symbol import LANGUAGES, Symbol
from hanlin_ui.theme import appearance
from hanlin_ui.theme.icons import icon
from hanlin_ui.widgets.tips import tip

Index = QModelIndex | QPersistentModelIndex
_ROOT: Final = QModelIndex()
_MOST_FOUND: Final = 500
_PICTURE: Final = 16


@dataclass(frozen=True, slots=True)
class Choice:
    """A chosen file; ``symbols`` are its parts when not all of it is chosen."""

    path: str
    symbols: tuple[Symbol, ...] = ()


@dataclass(slots=True, eq=False)
class _Row:
    """One row: a folder, a file, or a symbol of a file."""

    entry: Entry
    parent: "_Row | None"
    number: int
    symbol: Symbol | None = None
    rows: "list[_Row] | None" = None
    children: dict[str, "_Row"] = field(default_factory=dict)


class FolderItemModel(QAbstractItemModel):
    """Shows a listing. Emits ``chosen_changed`` when a box was ticked."""

    chosen_changed = Signal()
    symbols_wanted = Signal(str)
    """The path of a file that was unfolded."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._listing: Listing | None = None
        self._tokens: Mapping[str, int] = {}
        self._chosen: dict[str, tuple[Symbol, ...]] = {}
        self._symbols: dict[str, Sequence[Symbol]] = {}
        self._words = ""
        self._root = self._new_root()

    def show_listing(self, listing: Listing, tokens: Mapping[str, int]) -> None:
        """Show another listing; what was chosen and is still there stays chosen."""
        self.beginResetModel()
        self._chosen = {path: parts for path, parts in self._chosen.items() if _has(listing, path)}
        self._listing, self._tokens = listing, tokens
        self._symbols = {}
        self._root = self._new_root()
        self.endResetModel()
        self.chosen_changed.emit()

    def filter(self, words: str) -> None:
        """Show the files whose path holds every word, all of the tree for no word."""
        self.beginResetModel()
        self._words = words.strip().lower()
        self._root = self._new_root()
        self.endResetModel()

    def chosen(self) -> list[Choice]:
        """Return what is chosen, in the order of choosing."""
        return [Choice(path, parts) for path, parts in self._chosen.items()]

    def clear(self) -> None:
        """Choose nothing."""
        self._chosen.clear()
        self.chosen_changed.emit()

    def set_symbols(self, path: str, symbols: Sequence[Symbol]) -> None:
        """Offer the parts of a file."""
        self._symbols[path] = symbols
        row = self._find(path)
        if row is None:
            return
        here = self._place(row)
        if symbols:
            self.beginInsertRows(here, 0, len(symbols) - 1)
            row.rows = [_Row(row.entry, row, n, symbol) for n, symbol in enumerate(symbols)]
            self.endInsertRows()

    # What Qt asks

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Return how many rows are below ``parent``."""
        return len(self._row(parent).rows or ()) if parent.column() <= 0 else 0

    def columnCount(self, _parent: Index = _ROOT) -> int:
        """Return 2: the name and the tokens."""
        return 2

    def hasChildren(self, parent: Index = _ROOT) -> bool:
        """Tell whether a row can be unfolded."""
        row = self._row(parent)
        if row.symbol is not None or parent.column() > 0:
            return False
        if row.rows is not None:
            return bool(row.rows)
        return row.entry.is_folder or language_of(row.entry.path) in LANGUAGES

    def canFetchMore(self, parent: Index) -> bool:
        """Tell whether the rows below ``parent`` are still to be made."""
        row = self._row(parent)
        return row.rows is None and row.symbol is None and self.hasChildren(parent)

    def fetchMore(self, parent: Index) -> None:
        """Make the rows below ``parent``, or ask for a file's symbols."""
        row = self._row(parent)
        if not row.entry.is_folder:
            row.rows = []
            self.symbols_wanted.emit(row.entry.path)
            return
        entries = self._below(row.entry.path)
        if entries:
            self.beginInsertRows(self._place(row), 0, len(entries) - 1)
        self._fill(row, entries)
        if entries:
            self.endInsertRows()

    def index(self, row: int, column: int, parent: Index = _ROOT) -> QModelIndex:
        """Return the place of a row."""
        rows = self._row(parent).rows or ()
        if not 0 <= row < len(rows):
            return QModelIndex()
        return self.createIndex(row, column, rows[row])

    def parent(self, index: Index) -> QModelIndex:  # type: ignore[override]  # Qt's other parent()
        """Return the row above."""
        above = self._row(index).parent
        if above is None or above is self._root:
            return QModelIndex()
        return self.createIndex(above.number, 0, above)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Say that files and parts have a box."""
        flag = Qt.ItemFlag
        flags = flag.ItemIsEnabled | flag.ItemIsSelectable
        if index.column() == 0 and not self._row(index).entry.is_folder:
            flags |= flag.ItemIsUserCheckable
        return flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - Qt's own
        """Return what a row shows."""
        row = self._row(index)
        roles = Qt.ItemDataRole
        if index.column() == 1:
            return self._second(row, role)
        if role == roles.DisplayRole:
            return self._name(row)
        if role == roles.ToolTipRole:
            return tip(row.entry.path)
        if role == roles.CheckStateRole and not row.entry.is_folder:
            return self._state(row)
        return _picture(row) if role == roles.DecorationRole else None

    def _name(self, row: _Row) -> str:
        if row.symbol is not None:
            return "    " * row.symbol.depth + row.symbol.name
        return row.entry.path if self._words else row.entry.name

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: ANN401
        """Tick or clear a box."""
        row = self._row(index)
        if role != Qt.ItemDataRole.CheckStateRole or row.entry.is_folder:
            return False
        self._tick(row, on=Qt.CheckState(value) is not Qt.CheckState.Unchecked)
        self.chosen_changed.emit()
        return True

    def toggle(self, index: Index) -> None:
        """Tick what is not ticked, and clear what is."""
        if not self._row(index).entry.is_folder:
            on = self._state(self._row(index)) is not Qt.CheckState.Checked
            self.setData(index, Qt.CheckState(2 * on), Qt.ItemDataRole.CheckStateRole)

    # Inside

    def _second(self, row: _Row, role: int) -> Any:  # noqa: ANN401 - as data
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ForegroundRole:
            return QColor(appearance.current().muted)
        if role != Qt.ItemDataRole.DisplayRole or row.entry.is_folder:
            return None
        if row.symbol is not None:
            lines = row.symbol.last - row.symbol.first + 1
            return ngettext("{count} line", "{count} lines", lines).format(count=f"{lines:,}")
        tokens = self._tokens.get(row.entry.path)
        if tokens is None:
            return size_words(row.entry.size)
        return f"≈{tokens:,}" if tokens else _("no text") if row.entry.size else "0"

    def _state(self, row: _Row) -> Qt.CheckState:
        states = Qt.CheckState
        parts = self._chosen.get(row.entry.path)
        if parts is None:
            return states.Unchecked
        if row.symbol is None:
            return states.PartiallyChecked if parts else states.Checked
        return states.Checked if not parts or row.symbol in parts else states.Unchecked

    def _tick(self, row: _Row, *, on: bool) -> None:
        path = row.entry.path
        if row.symbol is None:
            if on:
                self._chosen[path] = ()
            else:
                self._chosen.pop(path, None)
            return
        parts = self._chosen.get(path, ())
        if path in self._chosen and not parts:
            parts = tuple(one for one in self._symbols.get(path, ()) if one.depth == 0)
        left = [one for one in parts if one != row.symbol]
        kept = tuple(sorted([*left, row.symbol] if on else left, key=lambda one: one.first))
        if kept:
            self._chosen[path] = kept
        else:
            self._chosen.pop(path, None)

    def _place(self, row: _Row) -> QModelIndex:
        return QModelIndex() if row is self._root else self.createIndex(row.number, 0, row)

    def _row(self, index: Index) -> _Row:
        found = index.internalPointer() if index.isValid() else None
        return found if isinstance(found, _Row) else self._root

    def _new_root(self) -> _Row:
        root = _Row(Entry("", "", is_folder=True), None, 0)
        self._fill(root, self._found() if self._words else self._below(""))
        return root

    def _fill(self, row: _Row, entries: Iterable[Entry]) -> None:
        row.rows = [_Row(entry, row, n) for n, entry in enumerate(entries)]
        row.children = {one.entry.name: one for one in row.rows}

    def _below(self, path: str) -> Sequence[Entry]:
        return self._listing.folders.get(path, ()) if self._listing is not None else ()

    def _found(self) -> list[Entry]:
        return [] if self._listing is None else self._listing.find(self._words.split(), _MOST_FOUND)

    def _find(self, path: str) -> _Row | None:
        if self._words:
            return next((one for one in self._root.rows or () if one.entry.path == path), None)
        row: _Row | None = self._root
        for name in path.split("/"):
            row = row.children.get(name) if row is not None else None
        return row


def _has(listing: Listing, path: str) -> bool:
    """Tell whether a file is listed."""
    beside = listing.folders.get(path.rpartition("/")[0], ())
    return any(entry.path == path for entry in beside)


def _picture(row: _Row) -> QIcon | None:
    if row.symbol is not None:
        return icon("code", appearance.current().muted, _PICTURE)
    return icon("folder", appearance.current().muted, _PICTURE) if row.entry.is_folder else None


def size_words(size: int) -> str:
    """Return a size in bytes as a person reads it."""
    units = ("B", "KB", "MB", "GB")
    value, unit = float(size), 0
    while value >= _KILO and unit < len(units) - 1:
        value, unit = value / _KILO, unit + 1
    return f"{value:.0f} {units[unit]}" if unit == 0 else f"{value:.1f} {units[unit]}"


_KILO: Final = 1_000
