"""How fast this computer goes through a model's weights: measured, in at most twenty seconds.

Writing a token reads every active weight once, so bytes per second is what a model's
speed here depends on. It is measured by the engine itself with a model made for this:
real shapes and packings, all weights zero, a file that takes no room on the disk.
"""

import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import psutil

from hanlin.domain.conversation import Role
from hanlin.domain.generation import GenerationOptions, Sampling, Turn
from hanlin.engine.base import Delta, Engine, LoadOptions
from hanlin.kernel.errors import KnownError, from_os_error
from hanlin.kernel.i18n import _
from hanlin.services.asking import answer, load
from hanlin_models.ggml_types import BLOCKS

SECONDS: Final = 20.0
_ENOUGH: Final = 8.0
"""Seconds of writing after which the figure is good enough."""
_TOKENS: Final = 256
_CONTEXT: Final = 512
_WIDTH: Final = 2048
_HIDDEN: Final = 8192
_HEAD: Final = 128
_HEADS: Final = 16
_KV_HEADS: Final = 4
_MOST_LAYERS: Final = 12
_MEMORY_SHARE: Final = 6
"""The model takes at most this part of the free memory."""
_F32: Final = 0
_Q4_K: Final = 12
_ALIGNMENT: Final = 32
_BYTES: Final = 256
_END: Final = 258
_U32, _F32_KEY, _TEXT, _LIST = 4, 6, 8, 9


def measure(
    engine: Engine,
    folder: Path,
    options: LoadOptions,
    progressed: Callable[[int, int], object],
    *,
    layers: int = 0,
) -> int:
    """Return the bytes a second of this computer; blocks up to half a minute.

    ``options`` say what computes: how many threads, or a graphics card.

    ``layers`` 0 takes as many as the free memory allows. ``progressed`` may raise to stop
    it. Leaves nothing in ``folder``. Raises HanlinError.
    """
    path = folder / "probe.gguf"
    try:
        weights = write_model(path, layers or _layers())
        for _event in load(engine, path, replace(options, context=_CONTEXT)):
            progressed(0, round(SECONDS))
        return round(_rate(engine, progressed) * weights)
    except OSError as error:
        raise from_os_error(error, str(path)) from error
    finally:
        engine.unload()
        _remove(path)


def _rate(engine: Engine, progressed: Callable[[int, int], object]) -> float:
    """Return the tokens a second of one answer, from its first token on."""
    options = GenerationOptions(Sampling(temperature=0, seed=1), max_tokens=_TOKENS)
    begun = time.monotonic()
    first = last = 0.0
    written = 0
    for event in answer(engine, [Turn(Role.USER, "a")], options):
        if not isinstance(event, Delta):
            continue
        last = time.monotonic()
        written += len(event.text)  # every token is one letter
        if not first:
            first, written = last, 0
        progressed(round(last - begun), round(SECONDS))
        if (written > 1 and last - first > _ENOUGH) or last - begun > SECONDS:
            break  # leaving the answer cancels it
    if not written:
        raise KnownError(
            _("The speed could not be measured"),
            _("The engine wrote nothing in {seconds:.0f} seconds.").format(seconds=SECONDS),
            _("Close what keeps this computer busy, then measure again."),
        )
    return written / (last - first)


def write_model(path: Path, layers: int) -> int:
    """Write a model of zeros and return how many bytes of it a token reads. Raises OSError."""
    tensors = list(_tensors(layers))
    head = bytearray(struct.pack("<4sIQQ", b"GGUF", 3, len(tensors), 0))
    keys = list(_keys(layers))
    struct.pack_into("<Q", head, 16, len(keys))
    head += b"".join(keys)
    offset = 0
    for name, shape, kind in tensors:
        head += _text(name) + struct.pack(f"<I{len(shape)}Q", len(shape), *shape)
        head += struct.pack("<IQ", kind, offset)
        offset += -(-_size(shape, kind) // _ALIGNMENT) * _ALIGNMENT
    start = -(-len(head) // _ALIGNMENT) * _ALIGNMENT
    with path.open("wb") as file:
        file.write(head)
        file.truncate(start + offset)  # what was never written is zeros and takes no room
    return sum(_size(shape, kind) for _name, shape, kind in tensors)


def _layers() -> int:
    one = sum(_size(shape, kind) for _name, shape, kind in _layer(0))
    free = int(psutil.virtual_memory().available)
    return max(1, min(_MOST_LAYERS, free // _MEMORY_SHARE // one))


Tensor = tuple[str, tuple[int, ...], int]


def _tensors(layers: int) -> Iterator[Tensor]:
    yield "token_embd.weight", (_WIDTH, _END + 1), _Q4_K
    yield "output_norm.weight", (_WIDTH,), _F32
    yield "output.weight", (_WIDTH, _END + 1), _Q4_K
    for number in range(layers):
        yield from _layer(number)


def _layer(number: int) -> Iterator[Tensor]:
    name = f"blk.{number}"
    yield f"{name}.attn_norm.weight", (_WIDTH,), _F32
    yield f"{name}.attn_q.weight", (_WIDTH, _HEADS * _HEAD), _Q4_K
    yield f"{name}.attn_k.weight", (_WIDTH, _KV_HEADS * _HEAD), _Q4_K
    yield f"{name}.attn_v.weight", (_WIDTH, _KV_HEADS * _HEAD), _Q4_K
    yield f"{name}.attn_output.weight", (_HEADS * _HEAD, _WIDTH), _Q4_K
    yield f"{name}.ffn_norm.weight", (_WIDTH,), _F32
    yield f"{name}.ffn_gate.weight", (_WIDTH, _HIDDEN), _Q4_K
    yield f"{name}.ffn_up.weight", (_WIDTH, _HIDDEN), _Q4_K
    yield f"{name}.ffn_down.weight", (_HIDDEN, _WIDTH), _Q4_K


def _keys(layers: int) -> Iterator[bytes]:
    numbers = {
        "context_length": _CONTEXT * 8,
        "embedding_length": _WIDTH,
        "block_count": layers,
        "feed_forward_length": _HIDDEN,
        "attention.head_count": _HEADS,
        "attention.head_count_kv": _KV_HEADS,
        "rope.dimension_count": _HEAD,
    }
    yield _key("general.architecture", _TEXT, _text("llama"))
    yield _key("general.name", _TEXT, _text("probe"))
    for name, number in numbers.items():
        yield _key(f"llama.{name}", _U32, struct.pack("<I", number))
    yield _key("llama.attention.layer_norm_rms_epsilon", _F32_KEY, struct.pack("<f", 1e-5))
    yield _key("tokenizer.ggml.model", _TEXT, _text("gpt2"))
    yield _key("tokenizer.ggml.pre", _TEXT, _text("default"))
    tokens = [*_byte_texts(), "<s>", "<unk>", "</s>"]
    yield _key("tokenizer.ggml.tokens", _LIST, _list(_TEXT, [_text(one) for one in tokens]))
    kinds = [1] * _BYTES + [3] * 3
    yield _key("tokenizer.ggml.token_type", _LIST, _list(5, [struct.pack("<i", k) for k in kinds]))
    yield _key("tokenizer.ggml.merges", _LIST, _list(_TEXT, [_text("h i")]))
    yield _key("tokenizer.ggml.bos_token_id", _U32, struct.pack("<I", _BYTES))
    yield _key("tokenizer.ggml.eos_token_id", _U32, struct.pack("<I", _END))


def _byte_texts() -> Iterator[str]:
    """Yield the character that stands for each byte in a byte-level vocabulary."""
    printable = {*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    free = 0x100
    for byte in range(_BYTES):
        if byte in printable:
            yield chr(byte)
        else:
            yield chr(free)
            free += 1


def _size(shape: tuple[int, ...], kind: int) -> int:
    per_block, count = BLOCKS[kind]
    values = 1
    for axis in shape:
        values *= axis
    return values // per_block * count


def _key(name: str, kind: int, value: bytes) -> bytes:
    return _text(name) + struct.pack("<I", kind) + value


def _list(kind: int, items: list[bytes]) -> bytes:
    return struct.pack("<IQ", kind, len(items)) + b"".join(items)


def _text(value: str) -> bytes:
    raw = value.encode()
    return struct.pack("<Q", len(raw)) + raw


def _remove(path: Path) -> None:
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            path.unlink(missing_ok=True)
        except PermissionError:  # on Windows the worker that is ending still has it open
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return
