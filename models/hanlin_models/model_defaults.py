"""A person's choices for a model, and its maker's, as they stand in the list of models.

What somebody wrote into the file by hand and wrongly counts as not chosen.
"""

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any, Final

from hanlin.domain.biases import read_bias, write_bias
from hanlin.domain.generation import SAMPLING_LIMITS, Sampling, TokenBias
from hanlin.domain.models import ModelDefaults, Override

LIMITS: Final[Mapping[str, tuple[float, float]]] = {
    "context": (256, 1_048_576),
    "gpu_layers": (0, 1000),
    **SAMPLING_LIMITS,
}
"""What each number may be."""
_LONGEST_KEY: Final = 127
"""Bytes of a setting's name; llama.cpp's array holds no more."""
WHOLE: Final = frozenset({"context", "gpu_layers", "top_k", "seed"})


def to_json(defaults: ModelDefaults) -> dict[str, object]:
    """Return what was chosen."""
    chosen = {name: value for name, value in asdict(defaults).items() if value is not None}
    if defaults.bias is not None:
        chosen["bias"] = [write_bias(one) for one in defaults.bias]
    return chosen


def from_json(value: object) -> ModelDefaults:
    """Return the choices in ``value``, without those that are not allowed."""
    if not isinstance(value, dict):
        return ModelDefaults()
    numbers = {name: _number(name, value.get(name)) for name in LIMITS}
    chosen: dict[str, Any] = {name: one for name, one in numbers.items() if one is not None}
    thinking = value.get("thinking")
    return ModelDefaults(
        thinking=thinking if isinstance(thinking, bool) else None,
        bias=_biases(value.get("bias")),
        **chosen,
    )


def _biases(value: object) -> tuple[TokenBias, ...] | None:
    written = value if isinstance(value, list) else []
    read = (read_bias(each) for each in written if isinstance(each, str))
    return tuple(each for each in read if each is not None) or None


def sampling_from(value: object) -> Sampling | None:
    """Return a sampling that was written down, or one of the catalogue; None for nonsense."""
    if not isinstance(value, Mapping):
        return None
    known = {field.name for field in fields(Sampling)} & LIMITS.keys()
    chosen: dict[str, Any] = {name: _number(name, value.get(name)) for name in known}
    wanted = {name: one for name, one in chosen.items() if one is not None}
    return Sampling(**wanted) if wanted else None


def overrides_from(value: object) -> tuple[Override, ...]:
    """Return what was written down, or is in the catalogue, of what a file has wrong."""
    if not isinstance(value, Mapping):
        return ()
    return tuple(
        Override(key, one)
        for key, one in value.items()
        if isinstance(key, str) and len(key.encode()) <= _LONGEST_KEY
        if type(one) is int and 0 <= one < 2**31
    )


def _number(name: str, value: object) -> float | int | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    low, high = LIMITS[name]
    if not low <= value <= high:
        return None
    return int(value) if name in WHOLE else float(value)
