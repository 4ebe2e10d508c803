"""The chain of C samplers that chooses the next token."""

import ctypes
import os
from typing import Any, Final

from hanlin.domain.generation import Sampling
from hanlin.engine.worker.model import Model

_PENALTY_WINDOW: Final = 64
_SEEDS: Final = 2**32


class Sampler:
    """A sampler chain for one answer. Belongs to the engine's thread; ``free`` it."""

    def __init__(self, model: Model, sampling: Sampling) -> None:
        c = self._c = model.c
        self._chain: Any = c.llama_sampler_chain_init(c.llama_sampler_chain_default_params())
        self._bias: Any = None
        self._suppress(model)
        if sampling.top_k > 0:
            # First of all: every later step then looks at k tokens, not at the whole
            # vocabulary (0.1 instead of 12 ms with 152,000 tokens).
            self._add(c.llama_sampler_init_top_k(sampling.top_k))
        if sampling.repeat_penalty != 1.0:
            self._add(
                c.llama_sampler_init_penalties(
                    model.size, _PENALTY_WINDOW, sampling.repeat_penalty, 0.0, 0.0
                )
            )
        if sampling.temperature <= 0:
            self._add(c.llama_sampler_init_greedy())
            return
        self._add(c.llama_sampler_init_top_p(sampling.top_p, 1))
        self._add(c.llama_sampler_init_min_p(sampling.min_p, 1))
        self._add(c.llama_sampler_init_temp(sampling.temperature))
        seed = int.from_bytes(os.urandom(4)) if sampling.seed is None else sampling.seed % _SEEDS
        self._add(c.llama_sampler_init_dist(seed))

    def sample(self, context: Any) -> int:  # noqa: ANN401 - a C pointer
        """Return the token chosen from the last evaluated position."""
        return int(self._c.llama_sampler_sample(self._chain, context, -1))

    def free(self) -> None:
        """Free the chain; it must not be used afterwards."""
        self._c.llama_sampler_free(self._chain)

    def _suppress(self, model: Model) -> None:
        """Forbid the tokens that the model file says must never be written."""
        c = self._c
        count = ctypes.c_int32()
        tokens = c.llama_vocab_get_suppress_tokens(model.vocab, ctypes.byref(count))
        if count.value > 0 and tokens:
            entry = c.llama_logit_bias
            self._bias = (entry * count.value)(
                *(entry(tokens[index], float("-inf")) for index in range(count.value))
            )
            self._add(c.llama_sampler_init_logit_bias(model.size, count.value, self._bias))

    def _add(self, sampler: Any) -> None:  # noqa: ANN401 - a C pointer
        if not sampler:  # a NULL pointer is no None in ctypes, and crashes when it is used
            raise MemoryError("llama.cpp made no sampler")
        self._c.llama_sampler_chain_add(self._chain, sampler)
