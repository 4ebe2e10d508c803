"""How many tokens something takes, asked of the worker by any thread that can wait.

Pictures and sounds are weighed by their size, the parts of a prompt counted or taken apart.
"""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Final

from hanlin.engine.commands import Command, Count, Split, Weigh
from hanlin.engine.events import Event

SECONDS: Final = 0.5
"""How long somebody waits for a weight; without one the tokens are unknown."""
COUNT_SECONDS: Final = 3.0
"""A long conversation is taken apart in tenths of a second."""

Told = Future[Event | None]
"""The worker's answer, None when there will be none."""


class Weighing:
    """Belongs to the client's thread, but for ``wait``."""

    def __init__(self, send: Callable[[Command], None], number: Callable[[], int]) -> None:
        self._send = send
        self._number = number
        self._waiting: dict[int, Told] = {}

    def ask(self, told: Told, make: Callable[[int], Weigh | Count | Split]) -> None:
        """Ask the worker, which must be ready, what ``make`` makes of a number; fill ``told``."""
        request = self._number()
        self._waiting[request] = told
        self._send(make(request))

    def hear(self, event: Event) -> bool:
        """Take an event; return whether it was an answer."""
        told = self._waiting.pop(event.id, None)
        if told is None:
            return False
        told.set_result(event)
        return True

    def end(self) -> None:
        """Hear that the worker ended."""
        for told in self._waiting.values():
            told.set_result(None)
        self._waiting.clear()

    @staticmethod
    def wait(told: Told, seconds: float) -> Event | None:
        """Return what was told, None when that takes too long."""
        try:
            return told.result(seconds)
        except TimeoutError:
            return None
