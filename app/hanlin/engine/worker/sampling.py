"""The chains of C samplers that choose the next token.

A chain lives for one answer. What form an answer must have becomes a grammar in
``forms``; when it holds (not in thoughts) is ``session``'s decision.
"""

import ctypes
import os
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from hanlin.domain.generation import Sampling, TokenBias
from hanlin.engine.protocol import Code
from hanlin.engine.worker.handles import Handle
from hanlin.engine.worker.model import Model, RefusedError

_REPEAT_WINDOW: Final = 64
_LONG_WINDOW: Final = 4096
"""Tokens that the other penalties look back."""
_DRY_BASE: Final = 1.75
_DRY_ALLOWED: Final = 2
_DRY_BREAKERS: Final = (b"\n", b":", b'"', b"*", "，".encode(), "。".encode())
_FORBIDDEN: Final = -100.0
_SEEDS: Final = 2**32
_RECOMMENDED: Final = {
    "temperature": "temp",
    "top_k": "top_k",
    "top_p": "top_p",
    "min_p": "min_p",
    "repeat_penalty": "penalty_repeat",
}


def recommended(model: Model) -> Sampling | None:
    """Return what the model's maker wrote into its file, None when that is nothing."""
    found = {name: model.metadata(f"general.sampling.{key}") for name, key in _RECOMMENDED.items()}
    try:
        numbers = {name: float(text) for name, text in found.items() if text}
    except ValueError:
        return None
    if not numbers:
        return None
    usual = Sampling()
    return Sampling(
        temperature=numbers.get("temperature", usual.temperature),
        top_k=int(numbers.get("top_k", usual.top_k)),
        top_p=numbers.get("top_p", usual.top_p),
        min_p=numbers.get("min_p", usual.min_p),
        repeat_penalty=numbers.get("repeat_penalty", usual.repeat_penalty),
    )


class Sampler:
    """Chooses the tokens of one answer. Belongs to the engine's thread; ``free`` it.

    ``grammar``, in GBNF, is what the answer must follow; raises RefusedError for a wrong one.
    """

    def __init__(self, model: Model, sampling: Sampling, grammar: str = "") -> None:
        self._c = model.c
        self._usual = _Chain(model, sampling)
        self._strict: _Chain | None = None
        self.forms = bool(grammar)
        """Whether there is a form to follow."""
        if grammar:
            try:
                self._strict = _Chain(model, sampling, grammar)
            except RefusedError:
                self._usual.free()
                raise

    def direct(self, context: Any) -> Callable[[int], int] | None:  # noqa: ANN401 - a C pointer
        """Return ``sample`` with no Python between the caller and C; None where a form holds.

        To be used until this is freed.
        """
        if self._strict is not None:
            return None
        return partial(self._c.llama_sampler_sample, self._usual.pointer, context)

    def sample(self, context: Any, place: int, *, formed: bool) -> int:  # noqa: ANN401 - a C pointer
        """Return the token chosen at a place of the last step, -1 for its end.

        ``formed`` False: the grammar does not hold here, and does not hear of the token.
        """
        if self._strict is None or not formed:
            return self._usual.sample(context, place)
        # The grammar over the whole vocabulary takes 15 ms, over one token nothing: look
        # first whether what the usual chain chooses is allowed, which it nearly always is.
        trial = self._usual.copy()
        token = trial.sample(context, place)
        if self._strict.allows(token):
            self._usual.free()
            self._usual = trial
            self._strict.accept(token)
        else:
            trial.free()
            token = self._strict.sample(context, place)
            self._usual.accept(token)
        return token

    def free(self) -> None:
        """Free everything; it must not be used afterwards."""
        self._usual.free()
        if self._strict is not None:
            self._strict.free()


class _Chain:
    """One chain of llama.cpp's samplers."""

    def __init__(self, model: Model, sampling: Sampling, grammar: str = "") -> None:
        c = self._c = model.c
        pointer = c.llama_sampler_chain_init(c.llama_sampler_chain_default_params())
        self._handle = Handle("sampler", pointer, c.llama_sampler_free)
        self._grammar: Any = None
        try:
            self._add_bias(model, sampling)
            if grammar:
                self._grammar = self._add(
                    c.llama_sampler_init_grammar(model.vocab, grammar.encode(), b"root"), Code.FORM
                )
            self._add_choice(model, sampling)
        except RefusedError:
            self.free()
            raise

    def copy(self) -> "_Chain":
        """Return a chain in the same state, whose grammar is not to be asked."""
        other = object.__new__(_Chain)
        other._c, other._grammar = self._c, None
        pointer = self._c.llama_sampler_clone(self.pointer)
        other._handle = Handle("sampler", pointer, self._c.llama_sampler_free)
        return other

    @property
    def pointer(self) -> Any:  # noqa: ANN401 - a C pointer
        """llama.cpp's chain. Raises MisuseError."""
        return self._handle.pointer

    def sample(self, context: Any, place: int) -> int:  # noqa: ANN401 - a C pointer
        """Choose a token and note it."""
        return int(self._c.llama_sampler_sample(self.pointer, context, place))

    def allows(self, token: int) -> bool:
        """Return whether the grammar goes on with ``token``."""
        one = (self._c.llama_token_data * 1)(self._c.llama_token_data(token, 1.0, 0.0))
        array = self._c.llama_token_data_array(one, 1, -1, False)  # noqa: FBT003 - C
        self._c.llama_sampler_apply(self._grammar, ctypes.byref(array))
        return bool(one[0].logit > float("-inf"))

    def accept(self, token: int) -> None:
        """Note a token that was chosen elsewhere; the grammar must allow it."""
        self._c.llama_sampler_accept(self.pointer, token)

    def free(self) -> None:
        """Free it; it must not be used afterwards."""
        self._handle.free()

    def _add_bias(self, model: Model, sampling: Sampling) -> None:
        """Add what is asked for, and forbid what the model file says is never to be written."""
        c = self._c
        count = ctypes.c_int32()
        suppressed = c.llama_vocab_get_suppress_tokens(model.vocab, ctypes.byref(count))
        biases = {
            token: each.bias
            for each in sampling.bias
            for token in _tokens_of(model, each)
            if 0 <= token < model.size
        }
        biases |= {suppressed[index]: _FORBIDDEN for index in range(max(count.value, 0))}
        if biases:
            entries = (c.llama_logit_bias * len(biases))(
                *(
                    c.llama_logit_bias(token, bias if bias > _FORBIDDEN else float("-inf"))
                    for token, bias in biases.items()
                )
            )
            self._add(c.llama_sampler_init_logit_bias(model.size, len(biases), entries))

    def _add_choice(self, model: Model, sampling: Sampling) -> None:
        c = self._c
        if sampling.temperature <= 0 and not _penalises(sampling):
            self._add(c.llama_sampler_init_greedy())
            return
        if sampling.top_k > 0:
            # First of all: every later step then looks at k tokens, not at the whole
            # vocabulary (0.1 instead of 12 ms with 152,000 tokens).
            self._add(c.llama_sampler_init_top_k(sampling.top_k))
        self._add_penalties(model, sampling)
        if sampling.temperature <= 0:
            self._add(c.llama_sampler_init_greedy())
            return
        self._add(c.llama_sampler_init_top_p(sampling.top_p, 1))
        self._add(c.llama_sampler_init_min_p(sampling.min_p, 1))
        self._add(c.llama_sampler_init_temp(sampling.temperature))
        seed = int.from_bytes(os.urandom(4)) if sampling.seed is None else sampling.seed % _SEEDS
        self._add(c.llama_sampler_init_dist(seed))

    def _add_penalties(self, model: Model, sampling: Sampling) -> None:
        c = self._c
        frequency, presence = sampling.frequency_penalty, sampling.presence_penalty
        if sampling.repeat_penalty != 1.0:
            self._add(
                c.llama_sampler_init_penalties(
                    model.size, _REPEAT_WINDOW, sampling.repeat_penalty, 0.0, 0.0
                )
            )
        if frequency or presence:
            self._add(
                c.llama_sampler_init_penalties(model.size, _LONG_WINDOW, 1.0, frequency, presence)
            )
        if sampling.dry > 0:
            breakers = (ctypes.c_char_p * len(_DRY_BREAKERS))(*_DRY_BREAKERS)
            self._add(
                c.llama_sampler_init_dry(
                    model.vocab,
                    sampling.dry,
                    _DRY_BASE,
                    _DRY_ALLOWED,
                    _LONG_WINDOW,
                    breakers,
                    len(_DRY_BREAKERS),
                )
            )

    def _add(self, sampler: Any, failure: Code = Code.MEMORY) -> Any:  # noqa: ANN401 - a C pointer
        if not sampler:  # a NULL pointer is no None in ctypes, and crashes when it is used
            raise RefusedError(failure, "llama.cpp made no sampler")
        self._c.llama_sampler_chain_add(self.pointer, sampler)
        return sampler


def _tokens_of(model: Model, bias: TokenBias) -> set[int]:
    """Return the tokens that are meant: a text's own, and the one with a space before it."""
    if not bias.text:
        return {bias.token}
    written = (model.tokenise(text, control=False) for text in (bias.text, f" {bias.text}"))
    tokens = {found[0] for found in written if len(found) == 1}
    if not tokens:
        raise RefusedError(Code.BIAS, bias.text)
    return tokens


def _penalises(sampling: Sampling) -> bool:
    penalties = (sampling.frequency_penalty, sampling.presence_penalty, sampling.dry)
    return sampling.repeat_penalty != 1.0 or any(penalties)
