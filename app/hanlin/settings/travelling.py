"""The settings that go along to another computer, and what they would change there.

What belongs to one computer stays: paths, addresses, proxies and their passwords, what its
hardware computes, the ids of its models. What lets foreign code run stays, too: that is
said anew on each computer. How the bytes travel is the business of those who carry them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from hanlin.kernel.i18n import _
from hanlin.kernel.jsonfile import JsonObject
from hanlin.settings.migrations import VERSION_KEY, upgrade, version_of
from hanlin.settings.schema import Choice, Setting, SettingsSchema, Switch
from hanlin.settings.store import Settings

_TRAVELLING: Final[tuple[Setting[Any], ...]] = (
    SettingsSchema.language,
    SettingsSchema.appearance,
    SettingsSchema.high_contrast,
    SettingsSchema.text_percent,
    SettingsSchema.density,
    SettingsSchema.reduce_motion,
    SettingsSchema.thinking,
    SettingsSchema.thinking_budget,
    SettingsSchema.answer_language,
    SettingsSchema.context,
    SettingsSchema.when_full,
    SettingsSchema.idle_minutes,
    SettingsSchema.never_connect,
    SettingsSchema.download_limit,
)


@dataclass(frozen=True, slots=True)
class Change:
    """One setting that would have another value here."""

    setting: Setting[Any]
    before: object
    value: object

    @property
    def words(self) -> str:
        """Return it in the interface's language."""
        setting = self.setting
        return _("{setting}: {value} (now: {before})").format(
            setting=setting.label() if setting.label is not None else setting.key,
            value=_spoken(setting, self.value),
            before=_spoken(setting, self.before),
        )


def chosen(content: JsonObject) -> JsonObject:
    """Return what of a settings file may travel: what a person chose in place of a default."""
    kept = {
        setting.key: value
        for setting in _TRAVELLING
        if (value := setting.allowed(content.get(setting.key))) is not None
        and value != setting.default
    }
    return {VERSION_KEY: version_of(content), **kept}


def changes(settings: Settings, came: JsonObject) -> list[Change]:
    """Return what settings that came along would change; what is not allowed is left out."""
    content = upgrade(came)
    found = []
    for setting in _TRAVELLING:
        value, before = setting.allowed(content.get(setting.key)), settings.value_of(setting)
        if value is not None and value != before:
            found.append(Change(setting, before, value))
    return found


def take_over(settings: Settings, wanted: Sequence[Change]) -> None:
    """Make the changes. Raises KnownError when the disk refuses."""
    for change in wanted:
        settings.change(change.setting, change.value)


def _spoken(setting: Setting[Any], value: object) -> str:
    if isinstance(setting, Switch):
        return _("on") if value else _("off")
    if isinstance(setting, Choice):
        return setting.choices[str(value)]()
    return str(value)
