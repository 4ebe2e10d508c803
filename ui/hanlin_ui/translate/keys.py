"""The keys that the translator's page has for itself, beside those of the menus."""

from typing import Final

TRANSLATE: Final = "Ctrl+Return"
SWAP: Final = "Ctrl+Shift+S"
COPY: Final = "Ctrl+Shift+C"
