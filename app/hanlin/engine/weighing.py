"""How many tokens a picture or a sound takes, asked of the worker by any thread that can wait."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Final

from hanlin.domain.attachments import AttachmentKind
from hanlin.engine.protocol import Command, Event, Weigh, Weighed

_SECONDS: Final = 0.5
"""How long somebody waits for an answer; without one the tokens are unknown."""


class Weighing:
    """Belongs to the client's thread, but for ``wait``."""

    def __init__(self, send: Callable[[Command], None], number: Callable[[], int]) -> None:
        self._send = send
        self._number = number
        self._waiting: dict[int, Future[int]] = {}

    def ask(self, told: Future[int], kind: AttachmentKind, width: int, height: int) -> None:
        """Ask the worker, which must be ready, and fill ``told``."""
        request = self._number()
        self._waiting[request] = told
        self._send(Weigh(request, kind, width, height))

    def hear(self, event: Event) -> bool:
        """Take an event; return whether it was an answer."""
        told = self._waiting.pop(event.id, None)
        if told is not None:
            told.set_result(event.tokens if isinstance(event, Weighed) else 0)
        return told is not None

    def end(self) -> None:
        """Hear that the worker ended."""
        for told in self._waiting.values():
            told.set_result(0)
        self._waiting.clear()

    @staticmethod
    def wait(told: Future[int]) -> int:
        """Return what was told, 0 when that takes too long."""
        try:
            return told.result(_SECONDS)
        except TimeoutError:
            return 0
