"""A tiny model with random weights for every architecture that the catalogue needs.

``write`` makes one; its words are noise, but its shape is the family's: experts,
compressed attention, recurrent layers. Names of tensors and settings are those of
llama.cpp's ``src/models/*.cpp``. Also a program: ``python -m hanlin_fakes.gguf_families
FOLDER [NAME…]`` writes them for a look with other tools.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hanlin_fakes.gguf_models import (
    CHATML,
    WINDOW,
    Writer,
    letters_only,
    noise_maker,
    write_random,
)

_CONVOLUTION = 4
_SIGMOID = 2
"""How DeepSeek-V3's experts and their like are weighed."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large a model is; that of a test, unless another is said."""

    layers: int = 4
    dim: int = 128
    heads: int = 4
    kv_heads: int = 2
    head: int = 32
    forward: int = 256
    experts: int = 4
    used: int = 2
    expert_forward: int = 64
    q_rank: int = 48
    """Of compressed attention: what is kept of queries,"""
    kv_rank: int = 64
    """of keys and values,"""
    rope: int = 16
    plain: int = 16
    """and a head's two parts."""


class _Model:
    """One file; a family's function says what is in it."""

    def __init__(self, path: Path, architecture: str, seed: int, size: Size) -> None:
        self.size = size
        self.make = make = noise_maker(seed)
        self.writer = writer = Writer(path, architecture, [], CHATML, 32768)
        self.words = letters_only(make(len(writer.tokens), self.size.dim))
        writer.add("token_embd.weight", self.words)

    def shape(self, *, kv_heads: int | None = None, writes: bool = True) -> None:
        self.writer.shape(
            layers=self.size.layers,
            dim=self.size.dim,
            heads=self.size.heads,
            kv_heads=kv_heads or self.size.kv_heads,
            head=self.size.head,
            feed_forward=self.size.forward,
            writes=writes,
        )

    def own_output(self) -> None:
        """Write the output's table, where a family cannot share the words'."""
        self.writer.add("output.weight", self.words)

    def weight(self, name: str, *shape: int) -> None:
        self.writer.add(f"{name}.weight", self.make(*shape))

    def bias(self, name: str, size: int) -> None:
        self.writer.add(f"{name}.bias", self.make(size).astype(np.float32))

    def norms(self, layer: int, *names: str, size: int | None = None) -> None:
        for name in names:
            self.writer.ones(f"blk.{layer}.{name}.weight", size or self.size.dim)

    def attention(
        self,
        layer: int,
        *,
        kv_heads: int | None = None,
        biases: bool = False,
        norms: bool = False,
        output_bias: bool = False,
    ) -> None:
        block = f"blk.{layer}"
        kept = kv_heads or self.size.kv_heads
        for name, heads in (("q", self.size.heads), ("k", kept), ("v", kept)):
            self.weight(f"{block}.attn_{name}", heads * self.size.head, self.size.dim)
            if biases:
                self.bias(f"{block}.attn_{name}", heads * self.size.head)
        self.weight(f"{block}.attn_output", self.size.dim, self.size.heads * self.size.head)
        if output_bias:
            self.bias(f"{block}.attn_output", self.size.dim)
        if norms:
            self.norms(layer, "attn_q_norm", "attn_k_norm", size=self.size.head)

    def compressed_shape(self, kv_heads: int | Sequence[int]) -> None:
        """Say the sizes where all heads share what is kept, which is compressed."""
        self.writer.shape(
            layers=self.size.layers,
            dim=self.size.dim,
            heads=self.size.heads,
            kv_heads=kv_heads,
            head=self.size.kv_rank + self.size.rope,
            value=self.size.kv_rank,
            feed_forward=self.size.forward,
        )
        self.compressed_settings()

    def compressed_settings(self, *, split: bool = True) -> None:
        """Say the sizes of DeepSeek's attention; ``split``: it is computed compressed."""
        say = self.writer.say
        say("attention.kv_lora_rank", self.size.kv_rank)
        say("rope.dimension_count", self.size.rope)
        if split:
            say("attention.key_length_mla", self.size.plain + self.size.rope)
            say("attention.value_length_mla", self.size.head)

    def compressed(
        self, layer: int, *, queries: bool = True, split: bool = True, gate: bool = False
    ) -> None:
        """Write DeepSeek's attention, or a relative's."""
        block, key = f"blk.{layer}", self.size.plain + self.size.rope
        if queries:
            self.weight(f"{block}.attn_q_a", self.size.q_rank, self.size.dim)
            self.norms(layer, "attn_q_a_norm", size=self.size.q_rank)
            self.weight(f"{block}.attn_q_b", self.size.heads * key, self.size.q_rank)
        else:
            self.weight(f"{block}.attn_q", self.size.heads * key, self.size.dim)
        self.weight(f"{block}.attn_kv_a_mqa", self.size.kv_rank + self.size.rope, self.size.dim)
        self.norms(layer, "attn_kv_a_norm", size=self.size.kv_rank)
        if split:
            self.weight(f"{block}.attn_k_b", self.size.heads, self.size.kv_rank, self.size.plain)
            self.weight(f"{block}.attn_v_b", self.size.heads, self.size.head, self.size.kv_rank)
        else:
            both = self.size.heads * (self.size.plain + self.size.head)
            self.weight(f"{block}.attn_kv_b", both, self.size.kv_rank)
        if gate:
            self.weight(f"{block}.attn_gate", self.size.heads, self.size.dim)
        self.weight(f"{block}.attn_output", self.size.dim, self.size.heads * self.size.head)

    def delta_settings(self) -> None:
        """Say the sizes of Kimi's recurrent layers."""
        self.writer.say("ssm.conv_kernel", _CONVOLUTION)
        self.writer.say("kda.head_dim", self.size.head)

    def delta(self, layer: int, *, narrow: bool) -> None:
        """Write Kimi's delta attention; ``narrow``: gates come by way of a smaller size."""
        block, inner = f"blk.{layer}", self.size.heads * self.size.head
        for name in "qkv":
            self.weight(f"{block}.attn_{name}", inner, self.size.dim)
            self.weight(f"{block}.ssm_conv1d_{name}", 1, inner, 1, _CONVOLUTION)
        for name in ("ssm_f", "ssm_g"):
            self.weight(f"{block}.{name}_a", self.size.head if narrow else inner, self.size.dim)
            if narrow:
                self.weight(f"{block}.{name}_b", inner, self.size.head)
        self.weight(f"{block}.ssm_beta", self.size.heads, self.size.dim)
        self.writer.add(f"{block}.ssm_a", np.full((self.size.heads, 1), -1, np.float32))
        self.bias(f"{block}.ssm_dt", inner)
        self.norms(layer, "ssm_norm", size=self.size.head)
        self.weight(f"{block}.attn_output", self.size.dim, inner)

    def forward(self, layer: int, *, gated_up: bool = False) -> None:
        """Write a dense feed-forward; ``gated_up``: its gate is half of ``up``."""
        block = f"blk.{layer}"
        if not gated_up:
            self.weight(f"{block}.ffn_gate", self.size.forward, self.size.dim)
        up = self.size.forward * (2 if gated_up else 1)
        self.weight(f"{block}.ffn_up", up, self.size.dim)
        self.weight(f"{block}.ffn_down", self.size.dim, self.size.forward)

    def expert_settings(self, *, shared: bool = False, first_dense: bool = False) -> None:
        say = self.writer.say
        say("expert_count", self.size.experts)
        say("expert_used_count", self.size.used)
        say("expert_feed_forward_length", self.size.expert_forward)
        if shared:
            say("expert_shared_count", 1)
            say("expert_shared_feed_forward_length", self.size.expert_forward)
            say("expert_weights_norm", True)  # noqa: FBT003 - a value
            say("expert_weights_scale", 1.0)
        if first_dense:
            say("leading_dense_block_count", 1)
            say("expert_gating_func", _SIGMOID)

    def experts(self, layer: int, *, shared: bool = False, choice: str = "") -> None:
        """Write experts; ``choice`` is the name of the bias by which they are chosen."""
        block = f"blk.{layer}"
        self.weight(f"{block}.ffn_gate_inp", self.size.experts, self.size.dim)
        if choice:
            self.writer.add(f"{block}.{choice}", self.make(self.size.experts).astype(np.float32))
        kinds = [("exps", (self.size.experts,))] + ([("shexp", ())] if shared else [])
        for kind, count in kinds:
            inner = self.size.expert_forward
            for name in ("gate", "up"):
                self.weight(f"{block}.ffn_{name}_{kind}", *count, inner, self.size.dim)
            self.weight(f"{block}.ffn_down_{kind}", *count, self.size.dim, self.size.expert_forward)

    def usual_layers(self, *, biases: bool = False, norms: bool = False) -> None:
        for layer in range(self.size.layers):
            self.norms(layer, "attn_norm", "ffn_norm")
            self.attention(layer, biases=biases, norms=norms)
            self.forward(layer)


def _usual(model: _Model) -> None:
    model.shape()
    model.usual_layers()


def _with_rope(model: _Model) -> None:
    model.shape()
    model.writer.say("rope.dimension_count", model.size.head)
    model.usual_layers()


def _with_output(model: _Model) -> None:
    _with_rope(model)
    model.own_output()


def _with_biases(model: _Model) -> None:
    model.shape()
    model.usual_layers(biases=True)


def _with_norms(model: _Model) -> None:
    model.shape()
    model.usual_layers(norms=True)


def _qwen3moe(model: _Model) -> None:
    model.shape()
    model.expert_settings()
    for layer in range(model.size.layers):
        model.norms(layer, "attn_norm", "ffn_norm")
        model.attention(layer, norms=True)
        model.experts(layer)


def _qwen35moe(model: _Model) -> None:
    model.shape()
    model.expert_settings(shared=True)
    for layer in range(model.size.layers):
        model.norms(layer, "attn_norm", "post_attention_norm")
        if (layer + 1) % 4:
            model.writer.recurrence(layer, model.make)
        else:
            model.writer.attention(layer, model.make)
        model.experts(layer, shared=True)
        model.writer.add(f"blk.{layer}.ffn_gate_inp_shexp.weight", model.make(model.size.dim))


def _deepseek2(model: _Model) -> None:
    model.compressed_shape(1)
    model.writer.say("attention.q_lora_rank", model.size.q_rank)
    model.expert_settings(shared=True, first_dense=True)
    for layer in range(model.size.layers):
        model.norms(layer, "attn_norm", "ffn_norm")
        model.compressed(layer)
        if layer:
            model.experts(layer, shared=True, choice="exp_probs_b.bias")
        else:
            model.forward(layer)


def _glm4(model: _Model) -> None:
    model.shape()
    model.writer.say("rope.dimension_count", model.size.head // 2)
    for layer in range(model.size.layers):
        model.norms(layer, "attn_norm", "post_attention_norm", "ffn_norm", "post_ffw_norm")
        model.attention(layer, biases=True)
        model.forward(layer, gated_up=True)


def _hy_v3(model: _Model) -> None:
    model.shape()
    model.expert_settings(shared=True, first_dense=True)
    for layer in range(model.size.layers):
        model.norms(layer, "attn_norm", "ffn_norm")
        model.attention(layer, norms=True)
        if layer:
            model.experts(layer, shared=True, choice="exp_probs_b")
        else:
            model.forward(layer)


def _minicpm3(model: _Model) -> None:
    model.shape(kv_heads=model.size.heads)
    model.compressed_settings(split=False)
    model.writer.say("attention.q_lora_rank", model.size.q_rank)
    for layer in range(model.size.layers):
        model.norms(layer, "attn_norm", "ffn_norm")
        model.compressed(layer, split=False)
        model.forward(layer)


def _hybrid(model: _Model, *, narrow: bool, gate: bool) -> None:
    """Write Kimi's and Ling's way: three recurrent layers, then a compressed one."""
    recurrent = [bool((layer + 1) % 4) for layer in range(model.size.layers)]
    model.compressed_shape([0 if each else 1 for each in recurrent])
    model.delta_settings()
    model.expert_settings(shared=True, first_dense=True)
    for layer in range(model.size.layers):
        model.norms(layer, "attn_norm", "ffn_norm")
        if recurrent[layer]:
            model.delta(layer, narrow=narrow)
        else:
            model.compressed(layer, queries=False, gate=gate)
        if layer:
            model.experts(layer, shared=True, choice="exp_probs_b.bias")
        else:
            model.forward(layer)


def _bailingmoe3(model: _Model) -> None:
    model.writer.say("kda.gate_lower_bound", -5.0)
    _hybrid(model, narrow=False, gate=True)


def _kimi_linear(model: _Model) -> None:
    model.own_output()
    _hybrid(model, narrow=True, gate=False)


def _seed_oss(model: _Model) -> None:
    model.shape()
    for layer in range(model.size.layers):
        model.norms(layer, "attn_norm", "post_attention_norm")
        model.attention(layer, biases=True)
        model.forward(layer)


def _pangu(model: _Model) -> None:
    model.shape()
    for layer in range(model.size.layers):
        model.norms(layer, "attn_norm", "ffn_norm")
        model.attention(layer, biases=True, output_bias=True)
        model.forward(layer)


def _bert(model: _Model) -> None:
    model.shape(kv_heads=model.size.heads, writes=False)
    model.writer.not_causal()
    model.writer.say("attention.layer_norm_epsilon", 1e-12)
    model.writer.token_types(2)
    model.weight("token_types", 2, model.size.dim)
    model.weight("position_embd", 32768, model.size.dim)
    model.writer.ones("token_embd_norm.weight", model.size.dim)
    model.bias("token_embd_norm", model.size.dim)
    for layer in range(model.size.layers):
        block = f"blk.{layer}"
        model.attention(layer, kv_heads=model.size.heads, biases=True, output_bias=True)
        model.norms(layer, "attn_output_norm", "layer_output_norm")
        model.bias(f"{block}.attn_output_norm", model.size.dim)
        model.bias(f"{block}.layer_output_norm", model.size.dim)
        model.weight(f"{block}.ffn_up", model.size.forward, model.size.dim)
        model.weight(f"{block}.ffn_down", model.size.dim, model.size.forward)


def _gemma3(model: _Model) -> None:
    """Write its sliding layers, two of three; their norms stand on both sides."""
    model.shape()
    model.writer.say("attention.sliding_window", WINDOW)
    model.writer.say("attention.sliding_window_pattern", 3)
    for layer in range(model.size.layers):
        model.norms(layer, "attn_norm", "post_attention_norm", "ffn_norm", "post_ffw_norm")
        model.attention(layer, norms=True)
        model.forward(layer)


_FAMILIES: dict[str, Callable[[_Model], None]] = {
    "qwen2": _with_biases,
    "qwen3moe": _qwen3moe,
    "qwen35moe": _qwen35moe,
    "llama": _with_rope,
    "deepseek2": _deepseek2,
    "glm4": _glm4,
    "hunyuan-dense": _with_norms,
    "hy_v3": _hy_v3,
    "ernie4_5": _usual,
    "minicpm": _with_rope,
    "minicpm3": _minicpm3,
    "internlm2": _with_output,
    "bailingmoe3": _bailingmoe3,
    "seed_oss": _seed_oss,
    "kimi-linear": _kimi_linear,
    "pangu-embedded": _pangu,
    "baichuan": _with_output,
    "gemma3": _gemma3,
    "bert": _bert,
}
_OLDER = ("qwen3", "qwen35", "spark2_5")
NAMES = (*_FAMILIES, *_OLDER)


def write(path: Path, architecture: str, *, seed: int = 0, size: Size | None = None) -> Path:
    """Write a model of ``architecture``, one of ``NAMES``, that writes small letters.

    Its weights are in f32, so that it chooses the same whatever the batches it read in.
    """
    size = size or Size()
    if architecture in _OLDER:
        return write_random(
            path,
            architecture,
            layers=size.layers,
            dim=size.dim,
            seed=seed,
            comparable=True,
        )
    model = _Model(path, architecture, seed, size)
    _FAMILIES[architecture](model)
    return model.writer.finish()


def main(words: list[str]) -> None:
    """Write the families that are named, or all, into a folder."""
    folder = Path(words[0])
    for name in words[1:] or NAMES:
        sys.stdout.write(f"{write(folder / f'{name}.gguf', name)}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
