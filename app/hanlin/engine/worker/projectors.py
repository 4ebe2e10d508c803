"""What kills a process instead of failing, looked for in a projector before mtmd opens it.

mtmd checks what it reads of the header, but not whether the encoder's graph can be computed: a
layer without one of its matrices is a segmentation fault at the first picture, a bias in 16 bits
an abort, and so is a graph that outgrows what mtmd keeps for it. Only what no projector that works
can have is refused. What is missing in the header mtmd says itself.
"""

import ctypes
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from hanlin.engine.protocol import SENSES_TOO_DEEP
from hanlin.engine.worker.llama import Llama

_LAYER: Final = re.compile(r"([va])\.blk\.(\d+)\.(\w+)\.weight")
_PART: Final = re.compile(r"[va]\.blk\.(\d+)\.")
_SMALL: Final = re.compile(r"(v|a|mm)\..*(\.bias|(ln\d?|norm)\.weight)")
"""What is added to, or multiplied with, numbers of 32 bits."""
_POSITIONS: Final = "v.position_embd.weight"
_JOINED: Final = "attn_qkv"
_ATTENTION: Final = ("attn_q", "attn_k", "attn_v")
_FIXED: Final = ("janus_pro", "gemma3")
"""Kinds whose pictures always have the same number of patches, each with its position."""
_F32: Final = 0
_MOST_PARTS: Final = 2_000
"""Tensors of all layers of a sense: each is two or three nodes of a graph that holds about 7,000.

The largest encoders in use have fewer than 900.
"""


class _InitParameters(ctypes.Structure):
    _fields_ = (("no_alloc", ctypes.c_bool), ("context", ctypes.POINTER(ctypes.c_void_p)))


class _Tensor(ctypes.Structure):
    """The beginning of ggml's own."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("buffer", ctypes.c_void_p),
        ("sizes", ctypes.c_int64 * 4),
    )


@dataclass(frozen=True, slots=True)
class _Known:
    type: int
    rows: int


def fault(llama: Llama, path: Path) -> str:
    """Return what would end this process, "" when nothing is known to.

    That is a tensor's name, or ``SENSES_TOO_DEEP`` and a number of layers.
    """
    with_header = _read(llama.ggml, path)
    if with_header is None:
        return ""  # mtmd says what is wrong with it
    tensors, kind, patches = with_header
    for name, tensor in tensors.items():
        if tensor.type != _F32 and _SMALL.fullmatch(name):
            return name
    places = tensors.get(_POSITIONS)
    if kind in _FIXED and places and (places.type != _F32 or places.rows != patches):
        return _POSITIONS
    return _too_deep(tensors) or next(_gaps(tensors), "")


def _too_deep(names: Collection[str]) -> str:
    """Tell how many layers a sense has, if its graph cannot be kept."""
    for sense in ("v", "a"):
        parts = [
            found[1] for name in names if (found := _PART.match(name)) and found[0][0] == sense
        ]
        if len(parts) > _MOST_PARTS:
            return f"{SENSES_TOO_DEEP} {len(set(parts))}"
    return ""


def _gaps(names: Collection[str]) -> Iterator[str]:
    """Yield the attention matrices that a layer lacks."""
    layers: dict[tuple[str, str], set[str]] = {}
    for name in names:
        if found := _LAYER.fullmatch(name):
            layers.setdefault((found[1], found[2]), set()).add(found[3])
    for (sense, number), parts in layers.items():
        # A layer with none of them attends in a way of its own (or not at all).
        if _JOINED not in parts and parts.intersection(_ATTENTION):
            for part in _ATTENTION:
                if part not in parts:
                    yield f"{sense}.blk.{number}.{part}.weight"


def _read(ggml: Any, path: Path) -> tuple[dict[str, _Known], str, int] | None:  # noqa: ANN401 - a C library
    """Return a file's tensors, its projector's kind and how many patches a picture has."""
    pointer, number, text = ctypes.c_void_p, ctypes.c_int64, ctypes.c_char_p
    for name, arguments, result in (
        ("gguf_init_from_file", [text, _InitParameters], pointer),
        ("gguf_find_key", [pointer, text], number),
        ("gguf_get_kv_type", [pointer, number], ctypes.c_int),
        ("gguf_get_val_str", [pointer, number], text),
        ("gguf_get_val_u32", [pointer, number], ctypes.c_uint32),
        ("gguf_get_n_tensors", [pointer], number),
        ("gguf_get_tensor_name", [pointer, number], text),
        ("gguf_free", [pointer], None),
        ("ggml_get_tensor", [pointer, text], ctypes.POINTER(_Tensor)),
        ("ggml_free", [pointer], None),
    ):
        function = getattr(ggml, name)
        function.argtypes, function.restype = arguments, result
    context = ctypes.c_void_p()
    file = ggml.gguf_init_from_file(
        str(path).encode(),
        _InitParameters(True, ctypes.pointer(context)),  # noqa: FBT003 - C
    )
    if not file:
        return None
    try:
        tensors: dict[str, _Known] = {}
        for index in range(ggml.gguf_get_n_tensors(file)):
            name = ggml.gguf_get_tensor_name(file, index)
            tensor = ggml.ggml_get_tensor(context, name).contents
            tensors[name.decode("utf-8", "replace")] = _Known(tensor.type, tensor.sizes[1])
        side = _number(ggml, file, b"clip.vision.image_size")
        patch = _number(ggml, file, b"clip.vision.patch_size") or 1
        return tensors, _kind(ggml, file), (side // patch) ** 2
    finally:
        ggml.gguf_free(file)
        ggml.ggml_free(context)


_UINT32, _STRING = 4, 8


def _number(ggml: Any, file: int, key: bytes) -> int:  # noqa: ANN401 - a C library
    index = ggml.gguf_find_key(file, key)
    if index < 0 or ggml.gguf_get_kv_type(file, index) != _UINT32:
        return 0
    return int(ggml.gguf_get_val_u32(file, index))


def _kind(ggml: Any, file: int) -> str:  # noqa: ANN401 - a C library
    for key in (b"clip.projector_type", b"clip.vision.projector_type"):
        index = ggml.gguf_find_key(file, key)
        if index >= 0 and ggml.gguf_get_kv_type(file, index) == _STRING:
            return bytes(ggml.gguf_get_val_str(file, index)).decode("utf-8", "replace")
    return ""
