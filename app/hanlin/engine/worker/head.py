"""The head of a model's file, read by ggml: what llama.cpp's own interface does not tell.

It holds the vocabulary, too, and takes a moment to read: only what cannot be had otherwise
is asked for. What is made of it belongs to ``tensors`` and ``sizing``.
"""

import contextlib
import ctypes
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

_ARRAY: Final = 9
_NUMBERS: Final = {4: ctypes.c_uint32, 5: ctypes.c_int32}
"""GGUF's kinds of lists that are read."""
_LONGEST: Final = 4096


class _InitParameters(ctypes.Structure):
    _fields_ = (("no_alloc", ctypes.c_bool), ("context", ctypes.c_void_p))


class Tensor(NamedTuple):
    """Where a tensor lies in its file, in bytes, and ggml's number for what it consists of."""

    name: bytes
    kind: int
    start: int
    size: int


def tensors(ggml: Any, path: Path) -> list[Tensor] | None:  # noqa: ANN401 - a C library
    """Return the tensors in one file, None when it cannot be read."""
    with _opened(ggml, path) as head:
        if not head:
            return None
        data = ggml.gguf_get_data_offset(head)
        return [
            Tensor(
                ggml.gguf_get_tensor_name(head, index),
                ggml.gguf_get_tensor_type(head, index),
                data + ggml.gguf_get_tensor_offset(head, index),
                ggml.gguf_get_tensor_size(head, index),
            )
            for index in range(ggml.gguf_get_n_tensors(head))
        ]


def numbers(ggml: Any, path: Path, key: str) -> list[int]:  # noqa: ANN401 - a C library
    """Return the list of whole numbers that a file has under ``key``, [] when it has none."""
    with _opened(ggml, path) as head:
        at = ggml.gguf_find_key(head, key.encode()) if head else -1
        if at < 0 or ggml.gguf_get_kv_type(head, at) != _ARRAY:
            return []
        kind = _NUMBERS.get(ggml.gguf_get_arr_type(head, at))
        if kind is None:
            return []
        count = min(ggml.gguf_get_arr_n(head, at), _LONGEST)
        return list((kind * count).from_address(ggml.gguf_get_arr_data(head, at))) if count else []


@contextlib.contextmanager
def _opened(ggml: Any, path: Path) -> Iterator[Any]:  # noqa: ANN401 - a C library, and its pointer
    pointer, whole = ctypes.c_void_p, ctypes.c_int64
    for name, arguments, result in (
        ("gguf_init_from_file", [ctypes.c_char_p, _InitParameters], pointer),
        ("gguf_get_n_tensors", [pointer], whole),
        ("gguf_get_tensor_name", [pointer, whole], ctypes.c_char_p),
        ("gguf_get_tensor_type", [pointer, whole], ctypes.c_int),
        ("gguf_get_data_offset", [pointer], ctypes.c_size_t),
        ("gguf_get_tensor_offset", [pointer, whole], ctypes.c_size_t),
        ("gguf_get_tensor_size", [pointer, whole], ctypes.c_size_t),
        ("gguf_find_key", [pointer, ctypes.c_char_p], whole),
        ("gguf_get_kv_type", [pointer, whole], ctypes.c_int),
        ("gguf_get_arr_type", [pointer, whole], ctypes.c_int),
        ("gguf_get_arr_n", [pointer, whole], ctypes.c_size_t),
        ("gguf_get_arr_data", [pointer, whole], pointer),
        ("gguf_free", [pointer], None),
    ):
        function = getattr(ggml, name)
        function.argtypes, function.restype = arguments, result
    head = ggml.gguf_init_from_file(str(path).encode(), _InitParameters(True, None))  # noqa: FBT003 - C
    try:
        yield head
    finally:
        if head:
            ggml.gguf_free(head)
