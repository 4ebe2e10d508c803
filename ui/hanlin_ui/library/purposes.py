"""What a person keeps each model for: conversation, programming, translation, pictures."""

from collections.abc import Callable, Mapping
from typing import Final

from PySide6.QtWidgets import QCheckBox, QWidget

from hanlin.domain.models import Model, Purpose
from hanlin.kernel.i18n import _
from hanlin.settings.schema import SettingsSchema, Text
from hanlin.settings.store import Settings
from hanlin_ui.dialogs.message import MessageDialog

_SETTINGS: Final[Mapping[Purpose, Text]] = {
    Purpose.CHAT: SettingsSchema.model_for_chat,
    Purpose.CODING: SettingsSchema.model_for_coding,
    Purpose.TRANSLATION: SettingsSchema.model_for_translation,
    Purpose.PICTURES: SettingsSchema.model_for_pictures,
}
_WORDS: Final[Mapping[Purpose, Callable[[], str]]] = {
    Purpose.CHAT: lambda: _("Conversation, when the program starts"),
    Purpose.CODING: lambda: _("Programming"),
    Purpose.TRANSLATION: lambda: _("Translation"),
    Purpose.PICTURES: lambda: _("Seeing pictures"),
}
_SHORT: Final[Mapping[Purpose, Callable[[], str]]] = {
    Purpose.CHAT: lambda: _("for conversation"),
    Purpose.CODING: lambda: _("for programming"),
    Purpose.TRANSLATION: lambda: _("for translation"),
    Purpose.PICTURES: lambda: _("for pictures"),
}


def kept_for(settings: Settings, model_id: str) -> tuple[Purpose, ...]:
    """Return what the model is kept for."""
    return tuple(
        one for one, setting in _SETTINGS.items() if settings.value_of(setting) == model_id
    )


def words(purposes: tuple[Purpose, ...]) -> str:
    """Return in words what a model is kept for, "" for nothing."""
    return _(", ").join(_SHORT[one]() for one in purposes)


def keep(settings: Settings, model_id: str, purposes: frozenset[Purpose]) -> None:
    """Keep the model for ``purposes`` and nothing else. Raises KnownError."""
    for purpose, setting in _SETTINGS.items():
        if purpose in purposes:
            settings.change(setting, model_id)
        elif settings.value_of(setting) == model_id:
            settings.change(setting, "")


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
        self._boxes = {purpose: QCheckBox(words()) for purpose, words in _WORDS.items()}
        for purpose, box in self._boxes.items():
            box.setChecked(purpose in chosen)
            self.extra.addWidget(box)
        self.add_button(_("Cancel"))
        self.add_button(_("Keep"), lambda: then(self._ticked()), primary=True)

    def _ticked(self) -> frozenset[Purpose]:
        return frozenset(purpose for purpose, box in self._boxes.items() if box.isChecked())
