"""How the worker process is started for a model, and what it may touch."""

from dataclasses import replace
from pathlib import Path
from typing import Final, Protocol

from hanlin.engine import backends, files, processors
from hanlin.engine.protocol import PLAIN_CPU
from hanlin.processes import command
from hanlin.processes.command import ChildCommand
from hanlin.processes.policy import Policy

TINY_BYTES: Final = 32_000_000
"""A model that fits a processor's cache: one core computes it faster than anything else."""


class Launch(Protocol):
    """Returns the command for a worker that may read this model and perhaps use a GPU."""

    def __call__(
        self,
        model: Path | None,
        *,
        backend: Path | None = None,
        plain: bool = False,
        projector: Path | None = None,
    ) -> ChildCommand:
        """Return the command."""
        ...


def launch(
    model: Path | None,
    *,
    backend: Path | None = None,
    plain: bool = False,
    projector: Path | None = None,
) -> ChildCommand:
    """Return the command for the program's own worker: it reads the model and nothing else.

    ``projector``: what it sees or hears with. ``backend``: the module it may load, with the
    graphics devices. ``plain``: it takes the
    processor module that every processor of this kind understands.
    """
    read = files.parts(model.absolute()) if model is not None else ()
    if projector is not None:
        read = (*read, projector.absolute())
    if backend is not None:
        read = (*read, backend, *backends.driver_files())
    built = command.build("engine", Policy(read=read, allow_gpu=backend is not None))
    if plain:
        return replace(built, environment={**built.environment, PLAIN_CPU: "1"})
    return built


def threads(asked: int, model_bytes: int) -> int:
    """Return how many threads compute: as asked, or one for each fast core we may use.

    A model that fits a processor's cache gets one: its threads would wait for each
    other longer than they compute, and on a busy computer 25 times longer.
    """
    if asked > 0:
        return asked
    return 1 if model_bytes < TINY_BYTES else processors.performance_cores()
