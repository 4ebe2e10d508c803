"""The settings dialog, made from the schema: one entry per setting that has words.

A change is kept at once; there is no Apply. What a setting does is the business
of those who listen to it.
"""

import itertools
from collections.abc import Callable, Mapping

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from hanlin.kernel.i18n import _
from hanlin.settings.store import Settings
from hanlin_ui.settings.pages import pages_of
from hanlin_ui.settings.row import SettingRow
from hanlin_ui.widgets.sections import Sections
from hanlin_ui.widgets.sizes import fitting

_SECTIONS = 150


class SettingsDialog(QDialog):
    """Edits the person's choices. Deletes itself when closed.

    ``standings`` tell, for some settings by their keys, what has become of the choice.
    """

    def __init__(
        self,
        settings: Settings,
        parent: QWidget,
        standings: Mapping[str, Callable[[], str]] | None = None,
    ) -> None:
        super().__init__(parent)
        self._standings = standings or {}
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._pages = pages_of(settings.settings())
        self._rows = [
            [SettingRow(setting, settings) for setting in page.settings] for page in self._pages
        ]
        self._sections = Sections(_SECTIONS)
        self._stack = QStackedWidget()
        for rows in self._rows:
            self._sections.addItem("")
            self._stack.addWidget(_scrolled(rows))
        self._sections.currentRowChanged.connect(self._stack.setCurrentIndex)
        self._sections.setCurrentRow(0)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self._buttons.rejected.connect(self.accept)
        close = self._buttons.button(QDialogButtonBox.StandardButton.Close)
        close.setIcon(QIcon())  # no other button of the program has one of the style's own
        close.setProperty("role", "primary")
        foot = QHBoxLayout()
        foot.setContentsMargins(26, 0, 26, 0)
        foot.addWidget(self._buttons)
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 16)
        right.setSpacing(16)
        right.addWidget(self._stack)
        right.addLayout(foot)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)  # the dialog's own edge
        layout.setSpacing(0)
        layout.addWidget(self._sections)
        layout.addLayout(right, stretch=1)
        self._retranslate()
        self.resize(fitting(self, 780, 560))

    def show_standings(self) -> None:
        """Say anew what has become of the choices."""
        for row in itertools.chain.from_iterable(self._rows):
            if (standing := self._standings.get(row.key)) is not None:
                row.show_standing(standing())

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language, which may have been changed right here."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        self.setWindowTitle(_("Settings"))
        self._sections.setAccessibleName(_("Sections"))
        self._buttons.button(QDialogButtonBox.StandardButton.Close).setText(_("Close"))
        for at, (page, rows) in enumerate(zip(self._pages, self._rows, strict=True)):
            self._sections.item(at).setText(page.words())
            for row in rows:
                row.retranslate()
        self.show_standings()


def _scrolled(rows: list[SettingRow]) -> QScrollArea:
    page = QWidget()
    layout = QVBoxLayout(page)
    layout.setContentsMargins(26, 22, 26, 0)
    layout.setSpacing(16)
    for row in rows:
        layout.addWidget(row)
    layout.addStretch()
    area = QScrollArea()
    area.setWidget(page)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return area
