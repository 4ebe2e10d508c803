"""What a person chose about looks, as one value that can be worn."""

from dataclasses import dataclass
from typing import Final, Self

from hanlin.settings.schema import SettingsSchema
from hanlin.settings.store import Settings

_COMPACT: Final = 0.55
"""What is left of the gaps between things."""


@dataclass(frozen=True, slots=True)
class Looks:
    """Colours, letters and gaps."""

    choice: str = "system"
    """``light``, ``dark`` or what the ``system`` has."""
    high_contrast: bool = False
    text_percent: int = 100
    family: str = ""
    """A font family of this computer, "" for the program's choice."""
    compact: bool = False
    still: bool = False
    """Nothing blinks, and text arrives in calm steps."""

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return what ``settings`` say."""
        return cls(
            settings.appearance,
            settings.high_contrast,
            settings.text_percent,
            settings.font_family,
            settings.density == "compact",
            settings.reduce_motion,
        )

    def spaced(self, pixels: float) -> int:
        """Return how wide a gap is that is ``pixels`` wide where there is room."""
        return round(pixels * _COMPACT) if self.compact else round(pixels)

    def sized(self, pixels: float) -> int:
        """Return how large a thing is among the letters that is ``pixels`` large at 100 %."""
        return round(pixels * self.text_percent / 100)


KEYS: Final = frozenset(
    setting.key
    for setting in (
        SettingsSchema.appearance,
        SettingsSchema.high_contrast,
        SettingsSchema.text_percent,
        SettingsSchema.font_family,
        SettingsSchema.density,
        SettingsSchema.reduce_motion,
    )
)
"""The settings that are worn."""
