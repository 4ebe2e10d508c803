"""The model session: which model is wanted, which one is loaded, how loading goes.

It decides when to load; the way into the engine is ``loading``'s work, how a file is read
and answered the engine's, and which models there are is known to the registry.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final, Protocol

from hanlin.domain.attachments import AttachmentKind
from hanlin.domain.models import Model, ModelDefaults, Purpose
from hanlin.engine.base import (
    Engine,
    EngineEvent,
    EngineState,
    Failed,
    Loaded,
    LoadedModel,
    LoadProgressed,
    Silent,
    StateChanged,
)
from hanlin.engine.messages import load_cancelled
from hanlin.kernel.errors import HanlinError, KnownError
from hanlin.kernel.events import EventBus
from hanlin.kernel.i18n import Said, _
from hanlin.services.events import (
    EngineSilent,
    NoticeCause,
    NoticePosted,
    NoticeWithdrawn,
    SessionChanged,
    SessionState,
    SessionStatus,
)
from hanlin.services.executor import SerialExecutor
from hanlin.services.hardware import Hardware, LoadChoices
from hanlin.services.known_models import ModelLibrary
from hanlin.services.loading import Loading, larger_context
from hanlin.services.purposes import KeptModels
from hanlin.services.registry import ModelRegistry, RegistryMemory

_BACK_SECONDS: Final = 120.0
"""After so long without work the chosen model is back: who asks more of a lent one asks soon."""
_FOR_QUESTIONS: Final = (Purpose.CODING, Purpose.PICTURES)


class SessionMemory(RegistryMemory, Protocol):
    """What the session remembers between two runs of the program."""

    loading_model: str
    """The id of a model whose loading has begun and not ended: it may have killed us."""


class SessionChoices(LoadChoices, KeptModels, Protocol):
    """The person's choices that concern the loaded model."""

    @property
    def idle_minutes(self) -> int:
        """After how many idle minutes a model leaves the memory; 0 is never."""
        ...


class ModelSession:
    """Holds the one loaded model. Methods may be called from any thread."""

    def __init__(
        self,
        engine: Engine,
        library: ModelLibrary,
        memory: SessionMemory,
        choices: SessionChoices,
        hardware: Hardware,
        bus: EventBus,
        executor: SerialExecutor,
    ) -> None:
        self._engine = engine
        self._memory = memory
        self._choices = choices
        self._chosen = ""
        """The id of the model that was chosen for conversations."""
        self._lent: Purpose | None = None
        self._held: list[Purpose] = []
        self._met: dict[str, LoadedModel] = {}
        self._instruction = False
        self._bus = bus
        self._executor = executor
        self._lock = threading.RLock()
        self._loading = Loading(engine, hardware, choices, bus, self._lock)
        self.registry = ModelRegistry(
            library, memory, choices, bus, self._drop_removed, self._follow_defaults
        )
        """Which models there are."""
        # Until start() or select() decides, a question waits instead of being refused.
        self._status = SessionStatus(SessionState.LOADING)
        self._idle: object | None = None
        """Stands for one stretch of time in which the engine has nothing to do."""
        self._listeners: list[Callable[[SessionStatus], None]] = []
        self._unsubscribe = engine.subscribe(self._on_engine_event)

    def chosen(self) -> Model | None:
        """Return the model that conversations go by, also while another one is lent."""
        status = self._status
        if status.lent is None:
            return status.model
        return self.registry.usable(self._chosen) or self.registry.model_for(Purpose.CHAT)

    def met(self, model_id: str) -> LoadedModel | None:
        """Return what was found out about a model when it was loaded last, in this run."""
        return self._met.get(model_id)

    def weigh(self, kind: AttachmentKind, width: int, height: int = 0) -> int:
        """Return the tokens that a picture, or a sound of ``width`` samples, takes of the context.

        0 when the loaded model does not take it, or none is ready. Blocks for a moment.
        """
        return self._engine.weigh(kind, width, height)

    def status(self) -> SessionStatus:
        """Return where the session stands; never waits for who is just moving it on."""
        return self._status

    def on_change(self, listener: Callable[[SessionStatus], None]) -> None:
        """Call ``listener`` for each change before the bus hears of it (for other services)."""
        self._listeners.append(listener)

    def start(self) -> None:
        """Load the model of the last run, or the starter when that is not to be had.

        A model whose loading did not end last time is not tried again by itself.
        """
        suspect = self._memory.loading_model
        last = self._choices.model_for_chat or self._memory.last_model
        model = self.registry.find(last) if last and last != suspect else None
        if model is None or model.missing:
            if last:
                why = Said(lambda: self._why_not(last, suspect))
                self._bus.publish(NoticePosted(why, NoticeCause.FILES))
            # The starter comes first in the library.
            usable = (m for m in self.registry.look() if not m.missing and m.id != suspect)
            model = next(usable, None)
        self._memory.loading_model = ""
        self._choose(model)
        self.registry.notice_files()

    def select(self, model_id: str) -> None:
        """Switch to the model; returns at once, :class:`SessionChanged` tells the rest.

        Raises KnownError when there is no such model or its file is gone.
        """
        self._choose(self.registry.present(model_id))

    def lend(self, model_id: str, purpose: Purpose) -> None:
        """Put a model in the place of the chosen one for work of this kind, as ``select`` does.

        The chosen one is back with ``bring_back``, or by itself when a question's model had
        no work for some time or could not be loaded. Nothing happens when the model is there.
        """
        model = self.registry.present(model_id)
        with self._lock:
            current = self._status.model
            there = self._status.state in (SessionState.LOADING, SessionState.READY)
            if current is not None and current.id == model.id and there:
                return
            self._lent = None if model.id == self._chosen else purpose
        self._load(model)

    def bring_back(self) -> None:
        """Switch to the chosen model again, if another one was lent."""
        chosen = self.chosen()
        with self._lock:
            if self._lent is not None:
                self._choose(chosen)

    @property
    def held(self) -> Purpose | None:
        """The work under way whose model is not to be changed; translating before others."""
        with self._lock:
            longest = Purpose.TRANSLATION
            return longest if longest in self._held else next(iter(self._held), None)

    @contextmanager
    def holding(self, purpose: Purpose) -> Iterator[None]:
        """Say that the loaded model is needed until the end of this work."""
        with self._lock:
            self._held.append(purpose)
        try:
            yield
        finally:
            with self._lock:
                self._held.remove(purpose)
                for listener in self._listeners:  # who waited may go on
                    listener(self._status)

    def _choose(self, model: Model | None) -> None:
        with self._lock:
            self._lent = None
            self._chosen = model.id if model is not None else ""
            if model is None:
                self._set(SessionStatus(SessionState.EMPTY))
                return
        self._load(model)

    def larger_context(self) -> int:
        """Return a larger context the loaded model could be loaded with, 0 when none fits."""
        return larger_context(self._status)

    def enlarge(self) -> None:
        """Load the model with the larger context, until the program ends or settings change it."""
        status = self._status
        if self._loading.enlarge(status) and status.model is not None:
            self._load(status.model)

    def try_cards(self) -> None:
        """Learn in the background whether a graphics card computes here; CardsTried tells.

        Nothing happens where it is known already.
        """
        self._loading.try_cards()

    def reload(self) -> None:
        """Load the current model anew, with the choices of now."""
        if (model := self.status().model) is not None:
            self._load(model)

    def wake(self) -> None:
        """Load a model that rests; otherwise nothing happens."""
        with self._lock:
            if self._status.state is SessionState.RESTING:
                self.reload()

    def _follow_defaults(self, model_id: str, defaults: ModelDefaults) -> None:
        with self._lock:
            current = self._status.model
            if current is not None and current.id == model_id:
                self._status = replace(self._status, model=replace(current, defaults=defaults))
                if not defaults.loads_like(current.defaults) and self._status.loaded is not None:
                    self.reload()

    def stop_loading(self) -> None:
        """Give up loading; a worker that does not let go is ended. Otherwise nothing happens."""
        with self._lock:
            if self._status.state is not SessionState.LOADING:
                return
            if (request := self._loading.request) is not None:
                self._engine.cancel(request)
                return
            # It is being started again by itself.
            self._engine.unload()
            self._set(
                SessionStatus(SessionState.FAILED, self._status.model, error=load_cancelled())
            )

    def _drop_removed(self, model_id: str) -> None:
        with self._lock:
            current = self._status.model
            if current is not None and current.id == model_id:
                self._engine.unload()
                self._loading.drop()
                lent = self._lent is not None
                self._set(SessionStatus(SessionState.EMPTY))
                self._bus.publish(NoticeWithdrawn(NoticeCause.MODEL))
                if lent:
                    self._executor.post(self.bring_back)

    def close(self) -> None:
        """Stop listening to the engine."""
        self._unsubscribe()
        self._memory.loading_model = ""  # whoever closes us in an orderly way was not killed

    def _why_not(self, last: str, suspect: str) -> str:
        if last == suspect:
            return _("The last model did not finish loading, so it was not loaded again by itself.")
        return _("The last model's file is gone. The starter model is used instead.")

    def _load(self, model: Model) -> None:
        options = self._loading.options(model)
        with self._lock:
            self._memory.loading_model = model.id
            for cause in (NoticeCause.MODEL, NoticeCause.ENGINE):
                self._bus.publish(NoticeWithdrawn(cause))
            wish = self._loading.wish(options)
            self._set(SessionStatus(SessionState.LOADING, model))
        self._loading.begin(model, wish)

    def _climb_down(self, *, instruction: bool, tried_twice: bool = False) -> bool:
        """Load in the next safer way after the engine died; False when there is none."""
        model = self._status.model
        if model is None or not self._loading.step_down(
            instruction=instruction, tried_twice=tried_twice
        ):
            return False
        self._memory.loading_model = model.id
        self._set(SessionStatus(SessionState.LOADING, model))
        self._loading.again(model)
        return True

    def _on_engine_event(self, event: EngineEvent) -> None:
        if isinstance(event, Silent):
            self._bus.publish(EngineSilent(event.seconds))
        elif isinstance(event, LoadProgressed | Loaded | Failed | StateChanged):
            self._executor.post(lambda: self._apply(event))

    def _apply(self, event: LoadProgressed | Loaded | Failed | StateChanged) -> None:
        with self._lock:
            if isinstance(event, StateChanged):
                self._follow(event)
            elif event.request != self._loading.request:
                if isinstance(event, Failed) and not event.engine_alive:
                    self._instruction = event.instruction
                    if self._loading.lowered:
                        self._climb_down(instruction=event.instruction)
            elif isinstance(event, LoadProgressed):
                self._set(replace(self._status, fraction=event.fraction))
            elif isinstance(event, Loaded):
                self._loaded(event)
            elif event.engine_alive or not self._climb_down(instruction=event.instruction):
                self._loading.request = None
                self._memory.loading_model = ""
                self._set(SessionStatus(SessionState.FAILED, self._status.model, error=event.error))

    def _loaded(self, event: Loaded) -> None:
        self._loading.loaded(event.model)
        model = self._status.model
        self._memory.loading_model = ""
        if model is not None:
            self._met[model.id] = event.model
        if model is not None and self._lent is None:
            self.registry.used(model.id)
        for cause in (NoticeCause.ADDED, NoticeCause.ARRIVED):
            self._bus.publish(NoticeWithdrawn(cause))
        self._set(SessionStatus(SessionState.READY, model, event.model, 1.0))
        if event.model.template_note:
            self._bus.publish(NoticePosted(event.model.template_note, NoticeCause.MODEL))

    def _follow(self, event: StateChanged) -> None:
        """Keep up with what the engine does by itself: a restart, a second death."""
        status = self._status
        reloading = status.state is SessionState.LOADING and status.loaded is not None
        if event.state is EngineState.STOPPED and event.note and reloading:
            # It came back after a death, but the model cannot be loaded any more.
            error: HanlinError = KnownError(_("The model could not be loaded"), event.note)
            self._set(SessionStatus(SessionState.FAILED, status.model, error=error))
            return
        self._watch(event.state)
        # Of a load that was asked for after a death, the ladder's line tells more.
        if event.note and event.state is not EngineState.DEAD and self._loading.request is None:
            self._bus.publish(NoticePosted(event.note, NoticeCause.ENGINE))
        if event.state is EngineState.DEAD:
            # The engine had started again by itself: the same way was tried twice.
            if self._climb_down(instruction=self._instruction, tried_twice=True):
                return
            error = KnownError(
                _("The engine stopped twice"),
                event.note or _("The engine ended unexpectedly with this model."),
                _("Choose another model, or the same one again with a smaller context."),
            )
            self._set(SessionStatus(SessionState.FAILED, status.model, error=error))
        elif (
            event.state in (EngineState.STARTING, EngineState.LOADING)
            and status.state is SessionState.READY
        ):
            self._set(replace(status, state=SessionState.LOADING, fraction=0.0))
        elif event.state is EngineState.LOADED and reloading:
            self._bus.publish(NoticeWithdrawn(NoticeCause.ENGINE))
            self._set(replace(status, state=SessionState.READY, fraction=1.0))

    def _watch(self, state: EngineState) -> None:
        """Begin to count the idle time when the engine has nothing to do."""
        self._idle = object() if state is EngineState.LOADED else None
        minutes, token = self._choices.idle_minutes, self._idle
        if token is not None and minutes:
            self._executor.post(lambda: self._rest(token), 60.0 * minutes)
        if token is not None and self._lent in _FOR_QUESTIONS:
            self._executor.post(lambda: self._return(token), _BACK_SECONDS)

    def _return(self, token: object) -> None:
        """Have the chosen model back if nothing was asked of the lent one since."""
        if token is self._idle:
            self.bring_back()

    def _rest(self, token: object) -> None:
        """Let the model leave the memory if nothing happened since ``token`` was made."""
        with self._lock:
            if token is self._idle and self._status.state is SessionState.READY:
                self._idle = None
                self._loading.request = None
                self._engine.unload()
                self._set(SessionStatus(SessionState.RESTING, self._status.model))

    def _set(self, status: SessionStatus) -> None:
        self._status = status = replace(status, lent=self._lent)
        if status.state is SessionState.FAILED and self._lent in _FOR_QUESTIONS:
            self._executor.post(self.bring_back)
        for listener in self._listeners:
            listener(status)
        self._bus.publish(SessionChanged(status))
