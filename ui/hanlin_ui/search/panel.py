"""The search above the list of conversations: a field, and below it what was found.

Knows no service: it says what is looked for and shows what it is given.
"""

from typing import Final

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from hanlin.domain.search import Findings
from hanlin.kernel.i18n import _, ngettext
from hanlin_ui.search.results import HIT_ROLE, FindingsDelegate, FindingsItemModel, Row
from hanlin_ui.theme import appearance
from hanlin_ui.theme.icons import extent, icon
from hanlin_ui.widgets.labels import wrapped_label

_PAUSE_MS: Final = 120
"""How long nothing is typed before it is looked for."""
_ICON: Final = 18
_EDGE: Final = 10
"""Pixels on the left of the icon, and between it and the words less the field's own padding."""
_BESIDE: Final = 5


class SearchPanel(QWidget):
    """The field and the findings."""

    begun = Signal()
    """The keyboard is in the field: something will be looked for."""
    wanted = Signal(str)
    """Something is looked for; "" for nothing any more."""
    chosen = Signal(object)
    """A Hit was chosen."""
    left = Signal()
    """The keyboard should go back to where one writes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.box = _Field()
        self.box.setMaxLength(400)
        self.note = wrapped_label("", "muted")
        self.note.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.note.hide()
        self._findings: Findings | None = None
        self.items = FindingsItemModel(self)
        self.found = _Found()
        self.found.setModel(self.items)
        self.found.setItemDelegate(FindingsDelegate(self.found))
        self.found.hide()
        self.found.opened.connect(self._on_opened)
        self.found.back.connect(self.box.setFocus)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.box)
        layout.addWidget(self.note)
        layout.addWidget(self.found, stretch=1)
        layout.addStretch()  # has what the findings leave while there are none
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(lambda: self.wanted.emit(self.text()))
        self.box.textChanged.connect(self._on_typed)
        self.box.returnPressed.connect(self._on_return)
        self.box.installEventFilter(self)
        self._retranslate()

    def text(self) -> str:
        """Return what is looked for."""
        return self.box.text().strip()

    def begin(self) -> None:
        """Let something be typed."""
        self.box.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.box.selectAll()

    def show_findings(self, findings: Findings) -> None:
        """Show what was found."""
        self.items.show(findings)
        self.found.setVisible(bool(findings.hits))
        self._findings = findings
        self._say_what_is_missing()
        self.note.setVisible(bool(self.note.text()))

    def _say_what_is_missing(self) -> None:
        findings, lines = self._findings, []
        if findings is None:
            return
        if not findings.hits:
            lines.append(_("Nothing was found."))
        if findings.more:
            lines.append(_("There is more; these are the newest."))
        if findings.unindexed:
            lines.append(
                ngettext(
                    "{count} message is still being read.",
                    "{count} messages are still being read.",
                    findings.unindexed,
                ).format(count=f"{findings.unindexed:,}")
            )
        self.note.setText("\n".join(lines))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Say when the field gets the keyboard; go down into the findings, leave with Escape."""
        if watched is self.box and event.type() is QEvent.Type.FocusIn:
            self.begun.emit()
        if watched is self.box and isinstance(event, QKeyEvent) and event.type() is _PRESSED:
            if event.key() == Qt.Key.Key_Down and self.items.rowCount():
                self.found.setFocus()
                self.found.setCurrentIndex(self.items.index(0))
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.box.clear()
                self.left.emit()
                return True
        return super().eventFilter(watched, event)

    def changeEvent(self, event: QEvent) -> None:
        """Follow language and theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LanguageChange, *appearance.WORN_ANEW):
            self._retranslate()

    def _on_typed(self, text: str) -> None:
        if text.strip():
            self._pause.start()
            return
        self._pause.stop()
        self.found.hide()
        self.note.hide()
        self.wanted.emit("")

    def _on_return(self) -> None:
        if self._pause.isActive():  # what is shown is not yet what was typed
            self._pause.stop()
            self.wanted.emit(self.text())
        elif self.items.rowCount():
            self._on_opened(self.items.index(0).data(HIT_ROLE))

    def _on_opened(self, row: object) -> None:
        if isinstance(row, Row):
            self.chosen.emit(row.hit)

    def _retranslate(self) -> None:
        self.box.setPlaceholderText(_("Search"))
        self.box.setAccessibleName(_("Search all conversations"))
        self.found.setAccessibleName(_("Found"))
        for button in self.box.findChildren(QToolButton):
            button.setAccessibleName(_("Clear"))
        self._say_what_is_missing()


_PRESSED: Final = QEvent.Type.KeyPress


class _Field(QLineEdit):
    """Has a magnifying glass where the buttons above it have their icons.

    Qt's own place for one is smaller, does not grow with the letters, and stands elsewhere.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setClearButtonEnabled(True)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Keep room for the glass."""
        super().changeEvent(event)
        if event.type() in appearance.WORN_ANEW:
            self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the glass too."""
        super().paintEvent(event)
        painter = QPainter(self)
        side = extent(_ICON).height()
        glass = icon("search", appearance.current().muted, _ICON)
        glass.paint(painter, _EDGE, (self.height() - side) // 2, side, side)
        painter.end()

    def _fit(self) -> None:
        self.setTextMargins(extent(_ICON).width() + _BESIDE, 0, 0, 0)


class _Found(QListView):
    """The findings, for mouse and keyboard."""

    opened = Signal(object)
    back = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMinimumHeight(80)
        self.viewport().setAutoFillBackground(False)
        self.clicked.connect(lambda index: self.opened.emit(index.data(HIT_ROLE)))

    def minimumSizeHint(self) -> QSize:
        """Be as low as the sidebar wants."""
        return QSize(80, 80)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap anew."""
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open with Enter; go back to the field above the first row."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit(self.currentIndex().data(HIT_ROLE))
        elif event.key() == Qt.Key.Key_Escape or (
            event.key() == Qt.Key.Key_Up and self.currentIndex().row() <= 0
        ):
            self.back.emit()
        else:
            super().keyPressEvent(event)
