"""How much of a model goes on a graphics card: never more than fits, all of it where that fits."""

import pytest

from hanlin.engine.protocol import CacheType
from hanlin.engine.worker.offload import Split, Weights, fitting_layers, split

MB = 2**20
GB = 2**30
MODEL = Weights(layers=(100 * MB,) * 36, output=400 * MB, width=2560)
PER_TOKEN = 147_456  # 36 layers, 8 heads of 128 + 128 numbers in f16


def test_everything_fits_on_a_large_card() -> None:
    found = split(
        MODEL, asked=0, trained=40960, ram_context=8192, per_token=PER_TOKEN, free=24 * GB
    )
    assert found == Split(32768, 37)


def test_a_shorter_context_keeps_everything_on_the_card() -> None:
    found = split(
        MODEL, asked=0, trained=40960, ram_context=32768, per_token=PER_TOKEN, free=int(6.2 * GB)
    )
    assert found == Split(8192, 37)


def test_a_small_card_computes_the_last_layers_with_the_usual_context() -> None:
    found = split(
        MODEL, asked=0, trained=40960, ram_context=32768, per_token=PER_TOKEN, free=3 * GB
    )
    assert found.context == 8192
    assert 1 < found.gpu_layers < 37


def test_the_persons_context_is_kept() -> None:
    found = split(
        MODEL, asked=32768, trained=40960, ram_context=8192, per_token=PER_TOKEN, free=6 * GB
    )
    assert found.context == 32768
    assert found.gpu_layers < 37


def test_the_trained_context_is_the_limit() -> None:
    found = split(MODEL, asked=0, trained=4096, ram_context=4096, per_token=PER_TOKEN, free=24 * GB)
    assert found == Split(4096, 37)


@pytest.mark.parametrize("free", [0, 100 * MB, 700 * MB, 800 * MB])
def test_a_card_with_room_for_the_output_alone_is_left_alone(free: int) -> None:
    assert fitting_layers(MODEL, 8192, PER_TOKEN, free) == 0


def test_more_memory_never_means_fewer_layers_and_what_fits_really_fits() -> None:
    before = 0
    for free in range(0, 8 * GB, 128 * MB):
        layers = fitting_layers(MODEL, 8192, PER_TOKEN, free)
        assert layers >= before
        if layers:
            used = MODEL.output + (layers - 1) * (100 * MB + 8192 * PER_TOKEN // 36)
            assert used <= free
        before = layers
    assert before == 37


def test_a_table_without_layers_goes_nowhere() -> None:
    assert fitting_layers(Weights((), 0, 64), 512, 100, GB) == 0


def test_packed_caches_are_smaller() -> None:
    assert [CacheType("f16"), CacheType("q8_0"), CacheType("q4_0")] == list(CacheType)
