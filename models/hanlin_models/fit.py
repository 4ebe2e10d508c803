"""Whether a model suits this computer, and which one suits it best: memory and speed.

The cache of keys and values is computed as llama.cpp does it (kv-cache.cpp, hparams.cpp);
what else a process needs was measured. Asking the engine itself is not done here: it would
have to load the model.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

import psutil

from hanlin.domain.catalogue import (
    CatalogueEntry,
    Fit,
    FitEstimate,
    Geometry,
    Memory,
    Runs,
    Task,
)
from hanlin.domain.models import USUAL_CONTEXT
from hanlin.kernel.i18n import Said, _
from hanlin.kernel.units import size as size_words
from hanlin_models.gguf import TOKENS, Fact, Header
from hanlin_models.speed import COMFORT, SLOW, Speed, ability, active_of_header, active_of_name

_CELLS: Final = 256
"""A cache has a multiple of this many places."""
_BYTES: Final[dict[str, float]] = {"f16": 2.0, "q8_0": 34 / 32, "q5_1": 24 / 32, "q4_0": 18 / 32}
_F32: Final = 4
_FULL_EVERY: Final = 4
"""In hybrid models every fourth layer keeps keys and values, unless the file says otherwise."""
_HYBRID: Final = frozenset({"qwen35", "qwen35moe", "qwen3next"})
_PROCESS: Final = 33 * 2**20
"""The worker's own memory: Python and the libraries, measured."""
_BATCH: Final = 512
_VOCABULARY: Final = 300
"""Bytes that one token of the vocabulary takes, measured on three vocabularies."""
_BUFFERS_PER_WIDTH: Final = 10
"""Rows of a batch that a layer's computation holds at once, in units of the model's width."""
_COMFORT: Final = 0.9
_CARD_RESERVE: Final = 300 * 2**20
_CARD_SHARE: Final = 0.95
"""What the worker leaves of a card's memory and takes of it (engine/worker/offload.py)."""
_LEAST_ON_CARD: Final = 0.05
"""A layer or two: with less the card is of no use."""


def this_computer(graphics: int = 0) -> Memory:
    """Return the memory of this computer as it is now, and what its graphics card has free."""
    memory = psutil.virtual_memory()
    return Memory(free=int(memory.available), total=int(memory.total), graphics=graphics)


def geometry_of(header: Header) -> Geometry | None:
    """Return what a file says about its cache; None when it does not say enough."""
    layers = _whole(header.of_model("block_count"))
    heads = _whole(header.of_model("attention.head_count"))
    width = _whole(header.of_model("embedding_length"))
    if not layers or not heads or not width:
        return None
    layers -= _whole(header.of_model("nextn_predict_layers"))
    per_layer = header.of_model("attention.head_count_kv")
    listed = per_layer if isinstance(per_layer, list) else [_whole(per_layer) or heads] * layers
    kv_heads = _with_attention(header, listed[:layers])
    key = _whole(header.of_model("attention.key_length")) or width // heads
    latent = header.of_model("attention.key_length_mla") is not None
    value = _whole(header.of_model("attention.value_length")) or width // heads
    numbers = sum(kv_heads) * (key if latent else key + value)
    recurrent = layers - sum(count > 0 for count in kv_heads)
    return Geometry(
        layers=1,
        kv_heads=1,
        head_dim=numbers,
        has_values=False,  # both are in the sum already
        state_bytes=recurrent * _state_of_layer(header),
    )


def cache_bytes(geometry: Geometry, context: int, packing: str = "f16") -> int:
    """Return the memory of the cache for ``context`` tokens, with what hybrid models add."""
    cells = -(-context // _CELLS) * _CELLS
    numbers = geometry.layers * geometry.kv_heads * geometry.head_dim
    numbers *= 2 if geometry.has_values else 1
    return round(cells * numbers * _BYTES[packing]) + geometry.state_bytes


def overhead_bytes(width: int, vocabulary: int) -> int:
    """Return what the worker needs beside weights and cache."""
    return _PROCESS + _BATCH * width * _BUFFERS_PER_WIDTH * _F32 + vocabulary * _VOCABULARY


def estimate_file(
    header: Header, total_bytes: int, memory: Memory, context: int = USUAL_CONTEXT
) -> FitEstimate:
    """Return how a file whose header was read suits this computer, with all its parts."""
    width = _whole(header.of_model("embedding_length"))
    vocabulary = _whole(header.facts.get(TOKENS))
    overhead = overhead_bytes(width, vocabulary)
    estimate = _estimate(
        total_bytes, geometry_of(header), memory, _usable(context, header), overhead
    )
    return replace(estimate, active=active_of_header(header, total_bytes))


def estimate_entry(
    entry: CatalogueEntry, memory: Memory, context: int = USUAL_CONTEXT
) -> FitEstimate:
    """Return how a model of the catalogue suits this computer, with its projector."""
    context = min(context, entry.context or context)
    if not entry.files or entry.files[0].bytes is None:
        return FitEstimate(Fit.UNKNOWN, _("Its size is not known yet."), None, context)
    own = entry.files[0].bytes
    weights = own + ((entry.projector.bytes or 0) if entry.projector else 0)
    overhead = overhead_bytes(4096, 152_000)
    estimate = _estimate(weights, entry.geometry, memory, context, overhead)
    return replace(estimate, active=active_of_name(entry.parameters, own))


def with_weights(estimate: FitEstimate, weights: int, memory: Memory) -> FitEstimate:
    """Return the estimate for the same model packed into ``weights`` bytes."""
    active = round(estimate.active * weights / max(estimate.weights, 1))
    return _placed(replace(estimate, weights=weights, active=active), memory)


def recommend(
    entries: Iterable[CatalogueEntry], task: Task, memory: Memory, speed: Speed
) -> CatalogueEntry | None:
    """Return the one model to take for ``task`` on this computer, None when none suits it.

    Of the recommended ones that leave room for other programs the ablest that writes at a
    comfortable pace; where none does the fastest, unless that is no use.
    """
    fitting = [
        (speed.tokens(estimate), entry)
        for entry in entries
        if _is_for(entry, task) and entry.recommended and entry.runs is Runs.YES
        for estimate in (estimate_entry(entry, memory),)
        if estimate.verdict is Fit.GOOD
    ]
    pleasant = [entry for tokens, entry in fitting if tokens >= COMFORT]
    if pleasant:
        return max(pleasant, key=lambda entry: ability(entry.parameters))
    tokens, fastest = max(fitting, key=lambda pair: pair[0], default=(0.0, None))
    return fastest if tokens >= SLOW or task is Task.GENERAL else None


def _is_for(entry: CatalogueEntry, task: Task) -> bool:
    """Tell whether it does the task; on a small computer, whether one can talk to it."""
    return task in entry.tasks and (task is not Task.EDGE or Task.GENERAL in entry.tasks)


def _estimate(
    weights: int, geometry: Geometry | None, memory: Memory, context: int, overhead: int
) -> FitEstimate:
    cache = cache_bytes(geometry, context) if geometry is not None else weights // 10
    estimate = FitEstimate(Fit.UNKNOWN, "", None, context, weights, cache, overhead)
    return _placed(estimate, memory)


def _placed(estimate: FitEstimate, memory: Memory) -> FitEstimate:
    """Return the estimate with where the model goes and what that means."""
    model = estimate.weights + estimate.cache
    needed = model + estimate.overhead
    on_card = _on_card(model, estimate.overhead, memory.graphics)
    rest = round(model * (1 - on_card)) + estimate.overhead
    if rest <= memory.free * _COMFORT:
        verdict = Fit.GOOD
    else:
        verdict = Fit.TIGHT if rest <= memory.total * _COMFORT else Fit.TOO_LARGE
    words = Said(lambda: _words(verdict, needed, rest, on_card, memory))
    return replace(estimate, verdict=verdict, words=words, needed=needed, on_card=on_card)


def _on_card(model: int, buffers: int, graphics: int) -> float:
    """Return the part of weights and cache that the engine will give to the card.

    It gives whole layers, and the same reserve as here is left for driver and screen.
    """
    room = graphics * _CARD_SHARE - _CARD_RESERVE - buffers
    share = min(room / max(model, 1), 1.0)
    return share if share >= _LEAST_ON_CARD else 0.0


def _words(verdict: Fit, needed: int, rest: int, on_card: float, memory: Memory) -> str:
    on_processor = {
        Fit.GOOD: lambda: _("Fits: it needs about {needed}, {free} are free."),
        Fit.TIGHT: lambda: _(
            "Tight: it needs about {needed}, {free} are free. Close other programs first."
        ),
        Fit.TOO_LARGE: lambda: _(
            "Does not fit: it needs about {needed}, this computer has {total}."
        ),
    }
    with_card = {
        Fit.GOOD: lambda: _(
            "Partly on the graphics card: it needs about {needed}, {graphics} are free there "
            "and {free} in the computer's memory."
        ),
        Fit.TIGHT: lambda: _(
            "Tight: beside what the graphics card takes it needs about {rest}, {free} are free. "
            "Close other programs first."
        ),
        Fit.TOO_LARGE: lambda: _(
            "Does not fit: it needs about {needed}, this computer has {total} and its graphics "
            "card {graphics}."
        ),
    }
    if on_card >= 1 and verdict is Fit.GOOD:
        text = _("Fits the graphics card: it needs about {needed}, {graphics} are free there.")
    else:
        text = (with_card if on_card else on_processor)[verdict]()
    return text.format(
        needed=size_words(needed),
        rest=size_words(rest),
        free=size_words(memory.free),
        total=size_words(memory.total),
        graphics=size_words(memory.graphics),
    )


def _with_attention(header: Header, kv_heads: list[int]) -> list[int]:
    """Return the heads of each layer, 0 for those that keep a state instead."""
    if header.info.architecture not in _HYBRID:
        return kv_heads
    every = _whole(header.of_model("full_attention_interval")) or _FULL_EVERY
    return [0 if (number + 1) % every else heads for number, heads in enumerate(kv_heads)]


def _state_of_layer(header: Header) -> int:
    """Return the bytes a recurrent layer keeps of one sequence (gated delta net)."""
    state = _whole(header.of_model("ssm.state_size"))
    inner = _whole(header.of_model("ssm.inner_size"))
    kernel = _whole(header.of_model("ssm.conv_kernel"))
    groups = _whole(header.of_model("ssm.group_count"))
    convolution = max(kernel - 1, 0) * (inner + 2 * groups * state)
    return (state * inner + convolution) * _F32


def _usable(context: int, header: Header) -> int:
    return min(context, header.info.context_length or context)


def _whole(value: Fact | None) -> int:
    if isinstance(value, list):
        return len(value)
    return value if isinstance(value, int) else 0
