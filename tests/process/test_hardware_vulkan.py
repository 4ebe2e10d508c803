"""The Vulkan module on Mesa's lavapipe, which is a graphics card made of the processor.

Skipped where the module was not built (``dev.py build vulkan``) or lavapipe is missing
(Debian: mesa-vulkan-drivers). lavapipe translates kernels slowly, so its translator is told
not to improve them.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

import hanlin_resources
from hanlin.domain.conversation import Role
from hanlin.domain.generation import GenerationOptions, Sampling, Turn
from hanlin.engine import backends, trials
from hanlin.engine.base import Finished, Loaded, LoadOptions
from hanlin.engine.client import EngineClient
from hanlin.engine.launching import launch
from hanlin.engine.trials import Outcome
from hanlin.processes.command import ChildCommand
from hanlin.processes.supervisor import Patience
from hanlin.templates.client import TemplateClient
from hanlin_fakes.hearing import Heard

LAVAPIPE = next(iter(sorted(Path("/usr/share/vulkan/icd.d").glob("lvp_icd*.json"))), None)
VULKAN = next((each for each in backends.find() if each.name == "vulkan"), None)
HELLO = [Turn(Role.USER, "你好")]
GREEDY = GenerationOptions(Sampling(temperature=0), max_tokens=12)
SECONDS = 1200.0

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="lavapipe is Mesa's"),
    pytest.mark.skipif(VULKAN is None, reason="no Vulkan module: packaging/dev.py build vulkan"),
    pytest.mark.skipif(LAVAPIPE is None, reason="no lavapipe: Debian's mesa-vulkan-drivers"),
    pytest.mark.timeout(2 * SECONDS),
]


@pytest.fixture(autouse=True)
def only_lavapipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VK_DRIVER_FILES", str(LAVAPIPE))
    # llama.cpp leaves out devices that are processors, unless they are named.
    monkeypatch.setenv("GGML_VK_VISIBLE_DEVICES", "0")


@pytest.fixture
def starter() -> Path:
    return hanlin_resources.folder("starter") / "shutong.gguf"


def patient(
    model: Path | None,
    *,
    backend: Path | None = None,
    plain: bool = False,
    projector: Path | None = None,
) -> ChildCommand:
    built = launch(model, backend=backend, plain=plain, projector=projector)
    return replace(built, environment={**built.environment, "GALLIVM_PERF": "nopt"})


@contextmanager
def engine() -> Iterator[tuple[EngineClient, Heard]]:
    patience = Patience(silence=SECONDS)
    client = EngineClient(TemplateClient(), launch_worker=patient, patience=patience)
    try:
        yield client, Heard(client, SECONDS)
    finally:
        client.close()


def test_the_card_passes_its_trial_inside_the_sandbox(starter: Path) -> None:
    assert VULKAN is not None
    verdict = trials.run(VULKAN, starter, patience=SECONDS, launch_worker=patient)
    assert verdict.outcome is Outcome.GOOD, verdict
    assert "llvmpipe" in verdict.device


def test_a_chat_through_vulkan_says_what_the_processor_says(starter: Path) -> None:
    assert VULKAN is not None
    said = []
    for backend in (None, VULKAN.path):
        with engine() as (client, heard):
            options = LoadOptions(context=512, threads=1, backend=backend)
            end = heard.end_of(client.load(starter, options))
            assert isinstance(end, Loaded)
            assert (end.model.gpu_layers > 0) is (backend is not None)
            assert client.sandbox is not None
            assert client.sandbox.complete
            request = client.generate(HELLO, GREEDY)
            assert isinstance(heard.end_of(request), Finished)
            said.append(heard.text(request))
    assert said[0] == said[1] != ""
