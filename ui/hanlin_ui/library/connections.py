"""The page of connections: what may connect, and every request that was ever made."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QScrollArea,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from hanlin.kernel.i18n import _, ngettext
from hanlin.kernel.units import size
from hanlin.settings.schema import SettingsSchema
from hanlin_models.connections_log import Connection
from hanlin_models.downloads import DownloadsChanged
from hanlin_ui.library import words
from hanlin_ui.library.services import LibraryDesk
from hanlin_ui.settings.row import SettingRow
from hanlin_ui.theme import appearance
from hanlin_ui.widgets.labels import plain_label

Index = QModelIndex | QPersistentModelIndex
_WIDTHS: Final = (150, None, None, 70, 80)
"""Of the columns at 100 %; the others share what is left."""
_SETTINGS: Final = (
    SettingsSchema.never_connect,
    SettingsSchema.model_sources,
    SettingsSchema.own_source,
    SettingsSchema.proxy,
    SettingsSchema.extra_authorities,
)


class ConnectionItemModel(QAbstractTableModel):
    """Requests, the newest first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._made: list[Connection] = []

    def set_connections(self, made: Sequence[Connection]) -> None:
        """Show ``made`` instead."""
        self.beginResetModel()
        self._made = list(made)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return the number of requests."""
        return 0 if parent.isValid() else len(self._made)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - the same
        """Return the number of columns."""
        return 0 if parent.isValid() else len(_WIDTHS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the text of a cell."""
        if not index.isValid() or role != Qt.ItemDataRole.DisplayRole:
            return None
        return cells(self._made[index.row()])[index.column()]

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return what a column is called."""
        if orientation is not Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        return (_("When"), _("Host"), _("What for"), _("Answer"), _("Bytes"))[section]

    def text(self) -> str:
        """Return everything as lines, to be copied."""
        return "\n".join("\t".join(cells(one)) for one in self._made)


def cells(one: Connection) -> tuple[str, ...]:
    """Return what a row says of a request."""
    when = datetime.fromtimestamp(one.time_ms / 1000).astimezone()
    return (
        f"{when:%Y-%m-%d %H:%M:%S}",
        one.host,
        words.purpose(one.purpose),
        str(one.status) if one.status else _("none"),
        size(one.count) if one.count is not None else "–",
    )


class ConnectionsPage(QWidget):
    """Shows the record whenever it is looked at."""

    def __init__(self, library: LibraryDesk) -> None:
        super().__init__()
        self._library = library
        settings = library.desk.app.settings
        self._rows = [SettingRow(setting, settings) for setting in _SETTINGS]
        above = QWidget()
        column = QVBoxLayout(above)
        column.setContentsMargins(0, 0, 12, 0)
        column.setSpacing(12)
        for row in self._rows:
            column.addWidget(row)
        area = QScrollArea()
        area.setWidget(above)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._said = plain_label("", "muted")
        self.items = ConnectionItemModel(self)
        self._table = QTableView()
        self._table.setModel(self.items)
        self._table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self._table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._table.setShowGrid(False)
        self._table.verticalHeader().hide()
        header = self._table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for place, width in enumerate(_WIDTHS):
            if width is None:
                header.setSectionResizeMode(place, QHeaderView.ResizeMode.Stretch)
            else:
                self._table.setColumnWidth(place, appearance.looks().sized(width))
        self._copy = QPushButton()
        self._copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.items.text()))
        foot = QHBoxLayout()
        foot.addWidget(self._said, stretch=1)
        foot.addWidget(self._copy)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 14, 14)
        layout.setSpacing(12)
        layout.addWidget(area, stretch=1)
        layout.addLayout(foot)
        layout.addWidget(self._table, stretch=1)
        library.desk.events.listen(DownloadsChanged, lambda _event: self._refresh_if_seen())
        self.retranslate()

    def retranslate(self) -> None:
        """Say everything in the language of now."""
        for row in self._rows:
            row.retranslate()
        self._copy.setText(_("Copy all"))
        self._table.setAccessibleName(_("Every request that was ever made"))
        self._refresh_if_seen()

    def showEvent(self, event: QShowEvent) -> None:
        """Read the record again."""
        super().showEvent(event)
        self._refresh()

    def _refresh_if_seen(self) -> None:
        if self.isVisible():
            self._refresh()

    def _refresh(self) -> None:
        read = self._library.online.connections.connections
        task = self._library.desk.tasks.run(self, read)
        task.on_success(self._show).on_failure(self._library.report)

    def _show(self, made: Sequence[Connection]) -> None:
        self.items.set_connections(made)
        self._said.setText(
            ngettext(
                "{count} request was ever made from here.",
                "{count} requests were ever made from here, the newest first.",
                len(made),
            ).format(count=f"{len(made):,}")
            if made
            else _("No request was ever made from here.")
        )
