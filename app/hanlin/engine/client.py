"""The engine that the program uses: a worker process, supervised, spoken to from one thread.

All state belongs to that thread; the public methods and the worker's messages only queue
work for it, and this is its loop: what was queued, what is due, what nobody heard of for
too long. What the thread then does is ``running``'s.
"""

import itertools
import queue
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from hanlin.domain.attachments import AttachmentKind
from hanlin.domain.filling import Gap
from hanlin.domain.generation import GenerationOptions, Turn
from hanlin.domain.prompt import Prompt, Segment, Token
from hanlin.engine import files, messages
from hanlin.engine.base import UNWRITTEN, EngineEvent, Failed, LoadOptions, Silent
from hanlin.engine.commands import Count, Split, Weigh
from hanlin.engine.events import Counted, Pieces, Weighed
from hanlin.engine.launching import Launch, launch
from hanlin.engine.listeners import Listeners
from hanlin.engine.loads import RELOAD, Wanted
from hanlin.engine.prompts import PromptBuilder
from hanlin.engine.running import Outside, Running
from hanlin.engine.silence import LOOK_SECONDS, SilenceWatch
from hanlin.engine.spare import SpareTimer
from hanlin.engine.storage import States
from hanlin.engine.weighing import COUNT_SECONDS, SECONDS, Told
from hanlin.kernel.clock import Clock, SystemClock
from hanlin.processes.policy import SandboxReport
from hanlin.processes.supervisor import Patience

_CLOSE_SECONDS = 15.0


class EngineClient:
    """Implements ``hanlin.engine.base.Engine``; see there for the contract.

    Owns ``prompts`` and closes it. After ``close`` nothing is told any more.
    """

    def __init__(
        self,
        prompts: PromptBuilder,
        *,
        clock: Clock | None = None,
        patience: Patience | None = None,
        launch_worker: Launch = launch,
        states: States | None = None,
        encoded: States | None = None,
        spare_after: float | None = None,
    ) -> None:
        """``states`` keeps conversations, ``encoded`` pictures; without them nothing is kept.

        ``spare_after``: so many quiet seconds after a load the next worker is made ready.
        """
        self._prompts = prompts
        self._clock = clock or SystemClock()
        self._numbers = itertools.count(RELOAD + 1)
        self._listeners = Listeners()
        self._inbox: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._spare = SpareTimer(self._clock, spare_after, files.free_memory)
        self._silence = SilenceWatch(self._clock)
        self._running = Running(
            prompts,
            self._clock,
            Outside(
                queue=self._inbox.put,
                tell=self._listeners.tell,
                number=lambda: next(self._numbers),
                launch=launch_worker,
                rests=lambda loaded: self._spare.rests(loaded=loaded),
            ),
            patience,
            states,
            encoded,
        )
        self._closing = False
        self._thread = threading.Thread(target=self._work, name="engine-client", daemon=True)
        self._thread.start()

    @property
    def spare_pid(self) -> int:
        """The number of the process that waits to be the next worker, 0 without; from any thread.

        For measurements.
        """
        return self._running.connection.spare_pid

    @property
    def worker_pid(self) -> int:
        """The worker's process number, 0 without one; from any thread, for measurements."""
        return self._running.connection.pid

    @property
    def sandbox(self) -> SandboxReport | None:
        """What holds in the worker; None until the first one said hello."""
        return self._running.connection.sandbox

    def subscribe(self, listener: Callable[[EngineEvent], None]) -> Callable[[], None]:
        """Call ``listener`` for every event; return the way to stop it."""
        return self._listeners.add(listener)

    def load(self, path: Path, options: LoadOptions) -> int:
        """Load the model at ``path`` in a fresh worker; return the request's number."""
        request = next(self._numbers)
        wanted = Wanted(path, options)
        self._in_turn(lambda: self._running.load(request, wanted))
        return request

    def generate(
        self,
        turns: Sequence[Turn],
        options: GenerationOptions,
        conversation: str = "",
        *,
        beside: bool = False,
    ) -> int:
        """Answer the last of ``turns``; return the request's number."""
        asked, name = tuple(turns), "" if beside else conversation
        answers = self._running.answers
        return self._ask(lambda request: answers.add(request, asked, options, name, beside=beside))

    def fill(self, gap: Gap, options: GenerationOptions, *, beside: bool = False) -> int:
        """Write what is missing in the gap; return the request's number."""
        answers = self._running.answers
        return self._ask(lambda request: answers.add_gap(request, gap, options, beside=beside))

    def _ask(self, add: Callable[[int], None]) -> int:
        """Have the answer that ``add`` takes in; return its number."""
        request = next(self._numbers)

        def begin() -> None:
            if self._closing:
                self._listeners.tell(Failed(request, messages.closed()))
                return
            add(request)
            self._running.answer(request)

        self._in_turn(begin)
        return request

    def weigh(self, kind: AttachmentKind, width: int, height: int = 0) -> int:
        """Return the tokens that a picture or a sound takes; on the caller's thread."""
        told = self._weigh(lambda number: Weigh(number, kind, width, height))
        answer = self._running.weighing.wait(told, SECONDS)
        return answer.tokens if isinstance(answer, Weighed) else 0

    def count(self, segments: Sequence[Segment]) -> tuple[int, ...] | None:
        """Return the tokens of each segment; on the caller's thread."""
        texts = tuple(one.text for one in segments)
        control = tuple(one.control for one in segments)
        told = self._weigh(lambda number: Count(number, texts, control=control))
        answer = self._running.weighing.wait(told, COUNT_SECONDS)
        return (answer.counts or None) if isinstance(answer, Counted) else None

    def split(self, segments: Sequence[Segment], most: int) -> tuple[Token, ...] | None:
        """Return the tokens of the segments, ``most`` at most; on the caller's thread."""
        texts = tuple(one.text for one in segments)
        control = tuple(one.control for one in segments)
        told = self._weigh(lambda number: Split(number, texts, control, most))
        answer = self._running.weighing.wait(told, COUNT_SECONDS)
        return answer.tokens if isinstance(answer, Pieces) else None

    def _weigh(self, make: Callable[[int], Weigh | Count | Split]) -> Told:
        told = Told()
        self._inbox.put(lambda: self._running.weigh(told, make))
        return told

    def render(self, turns: Sequence[Turn], options: GenerationOptions) -> Prompt:
        """Return the prompt for ``turns``; on the caller's thread."""
        return self._prompts.prompt(turns, options)

    def read_ahead(
        self,
        turns: Sequence[Turn],
        options: GenerationOptions,
        conversation: str = "",
        question: Turn = UNWRITTEN,
    ) -> None:
        """Read what is certain of the conversation's next prompt, while nobody waits."""
        turns = tuple(turns)

        def read() -> None:
            if not self._closing:
                self._running.read_ahead(turns, options, conversation, question)

        self._inbox.put(read)

    def forget(self, conversation: str) -> None:
        """Keep nothing of the conversation any more."""
        self._inbox.put(lambda: self._running.forget(conversation))

    def answer_now(self, request: int) -> None:
        """End the thought of the answer, now and for the rest of it."""
        self._inbox.put(lambda: self._running.answer_now(request))

    def cancel(self, request: int) -> None:
        """Stop the request; climbs the ladder by itself."""
        self._in_turn(lambda: self._running.cancel(request))

    def unload(self) -> None:
        """End the worker and free its memory."""
        self._in_turn(self._running.unload)

    def close(self) -> None:
        """End everything; return when no child process is left."""

        def end() -> None:
            if not self._closing:
                self._closing = True
                self._running.quit()

        self._inbox.put(end)
        if threading.current_thread() is not self._thread:
            self._thread.join(_CLOSE_SECONDS)

    def _in_turn(self, act: Callable[[], None]) -> None:
        """Queue ``act``, behind a leaving that is under way."""
        self._inbox.put(lambda: self._running.leaving.then(act))

    # The thread

    def _work(self) -> None:
        running = self._running
        while running.connection.open or not self._closing:
            try:
                act = self._inbox.get(timeout=self._patience())
            except queue.Empty:
                act = _nothing
            with running.our_mistakes():
                act()
                running.tick()
                self._look_for_life()
                self._look_for_spare()
        running.close()

    def _patience(self) -> float | None:
        """Return how many seconds to wait for something to do; None: until it comes."""
        deadlines = (*self._running.deadlines, self._spare.deadline)
        deadline = min((when for when in deadlines if when is not None), default=None)
        wait = None if deadline is None else max(deadline - self._clock.monotonic(), 0.0)
        if self._running.working:
            wait = LOOK_SECONDS if wait is None else min(wait, LOOK_SECONDS)
        return wait

    def _look_for_life(self) -> None:
        running = self._running
        seconds = self._silence.look(running.connection.last_sign if running.working else None)
        if seconds is not None:
            self._listeners.tell(Silent(seconds))

    def _look_for_spare(self) -> None:
        if self._closing:
            self._running.connection.end_spare()
        elif self._spare.due():
            self._running.connection.keep_spare()


def _nothing() -> None:
    """Only a deadline is due."""
