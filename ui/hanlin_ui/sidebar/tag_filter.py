"""The button above the conversations that lets those of one tag alone be seen."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import QMenu, QToolButton

from hanlin.kernel.i18n import _
from hanlin_ui.theme import appearance
from hanlin_ui.theme.icons import icon


class TagFilter(QToolButton):
    """Hidden while there are no tags."""

    chosen = Signal(str)
    """A tag, "" for all."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "pill")
        self.setIconSize(QSize(14, 14))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setCheckable(True)
        self._menu = QMenu(self)
        self.setMenu(self._menu)
        self._tags: Sequence[str] = ()
        self._tag = ""

    def set_tags(self, tags: Sequence[str], chosen: str) -> None:
        """Offer ``tags``, of which ``chosen`` is filtered by."""
        self._tags, self._tag = tags, chosen
        self._retranslate()
        self.setVisible(bool(tags))

    def changeEvent(self, event: QEvent) -> None:
        """Follow language and theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.PaletteChange):
            self._retranslate()

    def _choose(self, tag: str) -> None:
        self._tag = tag
        self._retranslate()
        self.chosen.emit(tag)

    def _retranslate(self) -> None:
        self.setText(self._tag or _("All tags"))
        self.setAccessibleName(_("Show only one tag"))
        self.setIcon(icon("tag", appearance.current().muted, 14))
        self.setChecked(bool(self._tag))
        self._menu.clear()
        for tag in ("", *self._tags):
            action = self._menu.addAction(tag.replace("&", "&&") or _("All tags"))
            action.setCheckable(True)
            action.setChecked(tag == self._tag)
            action.triggered.connect(partial(self._choose, tag))
