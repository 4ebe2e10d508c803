"""Asking what a person keeps a model for, and the words for it; what follows is a service's."""

from collections.abc import Callable, Mapping
from typing import Final

from PySide6.QtWidgets import QCheckBox, QWidget

from hanlin.domain.models import Model, Purpose
from hanlin.kernel.i18n import _
from hanlin_ui.dialogs.message import MessageDialog

_WORDS: Final[Mapping[Purpose, Callable[[], str]]] = {
    Purpose.CHAT: lambda: _("Conversation, when the program starts"),
    Purpose.CODING: lambda: _("Programming"),
    Purpose.TRANSLATION: lambda: _("Translating"),
    Purpose.PICTURES: lambda: _("Seeing pictures"),
}
_SHORT: Final[Mapping[Purpose, Callable[[], str]]] = {
    Purpose.CHAT: lambda: _("for conversation"),
    Purpose.CODING: lambda: _("for programming"),
    Purpose.TRANSLATION: lambda: _("for translation"),
    Purpose.PICTURES: lambda: _("for pictures"),
}


def words(purposes: tuple[Purpose, ...]) -> str:
    """Return in words what a model is kept for, "" for nothing."""
    return _(", ").join(_SHORT[one]() for one in purposes)


class PurposesDialog(MessageDialog):
    """Lets a person tick what a model is kept for."""

    def __init__(
        self,
        parent: QWidget,
        model: Model,
        chosen: tuple[Purpose, ...],
        then: Callable[[frozenset[Purpose]], object],
    ) -> None:
        super().__init__(
            parent,
            _("Keep {name} for").format(name=model.name),
            _("Each of these has one model; the menu of models shows which."),
        )
        self._boxes = {purpose: QCheckBox() for purpose in _WORDS}
        for purpose, box in self._boxes.items():
            self.say(box.setText, _WORDS[purpose]())
            box.setChecked(purpose in chosen)
            self.extra.addWidget(box)
        self.add_button(_("Cancel"))
        self.add_button(_("Keep"), lambda: then(self._ticked()), primary=True)

    def _ticked(self) -> frozenset[Purpose]:
        return frozenset(purpose for purpose, box in self._boxes.items() if box.isChecked())
