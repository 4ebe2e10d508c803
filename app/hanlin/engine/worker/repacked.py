"""Which bytes of a model's files are not read again: llama.cpp keeps those weights otherwise.

It tells how many there are, not which. They are what is multiplied with, all of it that has
the same kind of numbers (ggml/src/ggml-cpu/repack.cpp), so the kinds that are as large
together are found. What is done with those bytes belongs to ``pages``.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, combinations
from pathlib import Path
from typing import Any, Final

from hanlin.engine.worker import head
from hanlin.engine.worker.head import Tensor

_AS_IT_IS: Final = re.compile(rb"token_embd|\.attn_[kv]_b\.")
"""Looked up row by row, or multiplied in three dimensions."""
_EMBEDDING: Final = b"token_embd.weight"
_OUTPUT: Final = b"output.weight"
_PLAIN: Final = (0, 1, 30)
"""F32, F16 and BF16 have no blocks that could be arranged otherwise."""
_TOLD: Final = 0.01 * 2**20
"""Bytes: to how many llama.cpp tells the size."""
_ALIGNED: Final = 64
"""Bytes that may lie between two tensors."""


def unread(ggml: Any, files: Sequence[Path], size: int) -> list[list[range]]:  # noqa: ANN401 - a C library
    """Return the bytes of each file that are not read, none where that is not certain.

    ``size``: as in :func:`ranges`.
    """
    parts = [head.tensors(ggml, file) for file in files] if size else []
    known = [part for part in parts if part is not None]
    return ranges(known, size) if len(known) == len(files) else [[] for _file in files]


def ranges(parts: Sequence[Sequence[Tensor]], size: int) -> list[list[range]]:
    """Return the bytes of each part that are not read, none where that is not certain.

    ``parts`` are a model's tensors, ``size`` is how many bytes llama.cpp has repacked.
    """
    every = list(chain(*parts))
    kinds = list(_kinds(every, size)) if size else []
    found = kinds[0] if len(kinds) == 1 else ()
    return [
        [range(each.start, each.start + each.size) for each in part if _is_repacked(each, found)]
        for part in parts
    ]


def _kinds(tensors: Sequence[Tensor], size: int) -> Iterator[tuple[int, ...]]:
    """Yield the kinds of numbers that are as large together."""
    sizes: Counter[int] = Counter()
    names = {each.name: each for each in tensors}
    for each in tensors:
        if each.kind not in _PLAIN and not _AS_IT_IS.search(each.name):
            sizes[each.kind] += each.size
    # Without a matrix of its own the output is the embedding's, which is then kept twice.
    tied = names.get(_EMBEDDING) if _OUTPUT not in names else None
    rounding = _TOLD + _ALIGNED * len(tensors)
    for count in range(1, len(sizes) + 1):
        for kinds in combinations(sizes, count):
            more = tied.size if tied and tied.kind in kinds else 0
            if abs(sum(sizes[kind] for kind in kinds) + more - size) <= rounding:
                yield kinds


def _is_repacked(tensor: Tensor, kinds: Sequence[int]) -> bool:
    return tensor.kind in kinds and not _AS_IT_IS.search(tensor.name)
