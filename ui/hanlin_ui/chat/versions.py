"""The arrows ‹ 2/3 › between the versions of one message."""

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from hanlin.kernel.i18n import _
from hanlin_ui.widgets.buttons import IconButton


class VersionSwitch(QWidget):
    """Hidden while there is one version only, as nearly always: its parts are made when wanted."""

    chosen = Signal(str)
    """The id of the version to show."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ids: Sequence[str] = ()
        self._index = 0
        self._parts: _Parts | None = None
        self.hide()

    def set_versions(self, ids: Sequence[str], current: str) -> None:
        """Offer the messages ``ids``, of which ``current`` is shown."""
        self._ids = ids
        self._index = ids.index(current) if current in ids else 0
        if len(ids) > 1:
            parts = self._made()
            parts.previous.setEnabled(self._index > 0)
            parts.next.setEnabled(self._index < len(ids) - 1)
            parts.label.setText(f"{self._index + 1}/{len(ids)}")
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

    def _made(self) -> "_Parts":
        if self._parts is None:
            previous, following = (IconButton(name, 14, self) for name in ("left", "right"))
            parts = _Parts(previous, QLabel(self), following)
            parts.previous.clicked.connect(lambda: self.turn(-1))
            parts.label.setProperty("role", "muted")
            parts.label.setTextFormat(Qt.TextFormat.PlainText)
            parts.next.clicked.connect(lambda: self.turn(1))
            layout = QHBoxLayout(self)
            layout.setContentsMargins(0, 0, 0, 0)
            layout.setSpacing(0)
            for widget in parts:
                layout.addWidget(widget)
            self._parts = parts
            self._retranslate()
        return self._parts

    def _retranslate(self) -> None:
        if self._parts is not None:
            self._parts.previous.set_label(_("Earlier version"))
            self._parts.next.set_label(_("Later version"))


class _Parts(NamedTuple):
    previous: IconButton
    label: QLabel
    next: IconButton
