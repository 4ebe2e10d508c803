"""How large a model's layers are, read from its table of tensors before anything is loaded."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from hanlin.engine.worker import head
from hanlin.engine.worker.llama import Llama
from hanlin.engine.worker.offload import Weights

_LAYER: Final = re.compile(rb"blk\.(\d+)\.")
_MOST_LAYERS: Final = 4096
_OUTPUT: Final = (b"output.", b"output_norm.")
_EMBEDDING: Final = b"token_embd.weight"


def read_weights(llama: Llama, parts: Sequence[Path], width: int) -> Weights | None:
    """Return the sizes in all ``parts`` of the model; None when a part cannot be read."""
    layers: dict[int, int] = {}
    output = embedding = 0
    own_output = False
    for part in parts:
        table = head.tensors(llama.ggml, part)
        if table is None:
            return None
        for name, _kind, _start, size in table:
            if found := _LAYER.match(name):
                number = int(found[1])
                if number >= _MOST_LAYERS:
                    return None
                layers[number] = layers.get(number, 0) + size
            elif name.startswith(_OUTPUT):
                output += size
                own_output = own_output or name == b"output.weight"
            elif name == _EMBEDDING:
                embedding = size
    # Without a matrix of its own the output takes a copy of the embedding's.
    output += 0 if own_output else embedding
    counts = tuple(layers.get(number, 0) for number in range(max(layers, default=-1) + 1))
    return Weights(counts, output, width)
