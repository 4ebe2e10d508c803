"""Model files for tests, made in a moment: real architectures around a tiny vocabulary.

``write_scripted`` makes a model that says one known text, by its weights alone;
``write_random`` one whose words are noise, dense (qwen3), hybrid (qwen35) or with a
sliding window (spark2_5).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import gguf
import numpy as np
from numpy.typing import NDArray

BYTES = 256
CONTROL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
USER_DEFINED = ("<think>", "</think>")
IM_START, IM_END = BYTES + 1, BYTES + 2
THINK, END_THINK = BYTES + 3, BYTES + 4
FIRST_OWN = BYTES + len(CONTROL) + len(USER_DEFINED)

CHATML = """\
{%- for message in messages %}
<|im_start|>{{ message.role }}
{{ message.content }}<|im_end|>
{% endfor %}
<|im_start|>assistant
{% if enable_thinking is defined and enable_thinking is false %}
<think>

</think>

{% endif %}
"""
Array = NDArray[np.float16] | NDArray[np.float32]
Make = Callable[..., Array]
WINDOW = 64
"""Tokens back that every second layer of a spark2_5 looks."""
_OWN_SPLIT = ("qwen35", "spark2_5")
"""Architectures whose way to split text has their name."""
_DIM = 512
_F16, _F32 = np.float16, np.float32


def write_scripted(
    path: Path,
    says: Sequence[str | bytes],
    *,
    for_ever: bool = False,
    template: str | None = CHATML,
    context: int = 4096,
    feed_forward: int = 64,
    named_end: int = IM_END,
) -> Path:
    """Write a model whose every answer is ``says``, one token for each (distinct) piece.

    A piece ``<think>`` or ``</think>`` is that token. At the end it ends the answer, or
    with ``for_ever`` begins again. The answer begins after a line feed, the last token
    of the prompt; the weights of attention are zero, so nothing else matters. The wider
    ``feed_forward`` (all zeros), the longer a token takes: 64 makes thousands a second,
    and then ``for_ever`` ends within seconds, when the context is full. ``named_end`` is
    the token that the file, rightly or not, calls the end.
    """
    raw = {piece: piece.encode() if isinstance(piece, str) else piece for piece in says}
    own = [p for p in says if p not in USER_DEFINED and len(raw[p]) > 1]
    writer = Writer(path, "qwen3", own, template, context, end=named_end)
    size = len(writer.tokens)
    ids = {piece: byte[0] for piece, byte in raw.items() if len(byte) == 1}
    ids |= {piece: FIRST_OWN + number for number, piece in enumerate(own)}
    ids |= {"<think>": THINK, "</think>": END_THINK}
    chain = [ids[piece] for piece in says]
    last = chain[0] if for_ever else IM_END
    follows = dict(zip([ord("\n"), *chain], [*chain, last], strict=True))
    successor = np.zeros((size, _DIM), _F16)
    for token in range(size):
        successor[follows.get(token, IM_END), token] = 1
    writer.add("token_embd.weight", np.eye(size, _DIM, dtype=_F16))
    writer.add("output.weight", successor)
    writer.shape(layers=1, dim=_DIM, heads=4, kv_heads=2, head=32, feed_forward=feed_forward)
    writer.dense_layer(0, lambda *shape: np.zeros(shape, _F16))
    return writer.finish()


def write_endless(path: Path) -> Path:
    """Write a model that talks far longer than a test takes, on a fast machine too."""
    return write_scripted(path, ["on ", "and "], for_ever=True, context=32768, feed_forward=16384)


def write_random(
    path: Path,
    architecture: str = "qwen3",
    *,
    layers: int = 4,
    dim: int = 128,
    template: str | None = CHATML,
    context: int = 32768,
    seed: int = 0,
    causal: bool = True,
    comparable: bool = False,
    sampling: Mapping[str, float] | None = None,
    more_tokens: int = 0,
) -> Path:
    """Write a model with random weights; ``architecture`` is qwen3, qwen3vl, qwen35 or spark2_5.

    Other names, and ``causal`` False, make files that must be refused. ``comparable``: it
    writes small letters only, never ends, and has weights in f32, so that it chooses the
    same whatever the batches in which it read (in f16 a choice can turn at the 4th digit).
    ``sampling`` is what its maker recommends, ``more_tokens`` are in its vocabulary.
    """
    own = [f"w{number}" for number in range(more_tokens)]
    writer = Writer(path, architecture, own, template, context)

    noise = noise_maker(seed, _F32 if comparable else _F16)
    writer.recommend(sampling or {})
    if not causal:
        writer.not_causal()
    words = noise(len(writer.tokens), dim)
    writer.add("token_embd.weight", letters_only(words) if comparable else words)
    writer.shape(layers=layers, dim=dim, heads=4, kv_heads=2, head=64, feed_forward=2 * dim)
    for layer in range(layers):
        if architecture == "qwen35" and (layer + 1) % 4:
            writer.recurrent_layer(layer, noise)
        else:
            writer.dense_layer(layer, noise)
    return writer.finish()


def noise_maker(seed: int, kind: type[np.float16 | np.float32] = _F32) -> Make:
    """Return a function that makes small random weights of the shape it is told."""
    random = np.random.default_rng(seed)

    def noise(*shape: int) -> Array:
        values = random.standard_normal(shape, dtype=_F32) * _F32(0.1)
        return values if kind is _F32 else values.astype(_F16)

    return noise


def letters_only(words: Array) -> Array:
    """Return a table of words, also the output's, by which only small letters are chosen."""
    others = np.ones(len(words), bool)
    others[ord("a") : ord("z") + 1] = False
    words[others] *= words.dtype.type(0.05)
    return words


class Writer:
    """Puts one file together; the order of the calls is free until ``finish``."""

    def __init__(
        self,
        path: Path,
        architecture: str,
        own: Sequence[str | bytes],
        template: str | None,
        context: int,
        *,
        end: int = IM_END,
    ) -> None:
        self.path = path
        self.architecture = architecture
        self.tokens = [*byte_texts(), *CONTROL, *USER_DEFINED, *map(byte_level, own)]
        gguf_writer = self._writer = gguf.GGUFWriter(path, architecture)
        gguf_writer.add_name(f"tiny {architecture}")
        gguf_writer.add_context_length(context)
        gguf_writer.add_layer_norm_rms_eps(1e-6)
        gguf_writer.add_rope_freq_base(1e6)
        gguf_writer.add_tokenizer_model("gpt2")
        gguf_writer.add_tokenizer_pre(architecture if architecture in _OWN_SPLIT else "qwen2")
        gguf_writer.add_token_list(self.tokens)
        normal, control, user_defined = (
            int(kind)
            for kind in (
                gguf.TokenType.NORMAL,
                gguf.TokenType.CONTROL,
                gguf.TokenType.USER_DEFINED,
            )
        )
        gguf_writer.add_token_types(
            [normal] * BYTES
            + [control] * len(CONTROL)
            + [user_defined] * len(USER_DEFINED)
            + [normal] * len(own)
        )
        gguf_writer.add_token_merges(["h i"])
        gguf_writer.add_bos_token_id(BYTES)
        gguf_writer.add_eos_token_id(end)
        gguf_writer.add_add_bos_token(False)  # noqa: FBT003 - gguf's signature
        if template is not None:
            gguf_writer.add_chat_template(template)

    def add(self, name: str, values: Array) -> None:
        self._writer.add_tensor(name, values)

    def say(self, key: str, value: float | Sequence[int]) -> None:
        """Write ``{architecture}.key``: a bool, an int, a float or a list."""
        key = f"{self.architecture}.{key}"
        if isinstance(value, bool):
            self._writer.add_bool(key, value)
        elif isinstance(value, int):
            self._writer.add_uint32(key, value)
        elif isinstance(value, float):
            self._writer.add_float32(key, value)
        else:
            self._writer.add_array(key, value)

    def token_types(self, count: int) -> None:
        """Say how many kinds of text an encoder tells apart."""
        self._writer.add_token_type_count(count)

    def recommend(self, sampling: Mapping[str, float]) -> None:
        for name, value in sampling.items():
            if isinstance(value, int):
                self._writer.add_int32(f"general.sampling.{name}", value)
            else:
                self._writer.add_float32(f"general.sampling.{name}", value)

    def not_causal(self) -> None:
        self._writer.add_causal_attention(False)  # noqa: FBT003 - gguf's signature

    def shape(
        self,
        *,
        layers: int,
        dim: int,
        heads: int,
        kv_heads: int | Sequence[int],
        head: int,
        feed_forward: int,
        value: int | None = None,
        writes: bool = True,
    ) -> None:
        """Say the sizes. ``kv_heads`` may differ by layer; ``value``: a value's, if not a key's."""
        self._dim, self._heads = dim, heads
        self._kv_heads = kv_heads if isinstance(kv_heads, int) else max(kv_heads)
        self._head, self._feed_forward = head, feed_forward
        writer = self._writer
        writer.add_embedding_length(dim)
        writer.add_block_count(layers)
        writer.add_feed_forward_length(feed_forward)
        writer.add_head_count(heads)
        writer.add_head_count_kv(kv_heads)
        writer.add_key_length(head)
        writer.add_value_length(value or head)
        if writes:
            self.ones("output_norm.weight", dim)
        if self.architecture.startswith("qwen35"):
            self.say("rope.dimension_sections", [11, 11, 10, 0])
            self.say("rope.dimension_count", 32)
            for name, size in _RECURRENT.items():
                self.say(name, size)
        if self.architecture == "qwen3vl":
            self.say("rope.dimension_sections", [head // 6, head // 6, head // 6, 0])
            self.say("n_deepstack_layers", 0)
        if self.architecture == "spark2_5":
            writer.add_sliding_window(WINDOW)
            writer.add_sliding_window_pattern([layer % 2 == 0 for layer in range(layers)])

    def dense_layer(self, layer: int, make: Make) -> None:
        self.attention(layer, make)
        self._rest_of_layer(f"blk.{layer}", make)

    def recurrent_layer(self, layer: int, make: Make) -> None:
        self.recurrence(layer, make)
        self._rest_of_layer(f"blk.{layer}", make)

    def attention(self, layer: int, make: Make) -> None:
        """Write what looks back, with the gates and norms of Qwen and Spark."""
        gate = 2 if self.architecture.startswith("qwen35") else 1
        dim, heads, kv_heads, head = self._dim, self._heads, self._kv_heads, self._head
        name = f"blk.{layer}"
        self.add(f"{name}.attn_q.weight", make(heads * head * gate, dim))
        self.add(f"{name}.attn_k.weight", make(kv_heads * head, dim))
        self.add(f"{name}.attn_v.weight", make(kv_heads * head, dim))
        self.add(f"{name}.attn_output.weight", make(dim, heads * head))
        if self.architecture == "spark2_5":
            self.add(f"{name}.attn_gate.weight", make(heads, dim))
        else:
            self.ones(f"{name}.attn_q_norm.weight", head)
            self.ones(f"{name}.attn_k_norm.weight", head)

    def recurrence(self, layer: int, make: Make) -> None:
        """Write the gated delta net of Qwen3.5."""
        state, groups = _RECURRENT["ssm.state_size"], _RECURRENT["ssm.group_count"]
        ranks, inner = _RECURRENT["ssm.time_step_rank"], _RECURRENT["ssm.inner_size"]
        conv, dim = 2 * state * groups + inner, self._dim
        name = f"blk.{layer}"
        self.add(f"{name}.attn_qkv.weight", make(conv, dim))
        self.add(f"{name}.attn_gate.weight", make(inner, dim))
        self.add(f"{name}.ssm_conv1d.weight", make(conv, 4).astype(_F32))
        self.add(f"{name}.ssm_dt.bias", make(ranks).astype(_F32))
        self.add(f"{name}.ssm_a", np.full(ranks, -1, _F32))
        self.add(f"{name}.ssm_beta.weight", make(ranks, dim))
        self.add(f"{name}.ssm_alpha.weight", make(ranks, dim))
        self.ones(f"{name}.ssm_norm.weight", state)
        self.add(f"{name}.ssm_out.weight", make(dim, inner))

    def finish(self) -> Path:
        self._writer.write_header_to_file()
        self._writer.write_kv_data_to_file()
        self._writer.write_tensors_to_file()
        self._writer.close()
        return self.path

    def _rest_of_layer(self, name: str, make: Make) -> None:
        dim, feed_forward = self._dim, self._feed_forward
        second = "post_attention_norm" if self.architecture == "qwen35" else "ffn_norm"
        self.ones(f"{name}.attn_norm.weight", dim)
        self.ones(f"{name}.{second}.weight", dim)
        self.add(f"{name}.ffn_gate.weight", make(feed_forward, dim))
        self.add(f"{name}.ffn_up.weight", make(feed_forward, dim))
        self.add(f"{name}.ffn_down.weight", make(dim, feed_forward))

    def ones(self, name: str, size: int) -> None:
        self.add(name, np.ones(size, _F32))


_RECURRENT = {
    "ssm.conv_kernel": 4,
    "ssm.inner_size": 256,
    "ssm.state_size": 64,
    "ssm.time_step_rank": 4,
    "ssm.group_count": 2,
    "full_attention_interval": 4,
}


def byte_texts() -> Iterator[str]:
    """Return the character that stands for each byte in a byte-level vocabulary (GPT-2's)."""
    printable = {*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    next_free = 0x100
    for byte in range(BYTES):
        if byte in printable:
            yield chr(byte)
        else:
            yield chr(next_free)
            next_free += 1


def byte_level(piece: str | bytes) -> str:
    """Return ``piece`` in the characters of :func:`byte_texts`."""
    texts = list(byte_texts())
    return "".join(texts[byte] for byte in (piece.encode() if isinstance(piece, str) else piece))
