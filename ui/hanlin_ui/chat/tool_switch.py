"""The switch beside the composer: whether a model that can is told of tools."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QToolButton, QWidget

from hanlin.kernel.i18n import _
from hanlin_ui.theme import appearance
from hanlin_ui.theme.icons import put_on

_PICTURE = 16


class ToolSwitch(QToolButton):
    """Says what the setting is; changing it belongs to the controller."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "pill")
        self.setCheckable(True)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._known = True
        self.show_state(on=False, known=False)

    def show_state(self, *, on: bool, known: bool) -> None:
        """Show the setting; ``known`` is whether the loaded model knows tools at all."""
        self._known = known
        self.setChecked(on)
        self.setEnabled(known)
        self._retranslate()

    def changeEvent(self, event: QEvent) -> None:
        """Follow language and theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LanguageChange, *appearance.WORN_ANEW):
            self._retranslate()

    def _retranslate(self) -> None:
        theme = appearance.current()
        colour = theme.text if self.isChecked() else theme.muted
        put_on(self, "settings", colour, _PICTURE, disabled=theme.edge)
        self.setText(_("Tools"))
        self.setAccessibleName(_("Tools"))
        self.setToolTip(
            _(
                "Calculator, clock, units, files that you name, attached documents. Each call"
                " waits for your word."
            )
            if self._known
            else _("This model knows no tools.")
        )
