"""Which weights llama.cpp keeps in another format, reckoned from how large they are together."""

import pytest

from hanlin.engine.worker.head import Tensor
from hanlin.engine.worker.repacked import ranges

F32, Q4_0, Q8_0, Q4_K, Q6_K = 0, 2, 8, 12, 14
MB = 2**20


def table(*tensors: tuple[str, int, int]) -> list[Tensor]:
    """Return tensors by their names, kinds and sizes, one behind the other."""
    found, at = [], 4096
    for name, kind, size in tensors:
        found.append(Tensor(name.encode(), kind, at, size))
        at += size
    return found


MODEL = table(
    ("token_embd.weight", Q6_K, 100 * MB),
    ("blk.0.attn_norm.weight", F32, 4096),
    ("blk.0.attn_q.weight", Q4_K, 5 * MB),
    ("blk.0.attn_v.weight", Q6_K, 7 * MB),
    ("blk.0.ffn_down.weight", Q6_K, 12 * MB),
    ("blk.0.ffn_up.weight", Q4_K, 13 * MB),
)
"""Its output is the embedding's."""


def names(size: float, *parts: list[Tensor]) -> list[list[str]]:
    """Return what is not read of each part, by its names."""
    found = ranges(parts, round(size))
    return [
        [each.name.decode() for each in part if range(each.start, each.start + each.size) in unread]
        for part, unread in zip(parts, found, strict=True)
    ]


def test_the_kind_that_is_as_large_is_not_read() -> None:
    assert names(18 * MB, MODEL) == [["blk.0.attn_q.weight", "blk.0.ffn_up.weight"]]


def test_an_embedding_that_is_the_output_too_is_looked_up_all_the_same() -> None:
    assert names(119 * MB, MODEL) == [["blk.0.attn_v.weight", "blk.0.ffn_down.weight"]]
    own = [*MODEL, Tensor(b"output.weight", Q8_0, 2**30, 90 * MB)]
    assert names((18 + 90) * MB, own) == [
        ["blk.0.attn_q.weight", "blk.0.ffn_up.weight", "output.weight"]
    ]


def test_the_size_is_told_to_a_hundredth_of_a_megabyte() -> None:
    assert names(18 * MB + 0.004 * MB, MODEL) != [[]]
    assert names(18 * MB + 0.1 * MB, MODEL) == [[]]


@pytest.mark.parametrize("size", [0, 17 * MB, 10**12])
def test_what_fits_no_kinds_is_not_guessed(size: int) -> None:
    assert names(size, MODEL) == [[]]


def test_two_ways_to_be_as_large_are_not_chosen_from() -> None:
    either = table(("blk.0.attn_q.weight", Q4_K, 5 * MB), ("blk.0.attn_k.weight", Q4_0, 5 * MB))
    assert names(5 * MB, either) == [[]]
    assert names(10 * MB, either) == [["blk.0.attn_q.weight", "blk.0.attn_k.weight"]]


def test_matrices_of_three_dimensions_are_multiplied_as_they_are() -> None:
    latent = table(("blk.0.attn_k_b.weight", Q4_K, 3 * MB), ("blk.0.attn_q.weight", Q4_K, 5 * MB))
    assert names(5 * MB, latent) == [["blk.0.attn_q.weight"]]


def test_every_part_of_a_model_has_its_own() -> None:
    first, second = MODEL[:3], [Tensor(b"blk.1.attn_q.weight", Q4_K, 64, 2 * MB), *MODEL[5:]]
    assert names(20 * MB, first, second) == [
        ["blk.0.attn_q.weight"],
        ["blk.1.attn_q.weight", "blk.0.ffn_up.weight"],
    ]
