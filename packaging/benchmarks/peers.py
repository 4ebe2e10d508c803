"""llama.cpp's own llama-bench, llama-completion and llama-server, with the installed libraries.

All come out of the locked llama-cpp-python's sources and are linked with the libraries
of .venv, so that they compute with the same kernels as the engine. The sources are
found in uv's cache, where ``dev.py sync`` built them. What is measured with them is
written in engine.py, switching.py and streamed.py.
"""

import importlib.metadata
import importlib.util
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

_COMPILE = ("c++", "-std=c++17", "-O2", "-DNDEBUG")
_LIBRARIES = ("mtmd", "llama-common", "llama", "ggml", "ggml-base")
_INCLUDES = ("include", "ggml/include", "common", "vendor", "tools/mtmd", ".")
_NO_PAGES = """\
#pragma once
#include <array>
#include <string>
struct llama_ui_asset { std::string name; const unsigned char * data; std::size_t size;
                        std::string etag; std::string type; };
inline const llama_ui_asset * llama_ui_find_asset(const std::string &) { return nullptr; }
inline bool llama_ui_use_gzip() { return false; }
inline std::array<llama_ui_asset, 0> llama_ui_get_assets() { return {}; }
"""
"""What the server's build makes of its web pages when there are none."""


def build_bench(folder: Path, source: Path | None = None) -> Path:
    """Build llama-bench into ``folder``, seconds; return it."""
    sources = source or _unpacked()
    tool = sources / "tools" / "llama-bench"
    return _build(folder, "llama-bench", sources, [tool / "llama-bench.cpp", tool / "main.cpp"])


def build_completion(folder: Path, source: Path | None = None) -> Path:
    """Build llama-completion into ``folder``, half a minute; return it."""
    sources = source or _unpacked()
    tool = sources / "tools" / "completion"
    return _build(folder, "llama-completion", sources, [tool / "completion.cpp", tool / "main.cpp"])


def build_server(folder: Path, source: Path | None = None) -> Path:
    """Build llama-server into ``folder``, about 10 minutes of one core; return it."""
    sources = source or _unpacked()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ui.h").write_text(_NO_PAGES)
    files = sorted((sources / "tools" / "server").glob("*.cpp"))
    files.append(sources / "vendor" / "cpp-httplib" / "httplib.cpp")
    return _build(folder, "llama-server", sources, files)


def _build(folder: Path, name: str, sources: Path, files: Iterable[Path]) -> Path:
    installed = _installed()
    program = folder / name
    objects = folder / f"{name}-objects"
    objects.mkdir(parents=True, exist_ok=True)
    include = [f"-I{sources / each}" for each in _INCLUDES]
    made = []
    for file in files:
        made.append(objects / f"{file.stem}.o")
        if not made[-1].exists():  # a build that was cut off goes on
            part = made[-1].with_suffix(".part")
            here = [f"-I{file.parent}", f"-I{folder}"]
            subprocess.run(
                [*_COMPILE, *include, *here, "-c", str(file), "-o", str(part)], check=True
            )
            part.replace(made[-1])
    subprocess.run(
        [
            *("c++", *map(str, made), f"-L{installed / 'lib'}"),
            *(f"-l{each}" for each in _LIBRARIES),
            # Also for the libraries that these libraries need.
            *("-Wl,--disable-new-dtags", f"-Wl,-rpath,{installed / 'lib'}"),
            *("-lpthread", "-o", str(program)),
        ],
        check=True,
    )
    for module in (installed / "bin").glob("*ggml-cpu-*"):  # it looks beside itself
        link = folder / module.name
        link.unlink(missing_ok=True)
        link.symlink_to(module)
    return program


def _installed() -> Path:
    found = importlib.util.find_spec("llama_cpp")
    if found is None or found.origin is None:
        raise SystemExit("llama-cpp-python is not installed here: packaging/dev.py sync")
    return Path(found.origin).parent.parent


def _unpacked() -> Path:
    uv = Path(sys.executable).with_name("uv")
    command = [str(uv) if uv.exists() else "uv", "cache", "dir"]
    try:
        cache = Path(
            subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip()
        )
    except OSError:
        cache = Path.home() / ".cache" / "uv"
    version = importlib.metadata.version("llama-cpp-python")
    # uv may have unpacked others, too.
    found = next(cache.glob(f"sdists-*/*/llama-cpp-python/{version}/*/src/vendor/llama.cpp"), None)
    if found is None:
        raise SystemExit("unpack the sdist of llama-cpp-python; --source PATH/vendor/llama.cpp")
    return found
