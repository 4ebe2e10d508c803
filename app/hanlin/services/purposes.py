"""Which model does which work: the one place that knows what a person keeps each model for.

Every service that needs a model for something of its own asks ``ModelRegistry.model_for`` or
``ModelRegistry.kept``, which ask here. What a purpose is called belongs to the window.
"""

from collections.abc import Iterable, Mapping
from typing import Final, Protocol

from hanlin.domain.models import Model, Purpose
from hanlin.settings.schema import SettingsSchema, Text
from hanlin.settings.store import Settings

_SETTINGS: Final[Mapping[Purpose, Text]] = {
    Purpose.CHAT: SettingsSchema.model_for_chat,
    Purpose.CODING: SettingsSchema.model_for_coding,
    Purpose.TRANSLATION: SettingsSchema.model_for_translation,
    Purpose.PICTURES: SettingsSchema.model_for_pictures,
}


class KeptModels(Protocol):
    """The ids of the models that a person keeps for something, "" for none."""

    @property
    def model_for_chat(self) -> str:
        """Answers when the program starts; "" is the last used one."""
        ...

    @property
    def model_for_coding(self) -> str:
        """Writes code."""
        ...

    @property
    def model_for_translation(self) -> str:
        """Translates."""
        ...

    @property
    def model_for_pictures(self) -> str:
        """Is shown pictures."""
        ...


def kept_id(purpose: Purpose, kept: KeptModels) -> str:
    """Return the id of the model that is kept for ``purpose``, "" for none."""
    return {
        Purpose.CHAT: kept.model_for_chat,
        Purpose.CODING: kept.model_for_coding,
        Purpose.TRANSLATION: kept.model_for_translation,
        Purpose.PICTURES: kept.model_for_pictures,
    }[purpose]


def choose(
    purpose: Purpose, models: Iterable[Model], kept: KeptModels, last_used: str
) -> Model | None:
    """Return the model for ``purpose``, None when there is no model at all.

    The one kept for it, else the one for conversation, which is the last used one unless
    another is kept; else the first of ``models``, the starter. One whose file is gone is
    passed over. Nothing is said about its abilities: a person may keep a model for
    pictures that sees none.
    """
    here = {model.id: model for model in models if not model.missing}
    for wanted in (kept_id(purpose, kept), kept.model_for_chat, last_used):
        if wanted in here:
            return here[wanted]
    return next(iter(here.values()), None)


def kept_for(settings: Settings, model_id: str) -> tuple[Purpose, ...]:
    """Return what the model is kept for."""
    return tuple(
        one for one, setting in _SETTINGS.items() if settings.value_of(setting) == model_id
    )


def keep(settings: Settings, model_id: str, purposes: frozenset[Purpose]) -> None:
    """Keep the model for ``purposes`` and nothing else. Raises KnownError."""
    for purpose, setting in _SETTINGS.items():
        if purpose in purposes:
            settings.change(setting, model_id)
        elif settings.value_of(setting) == model_id:
            settings.change(setting, "")


def follow(settings: Settings, old_id: str, new_id: str) -> None:
    """Keep a model that is known by another id now for what it was kept for."""
    for setting in _SETTINGS.values():
        if settings.value_of(setting) == old_id:
            settings.change(setting, new_id)
