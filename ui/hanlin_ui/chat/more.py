"""The three dots behind a message: what else can be done with it."""

from functools import partial
from typing import Final

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QMenu, QWidget

from hanlin.kernel.i18n import _
from hanlin_ui.widgets.buttons import IconButton

EDIT: Final = "edit"
BRANCH: Final = "branch"
INSPECT: Final = "inspect"
DELETE: Final = "delete"


class MoreButton(IconButton):
    """Opens a menu, which is made when it is wanted: there are many messages."""

    chosen = Signal(str)
    """One of EDIT, BRANCH, INSPECT and DELETE."""

    def __init__(self, offers: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__("more", 16, parent)
        self._offers = offers
        self.clicked.connect(self._on_clicked)

    def retranslate(self) -> None:
        """Say its name in the language of now."""
        self.set_label(_("More"))

    def _on_clicked(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        words = {
            EDIT: _("Edit this answer"),
            BRANCH: _("Branch into a new conversation"),
            INSPECT: _("How this answer came about…"),
            DELETE: _("Delete from here on"),
        }
        for offer in self._offers:
            menu.addAction(words[offer], partial(self.chosen.emit, offer))
        menu.popup(self.mapToGlobal(QPoint(0, self.height())))
