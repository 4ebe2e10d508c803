"""What a context takes of the memory, in llama.cpp's own words: no more than it needs."""

import re
from pathlib import Path

import pytest

from hanlin.engine.worker.llama import Llama
from hanlin.engine.worker.model import Model
from hanlin.engine.worker.pace import CHUNK
from hanlin.engine.worker.session import Session
from hanlin_fakes import gguf_models

CONTEXT = 8192
WORDS = 20_000


@pytest.fixture(scope="module")
def llama() -> Llama:
    return Llama()


def told(llama: Llama, path: Path) -> str:
    """Open a context of ``CONTEXT`` tokens; return what llama.cpp said meanwhile."""
    lines: list[str] = []
    model = Model(llama, path, 0, lambda _fraction: True)
    listening = llama.c.llama_log_callback(lambda _level, text, _data: lines.append(text.decode()))
    llama.c.llama_log_set(listening, None)
    try:
        Session(llama, model, context=CONTEXT, threads=1, free_memory=1 << 30, gpu=False)
    finally:
        llama.c.llama_log_set(llama.log, None)
    return "".join(lines)


def test_scores_are_kept_of_a_few_positions_only(llama: Llama, tmp_path: Path) -> None:
    text = told(llama, gguf_models.write_random(tmp_path / "m.gguf", layers=1, more_tokens=WORDS))
    [computed] = re.findall(r"compute buffer size = +([\d.]+) MiB", text)
    [output] = re.findall(r"output buffer size = +([\d.]+) MiB", text)
    all_of_a_batch = CHUNK * WORDS * 4 / 2**20
    assert float(computed) + float(output) < all_of_a_batch / 2


def test_a_sliding_window_keeps_what_it_sees_and_a_batch(llama: Llama, tmp_path: Path) -> None:
    text = told(llama, gguf_models.write_random(tmp_path / "m.gguf", "spark2_5", layers=2))
    [whole] = re.findall(r"creating non-SWA KV cache, size = (\d+) cells", text)
    [sliding] = re.findall(r"creating +SWA KV cache, size = (\d+) cells", text)
    assert int(whole) == CONTEXT
    # For each of the two sequences, and llama.cpp rounds up to 256.
    assert int(sliding) <= 2 * gguf_models.WINDOW + CHUNK + 256
