"""One question, one answer, nothing stored: what ``hanlin ask`` and the benchmarks stand on."""

import queue
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from hanlin.domain.filling import Gap
from hanlin.domain.generation import GenerationOptions, Turn
from hanlin.engine.base import (
    Delta,
    Engine,
    EngineEvent,
    Failed,
    Finished,
    Loaded,
    LoadOptions,
    LoadProgressed,
    Looping,
    PrefillProgressed,
)
from hanlin.kernel.errors import HanlinError
from hanlin.services.hardware import Ladder

Answer = LoadProgressed | Loaded | PrefillProgressed | Delta | Looping | Finished


def load(engine: Engine, path: Path, options: LoadOptions) -> Iterator[LoadProgressed | Loaded]:
    """Load the model at ``path``; the last event is ``Loaded``. Raises HanlinError."""
    with _Inbox(engine) as inbox:
        request = engine.load(path, options)
        for event in inbox.of(request):
            if isinstance(event, LoadProgressed | Loaded):
                yield event
            if isinstance(event, Loaded):
                return


def load_by_ladder(
    engine: Engine, path: Path, options: LoadOptions, ladder: Ladder, tell: Callable[[str], None]
) -> Iterator[LoadProgressed | Loaded]:
    """Load the model as ``load`` does, in a safer way whenever the engine dies of one.

    ``tell`` is called with a sentence for each step down.
    """
    failures: list[Failed] = []

    def hear(event: EngineEvent) -> None:
        if isinstance(event, Failed):
            failures.append(event)

    unsubscribe = engine.subscribe(hear)
    try:
        while True:
            try:
                yield from load(engine, path, ladder.options(options))
            except HanlinError:
                end = failures[-1]
                told = None if end.engine_alive else ladder.step(instruction=end.instruction)
                if told is None:
                    raise
                tell(told)
            else:
                return
    finally:
        unsubscribe()


def answer(
    engine: Engine, turns: Sequence[Turn], options: GenerationOptions
) -> Iterator[PrefillProgressed | Delta | Looping | Finished]:
    """Answer the last turn; the last event is ``Finished``. Raises HanlinError.

    Leaving the iterator early, as Ctrl+C does, cancels the answer.
    """
    with _Inbox(engine) as inbox:
        yield from inbox.written(engine.generate(turns, options))


def fill(
    engine: Engine, gap: Gap, options: GenerationOptions
) -> Iterator[PrefillProgressed | Delta | Looping | Finished]:
    """Write what is missing in the gap, as ``answer`` does."""
    with _Inbox(engine) as inbox:
        yield from inbox.written(engine.fill(gap, options))


class _Inbox:
    """The engine's events, brought to the calling thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._queue: queue.SimpleQueue[EngineEvent] = queue.SimpleQueue()
        self._unsubscribe = engine.subscribe(self._queue.put)

    def __enter__(self) -> "_Inbox":
        return self

    def __exit__(self, *_exc: object) -> None:
        self._unsubscribe()

    def written(self, request: int) -> Iterator[PrefillProgressed | Delta | Looping | Finished]:
        """Yield what is written for ``request``, which is cancelled when nobody wants the rest."""
        try:
            for event in self.of(request):
                if isinstance(event, PrefillProgressed | Delta | Looping | Finished):
                    yield event
                if isinstance(event, Finished):
                    return
        except (KeyboardInterrupt, GeneratorExit):
            self._engine.cancel(request)
            raise

    def of(self, request: int) -> Iterator[EngineEvent]:
        """Yield the events of ``request``; raise its error."""
        while True:
            event = self._queue.get()
            if getattr(event, "request", None) != request:
                continue
            if isinstance(event, Failed):
                raise event.error
            yield event
