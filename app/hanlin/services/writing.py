"""One answer of the loaded model as one text: what translations and completions are written with.

It is written beside the chat: a question of the window's pauses it between two tokens, and
it goes on after the answer. Several writers may write at once; they take turns.
"""

import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hanlin.domain.conversation import PartKind
from hanlin.domain.filling import Gap
from hanlin.domain.generation import GenerationOptions, StopReason, Turn
from hanlin.engine.base import Delta, Engine, EngineEvent, Failed, Finished, Looping
from hanlin.kernel.errors import UserCancelled


@dataclass(frozen=True, slots=True)
class Written:
    """What a model wrote. ``reason`` LIMIT also stands for one that repeated itself."""

    text: str
    reason: StopReason


class EngineWriter:
    """Asks the engine; ``write`` blocks its thread, ``cancel`` may come from any other."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._request: int | None = None
        self._cancelled = False

    def write(self, turns: Sequence[Turn], options: GenerationOptions) -> Written:
        """Return the answer. Raises HanlinError, and UserCancelled after ``cancel``."""
        return self._ask(lambda: self._engine.generate(turns, options, beside=True))

    def fill(self, gap: Gap, options: GenerationOptions, grown: Callable[[str], None]) -> Written:
        """Return what is missing in the gap, as ``write`` does; ``grown`` hears each piece."""
        return self._ask(lambda: self._engine.fill(gap, options, beside=True), grown)

    def _ask(
        self, begin: Callable[[], int], grown: Callable[[str], None] = lambda _text: None
    ) -> Written:
        heard: queue.SimpleQueue[EngineEvent] = queue.SimpleQueue()
        unsubscribe = self._engine.subscribe(heard.put)
        try:
            with self._lock:
                self._cancelled = False
                self._request = begin()
            return self._read(heard, self._request, grown)
        finally:
            unsubscribe()
            with self._lock:
                self._request = None

    def cancel(self) -> None:
        """Stop what is being written; nothing happens when nothing is."""
        with self._lock:
            if self._request is not None:
                self._cancelled = True
                self._engine.cancel(self._request)

    def _read(
        self,
        heard: "queue.SimpleQueue[EngineEvent]",
        request: int,
        grown: Callable[[str], None],
    ) -> Written:
        texts: list[str] = []
        looping = False
        while True:
            event = heard.get()
            if getattr(event, "request", None) != request:
                continue
            if isinstance(event, Delta) and event.kind is PartKind.TEXT:
                texts.append(event.text)
                grown(event.text)
            elif isinstance(event, Looping):
                looping = True
                self._engine.cancel(request)
            elif isinstance(event, Failed):
                raise event.error
            elif isinstance(event, Finished):
                if self._cancelled:
                    raise UserCancelled
                reason = StopReason.LIMIT if looping else event.reason
                return Written("".join(texts), reason)
