"""Choosing which of the models that were found are taken into the list. Nothing is copied."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from hanlin.kernel.i18n import _, ngettext
from hanlin.kernel.units import size
from hanlin_models.adoption import FoundModel
from hanlin_ui.dialogs.message import MessageDialog
from hanlin_ui.widgets.sizes import fitting
from hanlin_ui.widgets.tips import tip


class AdoptDialog(MessageDialog):
    """Lists what was found, everything ticked."""

    def __init__(
        self,
        parent: QWidget,
        found: Sequence[FoundModel],
        take: Callable[[list[FoundModel]], object],
    ) -> None:
        super().__init__(
            parent,
            _("Models were found"),
            ngettext(
                "{count} model can be used where it lies.",
                "{count} models can be used where they lie.",
                len(found),
            ).format(count=len(found)),
            _("Nothing is copied and nothing of the other programs is changed."),
        )
        self._list = QListWidget()
        self._list.setProperty("role", "sections")
        self._list.setMinimumSize(fitting(self, 620, 260))
        self.say(self._list.setAccessibleName, _("Models that were found"))
        self.extra.addWidget(self._list)  # before its rows, which would lie too close together
        for model in found:
            item = QListWidgetItem(
                "  ·  ".join(p for p in (model.name, model.program, size(model.bytes)) if p)
            )
            item.setToolTip(tip(str(model.path)))
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked)
            item.setData(Qt.ItemDataRole.UserRole, model)
            self._list.addItem(item)
        self.add_button(_("Cancel"))
        self.add_button(_("Add"), lambda: take(self.ticked()), primary=True)

    def ticked(self) -> list[FoundModel]:
        """Return the models that are ticked."""
        items = (self._list.item(row) for row in range(self._list.count()))
        return [
            item.data(Qt.ItemDataRole.UserRole)
            for item in items
            if item.checkState() is Qt.CheckState.Checked
        ]
