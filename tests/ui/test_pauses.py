"""Garbage is collected on the GUI thread alone: what is young soon, what is old when it is calm."""

import gc
import threading
import weakref

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from hanlin_ui.pauses import Collector

YOUNG = 2_000
"""More new objects than Python itself waits for."""


class Ring:
    """Holds itself, so that only the collector ends it."""

    def __init__(self) -> None:
        self.itself = self


def test_what_has_grown_old_is_collected_when_it_is_calm(qtbot: QtBot) -> None:
    ring = Ring()
    gc.collect()  # old from now on: only a full collection finds it
    gone = weakref.ref(ring)
    del ring
    owner = QObject()
    collector = Collector(owner, calm_ms=0)
    assert gone() is not None
    collector.put_off()
    qtbot.waitUntil(lambda: gone() is None, timeout=20_000)
    owner.deleteLater()


def test_what_is_young_is_collected_on_the_gui_thread_whoever_made_it(qtbot: QtBot) -> None:
    ended_by: set[int] = set()
    rings: list[weakref.finalize[[], Ring]] = []

    def litter() -> None:
        rings.extend(
            weakref.finalize(Ring(), lambda: ended_by.add(threading.get_ident()))
            for _ in range(YOUNG)
        )

    maker = threading.Thread(target=litter)
    maker.start()
    maker.join()
    assert all(ring.alive for ring in rings), "somebody else than the collector was at work"
    owner = QObject()
    Collector(owner)
    qtbot.waitUntil(lambda: not any(ring.alive for ring in rings), timeout=20_000)
    assert ended_by == {threading.get_ident()}
    owner.deleteLater()
