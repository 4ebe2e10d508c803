"""Projectors for tests, made in a moment with random weights: what a model sees or hears with.

``write_janus`` goes with a qwen3 model, where a picture takes as many positions as tokens;
``write_qwen3vl`` with a qwen3vl one, where it takes fewer (M-RoPE); ``write_ears`` hears.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import gguf
import numpy as np

from hanlin_fakes.gguf_models import Array, Make, noise_maker

SIDE, PATCH = 96, 16
JANUS_TOKENS = (SIDE // PATCH) ** 2
MEL_BINS = 128
SAMPLE_RATE = 16_000
EAR_SECONDS = 30
"""Sounds are cut into pieces of this length."""
EAR_TOKENS = 750
"""What one piece takes."""
_GRID = 8
_F32 = np.float32


Spoil = Callable[[str, Array], Array | None]
"""Returns what is written in place of a tensor; None leaves it out."""


class _Writer:
    def __init__(
        self, path: Path, kind: str, *, heard: bool = False, spoil: Spoil | None = None
    ) -> None:
        self.path = path
        self._spoil = spoil or (lambda _name, values: values)
        self._writer = gguf.GGUFWriter(path, "clip")
        self._writer.add_type("mmproj")
        self._writer.add_name(f"tiny {kind}")
        self._sense = "audio" if heard else "vision"
        self._writer.add_bool(f"clip.has_{self._sense}_encoder", True)  # noqa: FBT003 - gguf's
        self._writer.add_string("clip.projector_type", kind)
        self._writer.add_bool("clip.use_gelu", True)  # noqa: FBT003 - gguf's signature

    def sizes(self, **sizes: int) -> None:
        for name, value in sizes.items():
            key = name.replace("__", ".")
            self._writer.add_uint32(f"clip.{self._sense}.{key}", value)
        key = f"clip.{self._sense}.attention.layer_norm_epsilon"
        self._writer.add_float32(key, 1e-6)

    def colours(self) -> None:
        self._writer.add_array("clip.vision.image_mean", [0.5, 0.5, 0.5])
        self._writer.add_array("clip.vision.image_std", [0.5, 0.5, 0.5])

    def tensors(self, tensors: Mapping[str, Array]) -> None:
        for name, values in tensors.items():
            if (found := self._spoil(name, values)) is not None:
                self._writer.add_tensor(name, found)

    def finish(self) -> Path:
        self._writer.write_header_to_file()
        self._writer.write_kv_data_to_file()
        self._writer.write_tensors_to_file()
        self._writer.close()
        return self.path


def write_janus(
    path: Path, *, out: int = 128, width: int = 64, layers: int = 2, spoil: Spoil | None = None
) -> Path:
    """Write eyes that make 36 tokens of every picture, for a model ``out`` wide."""
    make = noise_maker(1)
    writer = _Writer(path, "janus_pro", spoil=spoil)
    writer.sizes(
        image_size=SIDE, patch_size=PATCH, embedding_length=width, feed_forward_length=2 * width,
        block_count=layers, attention__head_count=2, projection_dim=out,
    )  # fmt: skip
    writer.colours()
    writer.tensors(
        {
            "v.patch_embd.weight": make(width, 3, PATCH, PATCH),
            "v.patch_embd.bias": make(width),
            "v.position_embd.weight": make(JANUS_TOKENS, width),
            **_norm("v.post_ln", width),
            "mm.0.weight": make(2 * width, width),
            "mm.0.bias": make(2 * width),
            "mm.1.weight": make(out, 2 * width),
            "mm.1.bias": make(out),
        }
    )
    for layer in range(layers):
        writer.tensors(_layer(f"v.blk.{layer}", width, 2 * width, make))
    return writer.finish()


def write_qwen3vl(path: Path, *, out: int = 128, width: int = 64, layers: int = 2) -> Path:
    """Write eyes that make more tokens of larger pictures, at places in two dimensions."""
    make = noise_maker(2)
    writer = _Writer(path, "qwen3vl_merger")
    writer.sizes(
        image_size=SIDE, patch_size=PATCH, embedding_length=width, feed_forward_length=2 * width,
        block_count=layers, attention__head_count=2, projection_dim=out, spatial_merge_size=2,
    )  # fmt: skip
    writer.colours()
    writer.tensors(
        {
            "v.patch_embd.weight": make(width, 3, PATCH, PATCH),
            "v.patch_embd.weight.1": make(width, 3, PATCH, PATCH),
            "v.patch_embd.bias": make(width),
            "v.position_embd.weight": make(_GRID * _GRID, width),
            **_norm("v.post_ln", width),
            "mm.0.weight": make(4 * width, 4 * width),
            "mm.0.bias": make(4 * width),
            "mm.2.weight": make(out, 4 * width),
            "mm.2.bias": make(out),
        }
    )
    for layer in range(layers):
        name = f"v.blk.{layer}"
        tensors = _layer(name, width, 2 * width, make)
        parts = [[tensors.pop(f"{name}.attn_{part}.{end}") for part in "qkv"] for end in _ENDS]
        for end, joined in zip(_ENDS, parts, strict=True):
            tensors[f"{name}.attn_qkv.{end}"] = np.concatenate(joined).astype(_F32)
        writer.tensors(tensors)
    return writer.finish()


def write_ears(path: Path, *, out: int = 128, width: int = 64, layers: int = 1) -> Path:
    """Write ears of Qwen2-Audio's kind, for a model ``out`` wide."""
    make = noise_maker(3)
    writer = _Writer(path, "qwen2a", heard=True)
    writer.sizes(
        embedding_length=width, feed_forward_length=2 * width, block_count=layers,
        attention__head_count=2, projection_dim=out, num_mel_bins=MEL_BINS,
    )  # fmt: skip
    writer.tensors(
        {
            "a.conv1d.1.weight": make(width, MEL_BINS, 3).astype(np.float16),
            "a.conv1d.1.bias": make(width, 1),
            "a.conv1d.2.weight": make(width, width, 3).astype(np.float16),
            "a.conv1d.2.bias": make(width, 1),
            "a.position_embd.weight": make(1500, width),
            **_norm("a.post_ln", width),
            "mm.a.fc.weight": make(out, width),
            "mm.a.fc.bias": make(out),
        }
    )
    for layer in range(layers):
        tensors = _layer(f"a.blk.{layer}", width, 2 * width, make)
        del tensors[f"a.blk.{layer}.attn_k.bias"]
        writer.tensors(tensors)
    return writer.finish()


_ENDS = ("weight", "bias")


def _norm(name: str, width: int) -> dict[str, Array]:
    return {f"{name}.weight": np.ones(width, _F32), f"{name}.bias": np.zeros(width, _F32)}


def _layer(name: str, width: int, inner: int, make: Make) -> dict[str, Array]:
    tensors: dict[str, Array] = {**_norm(f"{name}.ln1", width), **_norm(f"{name}.ln2", width)}
    shapes = dict.fromkeys(("attn_q", "attn_k", "attn_v", "attn_out"), (width, width))
    shapes |= {"ffn_up": (inner, width), "ffn_down": (width, inner)}
    for part, (rows, columns) in shapes.items():
        tensors[f"{name}.{part}.weight"] = make(rows, columns)
        tensors[f"{name}.{part}.bias"] = make(rows)
    return tensors
