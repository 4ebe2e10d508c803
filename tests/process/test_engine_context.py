"""What a context takes of the memory, in llama.cpp's own words: no more than it needs."""

import re
from pathlib import Path

import pytest

from hanlin.engine.commands import Load
from hanlin.engine.protocol import CacheType
from hanlin.engine.worker import loading
from hanlin.engine.worker.llama import Llama
from hanlin.engine.worker.model import Model
from hanlin.engine.worker.pace import CHUNK
from hanlin.engine.worker.session import Session
from hanlin.engine.worker.sizing import beside, bytes_per_token, cache_of
from hanlin_fakes import gguf_families, gguf_models

CONTEXT = 8192
WORDS = 20_000
LONG = 32768
CARD_RESERVE = 310 * 2**20
"""Bytes for the driver, the screen and what a small model takes beside its cache."""


@pytest.fixture(scope="module")
def llama() -> Llama:
    return Llama()


def told(llama: Llama, model: Model, cache: CacheType = CacheType.F16) -> str:
    """Open a context of ``CONTEXT`` tokens; return what llama.cpp said meanwhile."""
    lines: list[str] = []
    listening = llama.c.llama_log_callback(lambda _level, text, _data: lines.append(text.decode()))
    llama.c.llama_log_set(listening, None)
    try:
        Session(
            llama, model, context=CONTEXT, threads=1, free_memory=1 << 30, gpu=False, cache=cache
        )
    finally:
        llama.c.llama_log_set(llama.log, None)
    return "".join(lines)


def loaded(llama: Llama, path: Path) -> Model:
    return Model(llama, path, 0, lambda _fraction: True)


def test_scores_are_kept_of_a_few_positions_only(llama: Llama, tmp_path: Path) -> None:
    path = gguf_models.write_random(tmp_path / "m.gguf", layers=1, more_tokens=WORDS)
    text = told(llama, loaded(llama, path))
    [computed] = re.findall(r"compute buffer size = +([\d.]+) MiB", text)
    [output] = re.findall(r"output buffer size = +([\d.]+) MiB", text)
    all_of_a_batch = CHUNK * WORDS * 4 / 2**20
    assert float(computed) + float(output) < all_of_a_batch / 2


def test_a_sliding_window_keeps_what_it_sees_and_a_batch(llama: Llama, tmp_path: Path) -> None:
    path = gguf_models.write_random(tmp_path / "m.gguf", "spark2_5", layers=2)
    text = told(llama, loaded(llama, path))
    [whole] = re.findall(r"creating non-SWA KV cache, size = (\d+) cells", text)
    [sliding] = re.findall(r"creating +SWA KV cache, size = (\d+) cells", text)
    assert int(whole) == CONTEXT
    # For each of the two sequences, and llama.cpp rounds up to 256.
    assert int(sliding) <= 2 * gguf_models.WINDOW + CHUNK + 256


def test_flash_attention_is_left_to_llama_cpp(llama: Llama, tmp_path: Path) -> None:
    text = told(llama, loaded(llama, gguf_models.write_random(tmp_path / "m.gguf", layers=1)))
    assert re.findall(r"flash_attn += (\w+)", text) == ["auto"]


@pytest.mark.parametrize("name", sorted({*gguf_families.NAMES} - {"bert"}))
def test_the_cache_is_reckoned_as_it_is_made(llama: Llama, tmp_path: Path, name: str) -> None:
    model = loaded(llama, gguf_families.write(tmp_path / "m.gguf", name))
    found = re.findall(r"KV buffer size = +([\d.]+) MiB", told(llama, model))
    reckoned = CONTEXT * bytes_per_token(model, CacheType.F16) / 2**20
    # What slides is reckoned like the others: too much, never too little.
    assert reckoned == sum(map(float, found)) or model.window
    assert reckoned >= sum(map(float, found)) > 0


@pytest.mark.parametrize("asked", [0, 16384])
def test_a_cache_that_cannot_be_packed_is_no_larger_than_what_fits(
    llama: Llama, tmp_path: Path, asked: int
) -> None:
    size = gguf_families.Size(head=48)  # numbers are packed by 32
    model = loaded(llama, gguf_families.write(tmp_path / "m.gguf", "llama", size=size))
    packed, plain = (bytes_per_token(model, cache) for cache in (CacheType.Q8_0, CacheType.F16))
    room = (plain + packed) // 2 * (asked or CONTEXT)
    free = 2 * room if asked else beside(model) + room
    session = Session(
        llama,
        model,
        context=asked,
        threads=1,
        free_memory=free,
        gpu=False,
        cache=CacheType.Q8_0,
    )
    assert session.cache is CacheType.F16
    assert CONTEXT // 2 <= session.context <= room // plain
    assert session.longest_context * plain <= free


@pytest.mark.parametrize("name", ["llama", "deepseek2", "qwen35"])
@pytest.mark.parametrize("head", [48, 64])
@pytest.mark.parametrize("cache", CacheType)
def test_how_a_cache_will_be_kept_is_known_before(
    llama: Llama, tmp_path: Path, name: str, head: int, cache: CacheType
) -> None:
    size = gguf_families.Size(head=head)
    model = loaded(llama, gguf_families.write(tmp_path / "m.gguf", name, size=size))
    session = Session(
        llama, model, context=CONTEXT, threads=1, free_memory=1 << 30, gpu=False, cache=cache
    )
    assert cache_of(model, cache) is session.cache


@pytest.mark.parametrize("head", [48, 64])
def test_a_card_is_given_layers_by_the_cache_that_will_be(
    llama: Llama, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, head: int
) -> None:
    size = gguf_families.Size(head=head)
    path = gguf_families.write(tmp_path / "m.gguf", "llama", size=size)
    per_token = bytes_per_token(loaded(llama, path), CacheType.F16)
    free = int((CARD_RESERVE + LONG * per_token * 0.7) / 0.95)
    monkeypatch.setattr(llama, "free_graphics_memory", lambda: free)

    def layers(cache: CacheType) -> int:
        command = Load(1, str(path), LONG, 0, 1, 1 << 30, cache=cache)
        return loading._split(llama, command).gpu_layers

    plain, packed = layers(CacheType.F16), layers(CacheType.Q8_0)
    assert 0 < plain < packed if head % 32 == 0 else 0 < plain == packed


def test_a_card_keeps_room_for_what_the_model_sees_with(
    llama: Llama, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, projector = gguf_models.write_random(tmp_path / "m.gguf"), tmp_path / "mmproj.gguf"
    cache = LONG * bytes_per_token(loaded(llama, path), CacheType.F16)
    with projector.open("wb") as file:
        file.truncate(cache // 2)
    monkeypatch.setattr(
        llama, "free_graphics_memory", lambda: int((CARD_RESERVE + cache * 0.9) / 0.95)
    )

    def layers(projector: str) -> int:
        command = Load(1, str(path), LONG, 0, 1, 1 << 30, projector=projector)
        return loading._split(llama, command).gpu_layers

    assert layers(str(projector)) < layers("")


def test_a_packed_cache_is_reckoned_as_it_is_made(llama: Llama, tmp_path: Path) -> None:
    model = loaded(llama, gguf_models.write_random(tmp_path / "m.gguf"))
    for cache in (CacheType.Q8_0, CacheType.Q4_0):
        [found] = re.findall(r"KV buffer size = +([\d.]+) MiB", told(llama, model, cache))
        assert CONTEXT * bytes_per_token(model, cache) / 2**20 == float(found)
