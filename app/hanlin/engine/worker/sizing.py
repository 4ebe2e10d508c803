"""How long a context fits into memory."""

from typing import Final

from hanlin.domain.models import USUAL_CONTEXT
from hanlin.engine.protocol import CacheType
from hanlin.engine.worker.model import Model
from hanlin.engine.worker.pace import CHUNK

LONGEST: Final = 32768
"""The longest context chosen without being asked for."""
SHORTEST: Final = 512
STEPS: Final = (LONGEST, 16384, USUAL_CONTEXT, 4096, 2048, 1024, SHORTEST)
_BLOCK: Final = 32
"""Numbers that the packed kinds keep together, with one scale."""
_BYTES: Final = {CacheType.F16: 2.0, CacheType.Q8_0: 34 / _BLOCK, CacheType.Q4_0: 18 / _BLOCK}
"""For one number."""
_FULL_EVERY: Final = {"qwen35": 4, "qwen35moe": 4, "qwen3next": 4}
"""Hybrid models in which only every fourth layer keeps keys and values, unless they say else."""
_RESERVE: Final = 512 * 2**20
"""Memory that other programs and the system keep."""
_BUFFERS_PER_WIDTH, _F32 = 12, 4
"""Rows of a batch that a layer's computation holds at once, in units of the model's width."""
_VOCABULARY: Final = 300
"""Bytes that one token of the vocabulary takes."""
_SHARE: Final = 0.5
"""The part of the free memory that a context may take when it is asked for."""
_SHARE_UNASKED: Final = 1 / 8
"""The part that one longer than usual may take: few conversations ever need it."""


def cache_of(model: Model, wanted: CacheType) -> CacheType:
    """Return how keys and values are kept where ``wanted`` is: heads are packed in whole blocks."""
    whole = all(length % _BLOCK == 0 for length in _head(model))
    return wanted if whole else CacheType.F16


def bytes_per_token(model: Model, cache: CacheType) -> int:
    """Return the memory that one token of context takes, as keys and values."""
    return int(_heads(model) * sum(_head(model)) * _BYTES[cache])


def _head(model: Model) -> tuple[int, int]:
    """Return how many numbers one head's key and value are."""
    c = model.c
    per_head = c.llama_model_n_embd(model.pointer) // max(c.llama_model_n_head(model.pointer), 1)
    key = model.number("attention.key_length") or per_head
    # Compressed attention reads its values out of the keys.
    compressed = model.number("attention.key_length_mla") > 0
    value = 0 if compressed else model.number("attention.value_length") or per_head
    return key, value


def _heads(model: Model) -> int:
    """Return how many heads, of all layers together, keep keys and values."""
    c, every = model.c, _FULL_EVERY.get(model.metadata("general.architecture"), 1)
    heads = int(c.llama_model_n_head_kv(model.pointer))
    if not heads:  # the first layer has none, and others may
        return sum(model.numbers("attention.head_count_kv"))
    every = model.number("full_attention_interval") or every
    return int(c.llama_model_n_layer(model.pointer)) // every * heads


def beside(model: Model) -> int:
    """Return the memory to be left free by weights and cache: for buffers, and for others."""
    buffers = CHUNK * model.width * _BUFFERS_PER_WIDTH * _F32
    return int(_RESERVE + buffers + model.size * _VOCABULARY)


def choose_context(
    asked: int, trained: int, per_token: int, free_memory: int, beside: int = 0
) -> int:
    """Return the context to open, never more than ``trained`` (0: the file does not say).

    ``asked`` 0 chooses: the usual one wherever it leaves ``beside`` of ``free_memory``, else
    the longest shorter one that does; a longer one where that takes little of the memory.
    """
    limit = trained or LONGEST
    if asked > 0:
        return min(asked, limit)

    def fits(size: int) -> bool:
        room = free_memory - beside
        if size > USUAL_CONTEXT:
            room = min(room, int(free_memory * _SHARE_UNASKED))
        return size * per_token <= room

    sizes = (min(step, limit) for step in STEPS)
    return next((size for size in sizes if fits(size)), min(SHORTEST, limit))


def longest(trained: int, per_token: int, free_memory: int) -> int:
    """Return the longest context that can be asked for: trained for, and in the free memory."""
    fitting = int(free_memory * _SHARE) // max(per_token, 1) // SHORTEST * SHORTEST
    return min(fitting, trained or LONGEST)


def shorter(context: int) -> int | None:
    """Return the next context to try when llama.cpp found no memory, None when there is none."""
    return next((size for size in STEPS if size < context), None)
