"""How long a context fits into memory."""

from typing import Final

from hanlin.engine.protocol import CacheType
from hanlin.engine.worker.model import Model

LONGEST: Final = 32768
"""The longest context chosen without being asked for."""
USUAL: Final = 8192
SHORTEST: Final = 512
STEPS: Final = (LONGEST, 16384, USUAL, 4096, 2048, 1024, SHORTEST)
_BYTES: Final = {CacheType.F16: 2.0, CacheType.Q8_0: 34 / 32, CacheType.Q4_0: 18 / 32}
"""For one number; the packed kinds keep 32 numbers and their scale together."""
_FULL_EVERY: Final = {"qwen35": 4, "qwen35moe": 4, "qwen3next": 4}
"""Hybrid models in which only every fourth layer keeps keys and values, unless they say else."""
_SHARE: Final = 0.5
"""The part of the free memory that a context may take."""


def bytes_per_token(model: Model, cache: CacheType) -> int:
    """Return the memory that one token of context takes, as keys and values."""
    c = model.c
    per_head = c.llama_model_n_embd(model.pointer) // max(c.llama_model_n_head(model.pointer), 1)
    key = model.number("attention.key_length") or per_head
    # Compressed attention reads its values out of the keys.
    compressed = model.number("attention.key_length_mla") > 0
    value = 0 if compressed else model.number("attention.value_length") or per_head
    return int(_heads(model) * (key + value) * _BYTES[cache])


def _heads(model: Model) -> int:
    """Return how many heads, of all layers together, keep keys and values."""
    c, every = model.c, _FULL_EVERY.get(model.metadata("general.architecture"), 1)
    heads = int(c.llama_model_n_head_kv(model.pointer))
    if not heads:  # the first layer has none, and others may
        return sum(model.numbers("attention.head_count_kv"))
    every = model.number("full_attention_interval") or every
    return int(c.llama_model_n_layer(model.pointer)) // every * heads


def choose_context(asked: int, trained: int, per_token: int, free_memory: int) -> int:
    """Return the context to open.

    ``asked`` 0 chooses the longest of the usual ones that takes at most half of
    ``free_memory``. Never more than ``trained`` (0: the file does not say).
    """
    limit = trained or LONGEST
    if asked > 0:
        return min(asked, limit)
    room = free_memory * _SHARE
    fitting = next((size for size in STEPS if size * per_token <= room), SHORTEST)
    return min(fitting, limit)


def longest(trained: int, per_token: int, free_memory: int) -> int:
    """Return the longest context that can be asked for: trained for, and in the free memory."""
    fitting = int(free_memory * _SHARE) // max(per_token, 1) // SHORTEST * SHORTEST
    return min(fitting, trained or LONGEST)


def shorter(context: int) -> int | None:
    """Return the next context to try when llama.cpp found no memory, None when there is none."""
    return next((size for size in STEPS if size < context), None)
