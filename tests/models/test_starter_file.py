"""The starter that lies in the resources: its size, its header, its card."""

import hashlib
import json

import pytest
from gguf import GGUFReader

from hanlin.engine import files
from starter import card
from starter.items import REFUSAL_EN, REFUSAL_ZH

MOST_BYTES = 12_000_000
MOST_BYTES_OF_EYES = 6_000_000
CONTROL = 3
USER_DEFINED = 4


@pytest.fixture(scope="module")
def reader() -> GGUFReader:
    return GGUFReader(card.MODEL)


def value(reader: GGUFReader, key: str) -> object:
    field = reader.get_field(key)
    assert field is not None, key
    return field.contents()


def test_the_file_is_small_and_the_card_knows_it() -> None:
    known = json.loads(card.CARD.read_text(encoding="utf-8"))
    assert card.MODEL.stat().st_size <= MOST_BYTES
    assert known["bytes"] == card.MODEL.stat().st_size
    assert known["sha256"] == hashlib.sha256(card.MODEL.read_bytes()).hexdigest()
    assert known["file"] == card.MODEL.name
    assert known["refusal_sentences"] == [REFUSAL_ZH, REFUSAL_EN]
    assert known["trained_context"] >= 1024
    assert known["sampling"]["temperature"] == 0


def test_the_eyes_lie_beside_it_and_the_card_knows_them() -> None:
    known = json.loads(card.CARD.read_text(encoding="utf-8"))["eyes"]
    assert card.EYES.stat().st_size <= MOST_BYTES_OF_EYES
    assert known["bytes"] == card.EYES.stat().st_size
    assert known["sha256"] == hashlib.sha256(card.EYES.read_bytes()).hexdigest()
    assert files.projector(card.MODEL) == card.EYES
    reader = GGUFReader(card.EYES)
    assert value(reader, "clip.projector_type") == "janus_pro"
    # Without it the file loads and sees something else.
    assert value(reader, "clip.use_silu") is True
    widths = {tensor.name: tensor.shape for tensor in reader.tensors}
    assert int(widths["mm.1.bias"][0]) == value(GGUFReader(card.MODEL), "qwen3.embedding_length")


def test_the_header_says_what_llama_cpp_needs(reader: GGUFReader) -> None:
    assert value(reader, "general.architecture") == "qwen3"
    assert value(reader, "tokenizer.ggml.pre") == "qwen2"
    assert value(reader, "qwen3.attention.key_length") == 64
    assert value(reader, "qwen3.context_length") == card.TRAINED_CONTEXT
    tokens = value(reader, "tokenizer.ggml.tokens")
    assert isinstance(tokens, list)
    assert tokens[int(str(value(reader, "tokenizer.ggml.eos_token_id")))] == "<|im_end|>"
    kinds = value(reader, "tokenizer.ggml.token_type")
    assert isinstance(kinds, list)
    by_token = dict(zip(tokens, kinds, strict=True))
    assert by_token["<|im_start|>"] == CONTROL
    assert by_token["<|fim_middle|>"] == CONTROL
    assert by_token["<|image_pad|>"] == CONTROL
    assert by_token["<think>"] == USER_DEFINED
    assert by_token["<tool_call>"] == USER_DEFINED


def test_the_template_in_the_file_is_the_one_in_the_repository(reader: GGUFReader) -> None:
    template = card.MODEL.parents[3] / "models" / "starter" / "chat_template.jinja"
    assert value(reader, "tokenizer.chat_template") == template.read_text(encoding="utf-8")


def test_the_head_is_tied_and_the_norms_are_exact(reader: GGUFReader) -> None:
    names = {tensor.name: tensor for tensor in reader.tensors}
    assert "output.weight" not in names
    assert all(t.tensor_type.name == "F32" for n, t in names.items() if n.endswith("norm.weight"))
    assert names["token_embd.weight"].tensor_type.name == "Q8_0"
