"""How the worker process is started for a model, and what it may touch."""

import os
from pathlib import Path
from typing import Protocol

import psutil

from hanlin.engine import files
from hanlin.processes import command
from hanlin.processes.command import ChildCommand
from hanlin.processes.policy import Policy

_ONE_THREAD_BYTES = 32_000_000


class Launch(Protocol):
    """Returns the command for a worker that may read this model and perhaps use a GPU."""

    def __call__(self, model: Path | None, *, gpu: bool) -> ChildCommand:
        """Return the command."""
        ...


def launch(model: Path | None, *, gpu: bool) -> ChildCommand:
    """Return the command for the program's own worker: it reads the model and nothing else."""
    read = files.parts(model.absolute()) if model is not None else ()
    return command.build("engine", Policy(read=read, allow_gpu=gpu))


def threads(asked: int, model_bytes: int) -> int:
    """Return how many threads compute: as asked, or one for each core we may use.

    A model that fits a processor's cache gets one: its threads would wait for each
    other longer than they compute, and on a busy computer 25 times longer.
    """
    if asked > 0:
        return asked
    if model_bytes < _ONE_THREAD_BYTES:
        return 1
    cores = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else cores
    return max(1, min(cores, usable))
