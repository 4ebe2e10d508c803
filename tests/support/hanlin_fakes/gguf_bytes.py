"""GGUF files of a few hundred bytes, right or deliberately wrong, for whoever reads headers."""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hanlin_models.ggml_types import BLOCKS

_ALIGNMENT = 32


@dataclass(frozen=True, slots=True)
class Tensor:
    """One entry of the table of tensors; its data is zeros."""

    name: str
    shape: tuple[int, ...]
    kind: int

    @property
    def size(self) -> int:
        """Return the bytes of the data, 0 for a packing that nobody knows."""
        if self.kind not in BLOCKS:
            return 0
        count = 1
        for axis in self.shape:
            count *= axis
        per_block, size = BLOCKS[self.kind]
        return -(-count // per_block) * size


def key(name: str, kind: int, value: bytes) -> bytes:
    """Return a metadata entry with the raw ``value``."""
    return _string(name) + struct.pack("<I", kind) + value


def u16(name: str, value: int) -> bytes:
    """Return a metadata entry of type uint16."""
    return key(name, 2, struct.pack("<H", value))


def u32(name: str, value: int) -> bytes:
    """Return a metadata entry of type uint32."""
    return key(name, 4, struct.pack("<I", value))


def f32(name: str, value: float) -> bytes:
    """Return a metadata entry of type float32."""
    return key(name, 6, struct.pack("<f", value))


def text(name: str, value: str) -> bytes:
    """Return a metadata entry of type string."""
    return key(name, 8, _string(value))


def texts(name: str, values: Sequence[str]) -> bytes:
    """Return a metadata entry that lists strings."""
    items = b"".join(_string(value) for value in values)
    return key(name, 9, struct.pack("<IQ", 8, len(values)) + items)


def floats(name: str, values: Sequence[float]) -> bytes:
    """Return a metadata entry that lists float32."""
    return key(name, 9, struct.pack(f"<IQ{len(values)}f", 6, len(values), *values))


def file(keys: Iterable[bytes], tensors: Iterable[Tensor], data: bytes | None = None) -> bytes:
    """Return a whole file; ``data`` replaces the zeros of the tensors."""
    keys, tensors = list(keys), list(tensors)
    head = struct.pack("<4sIQQ", b"GGUF", 3, len(tensors), len(keys)) + b"".join(keys)
    offset = 0
    for tensor in tensors:
        head += _string(tensor.name)
        head += struct.pack(f"<I{len(tensor.shape)}Q", len(tensor.shape), *tensor.shape)
        head += struct.pack("<IQ", tensor.kind, offset)
        if data is None:
            offset += -(-tensor.size // _ALIGNMENT) * _ALIGNMENT
    if not tensors:
        return head
    head += bytes(-len(head) % _ALIGNMENT)
    used = tensors[-1].size
    return head + (bytes(offset - (-used % _ALIGNMENT)) if data is None else data)


def _string(value: str) -> bytes:
    raw = value.encode()
    return struct.pack("<Q", len(raw)) + raw


BASIC = (text("general.architecture", "qwen3"),)
ONE_TENSOR = (Tensor("weights", (32,), 0),)
