"""A sentence of the program's own on a tinted ground, with at most one thing to do about it."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from hanlin.kernel.i18n import _
from hanlin_ui.theme import appearance
from hanlin_ui.theme.icons import pixmap
from hanlin_ui.widgets.buttons import IconButton
from hanlin_ui.widgets.labels import plain_label


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing to do about a notice: what its button says, in the language of now, and does."""

    words: Callable[[], str]
    act: Callable[[], None]


class Notice(QFrame):
    """Plain text that wraps; an action and a way to close it where asked for."""

    action_requested = Signal()
    closed = Signal()
    """The person has read it."""

    def __init__(
        self, text: str = "", *, closable: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._good = False
        self.setProperty("role", "notice")
        self._sign = QLabel()
        self._label = plain_label("")
        self._action = QPushButton()
        self._action.clicked.connect(self.action_requested)
        self._action.hide()
        self._close = IconButton("close", 14)
        self._close.clicked.connect(self.hide)
        self._close.clicked.connect(self.closed)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 8, 8, 8)
        layout.addWidget(self._sign)
        layout.addWidget(self._label, stretch=1)
        layout.addWidget(self._action)
        layout.addWidget(self._close)
        self._close.setVisible(closable)
        self.set_text(text)
        self._draw()

    def text(self) -> str:
        """Return the sentence shown."""
        return self._label.text()

    def set_text(self, text: str) -> None:
        """Say ``text``."""
        self._label.setText(text)

    def set_good(self, *, good: bool) -> None:
        """Look like good news, or like something to heed."""
        if good == self._good:
            return
        self._good = good
        self.setProperty("role", "good-news" if good else "notice")
        for changed in (self, self._label):
            self.style().unpolish(changed)
            self.style().polish(changed)
        self._draw()

    def focus_chain(self) -> list[QWidget]:
        """Return what takes the keyboard, in order."""
        return [self._action, self._close]

    def take_keyboard(self) -> None:
        """Give the keyboard to the action, if there is one now."""
        if self._action.isVisible():
            self._action.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def set_action(self, label: str) -> None:
        """Offer an action, or none when ``label`` is empty."""
        self._action.setText(label)
        self._action.setVisible(bool(label))

    def changeEvent(self, event: QEvent) -> None:
        """Follow language and theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LanguageChange, *appearance.WORN_ANEW):
            self._draw()

    def _draw(self) -> None:
        palette = appearance.current()
        sign = ("done", palette.good) if self._good else ("warning", palette.warning)
        self._sign.setPixmap(pixmap(*sign, 18))
        self._close.set_label(_("Close"))
