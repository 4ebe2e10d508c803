"""Opening a context of llama.cpp's: as long as was asked for, or as memory allows.

How long it may be is ``sizing``'s reckoning. What is read and written in it belongs to
``session``; how much of a model graphics cards compute was decided before, by ``loading``.
"""

from dataclasses import dataclass
from typing import Any, Final

from hanlin.engine.protocol import CacheType, Code
from hanlin.engine.worker.handles import Handle
from hanlin.engine.worker.llama import Llama
from hanlin.engine.worker.model import Model, RefusedError
from hanlin.engine.worker.pace import CHUNK
from hanlin.engine.worker.sizing import beside, bytes_per_token, choose_context, longest, shorter
from hanlin.engine.worker.speculation import MOST

_GGML_TYPES: Final = {CacheType.F16: 1, CacheType.Q8_0: 8, CacheType.Q4_0: 2}


@dataclass(frozen=True, slots=True)
class Context:
    """A context that was opened."""

    handle: Handle
    size: int
    """Its tokens."""
    bytes: int
    """What their keys and values take."""
    longest: int
    """The size that can be asked for, at the most."""
    cache: CacheType


def open_fitting(
    llama: Llama,
    model: Model,
    *,
    asked: int,
    threads: int,
    free_memory: int,
    cache: CacheType,
) -> Context:
    """Open a context of ``asked`` tokens, 0 chooses; shorter when memory is short.

    ``cache`` falls back to f16 where the model's heads cannot be packed; then even one that
    was asked for is no longer than that lets fit. Raises RefusedError.
    """
    trained = llama.c.llama_model_n_ctx_train(model.pointer)
    for kind in dict.fromkeys((cache, CacheType.F16)):
        per_token = bytes_per_token(model, kind)
        fitting = longest(trained, per_token, free_memory)
        wanted = asked if kind is cache else min(asked, fitting)
        size: int | None = choose_context(wanted, trained, per_token, free_memory, beside(model))
        while size is not None:
            if (handle := open_context(llama.c, model, size, threads, kind)) is not None:
                return Context(handle, size, size * per_token, max(fitting, size), kind)
            size = shorter(size) if asked == 0 else None
    raise RefusedError(Code.MEMORY, "\n".join(llama.errors)[-300:])


def open_context(
    c: Any,  # noqa: ANN401 - the C library
    model: Model,
    size: int,
    threads: int,
    cache: CacheType,
) -> Handle | None:
    """Return a context; None when there is no memory for it, or no such cache for the model."""
    pointer = c.llama_init_from_model(model.pointer, _parameters(model, size, threads, cache))
    return Handle("context", pointer, c.llama_free) if pointer else None


def _parameters(model: Model, context: int, threads: int, cache: CacheType) -> Any:  # noqa: ANN401 - C structures
    parameters = model.c.llama_context_default_params()
    parameters.n_ctx = context
    parameters.n_batch = parameters.n_ubatch = min(CHUNK, context)
    # Where what was read cannot be forgotten, a third one reads once more what was asked last.
    parameters.n_seq_max = 2 if model.can_forget else 3
    parameters.kv_unified = True  # they share the context instead of having half of it each
    parameters.swa_full = False  # a sliding window keeps what it can see, no more
    # Not those of all positions: saves a quarter of a gigabyte with 152,000 tokens.
    parameters.n_outputs_max = MOST + 1
    parameters.n_threads = parameters.n_threads_batch = threads
    parameters.type_k = parameters.type_v = _GGML_TYPES[cache]
    parameters.no_perf = True
    return parameters
