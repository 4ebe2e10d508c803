"""The bar above a conversation in which something is looked for: a field, and up and down.

Knows no service: it says what is looked for and shows how often it is there.
"""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QWidget

from hanlin.kernel.i18n import _
from hanlin_ui.theme import appearance
from hanlin_ui.widgets import motion
from hanlin_ui.widgets.buttons import IconButton


class FindBar(QFrame):
    """Hidden until it is asked for."""

    wanted = Signal(str)
    moved = Signal(int)
    """To the next place (1) or the one before (-1)."""
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.box = QLineEdit()
        self.box.setMaxLength(400)
        self.box.setMinimumWidth(appearance.looks().sized(220))
        self.box.textChanged.connect(self.wanted)
        self._found = 0, 0
        self._count = QLabel()
        self._count.setProperty("role", "muted")
        self._count.setMinimumWidth(appearance.looks().sized(64))
        self._before = IconButton("up", 16)
        self._before.clicked.connect(lambda: self.moved.emit(-1))
        self._next = IconButton("down", 16)
        self._next.clicked.connect(lambda: self.moved.emit(1))
        self._close = IconButton("close", 16)
        self._close.clicked.connect(self.dismiss)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 6, 6, 6)
        layout.setSpacing(4)
        layout.addWidget(self.box)
        layout.addWidget(self._count)
        layout.addWidget(self._before)
        layout.addWidget(self._next)
        layout.addWidget(self._close)
        self.hide()
        self._retranslate()

    def begin(self, text: str | None = None) -> None:
        """Show the bar, with ``text`` to look for, and let it be typed."""
        if text is not None and text != self.box.text():
            self.box.blockSignals(True)  # noqa: FBT003 - Qt's signature
            self.box.setText(text)
            self.box.blockSignals(False)  # noqa: FBT003
        motion.unfold(self)
        self.raise_()
        self.box.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.box.selectAll()

    def dismiss(self) -> None:
        """Hide the bar; nothing is looked for any more."""
        self.hide()
        self.closed.emit()

    def show_count(self, number: int, count: int) -> None:
        """Say that place ``number`` (from 1) of ``count`` is shown."""
        self._found = number, count
        if not self.box.text().strip():
            self._count.setText("")
        elif not count:
            self._count.setText(_("Not found"))
        else:
            self._count.setText(
                _("{number} of {count}").format(number=f"{number:,}", count=f"{count:,}")
            )
        self._before.setEnabled(count > 1)
        self._next.setEnabled(count > 1)

    def count_text(self) -> str:
        """Return what is said of the places."""
        return self._count.text()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go on with Enter, back with Shift and Enter, away with Escape."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.moved.emit(-1 if back else 1)
        elif event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        self.box.setPlaceholderText(_("Find in this conversation"))
        self.box.setAccessibleName(_("Find in this conversation"))
        self.show_count(*self._found)
        self._before.set_label(_("The place before"))
        self._next.set_label(_("The next place"))
        self._close.set_label(_("Close"))
