"""The program's own sentences above the composer: the newest is shown, the others wait behind it.

Each goes when it is closed, or when what it tells of is over. One on the answer that is
being written offers to stop it.
"""

from typing import Final

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QWidget

from hanlin.kernel.i18n import _, said_again
from hanlin.services.events import NoticeCause
from hanlin_ui.widgets import motion
from hanlin_ui.widgets.notice import Notice, Offer

_GOOD: Final = (NoticeCause.DONE, NoticeCause.ARRIVED, NoticeCause.KEY)


class NoticeBar(Notice):
    """At most one sentence for each cause, one of them visible."""

    stop_requested = Signal()
    """The answer that is being written is to stop."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(closable=True, parent=parent)
        self._told: dict[NoticeCause, tuple[str, Offer | None]] = {}
        self.action_requested.connect(self._on_action)
        self.closed.connect(self._on_closed)
        self.hide()

    def post(self, text: str, cause: NoticeCause, offer: Offer | None = None) -> None:
        """Show ``text`` in place of what was said of the same cause."""
        if cause is NoticeCause.ANSWER:
            offer = Offer(lambda: _("Stop"), self.stop_requested.emit)
        self._told.pop(cause, None)
        self._told[cause] = text, offer
        self._show_newest()

    def withdraw(self, cause: NoticeCause) -> None:
        """Take away what was said of ``cause``: it is over."""
        if self._told.pop(cause, None) is not None:
            self._show_newest()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._show_newest()

    def _on_action(self) -> None:
        cause, (_text, offer) = next(reversed(self._told.items()))
        if offer is not None:
            offer.act()
            self.withdraw(cause)

    def _on_closed(self) -> None:
        self._told.popitem()
        self._show_newest()

    def _show_newest(self) -> None:
        if self._told:
            cause, (text, offer) = next(reversed(self._told.items()))
            self.set_good(good=cause in _GOOD)
            self.set_text(said_again(text))
            self.set_action(offer.words() if offer is not None else "")
            motion.unfold(self)
        else:
            self.hide()
