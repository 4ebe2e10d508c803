"""The models window: sections on the left, the page of one of them on the right.

A window of its own, beside the conversation. Which pages there are and what they do
is brought by their controllers.
"""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from hanlin.kernel.i18n import _
from hanlin_ui.widgets.sections import Sections
from hanlin_ui.widgets.sizes import fitting

_SMALLEST = QSize(640, 420)
_SECTIONS = 190

Words = Callable[[], str]


class LibraryWindow(QWidget):
    """Shows one page at a time; knows them by the keys they were added with."""

    language_changed = Signal()
    work_cancelled = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setProperty("role", "window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._words: list[Words] = []
        self._sections = Sections(_SECTIONS)
        self._pages = QStackedWidget()
        self._sections.currentRowChanged.connect(self._pages.setCurrentIndex)
        self._work = WorkStrip()
        self._work.cancelled.connect(self.work_cancelled)
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addWidget(self._pages, stretch=1)
        right.addWidget(self._work)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._sections)
        layout.addLayout(right, stretch=1)
        close = QShortcut(QKeySequence("Esc"), self)
        close.activated.connect(self.close)
        self.setMinimumSize(_SMALLEST)
        self.resize(fitting(self, 1060, 700))

    def add_page(self, key: str, words: Words, page: QWidget) -> None:
        """Add a section called ``words()``."""
        item = QListWidgetItem(self._sections)
        item.setData(Qt.ItemDataRole.UserRole, key)
        self._words.append(words)
        self._pages.addWidget(page)
        if self._sections.currentRow() < 0:
            self._sections.setCurrentRow(0)
        self._retranslate()

    def show_page(self, key: str) -> None:
        """Turn to the section ``key``; the keyboard is at the sections, not in the first field."""
        self._sections.setFocus()
        for row in range(self._sections.count()):
            if self._sections.item(row).data(Qt.ItemDataRole.UserRole) == key:
                self._sections.setCurrentRow(row)

    def current_page(self) -> str:
        """Return the key of the section that is shown."""
        row = self._sections.currentRow()
        return str(self._sections.item(row).data(Qt.ItemDataRole.UserRole)) if row >= 0 else ""

    @property
    def work(self) -> "WorkStrip":
        """The strip that shows what takes long."""
        return self._work

    def come_forward(self) -> None:
        """Show the window above the others."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()
        self._sections.setFocus()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
            self.language_changed.emit()

    def _retranslate(self) -> None:
        self.setWindowTitle(_("Models"))
        self._sections.setAccessibleName(_("Sections"))
        for row, words in enumerate(self._words):
            self._sections.item(row).setText(words())


class WorkStrip(QWidget):
    """Says what is being done with whole models, how far it is, and stops it on a click."""

    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "status")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._label = QLabel()
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(4)
        self._stop = QPushButton()
        self._stop.clicked.connect(self.cancelled)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 8, 14, 8)
        layout.addWidget(self._label)
        layout.addWidget(self._bar, stretch=1)
        layout.addWidget(self._stop)
        self.hide()

    def begin(self, words: str) -> None:
        """Say what is being done; how far is not known yet."""
        self._label.setText(words)
        self._stop.setText(_("Cancel"))
        self._bar.setAccessibleName(words)
        self._bar.setRange(0, 0)
        self.show()

    def set_progress(self, done: int, total: int) -> None:
        """Show how far it is."""
        self._bar.setRange(0, 1000)
        self._bar.setValue(round(1000 * done / total) if total else 0)

    def end(self) -> None:
        """Say nothing more."""
        self.hide()
