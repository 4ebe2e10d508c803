"""The header reader: whatever the file is, a fact or a sentence."""

import os
import random
import struct
from pathlib import Path

import pytest
from gguf import GGML_QUANT_SIZES, GGUFWriter, LlamaFileType

from hanlin.kernel.errors import KnownError
from hanlin_fakes import gguf_bytes as make
from hanlin_models import gguf
from hanlin_models.ggml_types import BLOCKS, QUANTISATIONS


def write(folder: Path, content: bytes, name: str = "model.gguf") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(KnownError) as caught:
        gguf.read(path)
    error = caught.value
    assert error.title
    assert path.name in error.message
    assert error.hint
    return error.message


def test_what_a_file_says_about_itself(tmp_path: Path) -> None:
    keys = [
        *make.BASIC,
        make.text("general.name", "Test  模型\nwith\x1b[31m colours"),
        make.text("tokenizer.chat_template", "{{ messages }}"),
        make.text("tokenizer.ggml.model", "gpt2"),
        make.texts("tokenizer.ggml.tokens", ["a", "b", "词"]),
        make.u32("general.file_type", 15),
        make.u32("qwen3.context_length", 32768),
        make.f32("qwen3.rope.freq_base", 1e6),
        make.floats("some.scores", [1.0, 2.0]),
    ]
    tensors = [make.Tensor("a", (256, 2), 12), make.Tensor("b", (32,), 0)]
    info = gguf.read(write(tmp_path, make.file(keys, tensors)))
    assert info.architecture == "qwen3"
    assert info.name == "Test 模型 with [31m colours"
    assert info.quantisation == "Q4_K_M"
    assert info.context_length == 32768
    assert info.has_chat_template
    assert info.tokenizer == "gpt2"
    assert (info.tensors, info.parameters) == (2, 544)
    assert (info.version, info.kind, info.part, info.parts) == (3, "model", 0, 1)
    assert not info.is_projector


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.gguf"
    os.mkfifo(pipe)
    assert "not a GGUF model" in refusal(pipe)


@pytest.mark.skipif(
    os.name != "posix" or os.geteuid() == 0, reason="root may read what nobody else may"
)
def test_a_file_of_somebody_else_names_the_file_s_permissions(tmp_path: Path) -> None:
    path = write(tmp_path, make.file(make.BASIC, []))
    path.chmod(0)
    assert "may not be read" in refusal(path)


def test_a_file_that_lacks_a_few_bytes_is_not_said_to_be_as_long_as_needed(tmp_path: Path) -> None:
    whole = make.file(make.BASIC, [make.Tensor("a", (25600, 2), 0)])
    message = refusal(write(tmp_path, whole[:-1]))
    assert f"{len(whole) - 1} B are there, {len(whole)} B are needed" in message


def test_a_file_by_the_reference_writer(tmp_path: Path) -> None:
    path = tmp_path / "written.gguf"
    writer = GGUFWriter(path, "qwen3")
    writer.add_name("written")
    writer.add_context_length(4096)
    writer.add_array("tokenizer.ggml.scores", [0.5, 1.5])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    info = gguf.read(path)
    assert (info.architecture, info.name, info.context_length) == ("qwen3", "written", 4096)


def test_a_projector_and_a_part_are_told_from_a_model(tmp_path: Path) -> None:
    eye = make.file([make.text("general.architecture", "clip")], make.ONE_TENSOR)
    assert gguf.read(write(tmp_path, eye)).is_projector
    eye = make.file([*make.BASIC, make.text("general.type", "mmproj")], make.ONE_TENSOR)
    assert gguf.read(write(tmp_path, eye)).is_projector
    part = make.file([*make.BASIC, make.u16("split.no", 2), make.u16("split.count", 5)], ())
    info = gguf.read(write(tmp_path, part))
    assert (info.part, info.parts) == (2, 5)


def test_missing_empty_folder_and_unreadable(tmp_path: Path) -> None:
    with pytest.raises(KnownError, match="does not exist"):
        gguf.read(tmp_path / "nowhere.gguf")
    assert "is empty" in refusal(write(tmp_path, b""))
    assert "is a folder" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<!DOCTYPE html><html>404</html>", "web page"),
        (b"\xef\xbb\xbf\r\n <HTML>", "web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", "pointer"),
        (b"PK\x03\x04 a zip", "not a GGUF"),
        (b"\x80\x02}q", "not a GGUF"),
        (b"GGML" + bytes(100), "not a GGUF"),
        (b"G", "incomplete"),
        (b"GGU", "incomplete"),
        (b"GGUF", "incomplete"),
        (struct.pack("<4sI", b"GGUF", 1) + bytes(100), "old format"),
        (struct.pack("<4sI", b"GGUF", 0) + bytes(100), "old format"),
        (struct.pack("<4sI", b"GGUF", 4) + bytes(100), "newer version"),
        (struct.pack(">4sI", b"GGUF", 3) + bytes(100), "big-endian"),
        (struct.pack("<4sIQQ", b"GGUF", 3, 2**63, 0), "damaged"),
        (struct.pack("<4sIQQ", b"GGUF", 3, 0, 2**64 - 1), "damaged"),
        (struct.pack("<4sIQQQ", b"GGUF", 3, 0, 1, 2**64 - 1), "damaged"),
        (make.file([make.key("x", 9, struct.pack("<IQ", 8, 2**63))], ()), "damaged"),
        (make.file([make.key("x", 9, struct.pack("<IQ", 9, 1))], ()), "damaged"),
        (make.file([make.key("x", 9, struct.pack("<IQ", 0, 2**20))], ()), "incomplete"),
        (make.file([make.key("x", 8, struct.pack("<Q", 2**62))], ()), "incomplete"),
        (make.file([make.key("x", 99, b"")], ()), "damaged"),
        (make.file([make.u32("a", 1), make.u32("a", 2)], ()), "damaged"),
        (make.file([make.u32("", 1)], ()), "damaged"),
        (make.file([make.u32("general.alignment", 3)], ()), "damaged"),
        (make.file([make.u32("general.alignment", 0)], ()), "damaged"),
        (make.file([make.u16("split.no", 7), make.u16("split.count", 5)], ()), "damaged"),
        (make.file((), [make.Tensor("a", (1,) * 5, 0)]), "damaged"),
        (make.file((), [make.Tensor("a", (31,), 2)]), "damaged"),
        (make.file((), [make.Tensor("a" * 64, (1,), 0)]), "damaged"),
        (make.file((), [make.Tensor("a", (32,), 0)] * 2), "damaged"),
        (make.file((), [make.Tensor("a", (32,), 31)]), "no longer read"),
        (make.file((), [make.Tensor("a", (32,), 43)]), "newer version"),
        (make.file((), [make.Tensor("a", (32,), 10**6)]), "damaged"),
        (make.file((), [make.Tensor("a", (2**62, 2**62), 0)], data=b""), "incomplete"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, content: bytes, words: str) -> None:
    assert words in refusal(write(tmp_path, content))


def test_a_header_cut_at_every_byte_is_incomplete(tmp_path: Path) -> None:
    whole = make.file([*make.BASIC, make.texts("tokenizer.ggml.tokens", ["a", "bc"])], ())
    assert gguf.read(write(tmp_path, whole)).architecture == "qwen3"
    assert "is empty" in refusal(write(tmp_path, b""))
    for length in range(1, len(whole)):
        assert "incomplete" in refusal(write(tmp_path, whole[:length])), length


def test_a_model_cut_at_every_byte_is_incomplete(tmp_path: Path) -> None:
    whole = make.file(make.BASIC, [make.Tensor("a", (32,), 0), make.Tensor("b", (64,), 8)])
    assert gguf.read(write(tmp_path, whole)).tensors == 2
    for length in range(1, len(whole)):
        message = refusal(write(tmp_path, whole[:length]))
        assert "incomplete" in message, length
    assert "are needed" in message


def test_two_thousand_mutations_are_a_fact_or_a_sentence(tmp_path: Path) -> None:
    dice = random.Random(5)
    whole = make.file(
        [
            *make.BASIC,
            make.text("general.name", "model"),
            make.texts("tokenizer.ggml.tokens", ["a", "b"]),
            make.floats("tokenizer.ggml.scores", [0.0, 1.0]),
            make.u32("general.alignment", 32),
        ],
        [make.Tensor("a", (32, 2), 8), make.Tensor("b", (32,), 0)],
    )
    read = refused = 0
    for _round in range(2000):
        damaged = bytearray(whole)
        for _change in range(dice.randint(1, 4)):
            at = dice.randrange(len(damaged))
            match dice.randrange(4):
                case 0:
                    damaged[at] ^= 1 << dice.randrange(8)
                case 1:
                    damaged[at] = dice.choice((0, 1, 0x7F, 0x80, 0xFF))
                case 2:
                    del damaged[at : at + dice.randint(1, 9)]
                case _:
                    damaged[at:at] = dice.randbytes(dice.randint(1, 9))
        path = write(tmp_path, bytes(damaged))
        try:
            info = gguf.read(path)
        except KnownError:
            refused += 1
        else:
            read += 1
            assert info.name.isprintable()
            assert info.bytes == len(damaged)
    assert read + refused == 2000
    assert read > 100
    assert refused > 1000


def test_the_packings_are_those_of_the_reference() -> None:
    for kind, sizes in GGML_QUANT_SIZES.items():
        assert BLOCKS[int(kind)] == sizes, kind
    known = {int(kind) for kind in GGML_QUANT_SIZES}
    assert set(BLOCKS) - known == {42}  # Q2_0: newer than the reference package


def test_the_names_of_quantisations_are_those_of_the_reference() -> None:
    for number, name in QUANTISATIONS.items():
        if number == 41:  # Q2_0: newer than the reference package
            continue
        reference = LlamaFileType(number).name.removeprefix("MOSTLY_").removeprefix("ALL_")
        assert name == reference.removesuffix("_MOE")
