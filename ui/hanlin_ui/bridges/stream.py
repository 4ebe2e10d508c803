"""Streaming text from a reader thread to the screen, at most 30 times a second.

One Qt signal per token freezes a window for seconds (packaging/design.md 8), so
the text is collected here and handed over by a timer. What is done with the
text belongs to the transcript.
"""

import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from hanlin.domain.conversation import Part, PartKind
from hanlin.kernel.events import EventBus
from hanlin.services.events import AnswerGrew, AnswerResumed

if TYPE_CHECKING:
    from collections.abc import Callable

INTERVAL_MS = 33
_CALM_MS = 1_000


class StreamBridge(QObject):
    """Collects AnswerGrew events and emits them joined, per message and kind, in order."""

    text_ready = Signal(str, str, list)
    """Conversation, message, and the list of (PartKind, text) that arrived since the last time."""

    _wake = Signal()

    def __init__(self, bus: EventBus, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._pending: dict[tuple[str, str], list[tuple[PartKind, list[str]]]] = {}
        self._armed = False
        self._handed_over: dict[str, list[Part]] = {}
        """Text of answers that are still being written, whoever looked at it. GUI thread only."""
        self._begun: dict[str, tuple[Part, ...]] = {}
        """What answers said before they went on."""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self.flush)
        self._wake.connect(self._on_wake, Qt.ConnectionType.QueuedConnection)
        self._unsubscribe: list[Callable[[], None]] = [
            bus.subscribe(AnswerGrew, self._push),
            bus.subscribe(AnswerResumed, self._on_resumed),
        ]

    def _push(self, event: AnswerGrew) -> None:
        """Remember the text; called on the publisher's thread."""
        with self._lock:
            parts = self._pending.setdefault((event.conversation_id, event.message_id), [])
            if parts and parts[-1][0] is event.kind and event.kind.grows:
                parts[-1][1].append(event.text)
            else:
                parts.append((event.kind, [event.text]))
            wake = not self._armed
            self._armed = True
        if wake:
            self._wake.emit()

    def _on_resumed(self, event: AnswerResumed) -> None:
        """Remember what an answer said before; called on the publisher's thread."""
        with self._lock:
            self._begun[event.message.id] = event.message.parts

    @Slot()
    def flush(self) -> None:
        """Hand over what has been collected, now. On the GUI thread."""
        self._timer.stop()
        with self._lock:
            pending, self._pending = self._pending, {}
            self._armed = False
        for (conversation_id, message_id), parts in pending.items():
            joined = [(kind, "".join(texts)) for kind, texts in parts]
            so_far = self._handed_over.setdefault(message_id, [])
            so_far.extend(Part(kind, text) for kind, text in joined)
            self.text_ready.emit(conversation_id, message_id, joined)

    def so_far(self, message_id: str) -> tuple[Part, ...]:
        """Return all that was handed over of an answer still being written.

        The disk lags behind the stream, so whoever opens such a conversation asks here.
        """
        with self._lock:
            begun = self._begun.get(message_id, ())
        return (*begun, *self._handed_over.get(message_id, ()))

    def forget(self, message_id: str) -> None:
        """Drop the text of an answer that is finished."""
        self._handed_over.pop(message_id, None)
        with self._lock:
            self._begun.pop(message_id, None)

    def set_calm(self, calm: bool) -> None:  # noqa: FBT001 - a setting
        """Hand text over in large steps, for who does not want it to run."""
        self._timer.setInterval(_CALM_MS if calm else INTERVAL_MS)

    def close(self) -> None:
        """Hear nothing any more."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe.clear()
        self._timer.stop()

    @Slot()
    def _on_wake(self) -> None:
        if not self._timer.isActive():
            self._timer.start()
