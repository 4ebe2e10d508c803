"""The small window for one question: a composer that stands above other programs.

Only an arrangement of the chat page's parts; the conversation is a chat controller's
business, which sees an ordinary page.
"""

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QCursor, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout

from hanlin.kernel.clock import Clock
from hanlin.kernel.i18n import _
from hanlin_ui.chat.page import ChatPage
from hanlin_ui.quick.floating import FloatingWindow
from hanlin_ui.theme import appearance
from hanlin_ui.widgets.buttons import IconButton

_WIDTH: Final = 640
_TALL: Final = 520
"""Pixels high at 100 % once something was asked."""
_FROM_TOP: Final = 5
"""The window stands at this part of the screen's height."""


class QuickPage(ChatPage):
    """A chat page that is only its composer until something is asked."""

    turned = Signal()
    """Messages are shown, or no longer."""

    def show_start(self) -> None:
        """Show the composer alone."""
        super().show_start()
        self._stack.hide()
        self.turned.emit()

    def show_transcript(self) -> None:
        """Show the messages above the composer."""
        super().show_transcript()
        self._stack.show()
        self.turned.emit()


class QuickWindow(FloatingWindow):
    """Esc stops an answer first; the conversation is there when the window comes back."""

    continue_requested = Signal()
    new_requested = Signal()

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._on = QPushButton()
        self._on.setProperty("role", "link")
        self._on.setAutoDefault(False)
        self._on.clicked.connect(self.continue_requested)
        self._new = IconButton("add", 16)
        self._new.clicked.connect(self.new_requested)
        head = QHBoxLayout()
        head.setContentsMargins(20, 8, 10, 0)
        head.addWidget(self._title)
        head.addStretch()
        head.addWidget(self._on)
        head.addWidget(self._new)
        head.addWidget(self._close)
        self.page = QuickPage(clock)
        self.page.composer.hide_choices()
        self.page.composer.entry.dismissed.connect(self._on_dismissed)
        self.page.turned.connect(self._fit)
        self.page.composer.entry.document().documentLayout().documentSizeChanged.connect(
            lambda _size: self._fit()
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.page, stretch=1)
        self._retranslate()

    def come_forward(self) -> None:
        """Show the window on the screen where the mouse is, ready to be written into."""
        if not self.isVisible():
            self._fit()
            screen = QGuiApplication.screenAt(QCursor.pos()) or self.screen()
            room = screen.availableGeometry()
            left = room.left() + (room.width() - self.width()) // 2
            self.move(left, room.top() + room.height() // _FROM_TOP)
        self._show_for(self.page.composer)

    def _on_dismissed(self) -> None:
        if not self.page.composer.is_answering():
            self.close()

    def _fit(self) -> None:
        """Be as tall as what is shown needs."""
        talks = not self.page.is_at_start()
        self._on.setVisible(talks)
        self._new.setVisible(talks)
        looks = appearance.looks()
        height = max(looks.sized(_TALL), self.height()) if talks else self.sizeHint().height()
        room = self.screen().availableGeometry()
        self.setMinimumHeight(0)
        self.resize(min(looks.sized(_WIDTH), room.width()), min(height, room.height() * 2 // 3))

    def _retranslate(self) -> None:
        self.setWindowTitle(_("Quick question"))
        self._title.setText(_("Quick question"))
        self._on.setText(_("Continue in Hanlin"))
        self._new.set_label(_("New conversation"))
        self._close.set_label(_("Close"))
