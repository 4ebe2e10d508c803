"""Completion of code for the window: a gap is filled beside the conversation.

Where the gap is and what becomes of the text belongs to whoever asks; the marks of each family
of models to ``hanlin.domain.filling``.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hanlin.domain.filling import Gap, Made, made_for
from hanlin.domain.generation import GenerationOptions, Sampling
from hanlin.domain.models import Purpose
from hanlin.engine.base import Engine
from hanlin.engine.messages import cannot_fill
from hanlin.kernel.errors import UserCancelled
from hanlin.services.events import SessionState, SessionStatus
from hanlin.services.registry import no_model
from hanlin.services.session import ModelSession
from hanlin.services.writing import EngineWriter

MOST_TOKENS: Final = 256
"""A completion is read before it is taken: a longer one nobody reads."""


@dataclass(frozen=True, slots=True)
class Completion:
    """What a model wrote into a gap."""

    text: str
    model: str
    talks: bool
    """Whether the model was made for talking, by its name: then it completes less well."""


class Completer:
    """One completion at a time; ``complete`` blocks its thread, the rest comes from any other.

    ``busy`` tells whether conversations need the model that is loaded.
    """

    def __init__(self, engine: Engine, session: ModelSession, busy: Callable[[], bool]) -> None:
        self._session = session
        self._busy = busy
        self._writer = EngineWriter(engine)
        self._wake = threading.Condition()
        self._wanted = False
        session.on_change(self._on_session)

    def complete(
        self, gap: Gap, grown: Callable[[str], None], *, chosen: bool = False
    ) -> Completion:
        """Return what is missing; ``grown`` hears every piece of it, on the calling thread.

        It is written by the model kept for programming, unless it is ``chosen`` that the one for
        conversations does. One that rests is loaded again. Raises UserCancelled after ``stop``,
        and HanlinError: when there is no model, or one that cannot complete.
        """
        self._wanted = True
        with self._session.holding(Purpose.CODING):
            return self._complete(gap, grown, chosen=chosen)

    def _complete(self, gap: Gap, grown: Callable[[str], None], *, chosen: bool) -> Completion:
        if not chosen:
            self._lend()
        status = self._wait_for_model()
        if status.loaded is None or status.model is None:
            raise no_model()
        if not status.loaded.fills:
            raise cannot_fill()
        name = status.model.name
        options = GenerationOptions(Sampling(temperature=0.0), MOST_TOKENS)

        def hear(text: str) -> None:
            if self._wanted:
                grown(text)
            else:  # stopped while the request was on its way
                self._writer.cancel()

        written = self._writer.fill(gap, options, hear)
        if not self._wanted:
            raise UserCancelled
        talks = made_for(name, status.loaded.name) is Made.TALKING
        return Completion(written.text, name, talks)

    def stop(self) -> None:
        """End what is being completed; nothing happens when nothing is."""
        with self._wake:
            self._wanted = False
            self._wake.notify_all()
        self._writer.cancel()

    def _lend(self) -> None:
        """Have the model for programming loaded, where one is kept that can and may be."""
        kept = self._session.registry.kept(Purpose.CODING)
        translating = self._session.held is Purpose.TRANSLATION
        if kept is None or translating or self._busy():
            return
        met = self._session.met(kept.id)
        if met is None or met.fills:
            self._session.lend(kept.id, Purpose.CODING)

    def _wait_for_model(self) -> SessionStatus:
        while True:
            # Asked without our lock: the session tells of changes while it holds its own.
            status = self._session.status()
            if not self._wanted:
                raise UserCancelled
            if status.error is not None and status.state is SessionState.FAILED:
                raise status.error
            if status.state is SessionState.RESTING:
                self._session.wake()
            elif status.state is not SessionState.LOADING:
                return status
            with self._wake:
                self._wake.wait(_LOOK_SECONDS)

    def _on_session(self, _status: SessionStatus) -> None:
        with self._wake:
            self._wake.notify_all()


_LOOK_SECONDS: Final = 0.5
"""A change that came between looking and waiting is seen after this."""
