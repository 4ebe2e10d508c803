"""Graphics drivers, working and broken: whatever one does, a chat on this computer goes on."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from hanlin.domain.conversation import Role
from hanlin.domain.generation import GenerationOptions, Sampling, Turn
from hanlin.domain.models import Model, ModelDefaults, Origin
from hanlin.engine import trials
from hanlin.engine.backends import Backend
from hanlin.engine.base import EngineEvent, EngineState, Failed, Finished, Loaded, LoadOptions
from hanlin.engine.client import EngineClient
from hanlin.engine.launching import TINY_BYTES
from hanlin.engine.trials import Outcome
from hanlin.kernel.errors import HanlinError
from hanlin.kernel.events import EventBus
from hanlin.processes.supervisor import Patience
from hanlin.services.events import NoticePosted, SessionState
from hanlin.services.executor import SerialExecutor
from hanlin.services.hardware import Hardware
from hanlin.services.session import ModelSession
from hanlin.templates.client import TemplateClient
from hanlin_fakes import drivers, gguf_models
from hanlin_fakes.drivers import Behaves
from hanlin_fakes.hearing import Heard
from hanlin_fakes.house import Choices, Memory
from hanlin_models import probe

pytestmark = [
    pytest.mark.skipif(bool(drivers.why_not()), reason=drivers.why_not()),
    pytest.mark.timeout(300),
]
HELLO = [Turn(Role.USER, "你好")]
GREEDY = GenerationOptions(Sampling(temperature=0), max_tokens=8)
LONGER = GenerationOptions(Sampling(temperature=0), max_tokens=24)
OUTCOMES = {
    Behaves.MISSING: Outcome.NO_DEVICE,
    Behaves.ABORTS: Outcome.CRASHED,
    Behaves.HANGS: Outcome.HUNG,
    Behaves.ERRORS: Outcome.NO_DEVICE,
    Behaves.NO_DEVICE: Outcome.NO_DEVICE,
    Behaves.NO_MEMORY: Outcome.ERROR,
    Behaves.WRONG: Outcome.WRONG,
    Behaves.FAILS: Outcome.ERROR,
    Behaves.WORKS: Outcome.GOOD,
}

Build = Callable[[Behaves], Backend]


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Build:
    built: dict[Behaves, Backend] = {}

    def build(behaves: Behaves) -> Backend:
        if behaves not in built:
            built[behaves] = drivers.build(tmp_path_factory.mktemp(behaves.name), behaves)
        return built[behaves]

    return build


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return gguf_models.write_random(
        tmp_path_factory.mktemp("models") / "tiny.gguf", layers=3, comparable=True
    )


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model just large enough that a card is asked."""
    path = tmp_path_factory.mktemp("models") / "large.gguf"
    gguf_models.write_random(path, layers=3, dim=512, comparable=True)
    size = path.stat().st_size
    if size < TINY_BYTES:
        with path.open("ab") as file:  # what follows the tensors is nobody's
            file.truncate(TINY_BYTES)
    return path


@pytest.mark.parametrize("behaves", list(OUTCOMES), ids=lambda each: each.name)
def test_a_trial_tells_what_the_driver_does(driver: Build, tiny: Path, behaves: Behaves) -> None:
    patience = 5.0 if behaves is Behaves.HANGS else 60.0
    verdict = trials.run(driver(behaves), tiny, patience=patience)
    assert verdict.outcome is OUTCOMES[behaves], verdict
    assert (verdict.device == "Card of the tests") is (behaves in (Behaves.WORKS, Behaves.WRONG))


def answer(client: EngineClient, heard: Heard) -> str:
    request = client.generate(HELLO, GREEDY)
    assert isinstance(heard.end_of(request), Finished)
    return heard.text(request)


def test_the_pace_of_a_card_is_measured_on_the_card(driver: Build, tmp_path: Path) -> None:
    client = EngineClient(TemplateClient())
    layers: list[int] = []

    def hear(event: EngineEvent) -> None:
        if isinstance(event, Loaded):
            layers.append(event.model.gpu_layers)

    try:
        client.subscribe(hear)
        for card in (None, driver(Behaves.WORKS).path):
            options = LoadOptions(threads=1, backend=card)
            assert probe.measure(client, tmp_path, options, lambda _at, _of: None, layers=1) > 0
    finally:
        client.close()
    assert layers[0] == 0
    assert layers[1] > 0
    assert not (tmp_path / "probe.gguf").exists()


@pytest.mark.parametrize("behaves", [Behaves.DIES_LATER, Behaves.ABORTS], ids=lambda one: one.name)
def test_a_card_that_dies_while_it_is_measured_is_an_error_in_words(
    driver: Build, tmp_path: Path, behaves: Behaves
) -> None:
    client = EngineClient(TemplateClient())
    try:
        options = LoadOptions(threads=1, backend=driver(behaves).path)
        with pytest.raises(HanlinError) as raised:
            probe.measure(client, tmp_path, options, lambda _at, _of: None, layers=1)
        assert raised.value.message
        # Whoever measures next finds a working engine.
        options = LoadOptions(threads=1)
        assert probe.measure(client, tmp_path, options, lambda _at, _of: None, layers=1) > 0
    finally:
        client.close()
    assert not (tmp_path / "probe.gguf").exists()


def test_layers_go_on_a_card_that_works_and_say_the_same(driver: Build, large: Path) -> None:
    client = EngineClient(TemplateClient())
    try:
        heard = Heard(client)
        said = []
        card = driver(Behaves.WORKS).path
        for options in (
            LoadOptions(context=512, threads=1),
            LoadOptions(context=512, threads=1, backend=card),
            LoadOptions(context=512, threads=1, backend=card, gpu_layers=2),
        ):
            end = heard.end_of(client.load(large, options))
            assert isinstance(end, Loaded)
            said.append((end.model.device, end.model.gpu_layers, answer(client, heard)))
    finally:
        client.close()
    assert [each[:2] for each in said] == [
        ("CPU", 0),
        ("Card of the tests", 4),
        ("Card of the tests", 2),
    ]
    assert said[0][2] == said[1][2] == said[2][2]


@pytest.mark.parametrize("behaves", [Behaves.NO_MEMORY, Behaves.NO_DEVICE, Behaves.ERRORS])
def test_what_a_card_refuses_the_processor_computes_in_the_same_worker(
    driver: Build, large: Path, behaves: Behaves
) -> None:
    client = EngineClient(TemplateClient())
    try:
        heard = Heard(client)
        options = LoadOptions(context=512, threads=1, backend=driver(behaves).path)
        end = heard.end_of(client.load(large, options))
        assert isinstance(end, Loaded)
        assert (end.model.device, end.model.gpu_layers) == ("CPU", 0)
        assert heard.states().count(EngineState.STARTING) == 1
        assert answer(client, heard)
    finally:
        client.close()


CHOICES = Choices(context=512, threads=1)


class Library:
    def __init__(self, model: Model) -> None:
        self._model = model

    def models(self) -> list[Model]:
        return [self._model]

    def listed(self) -> list[Model]:
        return self.models()

    def add(self, path: Path) -> Model:
        raise NotImplementedError(path)

    def remove(self, model_id: str) -> None:
        raise NotImplementedError(model_id)

    def find(self, id_or_path: str) -> Model | None:
        return self._model if id_or_path == self._model.id else None

    def keep_defaults(self, model_id: str, defaults: ModelDefaults) -> None:
        raise NotImplementedError(model_id, defaults)

    def too_big(self, model: Model) -> str | None:
        del model
        return None


class House:
    """A session with a real engine and the drivers of a test."""

    def __init__(
        self,
        folder: Path,
        starter: Path,
        model: Path,
        *found: Backend,
        patience: Patience | None = None,
    ) -> None:
        self.bus = EventBus()
        self.notices: list[str] = []
        self.bus.subscribe(NoticePosted, lambda event: self.notices.append(event.text))
        self.engine = EngineClient(TemplateClient(), patience=patience)
        self.heard = Heard(self.engine)
        self.executor = SerialExecutor("services")
        self.hardware = Hardware(
            folder / "hardware.json",
            starter,
            find=lambda: found,
            try_out=partial(trials.run, patience=5.0),
        )
        self.session = ModelSession(
            self.engine,
            Library(Model("large", "large", model, Origin.ADDED, model.stat().st_size)),
            Memory(),
            CHOICES,
            self.hardware,
            self.bus,
            self.executor,
        )

    def wait(self, state: SessionState) -> None:
        deadline = time.monotonic() + 120
        while (status := self.session.status()).state is not state:
            assert time.monotonic() < deadline, status
            assert status.state is not SessionState.FAILED, status
            time.sleep(0.01)

    def load(self) -> None:
        self.session.select("large")
        self.wait(SessionState.READY)

    def wait_for_next(self) -> None:
        """Wait until the engine, which died, was started again and has loaded."""
        self.heard.wait(lambda: self.heard.states()[-1] is EngineState.LOADED)
        # What the engine told is followed on the services' thread.
        done = threading.Event()
        self.executor.post(done.set)
        assert done.wait(60)
        self.wait(SessionState.READY)

    def device(self) -> str:
        loaded = self.session.status().loaded
        assert loaded is not None
        return loaded.device

    def close(self) -> None:
        self.session.close()
        self.engine.close()
        self.executor.close()


@pytest.fixture
def house(tmp_path: Path, tiny: Path, large: Path) -> Iterator[Callable[..., House]]:
    with ExitStack() as stack:

        def build(*found: Backend, patience: Patience | None = None) -> House:
            made = House(tmp_path, tiny, large, *found, patience=patience)
            stack.callback(made.close)
            return made

        yield build


@pytest.mark.parametrize(
    "behaves",
    [
        Behaves.MISSING,
        Behaves.ABORTS,
        Behaves.HANGS,
        Behaves.ERRORS,
        Behaves.NO_DEVICE,
        Behaves.NO_MEMORY,
    ],
    ids=lambda each: each.name,
)
def test_every_broken_driver_ends_in_a_chat_on_the_processor(
    driver: Build, house: Callable[..., House], behaves: Behaves
) -> None:
    made = house(driver(behaves))
    made.load()
    assert made.device() == "CPU"
    assert answer(made.engine, made.heard)
    assert not made.hardware.needs_trial(made.session.registry.models()[0].path, CHOICES)


def test_a_working_card_computes(driver: Build, house: Callable[..., House]) -> None:
    made = house(driver(Behaves.WORKS))
    made.load()
    assert made.device() == "Card of the tests"
    assert answer(made.engine, made.heard)
    assert any("tried out" in notice for notice in made.notices)


@pytest.mark.parametrize("behaves", [Behaves.DIES_LATER, Behaves.HANGS_LATER])
def test_a_card_that_fails_after_its_trial_gives_way_step_by_step(
    driver: Build, house: Callable[..., House], behaves: Behaves
) -> None:
    made = house(driver(behaves), patience=Patience(silence=6.0))
    made.load()
    assert made.device() == "Card of the tests"
    deaths = 0
    while made.device() != "CPU":
        # More steps than a trial has.
        end = made.heard.end_of(made.engine.generate(HELLO, LONGER))
        assert isinstance(end, Failed)
        assert "not started again" not in str(end.error), "a safer way is taken by itself"
        deaths += 1
        made.wait_for_next()
    assert answer(made.engine, made.heard)
    # The whole card, the whole card again, less of it; once more where the engine, which
    # starts again by itself, was ready before the session heard of the death.
    assert deaths in (3, 4)
    assert any("processor computes" in notice for notice in made.notices)
    again = made.hardware.ladder(made.session.registry.models()[0].path, CHOICES)
    assert again.rung.backend is None
