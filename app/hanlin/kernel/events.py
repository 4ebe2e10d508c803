"""The event bus: facts that happened, told to whoever subscribed to their type.

Events are frozen dataclasses named with past participles and are defined where
they are published. The bus knows nothing about threads beyond being safe to
use from any of them: a handler runs on the publisher's thread. Crossing into Qt
is the bridges' work, not the bus's.
"""

import logging
import threading
from collections.abc import Callable
from typing import TypeVar

E = TypeVar("E")
_log = logging.getLogger(__name__)


class EventBus:
    """Deliver each published event to the handlers of its exact type."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._handlers: dict[type, list[Callable[[object], None]]] = {}

    def subscribe(self, kind: type[E], handler: Callable[[E], None]) -> Callable[[], None]:
        """Call ``handler`` for every later event of type ``kind``; return the way to stop it."""

        def deliver(event: object) -> None:
            assert isinstance(event, kind)  # noqa: S101 - narrows the type for the checker
            handler(event)

        with self._lock:
            self._handlers.setdefault(kind, []).append(deliver)

        def unsubscribe() -> None:
            with self._lock:
                handlers = self._handlers.get(kind, [])
                if deliver in handlers:
                    handlers.remove(deliver)

        return unsubscribe

    def publish(self, event: object) -> None:
        """Call the handlers of ``event``'s type on this thread, in order of subscription.

        A handler that raises is logged and does not keep the others from hearing.
        """
        with self._lock:
            handlers = list(self._handlers.get(type(event), ()))
        for handler in handlers:
            try:
                handler(event)
            except Exception:  # noqa: BLE001 - one listener must not silence the rest
                _log.exception("a handler of %s failed", type(event).__name__)
