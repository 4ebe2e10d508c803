"""What stands for the older turns in the model's memory: folded under the last of them."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from hanlin.kernel.i18n import _
from hanlin_ui.theme import appearance
from hanlin_ui.theme.icons import put_on
from hanlin_ui.widgets import motion
from hanlin_ui.widgets.labels import plain_label


class SummaryView(QWidget):
    """One line that opens the summary."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._header = QPushButton()
        self._header.setProperty("role", "fold")
        self._header.setCheckable(True)
        self._header.setCursor(Qt.CursorShape.PointingHandCursor)
        self._text = plain_label(text, "muted")
        self._frame = QFrame()
        self._frame.setProperty("role", "thought")
        inside = QHBoxLayout(self._frame)
        inside.setContentsMargins(14, 2, 0, 2)
        inside.addWidget(self._text)
        self._frame.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 2)
        layout.setSpacing(4)
        layout.addWidget(self._header, alignment=Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self._frame)
        self._header.toggled.connect(self._on_toggled)
        self._retranslate()

    def text(self) -> str:
        """Return the summary."""
        return self._text.text()

    def changeEvent(self, event: QEvent) -> None:
        """Follow language and theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LanguageChange, *appearance.WORN_ANEW):
            self._retranslate()

    def _on_toggled(self, opened: bool) -> None:  # noqa: FBT001 - a Qt slot
        if opened:
            motion.unfold(self._frame)
        else:
            self._frame.hide()
        self._retranslate()

    def _retranslate(self) -> None:
        title = _("Up to here the model remembers a summary")
        self._header.setText(title)
        self._header.setAccessibleName(title)
        name = "down" if self._header.isChecked() else "right"
        put_on(self._header, name, appearance.current().muted, 16)
