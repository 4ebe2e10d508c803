"""What a model thought before it answered: folded under one line that says how long it took."""

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from hanlin.kernel.clock import Clock
from hanlin.kernel.i18n import _, ngettext
from hanlin_ui.theme import appearance
from hanlin_ui.theme.icons import put_on
from hanlin_ui.widgets import motion
from hanlin_ui.widgets.text_view import TextView

_TICK_MS = 1_000


class ThoughtView(QWidget):
    """A fold over a plain-text thought, which may still be growing."""

    answer_now_requested = Signal()

    def __init__(self, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self._text = ""
        self._began: float | None = None
        self._seconds: int | None = None
        self._header = QPushButton()
        self._header.setProperty("role", "fold")
        self._header.setCheckable(True)
        self._header.setCursor(Qt.CursorShape.PointingHandCursor)
        self._header.toggled.connect(self._on_toggled)
        self._enough = QPushButton()
        self._enough.setProperty("role", "link")
        self._enough.clicked.connect(self._on_enough)
        self._enough.hide()
        self._frame = QFrame()
        self._frame.setProperty("role", "thought")
        self._view: TextView | None = None
        self._frame_layout = QHBoxLayout(self._frame)
        self._frame_layout.setContentsMargins(14, 2, 0, 2)
        self._frame.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 2)
        layout.setSpacing(4)
        row = QHBoxLayout()
        row.addWidget(self._header)
        row.addWidget(self._enough)
        row.addStretch()
        layout.addLayout(row)
        layout.addWidget(self._frame)
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self._retranslate)
        self._retranslate()

    def append(self, text: str) -> None:
        """Show more of a thought that is being thought now."""
        if self._began is None:
            self._began = self._clock.monotonic()
            self._tick.start()
            self._enough.show()
        self._text += text
        if self._view is not None:
            cursor = QTextCursor(self._view.document())
            cursor.movePosition(QTextCursor.MoveOperation.End)
            cursor.insertText(text)
        self._retranslate()

    def finish(self, text: str, milliseconds: int = 0) -> None:
        """Show the whole thought; it is over. ``milliseconds`` is how long it took, if known."""
        if milliseconds:
            self._seconds = max(1, round(milliseconds / 1000))
        elif self._began is not None and self._seconds is None:
            self._seconds = max(1, round(self._clock.monotonic() - self._began))
        self._tick.stop()
        self._enough.hide()
        if text != self._text:
            self._text = text
            if self._view is not None:
                self._view.setPlainText(text)
        self._retranslate()

    @property
    def is_open(self) -> bool:
        """Tell whether the thought can be read."""
        return self._frame.isVisible()

    def text(self) -> str:
        """Return the thought so far."""
        return self._text

    def changeEvent(self, event: QEvent) -> None:
        """Follow language and theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LanguageChange, *appearance.WORN_ANEW):
            self._retranslate()

    def _on_enough(self) -> None:
        self._enough.setEnabled(False)
        self.answer_now_requested.emit()

    def _on_toggled(self, opened: bool) -> None:  # noqa: FBT001 - a Qt slot
        if opened and self._view is None:
            self._view = TextView()
            self._view.setPlainText(self._text)
            self._frame_layout.addWidget(self._view)
        if opened and self._view is not None:
            motion.unfold(self._frame, self._view.height_for(self.width()))
        else:
            self._frame.hide()
        self._retranslate()

    def _retranslate(self) -> None:
        if self._seconds is not None:
            title = ngettext(
                "Thought for {count} second", "Thought for {count} seconds", self._seconds
            ).format(count=self._seconds)
        elif self._began is not None:
            seconds = round(self._clock.monotonic() - self._began)
            title = _("Thinking… {seconds} s").format(seconds=seconds)
        else:
            title = _("Thought before answering")
        self._header.setText(title)
        self._header.setAccessibleName(title)
        if self._view is not None:
            self._view.setAccessibleName(_("What the model thought"))
        self._enough.setText(_("Answer now"))
        self._enough.setToolTip(_("Ends the thinking; the model answers with what it has"))
        name = "down" if self._header.isChecked() else "right"
        put_on(self._header, name, appearance.current().muted, 16)
