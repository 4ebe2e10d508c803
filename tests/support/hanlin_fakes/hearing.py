"""A listener to an engine that collects events and waits for them with a deadline."""

import threading
from collections.abc import Callable

from hanlin.domain.conversation import PartKind
from hanlin.engine.base import (
    Delta,
    Engine,
    EngineEvent,
    EngineState,
    Failed,
    Finished,
    Loaded,
    PrefillProgressed,
    StateChanged,
)

Ending = Loaded | Finished | Failed


class Heard:
    """Everything ``engine`` told since this was made."""

    def __init__(self, engine: Engine, seconds: float = 60.0) -> None:
        self.events: list[EngineEvent] = []
        self._seconds = seconds
        self._changed = threading.Condition()
        engine.subscribe(self._hear)

    def wait(self, fact: Callable[[], bool]) -> None:
        """Wait until ``fact`` holds, which may look at ``events``."""
        with self._changed:
            if not self._changed.wait_for(fact, self._seconds):
                raise AssertionError(f"waited in vain; heard: {self.events[-20:]}")

    def end_of(self, request: int) -> Ending:
        """Wait for the end of the request; there must be exactly one."""
        self.wait(lambda: bool(self.endings(request)))
        endings = self.endings(request)
        if len(endings) != 1:
            raise AssertionError(f"request {request} ended {len(endings)} times: {endings}")
        return endings[0]

    def endings(self, request: int) -> list[Ending]:
        """Return the terminal events of the request so far."""
        return [e for e in self.events if isinstance(e, Ending) and e.request == request]

    def wait_for_state(self, state: EngineState) -> None:
        """Wait until the last state told is ``state``."""
        self.wait(lambda: self.states()[-1:] == [state])

    def wait_for_prefill(self, request: int) -> None:
        """Wait until the request is being read."""
        self.wait(
            lambda: any(
                isinstance(e, PrefillProgressed) and e.request == request for e in self.events
            )
        )

    def wait_for_text(self, request: int, characters: int = 1) -> None:
        """Wait until the request has written at least so much."""
        self.wait(lambda: len(self.text(request)) >= characters)

    def states(self) -> list[EngineState]:
        """Return the states in the order they were told."""
        return [e.state for e in self.events if isinstance(e, StateChanged)]

    def notes(self) -> list[str]:
        """Return the notes that came with states."""
        return [e.note for e in self.events if isinstance(e, StateChanged) and e.note]

    def text(self, request: int, kind: PartKind = PartKind.TEXT) -> str:
        """Return what the request has written so far."""
        return "".join(
            e.text
            for e in list(self.events)
            if isinstance(e, Delta) and e.request == request and e.kind is kind
        )

    def _hear(self, event: EngineEvent) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()
