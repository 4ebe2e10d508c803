"""Garbage that has grown old is collected in a calm moment."""

import gc
import weakref

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from hanlin_ui.pauses import Collector


class Ring:
    """Holds itself, so that only the collector ends it."""

    def __init__(self) -> None:
        self.itself = self


def test_what_has_grown_old_is_collected_when_it_is_calm(qtbot: QtBot) -> None:
    ring = Ring()
    gc.collect()  # old from now on: only a full collection finds it
    gone = weakref.ref(ring)
    gc.disable()
    try:
        del ring
        owner = QObject()
        collector = Collector(owner, calm_ms=0)
        assert gone() is not None
        collector.put_off()
        qtbot.waitUntil(lambda: gone() is None, timeout=20_000)
    finally:
        gc.enable()
    owner.deleteLater()
