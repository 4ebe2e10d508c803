"""Trying a module for graphics cards: the same tokens on the processor and on the card.

Runs in a process that is thrown away, whatever comes of it.
"""

import ctypes
import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from hanlin.engine.commands import Try
from hanlin.engine.events import Tried
from hanlin.engine.protocol import CacheType, Code
from hanlin.engine.worker.context import open_context
from hanlin.engine.worker.llama import Llama
from hanlin.engine.worker.model import Model, RefusedError

_CONTEXT: Final = 256
_READ: Final = 24
"""Tokens read in one step, so that the card's kernels for prompts are tried, too."""
_WRITTEN: Final = 8
_ALL_LAYERS: Final = 1000


def compare(llama: Llama, command: Try) -> Tried:
    """Return how different the card's results are. Raises RefusedError when there are none."""
    path = Path(command.path)
    # Before the module is there, so that the processor certainly computes alone.
    expected = _logits(llama, path, gpu_layers=0)
    if not llama.add_backend(command.backend):
        raise RefusedError(Code.NO_DEVICE, "\n".join(llama.errors)[-300:])
    started = time.monotonic()
    found = _logits(llama, path, gpu_layers=_ALL_LAYERS)
    milliseconds = (time.monotonic() - started) * 1000
    worst = max(map(_difference, expected, found))
    return Tried(command.id, llama.graphics, worst, milliseconds)


def _difference(expected: Sequence[float], found: Sequence[float]) -> float:
    """Return the largest difference, in units of how much the expected numbers vary."""
    if not all(map(math.isfinite, found)):
        return math.inf
    mean = math.fsum(expected) / len(expected)
    spread = math.dist(expected, [mean] * len(expected)) / math.sqrt(len(expected)) or 1.0
    return max(abs(a - b) for a, b in zip(expected, found, strict=True)) / spread


def _logits(llama: Llama, path: Path, *, gpu_layers: int) -> list[list[float]]:
    """Return the scores of the next token after the prompt and after each token written."""
    model = Model(llama, path, gpu_layers, lambda _fraction: True)
    try:
        context = open_context(llama.c, model, _CONTEXT, 1, CacheType.F16)
        if context is None:
            raise RefusedError(Code.MEMORY, "\n".join(llama.errors)[-300:])
        try:
            return _evaluate(llama.c, model, context.pointer)
        finally:
            context.free()
    finally:
        model.free()


def _evaluate(c: Any, model: Model, context: Any) -> list[list[float]]:  # noqa: ANN401 - the C library
    # Any tokens do, if they are the same ones; these reach all over the vocabulary.
    tokens = [(7919 * number + 11) % model.size for number in range(_READ + _WRITTEN)]
    steps = [tokens[:_READ], *([token] for token in tokens[_READ:])]
    found = []
    for step in steps:
        array = (ctypes.c_int32 * len(step))(*step)
        if status := c.llama_decode(context, c.llama_batch_get_one(array, len(step))):
            raise RefusedError(Code.COMPUTE, f"llama_decode: {status}")
        scores = c.llama_get_logits_ith(context, -1)
        found.append(list(scores[: model.size]))
    return found
