"""How much of a model a graphics card computes: pure reckoning.

llama.cpp gives a card the output and then layers from the last one backwards, each with
its part of the cache. Reading a model's table of tensors belongs to ``tensors``.
"""

from dataclasses import dataclass
from typing import Final

from hanlin.domain.models import USUAL_CONTEXT
from hanlin.engine.worker.sizing import LONGEST, STEPS

_RESERVE: Final = 300 * 2**20
"""Bytes of a card's memory for its driver, compiled kernels and the screen."""
_HEADROOM: Final = 0.95
_ROWS: Final = 512
_BUFFERS_PER_WIDTH: Final = 12
"""Rows of a batch that a layer's computation holds at once, in units of the model's width."""
_F32: Final = 4


@dataclass(frozen=True, slots=True)
class Weights:
    """The bytes of each layer's weights, of the output behind the last, and the model's width."""

    layers: tuple[int, ...]
    output: int
    width: int


@dataclass(frozen=True, slots=True)
class Split:
    """The context to open and how many layers, the output being one, the card computes."""

    context: int
    gpu_layers: int


def split(
    weights: Weights, *, asked: int, trained: int, ram_context: int, per_token: int, free: int
) -> Split:
    """Return the split for a card with ``free`` bytes.

    ``asked`` is the person's context or 0, ``trained`` the model's longest or 0,
    ``ram_context`` what suits the computer's own memory. Unasked, a context that lets the
    card compute everything is preferred down to the usual one; a long context on the
    processor is slower than a usual one on the card.
    """
    limit = trained or LONGEST
    if asked:
        context = min(asked, limit)
        return Split(context, fitting_layers(weights, context, per_token, free))
    everything = len(weights.layers) + 1
    for step in (min(step, limit) for step in STEPS if step >= USUAL_CONTEXT):
        if fitting_layers(weights, step, per_token, free) == everything:
            return Split(step, everything)
    context = min(ram_context, USUAL_CONTEXT, limit)
    return Split(context, fitting_layers(weights, context, per_token, free))


def fitting_layers(weights: Weights, context: int, per_token: int, free: int) -> int:
    """Return how many layers fit into ``free`` bytes with a cache of ``context`` tokens.

    ``per_token`` are the bytes of all layers' keys and values for one token.
    """
    if not weights.layers:
        return 0
    buffers = _ROWS * weights.width * _BUFFERS_PER_WIDTH * _F32
    room = free * _HEADROOM - _RESERVE - buffers - weights.output
    if room < 0:
        return 0
    cache = context * per_token / len(weights.layers)
    count = 1
    for layer in reversed(weights.layers):
        room -= layer + cache
        if room < 0:
            break
        count += 1
    return count if count > 1 else 0
