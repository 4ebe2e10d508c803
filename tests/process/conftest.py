"""What several tests of the engine begin with: models of each kind, what ends its processes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hanlin_fakes import gguf_models
from hanlin_fakes.real_client import Open, clients
from hanlin_fakes.real_worker import Worker

KINDS = {"dense": "qwen3", "hybrid": "qwen35", "sliding": "spark2_5"}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return a model of each kind of memory; each writes the same whatever its batches."""
    folder = tmp_path_factory.mktemp("models")
    return {
        kind: gguf_models.write_random(folder / f"{kind}.gguf", architecture, comparable=True)
        for kind, architecture in KINDS.items()
    }


@pytest.fixture(params=KINDS)
def path(request: pytest.FixtureRequest, models: dict[str, Path]) -> Path:
    """Return the model of each kind in turn."""
    return models[request.param]


@pytest.fixture
def started() -> Iterator[list[Worker]]:
    """Return a list for workers, which end with the test."""
    workers: list[Worker] = []
    yield workers
    for worker in workers:
        worker.process.stop()


@pytest.fixture
def engine() -> Iterator[Open]:
    """Return what opens a client, which is closed with the test."""
    with clients() as opened:
        yield opened
