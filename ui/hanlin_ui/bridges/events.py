"""From the event bus into Qt: every event arrives on the GUI thread, in order.

Streaming text does not pass here: see :mod:`hanlin_ui.bridges.stream`.
"""

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot

from hanlin.kernel.events import EventBus

E = TypeVar("E")


class EventBridge(QObject):
    """Delivers bus events to handlers on the GUI thread."""

    _posted = Signal(object)

    def __init__(self, bus: EventBus, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bus = bus
        self._handlers: dict[type, list[Callable[[object], None]]] = {}
        self._unsubscribe: list[Callable[[], None]] = []
        self._posted.connect(self._on_posted, Qt.ConnectionType.QueuedConnection)

    def listen(self, kind: type[E], handler: Callable[[E], None]) -> None:
        """Call ``handler`` on the GUI thread for every later event of type ``kind``."""

        def deliver(event: object) -> None:
            if isinstance(event, kind):
                handler(event)

        if kind not in self._handlers:
            self._unsubscribe.append(self._bus.subscribe(kind, self._posted.emit))
        self._handlers.setdefault(kind, []).append(deliver)

    def close(self) -> None:
        """Hear nothing any more; what is queued is dropped."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe.clear()
        self._handlers.clear()

    @Slot(object)
    def _on_posted(self, event: object) -> None:
        for handler in self._handlers.get(type(event), ()):
            handler(event)
