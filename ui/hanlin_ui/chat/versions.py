"""The arrows ‹ 2/3 › between the versions of one message."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from hanlin.kernel.i18n import _
from hanlin_ui.widgets.buttons import IconButton


class VersionSwitch(QWidget):
    """Hidden while there is one version only."""

    chosen = Signal(str)
    """The id of the version to show."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ids: Sequence[str] = ()
        self._index = 0
        self._previous = IconButton("left", 14)
        self._previous.clicked.connect(lambda: self.turn(-1))
        self._label = QLabel()
        self._label.setProperty("role", "muted")
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._next = IconButton("right", 14)
        self._next.clicked.connect(lambda: self.turn(1))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for widget in (self._previous, self._label, self._next):
            layout.addWidget(widget)
        self._retranslate()
        self.hide()

    def set_versions(self, ids: Sequence[str], current: str) -> None:
        """Offer the messages ``ids``, of which ``current`` is shown."""
        self._ids = ids
        self._index = ids.index(current) if current in ids else 0
        self._previous.setEnabled(self._index > 0)
        self._next.setEnabled(self._index < len(ids) - 1)
        self._label.setText(f"{self._index + 1}/{len(ids)}")
        self.setVisible(len(ids) > 1)

    @property
    def count(self) -> int:
        """How many versions there are."""
        return len(self._ids)

    def turn(self, step: int) -> None:
        """Ask for the version ``step`` further on, if there is one."""
        if 0 <= self._index + step < len(self._ids):
            self.chosen.emit(self._ids[self._index + step])

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        self._previous.set_label(_("Earlier version"))
        self._next.set_label(_("Later version"))
