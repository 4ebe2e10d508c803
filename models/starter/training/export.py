"""The checkpoint as a GGUF file: Qwen3's keys and tensor names, Q8_0 matrices, float32 norms.

No tensor is permuted (RoPE rotates halves) and the head is tied to the embedding, so it is not
written. The keys are the sufficient set that was found by measurement.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import torch
from gguf import GGMLQuantizationType, GGUFWriter, LlamaFileType, TokenType, quants
from tokenizers import Tokenizer

from starter.training.tokens import CONTROL, VISIBLE

TEMPLATE = Path(__file__).parent.parent / "chat_template.jinja"


@dataclass(frozen=True)
class Facts:
    """What the card says about the weights."""

    parameters: int
    trained: dict[str, object]


def export(checkpoint: Path, tokenizer: Path, out: Path, trained_context: int) -> Facts:
    """Write `out`; returns what the checkpoint knows of its making."""
    state = torch.load(checkpoint, weights_only=False)
    shape = state["shape"]
    writer = GGUFWriter(out, "qwen3")
    writer.add_name("Shutong")
    writer.add_description("The starter model of Hanlin, made by the project itself")
    writer.add_file_type(LlamaFileType.MOSTLY_Q8_0)
    writer.add_quantization_version(2)
    writer.add_context_length(trained_context)
    writer.add_embedding_length(shape["width"])
    writer.add_block_count(shape["layers"])
    writer.add_feed_forward_length(shape["ffn"])
    writer.add_head_count(shape["heads"])
    writer.add_head_count_kv(shape["kv_heads"])
    writer.add_key_length(shape["head_dim"])
    writer.add_value_length(shape["head_dim"])
    writer.add_layer_norm_rms_eps(shape["epsilon"])
    writer.add_rope_freq_base(shape["rope_base"])
    add_vocabulary(writer, Tokenizer.from_file(str(tokenizer)))
    count = 0
    for name, tensor in state["model"].items():
        values = tensor.float().numpy()
        count += values.size
        if values.ndim == 1:
            writer.add_tensor(name, values.astype(np.float32))
        else:
            kind = GGMLQuantizationType.Q8_0
            writer.add_tensor(name, quants.quantize(values, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    trained: dict[str, object] = {
        "date": datetime.now(tz=UTC).date().isoformat(),
        "hours": round(state["seconds"] / 3600, 2),
        "tokens": state["tokens"],
        "seed": state["seed"],
    }
    return Facts(count, trained)


def add_vocabulary(writer: GGUFWriter, tokenizer: Tokenizer) -> None:
    """Tokens, their kinds, the merges, the ends, and the chat template."""
    vocabulary = tokenizer.get_vocab()
    tokens = sorted(vocabulary, key=lambda token: vocabulary[token])
    kinds = [
        TokenType.CONTROL
        if token in CONTROL
        else TokenType.USER_DEFINED
        if token in VISIBLE
        else TokenType.NORMAL
        for token in tokens
    ]
    merges = [" ".join(pair) for pair in json.loads(tokenizer.to_str())["model"]["merges"]]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges(merges)
    writer.add_eos_token_id(vocabulary["<|im_end|>"])
    writer.add_pad_token_id(vocabulary["<|endoftext|>"])
    writer.add_bos_token_id(vocabulary["<|endoftext|>"])
    writer.add_add_bos_token(value=False)
    writer.add_chat_template(TEMPLATE.read_text(encoding="utf-8"))
