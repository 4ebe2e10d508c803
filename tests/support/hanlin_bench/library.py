"""The models window as a person reads it, and a test Hub in its settings."""

import json
from typing import Final

from PySide6.QtWidgets import QLabel

from hanlin.kernel.paths import Paths
from hanlin_hub.authority import Authority
from hanlin_hub.server import Server
from hanlin_ui.library.browse import BrowsePage
from hanlin_ui.library.cards import Card
from hanlin_ui.library.download_row import DownloadRow
from hanlin_ui.library.downloads_page import DownloadsPage
from hanlin_ui.library.window import LibraryWindow

REPOSITORY: Final = "good/Small-GGUF"
"""What the test Hub has."""


def page_of(window: LibraryWindow) -> BrowsePage:
    """Return the one page with cards that is shown."""
    found = [page for page in window.findChildren(BrowsePage) if page.isVisible()]
    assert len(found) == 1
    return found[0]


def cards(window: LibraryWindow) -> list[Card]:
    """Return the cards that are shown, headings among them."""
    return page_of(window).list.items.cards()


def card(window: LibraryWindow, key: str) -> Card:
    """Return the card of one model."""
    return next(one for one in cards(window) if one.key == key)


def says(window: LibraryWindow) -> str:
    """Return every text that is shown."""
    return "\n".join(label.text() for label in window.findChildren(QLabel) if label.isVisible())


def row(window: LibraryWindow) -> DownloadRow:
    """Return the only download."""
    rows = window.findChildren(DownloadsPage)[0].rows()
    assert len(rows) == 1
    return rows[0]


def use_hub(folders: Paths, server: Server, authority: Authority) -> None:
    """Let a new data folder know the test Hub, and no other source."""
    settings = {
        "own_source": server.address,
        "model_sources": "own",
        "extra_authorities": str(authority.certificate),
    }
    folders.settings.parent.mkdir(parents=True)
    folders.settings.write_text(json.dumps(settings))
