"""The engine's client with real workers, and models that answer it in known words."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import psutil

from hanlin.domain.conversation import Role
from hanlin.domain.generation import GenerationOptions, Sampling, Turn
from hanlin.engine.base import Loaded, LoadOptions
from hanlin.engine.client import EngineClient
from hanlin.processes.supervisor import Patience
from hanlin.templates.client import TemplateClient
from hanlin_fakes import gguf_models
from hanlin_fakes.hearing import Heard

OPTIONS: Final = LoadOptions(threads=1)
HELLO: Final = [Turn(Role.USER, "你好")]
GREEDY: Final = GenerationOptions(Sampling(temperature=0))
HASTY: Final = Patience(silence=8.0, cancel=0.5)
"""Silence long enough for a load on a busy machine, which is silent too."""

Open = Callable[..., tuple[EngineClient, Heard]]
"""Opens a client, with the options of EngineClient by name."""


def write_models(folder: Path) -> dict[str, Path]:
    """Write models that think, have no template or a hostile one, talk for ever, or are usual."""
    says = ["<think>", "想", "</think>", "\n\n", "你好", "！"]
    write = gguf_models.write_scripted
    return {
        "thinks": write(folder / "thinks.gguf", says),
        "plain": write(folder / "plain.gguf", says, template=None),
        "hostile": write(folder / "hostile.gguf", says, template="{{ ''.__class__.__mro__ }}"),
        "talks": write(folder / "talks.gguf", ["ab", "cd"], for_ever=True, context=131072),
        "dense": gguf_models.write_random(folder / "dense.gguf"),
    }


@contextmanager
def clients() -> Iterator[Open]:
    """Return what opens clients; they are closed at the end."""
    with ExitStack() as stack:

        def opened(**options: object) -> tuple[EngineClient, Heard]:
            client = EngineClient(TemplateClient(), **options)  # type: ignore[arg-type]  # by name
            stack.callback(client.close)
            return client, Heard(client)

        yield opened


def loaded(engine: Open, model: Path, **options: object) -> tuple[EngineClient, Heard]:
    """Open a client and have it load the model."""
    client, heard = engine(**options)
    assert isinstance(heard.end_of(client.load(model, OPTIONS)), Loaded)
    return client, heard


def worker_of(client: EngineClient) -> psutil.Process:
    """Return the worker that has the model."""
    assert client.worker_pid
    return psutil.Process(client.worker_pid)
