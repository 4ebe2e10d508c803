"""A tiny model with random weights for every architecture that the catalogue needs.

``write`` makes one; its words are noise, but its shape is the family's: experts,
compressed attention, recurrent layers. Names of tensors and settings are those of
llama.cpp's ``src/models/*.cpp``. Also a program: ``python -m hanlin_fakes.gguf_families
FOLDER [NAME…]`` writes them for a look with other tools.
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from hanlin_fakes.gguf_models import (
    CHATML,
    Writer,
    letters_only,
    noise_maker,
    write_random,
)

_LAYERS, _DIM, _HEADS, _KV_HEADS, _HEAD, _FORWARD = 4, 128, 4, 2, 32, 256
_EXPERTS, _USED, _EXPERT_FORWARD = 4, 2, 64
_Q_RANK, _KV_RANK, _ROPE, _PLAIN = 48, 64, 16, 16
"""Of compressed attention: what is kept of queries and of the rest, and a head's two parts."""
_CONVOLUTION = 4
_SIGMOID = 2
"""How DeepSeek-V3's experts and their like are weighed."""


class _Model:
    """One file; a family's function says what is in it."""

    def __init__(self, path: Path, architecture: str, seed: int) -> None:
        self.make = make = noise_maker(seed)
        self.writer = writer = Writer(path, architecture, [], CHATML, 32768)
        self.words = letters_only(make(len(writer.tokens), _DIM))
        writer.add("token_embd.weight", self.words)

    def shape(self, *, kv_heads: int = _KV_HEADS, writes: bool = True) -> None:
        self.writer.shape(
            layers=_LAYERS,
            dim=_DIM,
            heads=_HEADS,
            kv_heads=kv_heads,
            head=_HEAD,
            feed_forward=_FORWARD,
            writes=writes,
        )

    def own_output(self) -> None:
        """Write the output's table, where a family cannot share the words'."""
        self.writer.add("output.weight", self.words)

    def weight(self, name: str, *shape: int) -> None:
        self.writer.add(f"{name}.weight", self.make(*shape))

    def bias(self, name: str, size: int) -> None:
        self.writer.add(f"{name}.bias", self.make(size).astype(np.float32))

    def norms(self, layer: int, *names: str, size: int = _DIM) -> None:
        for name in names:
            self.writer.ones(f"blk.{layer}.{name}.weight", size)

    def attention(
        self,
        layer: int,
        *,
        kv_heads: int = _KV_HEADS,
        biases: bool = False,
        norms: bool = False,
        output_bias: bool = False,
    ) -> None:
        block = f"blk.{layer}"
        for name, heads in (("q", _HEADS), ("k", kv_heads), ("v", kv_heads)):
            self.weight(f"{block}.attn_{name}", heads * _HEAD, _DIM)
            if biases:
                self.bias(f"{block}.attn_{name}", heads * _HEAD)
        self.weight(f"{block}.attn_output", _DIM, _HEADS * _HEAD)
        if output_bias:
            self.bias(f"{block}.attn_output", _DIM)
        if norms:
            self.norms(layer, "attn_q_norm", "attn_k_norm", size=_HEAD)

    def compressed_shape(self, kv_heads: int | Sequence[int]) -> None:
        """Say the sizes where all heads share what is kept, which is compressed."""
        self.writer.shape(
            layers=_LAYERS,
            dim=_DIM,
            heads=_HEADS,
            kv_heads=kv_heads,
            head=_KV_RANK + _ROPE,
            value=_KV_RANK,
            feed_forward=_FORWARD,
        )
        self.compressed_settings()

    def compressed_settings(self, *, split: bool = True) -> None:
        """Say the sizes of DeepSeek's attention; ``split``: it is computed compressed."""
        say = self.writer.say
        say("attention.kv_lora_rank", _KV_RANK)
        say("rope.dimension_count", _ROPE)
        if split:
            say("attention.key_length_mla", _PLAIN + _ROPE)
            say("attention.value_length_mla", _HEAD)

    def compressed(
        self, layer: int, *, queries: bool = True, split: bool = True, gate: bool = False
    ) -> None:
        """Write DeepSeek's attention, or a relative's."""
        block, key = f"blk.{layer}", _PLAIN + _ROPE
        if queries:
            self.weight(f"{block}.attn_q_a", _Q_RANK, _DIM)
            self.norms(layer, "attn_q_a_norm", size=_Q_RANK)
            self.weight(f"{block}.attn_q_b", _HEADS * key, _Q_RANK)
        else:
            self.weight(f"{block}.attn_q", _HEADS * key, _DIM)
        self.weight(f"{block}.attn_kv_a_mqa", _KV_RANK + _ROPE, _DIM)
        self.norms(layer, "attn_kv_a_norm", size=_KV_RANK)
        if split:
            self.weight(f"{block}.attn_k_b", _HEADS, _KV_RANK, _PLAIN)
            self.weight(f"{block}.attn_v_b", _HEADS, _HEAD, _KV_RANK)
        else:
            self.weight(f"{block}.attn_kv_b", _HEADS * (_PLAIN + _HEAD), _KV_RANK)
        if gate:
            self.weight(f"{block}.attn_gate", _HEADS, _DIM)
        self.weight(f"{block}.attn_output", _DIM, _HEADS * _HEAD)

    def delta_settings(self) -> None:
        """Say the sizes of Kimi's recurrent layers."""
        self.writer.say("ssm.conv_kernel", _CONVOLUTION)
        self.writer.say("kda.head_dim", _HEAD)

    def delta(self, layer: int, *, narrow: bool) -> None:
        """Write Kimi's delta attention; ``narrow``: gates come by way of a smaller size."""
        block, inner = f"blk.{layer}", _HEADS * _HEAD
        for name in "qkv":
            self.weight(f"{block}.attn_{name}", inner, _DIM)
            self.weight(f"{block}.ssm_conv1d_{name}", 1, inner, 1, _CONVOLUTION)
        for name in ("ssm_f", "ssm_g"):
            self.weight(f"{block}.{name}_a", _HEAD if narrow else inner, _DIM)
            if narrow:
                self.weight(f"{block}.{name}_b", inner, _HEAD)
        self.weight(f"{block}.ssm_beta", _HEADS, _DIM)
        self.writer.add(f"{block}.ssm_a", np.full((_HEADS, 1), -1, np.float32))
        self.bias(f"{block}.ssm_dt", inner)
        self.norms(layer, "ssm_norm", size=_HEAD)
        self.weight(f"{block}.attn_output", _DIM, inner)

    def forward(self, layer: int, *, gated_up: bool = False) -> None:
        """Write a dense feed-forward; ``gated_up``: its gate is half of ``up``."""
        block = f"blk.{layer}"
        if not gated_up:
            self.weight(f"{block}.ffn_gate", _FORWARD, _DIM)
        self.weight(f"{block}.ffn_up", 2 * _FORWARD if gated_up else _FORWARD, _DIM)
        self.weight(f"{block}.ffn_down", _DIM, _FORWARD)

    def expert_settings(self, *, shared: bool = False, first_dense: bool = False) -> None:
        say = self.writer.say
        say("expert_count", _EXPERTS)
        say("expert_used_count", _USED)
        say("expert_feed_forward_length", _EXPERT_FORWARD)
        if shared:
            say("expert_shared_count", 1)
            say("expert_shared_feed_forward_length", _EXPERT_FORWARD)
            say("expert_weights_norm", True)  # noqa: FBT003 - a value
            say("expert_weights_scale", 1.0)
        if first_dense:
            say("leading_dense_block_count", 1)
            say("expert_gating_func", _SIGMOID)

    def experts(self, layer: int, *, shared: bool = False, choice: str = "") -> None:
        """Write experts; ``choice`` is the name of the bias by which they are chosen."""
        block = f"blk.{layer}"
        self.weight(f"{block}.ffn_gate_inp", _EXPERTS, _DIM)
        if choice:
            self.writer.add(f"{block}.{choice}", self.make(_EXPERTS).astype(np.float32))
        kinds = [("exps", (_EXPERTS,))] + ([("shexp", ())] if shared else [])
        for kind, count in kinds:
            for name in ("gate", "up"):
                self.weight(f"{block}.ffn_{name}_{kind}", *count, _EXPERT_FORWARD, _DIM)
            self.weight(f"{block}.ffn_down_{kind}", *count, _DIM, _EXPERT_FORWARD)

    def usual_layers(self, *, biases: bool = False, norms: bool = False) -> None:
        for layer in range(_LAYERS):
            self.norms(layer, "attn_norm", "ffn_norm")
            self.attention(layer, biases=biases, norms=norms)
            self.forward(layer)


def _usual(model: _Model) -> None:
    model.shape()
    model.usual_layers()


def _with_rope(model: _Model) -> None:
    model.shape()
    model.writer.say("rope.dimension_count", _HEAD)
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
    for layer in range(_LAYERS):
        model.norms(layer, "attn_norm", "ffn_norm")
        model.attention(layer, norms=True)
        model.experts(layer)


def _qwen35moe(model: _Model) -> None:
    model.shape()
    model.expert_settings(shared=True)
    for layer in range(_LAYERS):
        model.norms(layer, "attn_norm", "post_attention_norm")
        if (layer + 1) % 4:
            model.writer.recurrence(layer, model.make)
        else:
            model.writer.attention(layer, model.make)
        model.experts(layer, shared=True)
        model.writer.add(f"blk.{layer}.ffn_gate_inp_shexp.weight", model.make(_DIM))


def _deepseek2(model: _Model) -> None:
    model.compressed_shape(1)
    model.writer.say("attention.q_lora_rank", _Q_RANK)
    model.expert_settings(shared=True, first_dense=True)
    for layer in range(_LAYERS):
        model.norms(layer, "attn_norm", "ffn_norm")
        model.compressed(layer)
        if layer:
            model.experts(layer, shared=True, choice="exp_probs_b.bias")
        else:
            model.forward(layer)


def _glm4(model: _Model) -> None:
    model.shape()
    model.writer.say("rope.dimension_count", _HEAD // 2)
    for layer in range(_LAYERS):
        model.norms(layer, "attn_norm", "post_attention_norm", "ffn_norm", "post_ffw_norm")
        model.attention(layer, biases=True)
        model.forward(layer, gated_up=True)


def _hy_v3(model: _Model) -> None:
    model.shape()
    model.expert_settings(shared=True, first_dense=True)
    for layer in range(_LAYERS):
        model.norms(layer, "attn_norm", "ffn_norm")
        model.attention(layer, norms=True)
        if layer:
            model.experts(layer, shared=True, choice="exp_probs_b")
        else:
            model.forward(layer)


def _minicpm3(model: _Model) -> None:
    model.shape(kv_heads=_HEADS)
    model.compressed_settings(split=False)
    model.writer.say("attention.q_lora_rank", _Q_RANK)
    for layer in range(_LAYERS):
        model.norms(layer, "attn_norm", "ffn_norm")
        model.compressed(layer, split=False)
        model.forward(layer)


def _hybrid(model: _Model, *, narrow: bool, gate: bool) -> None:
    """Write Kimi's and Ling's way: three recurrent layers, then a compressed one."""
    recurrent = [bool((layer + 1) % 4) for layer in range(_LAYERS)]
    model.compressed_shape([0 if each else 1 for each in recurrent])
    model.delta_settings()
    model.expert_settings(shared=True, first_dense=True)
    for layer in range(_LAYERS):
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
    for layer in range(_LAYERS):
        model.norms(layer, "attn_norm", "post_attention_norm")
        model.attention(layer, biases=True)
        model.forward(layer)


def _pangu(model: _Model) -> None:
    model.shape()
    for layer in range(_LAYERS):
        model.norms(layer, "attn_norm", "ffn_norm")
        model.attention(layer, biases=True, output_bias=True)
        model.forward(layer)


def _bert(model: _Model) -> None:
    model.shape(kv_heads=_HEADS, writes=False)
    model.writer.not_causal()
    model.writer.say("attention.layer_norm_epsilon", 1e-12)
    model.writer.token_types(2)
    model.weight("token_types", 2, _DIM)
    model.weight("position_embd", 32768, _DIM)
    model.writer.ones("token_embd_norm.weight", _DIM)
    model.bias("token_embd_norm", _DIM)
    for layer in range(_LAYERS):
        block = f"blk.{layer}"
        model.attention(layer, kv_heads=_HEADS, biases=True, output_bias=True)
        model.norms(layer, "attn_output_norm", "layer_output_norm")
        model.bias(f"{block}.attn_output_norm", _DIM)
        model.bias(f"{block}.layer_output_norm", _DIM)
        model.weight(f"{block}.ffn_up", _FORWARD, _DIM)
        model.weight(f"{block}.ffn_down", _DIM, _FORWARD)


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
    "bert": _bert,
}
_OLDER = ("qwen3", "qwen35", "spark2_5")
NAMES = (*_FAMILIES, *_OLDER)


def write(path: Path, architecture: str, *, seed: int = 0) -> Path:
    """Write a model of ``architecture``, one of ``NAMES``, that writes small letters.

    Its weights are in f32, so that it chooses the same whatever the batches it read in.
    """
    if architecture in _OLDER:
        return write_random(path, architecture, seed=seed, comparable=True)
    model = _Model(path, architecture, seed)
    _FAMILIES[architecture](model)
    return model.writer.finish()


def main(words: list[str]) -> None:
    """Write the families that are named, or all, into a folder."""
    folder = Path(words[0])
    for name in words[1:] or NAMES:
        sys.stdout.write(f"{write(folder / f'{name}.gguf', name)}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
