"""Who hears the engine's events."""

import logging
import threading
from collections.abc import Callable

from hanlin.engine.base import EngineEvent

Listener = Callable[[EngineEvent], None]
_log = logging.getLogger(__name__)


class Listeners:
    """A set of listeners that may change from any thread, also while an event is told."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._all: list[Listener] = []

    def add(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` for every later event; return the way to stop it."""
        with self._lock:
            self._all.append(listener)

        def remove() -> None:
            with self._lock:
                if listener in self._all:
                    self._all.remove(listener)

        return remove

    def tell(self, event: EngineEvent) -> None:
        """Call everyone on this thread; one that raises is logged and silences nobody."""
        with self._lock:
            listeners = list(self._all)
        for listener in listeners:
            try:
                listener(event)
            except Exception:  # noqa: BLE001 - whatever it is, the others must hear too
                _log.exception("a listener to the engine failed")
