"""The page of downloads: one row each, what goes on above what waits above what is finished."""

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from hanlin.domain.downloads import Download, DownloadState
from hanlin.kernel.i18n import _
from hanlin_ui.library.details import MAIN_KEYS
from hanlin_ui.library.download_row import DownloadRow
from hanlin_ui.widgets.labels import plain_label


class DownloadsPage(QWidget):
    """Shows downloads; decides nothing. Ctrl+Enter goes on with what has stopped."""

    asked = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: dict[str, DownloadRow] = {}
        self._empty = plain_label("", "muted")
        self._column = QVBoxLayout()
        self._column.setSpacing(10)
        self._column.setContentsMargins(14, 0, 14, 14)
        inside = QWidget()
        outer = QVBoxLayout(inside)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addLayout(self._column)
        outer.addStretch()
        area = QScrollArea()
        area.setWidget(inside)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its rows have what the keyboard wants
        for key in MAIN_KEYS:
            QShortcut(QKeySequence(key), self).activated.connect(self._go_on)
        self.bar = QHBoxLayout()
        self.bar.setContentsMargins(14, 0, 14, 0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 14, 0, 0)
        layout.setSpacing(10)
        layout.addLayout(self.bar)
        layout.addWidget(self._empty)
        layout.addWidget(area, stretch=1)
        self._empty.setContentsMargins(14, 14, 14, 14)
        self.retranslate()

    def retranslate(self) -> None:
        """Say everything in the language of now."""
        self._empty.setText(
            _("Nothing is being downloaded. “Recommended” has one model for each task.")
        )

    def rows(self) -> list[DownloadRow]:
        """Return the rows from above to below."""
        return sorted(self._rows.values(), key=self._column.indexOf)

    def _go_on(self) -> None:
        for row in self.rows():
            row.go_on()

    def set_downloads(self, downloads: Sequence[Download]) -> None:
        """Show ``downloads``; rows that stay are kept, so that the keyboard stays in them."""
        wanted = {download.id for download in downloads}
        for gone in self._rows.keys() - wanted:
            row = self._rows.pop(gone)
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        coming = [one.id for one in downloads if one.has_turn_to_come]
        for place, download in enumerate(sorted(downloads, key=_place)):
            row_there = self._rows.get(download.id)
            if row_there is None:
                row_there = self._rows[download.id] = DownloadRow(download)
                row_there.asked.connect(self.asked)
            row_there.set_turns(earlier=download.id in coming[1:], later=download.id in coming[:-1])
            row_there.show_download(download)
            if self._column.indexOf(row_there) != place:
                self._column.insertWidget(place, row_there)
        buttons = [button for row in self.rows() for button in row.buttons()]
        for button, behind in pairwise(buttons):
            QWidget.setTabOrder(button, behind)
        self._empty.setVisible(not downloads)

    def show_download(self, download: Download) -> None:
        """Show how far one of them is."""
        if (row := self._rows.get(download.id)) is not None:
            row.show_download(download)


def _place(download: Download) -> tuple[int, int]:
    """Return what orders the rows: at work, with a turn to come, finished from the newest on."""
    if download.state is not DownloadState.DONE:
        return int(download.has_turn_to_come), 0
    return 2, -download.log[-1].time_ms if download.log else 0
