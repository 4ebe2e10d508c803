"""How the wished model gets into the engine: its options, a trial first, the next safer way.

Which model is wished for, and what is told of it, is the session's decision.
"""

import threading
from dataclasses import replace

from hanlin.domain.models import Model
from hanlin.engine.base import Engine, LoadedModel, LoadOptions
from hanlin.kernel.events import EventBus
from hanlin.kernel.i18n import Said, _
from hanlin.services.events import (
    CardsTried,
    NoticeCause,
    NoticePosted,
    NoticeWithdrawn,
    SessionStatus,
)
from hanlin.services.hardware import Hardware, Ladder, LoadChoices

_WORTH_ENLARGING = 1.25


class Loading:
    """One wish after the other.

    ``lock`` is the session's, and held by who calls ``wish``, ``drop``, ``step_down``
    and ``again``; the others look at files.
    """

    def __init__(
        self,
        engine: Engine,
        hardware: Hardware,
        choices: LoadChoices,
        bus: EventBus,
        lock: threading.RLock,
    ) -> None:
        self._engine = engine
        self._hardware = hardware
        self._choices = choices
        self._bus = bus
        self._lock = lock
        self._ladder: Ladder | None = None
        self._options = LoadOptions()
        self._enlarged = ("", 0, 0)
        """A model, the context chosen for it, and the one it was loaded with instead."""
        self._wish = 0
        """Counts what a person wished for: a trial that ends later is of no use."""
        self.request: int | None = None
        """The engine's number for the load that is under way, None without one."""

    @property
    def lowered(self) -> bool:
        """Whether a card computes in a way that is not its best any more."""
        return self._ladder is not None and self._ladder.lowered

    def options(self, model: Model) -> LoadOptions:
        """Return how the model is to be loaded, by the choices of now."""
        options = self._hardware.options(model, self._choices)
        if self._enlarged[:2] == (model.id, options.context):
            options = replace(options, context=self._enlarged[2])
        return options

    def wish(self, options: LoadOptions) -> int:
        """Let a new wish take the place of the one before; return its number for ``begin``."""
        self.drop()
        self._options = options
        return self._wish

    def drop(self) -> None:
        """Give up the wish; what the engine still says of it is meant for nobody."""
        self._wish += 1
        self.request = None

    def begin(self, model: Model, wish: int) -> None:
        """Have the engine load it; after a trial on another thread where a card is new."""
        if not self._hardware.needs_trial(model.path, self._choices):
            self._begin(model, wish)
            return
        self._engine.unload()  # a trial is to find the card's memory free
        self._bus.publish(
            NoticePosted(
                Said(lambda: _("The graphics card is tried out, once: a moment…")),
                NoticeCause.MODEL,
            )
        )
        threading.Thread(target=self._begin, args=(model, wish), name="trial", daemon=True).start()

    def _begin(self, model: Model, wish: int) -> None:
        """Load with the best way this computer has; after trials, which may take long."""
        ladder = self._hardware.ladder(model.path, self._choices)
        with self._lock:
            if wish == self._wish:
                self._bus.publish(NoticeWithdrawn(NoticeCause.MODEL))
                self._ladder = ladder
                self.again(model)

    def step_down(self, *, instruction: bool, tried_twice: bool = False) -> bool:
        """Take the next safer way after the engine died, and say so; False without one."""
        if self._ladder is None:
            return False
        told = self._ladder.step(instruction=instruction, tried_twice=tried_twice)
        if told is not None:
            self._bus.publish(NoticePosted(told, NoticeCause.ENGINE))
        return told is not None

    def again(self, model: Model) -> None:
        """Have the engine load it in the way that was taken last."""
        if self._ladder is not None:
            self.request = self._engine.load(model.path, self._ladder.options(self._options))

    def loaded(self, found: LoadedModel) -> None:
        """Hear that the load ended well, and what it found out."""
        self.request = None
        self._hardware.remember_threads(found, self._options)

    def enlarge(self, status: SessionStatus) -> bool:
        """Have ``options`` ask for the larger context until the settings ask for another one.

        False when there is no larger one.
        """
        larger, model = larger_context(status), status.model
        if not larger or model is None:
            return False
        chosen = self._hardware.options(model, self._choices).context
        self._enlarged = (model.id, chosen, larger)
        return True

    def try_cards(self) -> None:
        """Learn in the background whether a graphics card computes here; CardsTried tells.

        Nothing happens where it is known already.
        """

        def learn() -> None:
            if self._hardware.untried(self._choices):
                self._hardware.try_new()
                self._bus.publish(CardsTried())

        threading.Thread(target=learn, name="trial", daemon=True).start()


def larger_context(status: SessionStatus) -> int:
    """Return a larger context the loaded model could be loaded with, 0 when none fits."""
    if status.loaded is None or status.model is None:
        return 0
    longest = status.loaded.longest_context
    if status.model.trained_context:
        longest = min(longest, status.model.trained_context)
    larger = min(2 * status.loaded.context, longest)
    return larger if larger >= status.loaded.context * _WORTH_ENLARGING else 0
