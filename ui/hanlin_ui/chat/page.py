"""The right side of the window: start page or transcript, notices, and the composer."""

import functools
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRectF, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from hanlin.kernel.clock import Clock
from hanlin.kernel.i18n import _
from hanlin_ui.chat.composer import Composer
from hanlin_ui.theme import appearance, shadow

if TYPE_CHECKING:
    from hanlin.services.events import NoticeCause
    from hanlin_ui.chat.notices import NoticeBar
    from hanlin_ui.chat.start_page import StartPage
    from hanlin_ui.chat.temporary import TemporaryMark
    from hanlin_ui.chat.transcript import Transcript
    from hanlin_ui.widgets.notice import Offer
    from hanlin_ui.widgets.undo import UndoBar

_MARGIN = 12
_WIDEST = 804
"""Pixels: the column of text and the padding of the composer around it."""
_ROUND = 16


class _Foot(QWidget):
    """What stands below the messages, with a shadow around the composer.

    It lies beside the messages, not below them: what streams there draws nothing here.
    """

    def __init__(self, composer: Composer) -> None:
        super().__init__()
        self._composer = composer

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the shadow."""
        painter = QPainter(self)
        shadow.draw(painter, QRectF(self._composer.geometry()), _ROUND)
        painter.end()


class ChatPage(QWidget):
    """Arranges the parts; what they do together is the chat controller's."""

    shown = Signal()
    undo_requested = Signal()
    stop_requested = Signal()
    """By a notice on the answer that is being written, in whichever conversation it is."""

    def __init__(self, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self.composer = Composer()
        self._stack = QStackedWidget()
        self._stack.addWidget(QWidget())  # until it is known what to show
        self._foot = _Foot(self.composer)
        self._foot_layout = foot = QVBoxLayout(self._foot)
        foot.setContentsMargins(shadow.REACH, shadow.REACH, shadow.REACH, shadow.REACH)
        foot.setSpacing(8)
        foot.addWidget(self.composer)
        row = QHBoxLayout()
        row.setContentsMargins(_MARGIN, 0, _MARGIN, 6)
        row.addStretch()  # has what the foot leaves
        row.addWidget(self._foot, stretch=1)
        row.addStretch()
        self._column = layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._stack, stretch=1)
        layout.addLayout(row)
        self.setFocusProxy(self.composer)
        self._place()
        self._retranslate()

    @functools.cached_property
    def start(self) -> "StartPage":
        """The page of an empty conversation. Built behind the first paint."""
        from hanlin_ui.chat.start_page import StartPage  # noqa: PLC0415 - see above

        start = StartPage()
        start.suggestion_chosen.connect(self.composer.submit)
        start.beginning_chosen.connect(self.composer.begin)
        self._stack.addWidget(start)
        return start

    @functools.cached_property
    def transcript(self) -> "Transcript":
        """The messages. Built on first use, because what reads Markdown takes long to import."""
        from hanlin_ui.chat.transcript import Transcript  # noqa: PLC0415

        transcript = Transcript(self._clock)
        transcript.messages.editing_ended.connect(self.composer.setFocus)
        self._stack.addWidget(transcript)
        return transcript

    @functools.cached_property
    def notice(self) -> "NoticeBar":
        """The program's own sentence above the composer. Built with the first one."""
        from hanlin_ui.chat.notices import NoticeBar  # noqa: PLC0415 - not for the first paint

        notice = NoticeBar()
        notice.stop_requested.connect(self.stop_requested)
        for gone in (notice.action_requested, notice.closed):  # and the keyboard with its button
            gone.connect(self.composer.setFocus)
        self._foot_layout.insertWidget(0, notice)
        return notice

    @functools.cached_property
    def _undo(self) -> "UndoBar":
        from hanlin_ui.widgets.undo import UndoBar  # noqa: PLC0415 - not for the first paint

        bar = UndoBar()
        bar.undo_requested.connect(self.undo_requested)
        self.add_above_composer(bar)
        return bar

    def offer_undo(self, said: str, name: str) -> None:
        """Say what was done, with a way back for some seconds; ``name`` is its spoken name."""
        self._undo.offer(said, name)

    def withdraw_undo(self) -> None:
        """Take the way back away."""
        if "_undo" in self.__dict__:
            self._undo.hide()

    def add_above_composer(self, widget: QWidget) -> None:
        """Put a widget between the messages and the composer."""
        self._foot_layout.insertWidget(self._foot_layout.indexOf(self.composer), widget)

    @functools.cached_property
    def _temporary(self) -> "TemporaryMark":
        from hanlin_ui.chat.temporary import TemporaryMark  # noqa: PLC0415 - the rare way

        mark = TemporaryMark()
        self._column.insertWidget(0, mark)
        return mark

    def set_temporary(self, temporary: bool) -> None:  # noqa: FBT001 - states are set from signals
        """Say clearly that the open conversation is in memory only, or no longer."""
        if temporary or "_temporary" in self.__dict__:
            self._temporary.setVisible(temporary)

    def show_start(self) -> None:
        """Show the page of an empty conversation."""
        self._stack.setCurrentWidget(self.start)

    def show_transcript(self) -> None:
        """Show the messages."""
        self._stack.setCurrentWidget(self.transcript)

    def is_at_start(self) -> bool:
        """Tell whether the page of an empty conversation is shown."""
        return self._stack.currentWidget() is not self.__dict__.get("transcript")

    def post_notice(
        self, text: str, cause: "NoticeCause | None" = None, offer: "Offer | None" = None
    ) -> None:
        """Show a sentence above the composer until it is closed or its cause is over.

        Without a cause it is worth reading once, and goes with the next answer.
        """
        from hanlin.services.events import NoticeCause  # noqa: PLC0415 - not for the first paint

        self.notice.post(text, cause or NoticeCause.PASSING, offer)

    def withdraw_notice(self, cause: "NoticeCause") -> None:
        """Take away what was said of ``cause``: it is over."""
        if "notice" in self.__dict__:
            self.notice.withdraw(cause)

    def _place(self) -> None:
        """Make the composer at most as wide as the column of text."""
        self._foot.setMaximumWidth(appearance.looks().sized(_WIDEST) + 2 * shadow.REACH)

    def changeEvent(self, event: QEvent) -> None:
        """Follow language and size of letters."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._place()
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        self.setAccessibleName(_("Chat"))
