"""How llama.cpp's own tools are built to be compared with: from which sources, with which words.

Nothing is compiled here: what the compiler would be told is written down.
"""

import importlib.metadata
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

import peers

VERSION = importlib.metadata.version("llama-cpp-python")
SOURCES = "abc/src/vendor/llama.cpp"


class Compiler:
    """What is called, and what would come of it; ``fails`` is a source that does not compile."""

    def __init__(self, cache: Path) -> None:
        self.calls: list[list[str]] = []
        self.fails = ""
        self._cache = cache

    def run(self, command: Sequence[str], **_options: object) -> subprocess.CompletedProcess[str]:
        words = list(command)
        if words[-2:] == ["cache", "dir"]:
            return subprocess.CompletedProcess(words, 0, f"{self._cache}\n")
        self.calls.append(words)
        made = Path(words[words.index("-o") + 1])
        made.write_text("half")
        if self.fails and self.fails in words:
            raise subprocess.CalledProcessError(1, words)
        return subprocess.CompletedProcess(words, 0, "")

    @property
    def compiled(self) -> list[str]:
        """The sources that were compiled."""
        return [Path(call[call.index("-c") + 1]).name for call in self.calls if "-c" in call]

    @property
    def linked(self) -> list[str]:
        """What the linker was told last."""
        return next(call for call in reversed(self.calls) if "-c" not in call)


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """Return llama.cpp's sources as they lie in uv's cache."""
    root = tmp_path / "cache" / "sdists-v9" / "pypi" / "llama-cpp-python" / VERSION / SOURCES
    (root.parents[4] / "99.0" / SOURCES).mkdir(parents=True)
    for name in (
        *("tools/llama-bench/llama-bench.cpp", "tools/llama-bench/main.cpp"),
        *("tools/completion/completion.cpp", "tools/completion/main.cpp"),
        *("tools/server/server.cpp", "tools/server/server-task.cpp"),
        "vendor/cpp-httplib/httplib.cpp",
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the place of the libraries that the engine computes with."""
    place = tmp_path / "site-packages"
    (place / "bin").mkdir(parents=True)
    (place / "bin" / "libggml-cpu-haswell.so").touch()
    monkeypatch.setattr(peers, "_installed", lambda: place)
    return place


@pytest.fixture
def compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Compiler:
    compiler = Compiler(tmp_path / "cache")
    monkeypatch.setattr(subprocess, "run", compiler.run)
    return compiler


def test_the_bench_is_the_locked_ones_with_the_engines_libraries(
    tmp_path: Path, sources: Path, installed: Path, compiler: Compiler
) -> None:
    program = peers.build_bench(tmp_path / "built")
    assert compiler.compiled == ["llama-bench.cpp", "main.cpp"]
    for call in compiler.calls[:-1]:
        assert {"-O2", "-DNDEBUG", f"-I{sources / 'include'}", f"-I{sources / 'common'}"} <= {*call}
    linked, lib = compiler.linked, installed / "lib"
    assert linked[-2:] == ["-o", str(program)]
    assert {f"-L{lib}", f"-Wl,-rpath,{lib}", "-lllama", "-lggml"} <= {*linked}
    beside = program.with_name("libggml-cpu-haswell.so")
    assert beside.resolve() == installed / "bin" / beside.name


@pytest.mark.usefixtures("installed")
def test_the_server_is_built_without_its_pages(
    tmp_path: Path, sources: Path, compiler: Compiler
) -> None:
    program = peers.build_server(tmp_path / "built", sources)
    assert compiler.compiled == ["server-task.cpp", "server.cpp", "httplib.cpp"]
    assert f"-I{program.parent}" in compiler.calls[0]
    assert "llama_ui_find_asset" in (program.parent / "ui.h").read_text()


@pytest.mark.usefixtures("installed")
def test_a_build_that_was_cut_off_goes_on(
    tmp_path: Path, sources: Path, compiler: Compiler
) -> None:
    compiler.fails = str(sources / "tools" / "completion" / "main.cpp")
    with pytest.raises(subprocess.CalledProcessError):
        peers.build_completion(tmp_path / "built")
    compiler.fails = ""
    compiler.calls.clear()
    assert peers.build_completion(tmp_path / "built").exists()
    assert compiler.compiled == ["main.cpp"]


@pytest.mark.usefixtures("compiler")
def test_without_sources_it_is_said_how_to_name_them(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="--source"):
        peers.build_bench(tmp_path / "built")
