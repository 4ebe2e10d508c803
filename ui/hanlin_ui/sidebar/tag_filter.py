"""The button above the conversations that lets those of one tag alone be seen."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolButton

from hanlin.kernel.i18n import _
from hanlin_ui.theme import appearance
from hanlin_ui.theme.icons import put_on
from hanlin_ui.widgets.tips import tip


class TagFilter(QToolButton):
    """Says which tag is filtered by, and offers the others."""

    chosen = Signal(str)
    """A tag, "" for all."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "pill")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._menu = QMenu(self)
        self.setMenu(self._menu)
        self._tags: Sequence[str] = ()
        self._tag = ""

    def set_tags(self, tags: Sequence[str], chosen: str) -> None:
        """Offer ``tags``, of which ``chosen`` is filtered by."""
        self._tags, self._tag = tags, chosen
        self._retranslate()

    def sizeHint(self) -> QSize:
        """Be as wide as the whole name, where there is room."""
        hint, metrics = super().sizeHint(), self.fontMetrics()
        more = metrics.horizontalAdvance(self._name()) - metrics.horizontalAdvance(self.text())
        return QSize(hint.width() + more, hint.height())

    def minimumSizeHint(self) -> QSize:
        """Never hold the left side wider than its other parts do."""
        return QSize(0, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shorten the name to what there is room for."""
        super().resizeEvent(event)
        self._shorten()

    def _name(self) -> str:
        return self._tag.replace("&", "&&") or _("All tags")

    def _shorten(self) -> None:
        metrics = self.fontMetrics()
        around = self.sizeHint().width() - metrics.horizontalAdvance(self._name())
        end, room = Qt.TextElideMode.ElideRight, max(0, self.width() - around)
        self.setText(metrics.elidedText(self._name(), end, room))

    def changeEvent(self, event: QEvent) -> None:
        """Follow language and theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LanguageChange, *appearance.WORN_ANEW):
            self._retranslate()

    def _choose(self, tag: str) -> None:
        self._tag = tag
        self._retranslate()
        self.chosen.emit(tag)

    def _retranslate(self) -> None:
        self._shorten()
        self.updateGeometry()
        self.setToolTip(tip(self._tag or _("Show only one tag")))
        self.setAccessibleName(_("Show only one tag"))
        self.setAccessibleDescription(self._tag)
        put_on(self, "tag", appearance.current().muted, 14)
        self.setChecked(bool(self._tag))
        self._menu.clear()
        for tag in ("", *self._tags):
            action = self._menu.addAction(tag.replace("&", "&&") or _("All tags"))
            action.setCheckable(True)
            action.setChecked(tag == self._tag)
            action.triggered.connect(partial(self._choose, tag))
