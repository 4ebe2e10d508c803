"""The button at the composer that says which assistant answers, and offers the others."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from hanlin.domain.assistants import Assistant
from hanlin.kernel.i18n import _
from hanlin_ui.theme import appearance
from hanlin_ui.theme.icons import extent, icon, names

_PICTURE = 16


class AssistantPill(QToolButton):
    """Shows the choice; says what is wished."""

    chosen = Signal(object)
    """An Assistant, or None for none."""
    edit_requested = Signal()
    opened = Signal()
    """The menu is about to be shown: answer with ``offer``."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._current: Assistant | None = None
        self.setProperty("role", "pill")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clicked.connect(self._on_clicked)
        self._retranslate()

    def show_current(self, assistant: Assistant | None) -> None:
        """Say which assistant answers."""
        self._current = assistant
        self._retranslate()

    def offer(self, own: Sequence[Assistant], shipped: Sequence[Assistant]) -> None:
        """Show the menu with these."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._add(menu, None)
        for group in (own, shipped):
            if group:
                menu.addSeparator()
            for assistant in group:
                self._add(menu, assistant)
        menu.addSeparator()
        menu.addAction(_("Edit assistants…"), self.edit_requested.emit)
        menu.popup(self.mapToGlobal(self.rect().topLeft()) - menu.rect().bottomLeft())

    def changeEvent(self, event: QEvent) -> None:
        """Follow language and theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LanguageChange, *appearance.WORN_ANEW):
            self._retranslate()

    def _add(self, menu: QMenu, assistant: Assistant | None) -> None:
        words = _("No assistant") if assistant is None else label(assistant)
        action = menu.addAction(words, lambda: self.chosen.emit(assistant))
        if assistant is not None:
            action.setIcon(picture(assistant))
        action.setCheckable(True)
        current = self._current
        action.setChecked(
            current.id == assistant.id if assistant and current else assistant is current
        )

    def _on_clicked(self) -> None:
        self.opened.emit()

    def _retranslate(self) -> None:
        self.setText(_("Assistant") if self._current is None else label(self._current))
        nobody = icon("assistant", appearance.current().muted, _PICTURE)
        self.setIconSize(extent(_PICTURE))
        self.setIcon(nobody if self._current is None else picture(self._current))
        self.setToolTip(_("Who answers in this conversation"))
        name = _("none") if self._current is None else self._current.name
        self.setAccessibleName(_("Assistant: {name}").format(name=name))


def label(assistant: Assistant) -> str:
    """Return how an assistant is called in a menu or on a button."""
    drawn = _icon_name(assistant)
    picture = f"{assistant.picture}  " if assistant.picture and not drawn else ""
    return (picture + assistant.name).replace("&", "&&")


def picture(assistant: Assistant, size: int = _PICTURE) -> QIcon:
    """Return the assistant's picture if it is one of the drawn ones, else an empty icon."""
    name = _icon_name(assistant)
    return icon(name, appearance.current().accent, size) if name else QIcon()


def _icon_name(assistant: Assistant) -> str:
    """Return which drawn icon ``picture`` names, ":pen" for one called so; "" for an emoji."""
    name = assistant.picture.removeprefix(":")
    return name if name != assistant.picture and name in names() else ""
