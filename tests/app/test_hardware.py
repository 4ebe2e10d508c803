"""The ladder of ways to compute: trials once for each driver, steps down that are remembered."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from hanlin.domain.models import Model, Origin, Override
from hanlin.engine import backends, trials
from hanlin.engine.backends import Backend
from hanlin.engine.base import LoadedModel, LoadOptions
from hanlin.engine.events import Device
from hanlin.engine.protocol import CacheType
from hanlin.engine.trials import Outcome, Verdict
from hanlin.services.hardware import Hardware, Rung


@dataclass
class Choices:
    context: int = 0
    graphics: str = "auto"
    gpu_layers: int = 0
    threads: int = 0
    cache_type: str = "f16"


class Computer:
    """A computer with a folder of modules; counts trials."""

    def __init__(self, folder: Path, *names: str, outcome: Outcome = Outcome.GOOD) -> None:
        self.folder = folder
        for name in names:
            (folder / f"libggml-{name}.so").write_bytes(name.encode())
        self.outcome = outcome
        self.trials: list[str] = []
        self.memory = 7_000_000_000
        self.model = folder / "model.gguf"
        with self.model.open("wb") as file:
            file.truncate(64_000_000)
        self.file = folder / "state" / "hardware.json"

    def hardware(self) -> Hardware:
        return Hardware(
            self.file,
            self.folder / "starter.gguf",
            find=lambda: backends.find([self.folder]),
            try_out=self._try,
        )

    def _try(self, backend: Backend, starter: Path) -> Verdict:
        assert starter.name == "starter.gguf"
        self.trials.append(backend.name)
        return Verdict(
            self.outcome, "A card", "a detail", self.memory if self.outcome is Outcome.GOOD else 0
        )


def model_of(path: Path, *, trained: int | None = None) -> Model:
    return Model("m", "A model", path, Origin.ADDED, 1, trained_context=trained)


def climb(hardware: Hardware, model: Path, *, instruction: bool = False) -> list[Rung]:
    ladder = hardware.ladder(model, Choices())
    rungs = [ladder.rung]
    while ladder.step(instruction=instruction):
        rungs.append(ladder.rung)
    return rungs


def test_the_ladder_goes_from_the_card_to_the_processor(tmp_path: Path) -> None:
    computer = Computer(tmp_path, "vulkan", "cuda", "cpu-x64", "base")
    found = climb(computer.hardware(), computer.model)
    words = [(rung.backend.name if rung.backend else "cpu", rung.share) for rung in found]
    assert words == [
        ("cuda", 1.0),
        ("cuda", 1.0),
        ("cuda", 0.5),
        ("vulkan", 1.0),
        ("vulkan", 1.0),
        ("vulkan", 0.5),
        ("cpu", 1.0),
    ]
    assert computer.trials == ["cuda", "vulkan"]


def test_the_plain_module_is_for_unknown_instructions_alone(tmp_path: Path) -> None:
    computer = Computer(tmp_path)
    assert climb(computer.hardware(), computer.model) == [Rung(None)]
    assert climb(computer.hardware(), computer.model, instruction=True) == [
        Rung(None),
        Rung(None, plain=True),
    ]


def test_a_step_down_is_remembered_until_the_driver_changes(tmp_path: Path) -> None:
    computer = Computer(tmp_path, "vulkan")
    assert climb(computer.hardware(), computer.model)[-1] == Rung(None)
    assert computer.hardware().ladder(computer.model, Choices()).rung == Rung(None)
    (tmp_path / "libggml-vulkan.so").write_bytes(b"a newer one")
    rung = computer.hardware().ladder(computer.model, Choices()).rung
    assert rung.backend is not None
    assert computer.trials == ["vulkan", "vulkan"]


def test_what_was_tried_twice_is_left_at_once(tmp_path: Path) -> None:
    ladder = Computer(tmp_path, "vulkan").hardware().ladder(tmp_path / "model.gguf", Choices())
    assert not ladder.lowered
    assert ladder.step(instruction=False, tried_twice=True)
    assert (ladder.rung.share, ladder.lowered) == (0.5, True)
    assert ladder.step(instruction=False)
    assert (ladder.rung, ladder.lowered) == (Rung(None), False)


def test_trying_the_same_once_more_is_not_remembered(tmp_path: Path) -> None:
    computer = Computer(tmp_path, "vulkan")
    ladder = computer.hardware().ladder(computer.model, Choices())
    assert ladder.step(instruction=False)
    assert computer.hardware().ladder(computer.model, Choices()).rung.share == 1.0
    assert ladder.step(instruction=False)
    assert computer.hardware().ladder(computer.model, Choices()).rung.share == 0.5


@pytest.mark.parametrize("outcome", [each for each in Outcome if each is not Outcome.GOOD])
def test_what_failed_its_trial_is_never_used_and_told(tmp_path: Path, outcome: Outcome) -> None:
    computer = Computer(tmp_path, "vulkan", outcome=outcome)
    hardware = computer.hardware()
    assert hardware.needs_trial(computer.model, Choices())
    assert hardware.ladder(computer.model, Choices()).rung == Rung(None)
    again = computer.hardware()
    assert not again.needs_trial(computer.model, Choices())
    assert again.ladder(computer.model, Choices()).rung == Rung(None)
    assert computer.trials == ["vulkan"]
    assert "vulkan" in again.findings()[0].sentence
    # A computer without a card is no fault.
    assert again.findings()[0].failed is (outcome is not Outcome.NO_DEVICE)


def test_a_trial_can_be_made_anew(tmp_path: Path) -> None:
    computer = Computer(tmp_path, "vulkan", outcome=Outcome.CRASHED)
    hardware = computer.hardware()
    hardware.try_new()
    computer.outcome = Outcome.GOOD
    assert [each.verdict for each in hardware.try_new(again=True)] == [
        Verdict(Outcome.GOOD, "A card", "a detail", computer.memory)
    ]


def test_no_card_is_asked_for_tiny_models_or_when_it_is_off(tmp_path: Path) -> None:
    computer = Computer(tmp_path, "vulkan")
    tiny = tmp_path / "tiny.gguf"
    tiny.write_bytes(b"GGUF")
    hardware = computer.hardware()
    assert hardware.ladder(tiny, Choices()).rung == Rung(None)
    assert hardware.ladder(computer.model, Choices(graphics="off")).rung == Rung(None)
    assert not hardware.needs_trial(computer.model, Choices(graphics="off"))
    assert computer.trials == []


def test_threads_are_measured_once_for_each_model(tmp_path: Path) -> None:
    computer = Computer(tmp_path)
    hardware = computer.hardware()
    options = hardware.options(model_of(computer.model), Choices())
    assert (options.threads, options.tune) == (0, True)
    hardware.remember_threads(_loaded(computer.model, threads=3), options)
    again = computer.hardware().options(model_of(computer.model), Choices())
    assert (again.threads, again.tune) == (3, False)
    mine = computer.hardware().options(model_of(computer.model), Choices(threads=5))
    assert (mine.threads, mine.tune) == (5, False)


def test_options_are_the_persons(tmp_path: Path) -> None:
    computer = Computer(tmp_path)
    choices = Choices(context=4096, gpu_layers=7, cache_type="q8_0")
    wrong = (Override("tokenizer.ggml.eos_token_id", 7),)
    model = replace(model_of(computer.model, trained=2048), overrides=wrong)
    options = computer.hardware().options(model, choices)
    assert options == LoadOptions(2048, 7, 0, None, 1.0, CacheType.Q8_0, tune=True, overrides=wrong)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"trials": 3, "places": {"x": 1}}', "\0"])
def test_a_damaged_memory_is_an_empty_one(tmp_path: Path, content: str) -> None:
    computer = Computer(tmp_path, "vulkan")
    computer.file.parent.mkdir()
    computer.file.write_text(content)
    assert computer.hardware().ladder(computer.model, Choices()).rung.backend is not None
    assert computer.trials == ["vulkan"]


def test_no_name_of_a_file_is_kept(tmp_path: Path) -> None:
    computer = Computer(tmp_path, "vulkan")
    hardware = computer.hardware()
    climb(hardware, computer.model)
    hardware.remember_threads(_loaded(computer.model, threads=3), LoadOptions(tune=True))
    assert "model" not in computer.file.read_text()


def _loaded(path: Path, *, threads: int) -> LoadedModel:
    return LoadedModel(
        path=path,
        architecture="qwen3",
        name="a model",
        context=4096,
        trained_context=4096,
        parameters=1,
        thinking_switch=False,
        template_note="",
        device="CPU",
        threads=threads,
    )


def test_the_memory_of_a_card_counts_once_it_passed_its_trial(tmp_path: Path) -> None:
    computer = Computer(tmp_path, "vulkan")
    hardware = computer.hardware()
    assert hardware.graphics_memory(Choices()) == 0
    assert hardware.untried(Choices())
    hardware.try_new()
    assert not hardware.untried(Choices())
    assert hardware.graphics_memory(Choices()) == computer.memory
    assert hardware.graphics_memory(Choices(graphics="off")) == 0
    assert computer.hardware().graphics_memory(Choices()) == computer.memory


def test_a_trial_from_before_cards_were_weighed_is_made_again(tmp_path: Path) -> None:
    computer = Computer(tmp_path, "vulkan")
    computer.hardware().try_new()
    known = json.loads(computer.file.read_text())
    del known["trials"]["vulkan"]["memory"]
    computer.file.write_text(json.dumps(known))
    assert computer.hardware().untried(Choices())


def test_a_card_that_failed_brings_no_memory(tmp_path: Path) -> None:
    hardware = Computer(tmp_path, "vulkan", outcome=Outcome.CRASHED).hardware()
    hardware.try_new()
    assert hardware.graphics_memory(Choices()) == 0


def test_what_shares_the_computers_memory_has_none_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    card = Device("gpu", "Vulkan0", "A card", 8, 7)
    shared = Device("integrated", "Vulkan1", "A part of the processor", 16, 15)
    monkeypatch.setattr("sys.platform", "linux")
    assert trials.own_memory((card, shared, Device("cpu", "CPU", "", 16, 9))) == card.free
    monkeypatch.setattr("sys.platform", "darwin")
    assert trials.own_memory((card,)) == 0
