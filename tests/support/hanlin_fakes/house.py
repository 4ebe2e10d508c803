"""The services over the real store and a scripted engine."""

import queue
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import hanlin_resources
from hanlin.domain.conversation import Message
from hanlin.domain.models import Model, ModelDefaults, Origin
from hanlin.kernel.clock import SystemClock
from hanlin.kernel.events import EventBus
from hanlin.services.assistants import AssistantService
from hanlin.services.chat import ChatService
from hanlin.services.events import (
    AnswerFinished,
    AnswerGrew,
    AnswerMeasured,
    ContextEased,
    ContextFilling,
    MessageAdded,
    SessionState,
)
from hanlin.services.executor import SerialExecutor
from hanlin.services.hardware import Hardware
from hanlin.services.session import ModelSession
from hanlin.store.assistants import Assistants
from hanlin.store.conversations import Store
from hanlin_fakes.engine import ScriptedEngine
from hanlin_fakes.waiting import DEADLINE

KEY = bytes(range(32))


@dataclass
class Choices:
    thinking: bool = False
    thinking_budget: int = 0
    effort: str = ""
    tools: bool = False
    when_full: str = "ask"
    context: int = 0
    graphics: str = "auto"
    gpu_layers: int = 0
    threads: int = 0
    cache_type: str = "f16"
    idle_minutes: int = 0
    model_for_chat: str = ""
    model_for_coding: str = ""
    model_for_translation: str = ""
    model_for_pictures: str = ""


@dataclass
class Memory:
    last_model: str = ""
    loading_model: str = ""
    recent_models: str = ""
    own_models: str = ""
    missed_models: str = ""


class Library:
    def __init__(self, *models: Model) -> None:
        self._models = list(models)

    def models(self) -> list[Model]:
        return list(self._models)

    def listed(self) -> list[Model]:
        return self.models()

    def add(self, path: Path) -> Model:
        model = Model(path.stem, path.stem, path, Origin.ADDED, 1)
        self._models.append(model)
        return model

    def keep(self, model: Model) -> None:
        """Know one more model."""
        self._models.append(model)

    def remove(self, model_id: str) -> None:
        self._models = [model for model in self._models if model.id != model_id]

    def find(self, id_or_path: str) -> Model | None:
        return next((model for model in self._models if model.id == id_or_path), None)

    def keep_defaults(self, model_id: str, defaults: ModelDefaults) -> None:
        self._models = [
            replace(model, defaults=defaults) if model.id == model_id else model
            for model in self._models
        ]

    def put(self, model: Model) -> None:
        """Let the model with this id be as ``model`` is, as if its file had changed."""
        self._models = [model if one.id == model.id else one for one in self._models]

    def too_big(self, model: Model) -> str | None:
        return "too big" if model.name == "giant" else None


STARTER = Model("shutong", "Shutong", Path("shutong.gguf"), Origin.STARTER, 1)
OTHER = Model("other", "Other", Path("other.gguf"), Origin.ADDED, 1)


class PatientExecutor(SerialExecutor):
    """Keeps what lies minutes ahead for the test to do."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.later: list[Callable[[], None]] = []

    def post(self, job: Callable[[], None], delay: float = 0.0) -> None:
        if delay < 60.0:
            super().post(job, delay)
        else:
            self.later.append(job)


class House:
    """The services with everything below them real but the engine."""

    def __init__(self, folder: Path, memory: Memory | None = None) -> None:
        """``memory`` is what a run before this one remembered."""
        self.bus = EventBus()
        self.engine = ScriptedEngine()
        self.executor = PatientExecutor("services")
        self.store = Store.open(folder / "hanlin.db", KEY, SystemClock())
        self.memory = memory or Memory()
        self.choices = Choices()
        self.library = Library(STARTER, OTHER)
        self.session = ModelSession(
            self.engine,
            self.library,
            self.memory,
            self.choices,
            Hardware(folder / "hardware.json", None, find=lambda: ()),
            self.bus,
            self.executor,
        )
        self.answer_language = ""
        self.assistants = AssistantService(
            Assistants(self.store),
            hanlin_resources.folder("assistants"),
            SystemClock(),
            lambda: self.answer_language,
        )
        self.chat = ChatService(
            self.store,
            self.engine,
            self.session,
            self.choices,
            self.bus,
            self.executor,
            self.assistants,
        )
        self.finished: queue.SimpleQueue[AnswerFinished] = queue.SimpleQueue()
        self.grown: queue.SimpleQueue[AnswerGrew] = queue.SimpleQueue()
        self.measured: queue.SimpleQueue[AnswerMeasured] = queue.SimpleQueue()
        self.bus.subscribe(AnswerMeasured, self.measured.put)
        self.filling: queue.SimpleQueue[ContextFilling] = queue.SimpleQueue()
        self.eased: queue.SimpleQueue[ContextEased] = queue.SimpleQueue()
        self.bus.subscribe(ContextFilling, self.filling.put)
        self.bus.subscribe(ContextEased, self.eased.put)
        self.added = list[Message]()
        self.bus.subscribe(AnswerFinished, self.finished.put)
        self.bus.subscribe(AnswerGrew, self.grown.put)
        self.bus.subscribe(MessageAdded, lambda event: self.added.append(event.message))

    def load(self, model: Model = STARTER) -> None:
        ready: queue.SimpleQueue[SessionState] = queue.SimpleQueue()
        self.session.on_change(lambda status: ready.put(status.state))
        self.session.select(model.id)
        while ready.get(timeout=DEADLINE) is not SessionState.READY:
            pass

    def answered(self) -> AnswerFinished:
        return self.finished.get(timeout=DEADLINE)

    def close(self) -> None:
        self.chat.close()
        self.session.close()
        self.engine.close()
        self.executor.close()
        self.store.close()
