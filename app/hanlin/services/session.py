"""The model session: which models there are, which one is loaded, how loading goes.

It decides when to load; how a file is read and answered is the engine's work,
and which files exist is the library's.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from hanlin.domain.attachments import AttachmentKind
from hanlin.domain.models import Model, ModelDefaults, Purpose
from hanlin.engine.base import (
    Engine,
    EngineEvent,
    EngineState,
    Failed,
    Loaded,
    LoadOptions,
    LoadProgressed,
    Silent,
    StateChanged,
)
from hanlin.engine.messages import load_cancelled
from hanlin.kernel.errors import HanlinError, KnownError, join_sentences
from hanlin.kernel.events import EventBus
from hanlin.kernel.i18n import _
from hanlin.services import purposes
from hanlin.services.events import (
    CardsTried,
    EngineSilent,
    ModelsChanged,
    NoticeCause,
    NoticePosted,
    NoticeWithdrawn,
    SessionChanged,
    SessionState,
    SessionStatus,
)
from hanlin.services.executor import SerialExecutor
from hanlin.services.hardware import Hardware, Ladder, LoadChoices
from hanlin.services.known_models import KnownModels, Listing
from hanlin.services.purposes import KeptModels

_WORTH_ENLARGING = 1.25
_MOST_RECENT = 50


class ModelLibrary(Listing, Protocol):
    """The models on this computer (implemented by ``hanlin_models``)."""

    def add(self, path: Path) -> Model:
        """Remember the file at ``path``, which stays where it is; raises KnownError."""
        ...

    def remove(self, model_id: str) -> None:
        """Forget a model that was added; its file stays. Raises KnownError."""
        ...

    def find(self, id_or_path: str) -> Model | None:
        """Return the model with this id, name or path."""
        ...

    def keep_defaults(self, model_id: str, defaults: ModelDefaults) -> None:
        """Remember a person's choices for a model. Raises KnownError."""
        ...

    def too_big(self, model: Model) -> str | None:
        """Return why the model does not fit into the memory that is free now, or None."""
        ...


class SessionMemory(Protocol):
    """What the session remembers between two runs of the program."""

    last_model: str
    """The id of the model that was loaded last, or ""."""
    loading_model: str
    """The id of a model whose loading has begun and not ended: it may have killed us."""
    recent_models: str
    """Ids, the last used first, with blanks between them."""
    missed_models: str
    """What was told of files that are gone or changed, with blanks between them."""


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
        self._library = library
        self._known = KnownModels(library)
        self._memory = memory
        self._choices = choices
        self._hardware = hardware
        self._ladder: Ladder | None = None
        self._options = LoadOptions()
        self._lent = False
        self._wish = 0
        """Counts what a person wished for: a trial that ends later is of no use."""
        self._instruction = False
        self._bus = bus
        self._executor = executor
        self._lock = threading.RLock()
        # Until start() or select() decides, a question waits instead of being refused.
        self._status = SessionStatus(SessionState.LOADING)
        self._request: int | None = None
        self._enlarged = ("", 0, 0)
        """A model, the context chosen for it, and the one it was loaded with instead."""
        self._idle: object | None = None
        """Stands for one stretch of time in which the engine has nothing to do."""
        self._noticing = threading.Lock()
        self._listeners: list[Callable[[SessionStatus], None]] = []
        self._unsubscribe = engine.subscribe(self._on_engine_event)

    def models(self) -> list[Model]:
        """Return every model that can be chosen, the starter first, as last looked at."""
        return self._known.models()

    def recent(self) -> list[Model]:
        """Return every model that can be chosen, the last used first."""
        order = {name: place for place, name in enumerate(self._memory.recent_models.split())}
        return sorted(self.models(), key=lambda model: order.get(model.id, len(order)))

    def model_for(self, purpose: Purpose) -> Model | None:
        """Return the model to use for ``purpose``; see ``purposes.choose``. Loads nothing."""
        last = self._memory.last_model
        return purposes.choose(purpose, self._known.sure(), self._choices, last)

    def weigh(self, kind: AttachmentKind, width: int, height: int = 0) -> int:
        """Return the tokens that a picture, or a sound of ``width`` samples, takes of the context.

        0 when the loaded model does not take it, or none is ready. Blocks for a moment.
        """
        return self._engine.weigh(kind, width, height)

    def status(self) -> SessionStatus:
        """Return where the session stands."""
        with self._lock:
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
        model = self._library.find(last) if last and last != suspect else None
        if model is None or model.missing:
            if last:
                self._bus.publish(NoticePosted(self._why_not(last, suspect), NoticeCause.FILES))
            # The starter comes first in the library.
            usable = (m for m in self._known.look() if not m.missing and m.id != suspect)
            model = next(usable, None)
        self._memory.loading_model = ""
        if model is not None:
            self._load(model)
        else:
            with self._lock:
                self._set(SessionStatus(SessionState.EMPTY))
        self.notice_files()

    def notice_files(self) -> None:
        """Look whether models' files vanished, changed or came back, and tell it once.

        Blocks as long as disks do.
        """
        with self._noticing:
            before = {_stand(model) for model in self._known.models()}
            models = self._known.look()
            if before != {_stand(model) for model in models}:
                self._bus.publish(ModelsChanged())
            told = set(self._memory.missed_models.split())
            trouble = {
                f"{model.id}:{'gone' if model.missing else 'changed'}": model
                for model in models
                if model.missing or model.changed
            }
            news = [model for key, model in trouble.items() if key not in told]
            if told != set(trouble):
                self._memory.missed_models = " ".join(sorted(trouble))
        if news:
            self._bus.publish(NoticePosted(_missed(news), NoticeCause.FILES))

    def resolve(self, id_or_path: str) -> Model:
        """Return the model with this id, name or path; raises KnownError when there is none."""
        model = self._library.find(id_or_path)
        if model is None:
            raise KnownError(
                _("No such model"),
                _("There is no model called “{name}” here.").format(name=id_or_path),
                _("Settings → Model, or “hanlin models list”, shows the models of this computer."),
            )
        return model

    def select(self, model_id: str, *, lent: bool = False) -> None:
        """Switch to the model; returns at once, :class:`SessionChanged` tells the rest.

        ``lent``: for other work than conversations, whose last used model stays who it was.

        Raises KnownError when there is no such model or its file is gone.
        """
        model = self.resolve(model_id)
        if model.missing:
            self._list_changed()
            raise KnownError(
                _("The model's file is gone"),
                _("{path} does not exist any more.").format(path=model.path),
                _("Put the file back, or add it again from its new place."),
            )
        self._lent = lent
        self._load(model)

    def larger_context(self) -> int:
        """Return a larger context the loaded model could be loaded with, 0 when none fits."""
        status = self.status()
        if status.loaded is None or status.model is None:
            return 0
        longest = status.loaded.longest_context
        if status.model.trained_context:
            longest = min(longest, status.model.trained_context)
        larger = min(2 * status.loaded.context, longest)
        return larger if larger >= status.loaded.context * _WORTH_ENLARGING else 0

    def enlarge(self) -> None:
        """Load the model with the larger context, until the program ends or settings change it."""
        larger, model = self.larger_context(), self.status().model
        if larger and model is not None:
            chosen = self._hardware.options(model, self._choices).context
            self._enlarged = (model.id, chosen, larger)
            self._load(model)

    def try_cards(self) -> None:
        """Learn in the background whether a graphics card computes here; CardsTried tells.

        Nothing happens where it is known already.
        """

        def learn() -> None:
            if self._hardware.untried(self._choices):
                self._hardware.try_new()
                self._bus.publish(CardsTried())

        threading.Thread(target=learn, name="trial", daemon=True).start()

    def reload(self) -> None:
        """Load the current model anew, with the choices of now."""
        if (model := self.status().model) is not None:
            self._load(model)

    def wake(self) -> None:
        """Load a model that rests; otherwise nothing happens."""
        with self._lock:
            if self._status.state is SessionState.RESTING:
                self.reload()

    def set_defaults(self, model_id: str, defaults: ModelDefaults) -> None:
        """Keep a person's choices for a model, and follow them at once if it is in use.

        Raises KnownError.
        """
        self._library.keep_defaults(model_id, defaults)
        with self._lock:
            current = self._status.model
            if current is not None and current.id == model_id:
                self._status = replace(self._status, model=replace(current, defaults=defaults))
                if not defaults.loads_like(current.defaults) and self._status.loaded is not None:
                    self.reload()
        self._list_changed()

    def stop_loading(self) -> None:
        """Give up loading; a worker that does not let go is ended. Otherwise nothing happens."""
        with self._lock:
            if self._status.state is not SessionState.LOADING:
                return
            if self._request is not None:
                self._engine.cancel(self._request)
                return
            # It is being started again by itself.
            self._engine.unload()
            self._set(
                SessionStatus(SessionState.FAILED, self._status.model, error=load_cancelled())
            )

    def add(self, path: Path) -> Model:
        """Add the model file at ``path`` to the library; raises KnownError."""
        model = self._library.add(path)
        self._list_changed()
        if (reason := self._library.too_big(model)) is not None:
            self._bus.publish(NoticePosted(reason, NoticeCause.ADDED))
        return model

    def remove(self, model_id: str) -> None:
        """Forget a model that was added; its file stays. Raises KnownError."""
        self._library.remove(model_id)
        with self._lock:
            current = self._status.model
            if current is not None and current.id == model_id:
                self._engine.unload()
                self._wish += 1
                self._request = None
                self._set(SessionStatus(SessionState.EMPTY))
                self._bus.publish(NoticeWithdrawn(NoticeCause.MODEL))
        self._list_changed()

    def _list_changed(self) -> None:
        self._known.look()
        self._bus.publish(ModelsChanged())

    def close(self) -> None:
        """Stop listening to the engine."""
        self._unsubscribe()
        self._memory.loading_model = ""  # whoever closes us in an orderly way was not killed

    def _why_not(self, last: str, suspect: str) -> str:
        if last == suspect:
            return _("The last model did not finish loading, so it was not loaded again by itself.")
        return _("The last model's file is gone. The starter model is used instead.")

    def _load(self, model: Model) -> None:
        hardware = self._hardware
        options = hardware.options(model, self._choices)
        if self._enlarged[:2] == (model.id, options.context):
            options = replace(options, context=self._enlarged[2])
        with self._lock:
            self._memory.loading_model = model.id
            for cause in (NoticeCause.MODEL, NoticeCause.ENGINE):
                self._bus.publish(NoticeWithdrawn(cause))
            self._wish += 1
            wish, self._request = self._wish, None
            self._options = options
            self._set(SessionStatus(SessionState.LOADING, model))
        if not hardware.needs_trial(model.path, self._choices):
            self._begin(model, wish)
            return
        self._engine.unload()  # a trial is to find the card's memory free
        self._bus.publish(
            NoticePosted(_("The graphics card is tried out, once: a moment…"), NoticeCause.MODEL)
        )
        threading.Thread(target=self._begin, args=(model, wish), name="trial", daemon=True).start()

    def _begin(self, model: Model, wish: int) -> None:
        """Load with the best way this computer has; after trials, which may take long."""
        ladder = self._hardware.ladder(model.path, self._choices)
        with self._lock:
            if wish == self._wish:
                self._bus.publish(NoticeWithdrawn(NoticeCause.MODEL))
                self._ladder = ladder
                self._request = self._engine.load(model.path, ladder.options(self._options))

    def _climb_down(self, *, instruction: bool, tried_twice: bool = False) -> bool:
        """Load in the next safer way after the engine died; False when there is none."""
        model = self._status.model
        if model is None or self._ladder is None:
            return False
        told = self._ladder.step(instruction=instruction, tried_twice=tried_twice)
        if told is None:
            return False
        self._bus.publish(NoticePosted(told, NoticeCause.ENGINE))
        self._memory.loading_model = model.id
        self._set(SessionStatus(SessionState.LOADING, model))
        self._request = self._engine.load(model.path, self._ladder.options(self._options))
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
            elif event.request != self._request:
                if isinstance(event, Failed) and not event.engine_alive:
                    self._instruction = event.instruction
                    if self._ladder is not None and self._ladder.lowered:
                        self._climb_down(instruction=event.instruction)
            elif isinstance(event, LoadProgressed):
                self._set(replace(self._status, fraction=event.fraction))
            elif isinstance(event, Loaded):
                self._loaded(event)
            elif event.engine_alive or not self._climb_down(instruction=event.instruction):
                self._request = None
                self._memory.loading_model = ""
                self._set(SessionStatus(SessionState.FAILED, self._status.model, error=event.error))

    def _loaded(self, event: Loaded) -> None:
        self._request = None
        model = self._status.model
        self._memory.loading_model = ""
        if model is not None and not self._lent:
            self._memory.last_model = model.id
            others = [one for one in self._memory.recent_models.split() if one != model.id]
            self._memory.recent_models = " ".join([model.id, *others][:_MOST_RECENT])
        self._bus.publish(NoticeWithdrawn(NoticeCause.ADDED))
        self._hardware.remember_threads(event.model, self._options)
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
        if event.note and event.state is not EngineState.DEAD:
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

    def _rest(self, token: object) -> None:
        """Let the model leave the memory if nothing happened since ``token`` was made."""
        with self._lock:
            if token is self._idle and self._status.state is SessionState.READY:
                self._idle = None
                self._request = None
                self._engine.unload()
                self._set(SessionStatus(SessionState.RESTING, self._status.model))

    def _set(self, status: SessionStatus) -> None:
        self._status = status
        for listener in self._listeners:
            listener(status)
        self._bus.publish(SessionChanged(status))


def _stand(model: Model) -> tuple[str, bool, bool]:
    """Return what a person would want to hear a change of."""
    return model.id, model.missing, model.changed


def _missed(models: Sequence[Model]) -> str:
    """Return what happened to the files of ``models`` behind our back."""
    gone = _(", ").join(model.name for model in models if model.missing)
    changed = _(", ").join(model.name for model in models if not model.missing)
    told = []
    if gone:
        told.append(_("These models' files are gone: {names}.").format(names=gone))
    if changed:
        told.append(
            _(
                "These models' files have changed: {names}. Verify them in the models window."
            ).format(names=changed)
        )
    return join_sentences(*told)
