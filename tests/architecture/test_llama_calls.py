"""What ends llama.cpp's process is never asked of it (the crash table of the research).

Shifting positions aborts with several families, an adapter that cannot be read and a lazy
grammar with a wrong pattern crash in the middle of C++.
"""

import ast
from pathlib import Path

import pytest

WORKER = Path(__file__).parents[2] / "app" / "hanlin" / "engine" / "worker"
DEADLY = (
    "llama_memory_seq_add",
    "llama_memory_seq_div",
    "llama_adapter_lora_init",
    "llama_sampler_init_grammar_lazy",
    "llama_sampler_init_grammar_lazy_patterns",
    "llama_sampler_init_infill",
)


def asked(source: str) -> set[str]:
    """Return the functions of llama.cpp that ``source`` names."""
    return {
        node.attr
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and node.attr.startswith("llama_")
    }


def test_the_calls_are_found() -> None:
    source = "c = library.c\nc.llama_decode(1)\nself._c.llama_memory_seq_add(2)\n"
    assert asked(source) == {"llama_decode", "llama_memory_seq_add"}


@pytest.mark.parametrize("path", sorted(WORKER.rglob("*.py")), ids=lambda path: path.name)
def test_nothing_deadly_is_asked_of_llama_cpp(path: Path) -> None:
    assert asked(path.read_text("utf-8")).isdisjoint(DEADLY)


def test_the_worker_does_ask_llama_cpp() -> None:
    named = {name for path in WORKER.rglob("*.py") for name in asked(path.read_text("utf-8"))}
    assert {"llama_decode", "llama_sampler_sample", "llama_memory_seq_rm"} <= named
