"""Which settings stand together: the pages of the settings dialog.

A page begins with a setting and goes on, in the schema's order, to the next one's
beginning; a new setting joins the page of its neighbours. What a setting is called
is the schema's business.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hanlin.kernel.i18n import _
from hanlin.settings.schema import Setting, SettingsSchema

Words = Callable[[], str]


@dataclass(frozen=True, slots=True)
class Page:
    """Settings under one name."""

    words: Words
    settings: tuple[Setting[Any], ...]


_BEGINNINGS: Final[tuple[tuple[Setting[Any], Words], ...]] = (
    (SettingsSchema.language, lambda: _("General")),
    (SettingsSchema.appearance, lambda: _("Appearance")),
    (SettingsSchema.thinking, lambda: _("Conversation")),
    (SettingsSchema.context, lambda: _("Engine")),
    (SettingsSchema.never_connect, lambda: _("Network")),
)


def pages_of(settings: Sequence[Setting[Any]]) -> list[Page]:
    """Return the pages of those ``settings`` that have words, in their order."""
    names = {setting.key: words for setting, words in _BEGINNINGS}
    pages: list[tuple[Words, list[Setting[Any]]]] = []
    for setting in settings:
        if setting.key in names:
            pages.append((names[setting.key], []))
        if setting.label is not None:
            pages[-1][1].append(setting)
    return [Page(words, tuple(members)) for words, members in pages]
