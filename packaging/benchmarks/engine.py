"""The engine's figures: ``hanlin bench`` on a model made here, beside a llama-bench built here.

``model PATH``: a random model of Qwen3-0.6B's shape in Q4_K_M; its words are noise, its
speed is not. ``peer FOLDER``: llama-bench and llama-completion with the same kernels
(peers.py). ``--source`` names another place of their sources. ``run [hanlin bench's words]``
makes model and llama-bench where missing and measures; ``speculation`` compares answers with
and without guessing ahead (``--texts wild edit`` only these, in 5 minutes);
``share`` tells Python's part of a token's time, ``stopping`` how soon reading is stopped and
what that costs; ``processor`` compares the processor time of a token with llama-bench's, which
holds on a busy computer, too:

    .venv/bin/python packaging/benchmarks/engine.py run --json
"""

import argparse
import ctypes
import subprocess
import sys
import tempfile
from pathlib import Path

import gguf
import numpy as np

import peers
import processor
import share
import speculation
import stopping

ROOT = Path(__file__).parent.parent.parent
PLACE = ROOT / "build" / "bench"
LAYERS, DIM, HEADS, KV_HEADS, HEAD, FEED_FORWARD = 28, 1024, 16, 8, 128, 3072
VOCABULARY = 151_936
CONTROL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
TEMPLATE = """\
{%- for message in messages %}<|im_start|>{{ message.role }}
{{ message.content }}<|im_end|>
{% endfor %}<|im_start|>assistant
"""
Q4_K_M = 15


def make_model(path: Path) -> None:
    """Write the model: random weights in f16, then quantised by llama.cpp itself."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        whole = Path(folder) / "f16.gguf"
        _write(whole)
        part = Path(folder) / "part.gguf"
        _quantise(whole, part)
        part.replace(path)


def _write(path: Path) -> None:
    writer = gguf.GGUFWriter(path, "qwen3")
    writer.add_name("random 0.6B")
    writer.add_context_length(40960)
    writer.add_embedding_length(DIM)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_key_length(HEAD)
    writer.add_value_length(HEAD)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(1e6)
    _add_vocabulary(writer)
    random = np.random.default_rng(0)

    def noise(name: str, *shape: int) -> None:
        values = random.standard_normal(shape, dtype=np.float32) * np.float32(0.02)
        writer.add_tensor(name, values.astype(np.float16))

    def ones(name: str, size: int) -> None:
        writer.add_tensor(name, np.ones(size, np.float32))

    noise("token_embd.weight", VOCABULARY, DIM)
    ones("output_norm.weight", DIM)
    for layer in range(LAYERS):
        name = f"blk.{layer}"
        noise(f"{name}.attn_q.weight", HEADS * HEAD, DIM)
        noise(f"{name}.attn_k.weight", KV_HEADS * HEAD, DIM)
        noise(f"{name}.attn_v.weight", KV_HEADS * HEAD, DIM)
        noise(f"{name}.attn_output.weight", DIM, HEADS * HEAD)
        noise(f"{name}.ffn_gate.weight", FEED_FORWARD, DIM)
        noise(f"{name}.ffn_up.weight", FEED_FORWARD, DIM)
        noise(f"{name}.ffn_down.weight", DIM, FEED_FORWARD)
        for norm, size in (("attn", DIM), ("ffn", DIM), ("attn_q", HEAD), ("attn_k", HEAD)):
            ones(f"{name}.{norm}_norm.weight", size)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _add_vocabulary(writer: gguf.GGUFWriter) -> None:
    """Add one token for each byte (in GPT-2's letters), and made-up words up to Qwen's size."""
    printable = {*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = iter(range(0x100, 0x200))
    letters = [chr(byte) if byte in printable else chr(next(others)) for byte in range(256)]
    words = [f"word{number}" for number in range(VOCABULARY - len(letters) - len(CONTROL))]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list([*letters, *CONTROL, *words])
    normal, control = int(gguf.TokenType.NORMAL), int(gguf.TokenType.CONTROL)
    writer.add_token_types(
        [normal] * len(letters) + [control] * len(CONTROL) + [normal] * len(words)
    )
    writer.add_token_merges(["w o"])
    writer.add_eos_token_id(len(letters) + CONTROL.index("<|im_end|>"))
    writer.add_chat_template(TEMPLATE)


def _quantise(whole: Path, quantised: Path) -> None:
    from llama_cpp import llama_cpp  # noqa: PLC0415 - only here, and it takes its time

    parameters = llama_cpp.llama_model_quantize_default_params()
    parameters.ftype = Q4_K_M
    status = llama_cpp.llama_model_quantize(
        str(whole).encode(), str(quantised).encode(), ctypes.byref(parameters)
    )
    if status != 0:
        raise SystemExit(f"llama_model_quantize: {status}")


def main() -> int:
    """Do what the words say; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--source", type=Path, help="vendor/llama.cpp of the unpacked sdist")
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("model").add_argument("path", type=Path)
    actions.add_parser("peer").add_argument("folder", type=Path)
    guessing = actions.add_parser("speculation")
    guessing.add_argument("--model", type=Path, default=PLACE / "random-0.6b-q4_k_m.gguf")
    guessing.add_argument("--rounds", type=int, default=9)
    guessing.add_argument("--threads", type=int, default=1)
    guessing.add_argument(
        "--texts", nargs="+", choices=speculation.TEXTS, default=[*speculation.TEXTS]
    )
    guessing.add_argument("--tokens", type=int, help="of each answer, instead of the text's own")
    python = actions.add_parser("share")
    python.add_argument("--model", type=Path, default=PLACE / "random-0.6b-q4_k_m.gguf")
    python.add_argument("--threads", type=int, default=1)
    python.add_argument("--tokens", type=int, nargs="+", default=[100, 4000])
    python.add_argument("--processor", action="store_true", help="count processor time")
    stops = actions.add_parser("stopping")
    stops.add_argument("--model", type=Path, default=PLACE / "random-0.6b-q4_k_m.gguf")
    stops.add_argument("--rounds", type=int, default=9)
    stops.add_argument("--threads", type=int, default=1)
    work = actions.add_parser("processor")
    work.add_argument("--rounds", type=int, default=9)
    actions.add_parser("run", add_help=False)
    arguments, words = parser.parse_known_args()
    if arguments.action == "model":
        make_model(arguments.path)
        return 0
    if arguments.action == "peer":
        print(peers.build_bench(arguments.folder, arguments.source))
        print(peers.build_completion(arguments.folder, arguments.source))
        return 0
    if arguments.action in ("speculation", "share", "stopping"):
        if not arguments.model.exists():
            make_model(arguments.model)
        _measure(arguments)
        return 0
    model, peer = PLACE / "random-0.6b-q4_k_m.gguf", PLACE / "llama-bench"
    if not model.exists():
        make_model(model)
    if not peer.exists():
        peers.build_bench(PLACE, arguments.source)
    if arguments.action == "processor":
        processor.report(model, peer, arguments.rounds)
        return 0
    ours = [sys.executable, "-m", "hanlin", "bench", "--model", str(model), "--against", str(peer)]
    return subprocess.run([*ours, *words], check=False).returncode


def _measure(arguments: argparse.Namespace) -> None:
    """Do what needs a model and no peer."""
    model: Path = arguments.model
    if arguments.action == "share":
        places = tuple(arguments.tokens)
        share.report(model, arguments.threads, places, processor=arguments.processor)
    elif arguments.action == "stopping":
        stopping.report(model, arguments.rounds, arguments.threads)
    else:
        rounds, threads = arguments.rounds, arguments.threads
        texts = speculation.chosen(arguments.texts, arguments.tokens)
        speculation.report(model, rounds, threads, texts)


if __name__ == "__main__":
    sys.exit(main())
