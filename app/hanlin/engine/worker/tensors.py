"""How large a model's layers are, read from its table of tensors before anything is loaded."""

import ctypes
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from hanlin.engine.worker.llama import Llama
from hanlin.engine.worker.offload import Weights

_LAYER: Final = re.compile(rb"blk\.(\d+)\.")
_MOST_LAYERS: Final = 4096
_OUTPUT: Final = (b"output.", b"output_norm.")
_EMBEDDING: Final = b"token_embd.weight"


class _InitParameters(ctypes.Structure):
    _fields_ = (("no_alloc", ctypes.c_bool), ("context", ctypes.c_void_p))


def read_weights(llama: Llama, parts: Sequence[Path], width: int) -> Weights | None:
    """Return the sizes in all ``parts`` of the model; None when a part cannot be read."""
    layers: dict[int, int] = {}
    output = embedding = 0
    own_output = False
    for part in parts:
        table = _table(llama.ggml, part)
        if table is None:
            return None
        for name, size in table:
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


def _table(ggml: Any, path: Path) -> list[tuple[bytes, int]] | None:  # noqa: ANN401 - a C library
    """Return the names and sizes of the tensors in one file."""
    for name, arguments, result in (
        ("gguf_init_from_file", [ctypes.c_char_p, _InitParameters], ctypes.c_void_p),
        ("gguf_get_n_tensors", [ctypes.c_void_p], ctypes.c_int64),
        ("gguf_get_tensor_name", [ctypes.c_void_p, ctypes.c_int64], ctypes.c_char_p),
        ("gguf_get_tensor_size", [ctypes.c_void_p, ctypes.c_int64], ctypes.c_size_t),
        ("gguf_free", [ctypes.c_void_p], None),
    ):
        function = getattr(ggml, name)
        function.argtypes, function.restype = arguments, result
    pointer = ggml.gguf_init_from_file(str(path).encode(), _InitParameters(True, None))  # noqa: FBT003 - C
    if not pointer:
        return None
    try:
        return [
            (ggml.gguf_get_tensor_name(pointer, index), ggml.gguf_get_tensor_size(pointer, index))
            for index in range(ggml.gguf_get_n_tensors(pointer))
        ]
    finally:
        ggml.gguf_free(pointer)
