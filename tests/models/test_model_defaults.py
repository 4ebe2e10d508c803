"""A person's choices for a model are kept as they are, and what cannot be is dropped."""

from dataclasses import fields
from typing import Any

import pytest

from hanlin.domain.generation import Sampling, TokenBias
from hanlin.domain.models import ModelDefaults
from hanlin_models import model_defaults
from hanlin_models.model_defaults import LIMITS, WHOLE

SAMPLERS = sorted(LIMITS.keys() & {field.name for field in fields(Sampling)})


def some(name: str) -> float | int:
    low, high = LIMITS[name]
    middle = (low + min(high, low + 100)) / 2 + 0.25
    return int(middle) if name in WHOLE else middle


def test_every_choice_is_kept() -> None:
    chosen: dict[str, Any] = {name: some(name) for name in LIMITS}
    bias = (TokenBias(7, -100.0), TokenBias(-1, 2.5, "然而"))
    defaults = ModelDefaults(thinking=True, bias=bias, **chosen)
    assert None not in {getattr(defaults, field.name) for field in fields(ModelDefaults)}
    assert model_defaults.from_json(model_defaults.to_json(defaults)) == defaults


@pytest.mark.parametrize("name", SAMPLERS)
def test_a_chosen_sampler_goes_before_the_makers_advice(name: str) -> None:
    chosen: dict[str, Any] = {name: some(name)}
    advice = Sampling()
    used = ModelDefaults(**chosen).over(advice)
    assert getattr(used, name) == some(name) != getattr(advice, name)
    assert ModelDefaults().over(advice) == advice


def test_weights_of_words_go_before_the_makers_advice_and_nonsense_is_dropped() -> None:
    read = model_defaults.from_json({"bias": ["a=1", 5, "b", "#3=-100"]})
    assert read.over(Sampling()).bias == (TokenBias(-1, 1.0, "a"), TokenBias(3, -100.0))
    for wrong in ("a=1", [], ["b"], None):
        assert model_defaults.from_json({"bias": wrong}) == ModelDefaults()


@pytest.mark.parametrize("name", LIMITS)
def test_what_is_not_allowed_counts_as_not_chosen(name: str) -> None:
    low, high = LIMITS[name]
    for wrong in (low - 1, high + 1, "1", True, None):
        assert model_defaults.from_json({name: wrong}) == ModelDefaults()
