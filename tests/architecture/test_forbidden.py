"""Words that stand nowhere in the sources, each tried on a planted case."""

import pytest

from hanlin_rules.forbidden import breaches
from hanlin_rules.sources import modules


def test_the_sources_hold_nothing_forbidden() -> None:
    found = [
        f"{module}:{breach}"
        for module, file in modules()
        for breach in breaches(module, file.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    "planted",
    [
        "view.setHtml(text)",
        "document.setMarkdown(text)",
        "layout.itemAt(0).widget()",
        "import pickle",
        "from pickle import loads",
        "def late():\n    import multiprocessing",
        "subprocess.run(words, shell=True)",
        "os.system(words)",
        "button.setToolTip(model.name)",
        'button.setToolTip(_("About {name}").format(name=name))',
        "import sqlite3",
        "import socket",
        "from urllib import request",
        "import urllib.request",
        "from http.client import HTTPConnection",
        "from PySide6 import QtNetwork",
        "from PySide6.QtNetwork import QNetworkAccessManager",
        "import PySide6.QtNetwork",
        "from PySide6.QtWebEngineWidgets import QWebEngineView",
    ],
)
def test_a_planted_breach_is_found(planted: str) -> None:
    assert len(breaches("hanlin_ui.planted", planted)) == 1


@pytest.mark.parametrize(
    ("module", "harmless"),
    [
        ("hanlin_ui.planted", "from PySide6.QtNetwork import QLocalServer, QLocalSocket"),
        ("hanlin_ui.planted", "from socket import socketpair"),
        ("hanlin_ui.planted", "from urllib.parse import urlsplit"),
        ("hanlin_ui.planted", 'button.setToolTip(tip(name) if name else _("Choose"))'),
        ("hanlin_ui.planted", "subprocess.run(words, shell=False)"),
        ("hanlin_models.fetcher.client", "import ssl, http.client"),
    ],
)
def test_what_is_allowed_is_no_breach(module: str, harmless: str) -> None:
    assert breaches(module, harmless) == []
