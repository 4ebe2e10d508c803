"""What llama.cpp repacked is found in real files, by the size that it told."""

from pathlib import Path

import pytest

from hanlin.engine.worker import head
from hanlin.engine.worker.llama import Llama
from hanlin.engine.worker.model import Model
from hanlin.engine.worker.repacked import unread
from hanlin_fakes.gguf_models import write_random

ROUNDING = 10_486
"""Bytes: a hundredth of a MiB."""


@pytest.fixture(scope="module")
def llama() -> Llama:
    return Llama()


def quantised(llama: Llama, folder: Path, name: str) -> Path:
    """Write a model whose matrices have the format called ``name``."""
    source = write_random(folder / "f16.gguf", dim=512)
    path = folder / f"{name}.gguf"
    parameters = llama.c.llama_model_quantize_default_params()
    parameters.ftype = getattr(llama.c, f"LLAMA_FTYPE_MOSTLY_{name}")
    assert not llama.c.llama_model_quantize(str(source).encode(), str(path).encode(), parameters)
    return path


@pytest.mark.parametrize("name", ["Q4_0", "Q4_K_S", "Q4_K_M", "IQ4_NL"])
def test_as_many_bytes_are_found_as_were_repacked(llama: Llama, tmp_path: Path, name: str) -> None:
    path = quantised(llama, tmp_path, name)
    model = Model(llama, path, 0, lambda _fraction: True)
    if not model.repacked:
        pytest.skip(f"this processor keeps {name} as it is")
    (found,) = unread(llama.ggml, [path], model.repacked)
    assert found
    tensors = head.tensors(llama.ggml, path)
    assert tensors is not None
    (embedding,) = (each for each in tensors if each.name == b"token_embd.weight")
    assert all(embedding.start not in each for each in found)
    kept = sum(map(len, found))
    assert min(abs(model.repacked - kept - more) for more in (0, embedding.size)) <= ROUNDING


def test_what_is_read_as_it_is_in_the_file_is_not_given_up(llama: Llama, tmp_path: Path) -> None:
    path = write_random(tmp_path / "f16.gguf")
    model = Model(llama, path, 0, lambda _fraction: True)
    assert model.repacked == 0
    assert unread(llama.ggml, [path], model.repacked) == [[]]
