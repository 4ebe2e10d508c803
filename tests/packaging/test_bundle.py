"""What lies in the frozen program, read without starting it: ``dev.py build`` runs these."""

import dis
import marshal
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

_CPU_MODULES = 14
_INSTALLED_BYTES = 260_000_000
_AVX512 = re.compile(
    r"libggml-cpu-(cannonlake|cascadelake|cooperlake|icelake|sapphirerapids|skylakex|zen4)\.so"
)
# These look at the processor before they use such code.
_ASK_FIRST = re.compile(r"libcrypto\.so|libpdfium\.so|_rust\.abi3\.so|apsw/__init__\.")
_NO_NETWORK = frozenset(
    {
        "ssl",
        "ftplib",
        "smtplib",
        "imaplib",
        "poplib",
        "xmlrpc.client",
        "http.server",
        "socketserver",
        "webbrowser",
        "asyncio",
        "requests",
        "urllib3",
        "httpx2",
        "huggingface_hub",
        "certifi",
        "hanlin_models.fetcher",
    }
)
linux = pytest.mark.skipif(sys.platform != "linux", reason="a Linux program is read with binutils")


def _modules(program: Path) -> dict[str, CodeType]:
    """Return the code of the Python modules that PyInstaller put into ``program``."""
    readers = pytest.importorskip("PyInstaller.archive.readers")
    archive: Any = readers.CArchiveReader(str(program))
    modules: Any = archive.open_embedded_archive("PYZ.pyz")
    found = {}
    for name in modules.toc:
        code = modules.extract(name)
        if isinstance(code, bytes):
            code = marshal.loads(code)  # noqa: S302 - our own program's
        if code is not None:
            found[name] = code
    return found


def _imports(code: CodeType) -> Iterator[str]:
    for step in dis.get_instructions(code):
        if step.opname == "IMPORT_NAME":
            yield str(step.argval)
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _imports(inner)


def test_llama_cpp_is_inside_once_with_all_its_modules(frozen: Path) -> None:
    names = Counter(file.name.split(".so")[0] for file in frozen.rglob("lib*.so*"))
    assert [names[name] for name in ("libllama", "libggml", "libggml-base", "libmtmd")] == [1] * 4
    if sys.platform == "linux":
        assert sum(name.startswith("libggml-cpu-") for name in names) == _CPU_MODULES
        assert names["libgomp"] == 1, "most computers have none"


def test_what_nobody_needs_is_not_inside(frozen: Path) -> None:
    names = {path.name for path in frozen.rglob("*")}
    unwanted = {"numpy", "hf_xet", "setuptools", "tls", "libqgtk3.so", "libstdc++.so.6", "qml"}
    assert names & unwanted == set()
    assert [name for name in names if name.startswith("libreadline")] == [], "it is under the GPL"
    addons = re.compile(r"Qt6?(WebEngine|Multimedia|Pdf|Qml|Quick|Charts|3D|TextToSpeech|Designer)")
    assert [name for name in names if addons.search(name)] == []


def test_the_licences_of_what_is_inside_are_inside(frozen: Path) -> None:
    folder = frozen / "_internal/licences"
    inside = {path.name for path in folder.iterdir() if any(path.iterdir())}
    assert {"qt", "llama-cpp-python", "cryptography", "keyring", "python", "jinja2"} <= inside


def test_it_fits_the_budget(frozen: Path) -> None:
    assert sum(file.stat().st_size for file in frozen.rglob("*")) <= _INSTALLED_BYTES


@linux
def test_it_holds_no_links(frozen: Path) -> None:
    assert [path for path in frozen.rglob("*") if path.is_symlink()] == []


def test_the_window_holds_no_module_that_talks_to_a_network(program: Path) -> None:
    modules = _modules(program)
    tops = {name.partition(".")[0] for name in modules}
    assert _NO_NETWORK & (modules.keys() | tops) == set()
    # Without ssl only http: is left of it, and nobody but these asks for that.
    asking = {
        name
        for name, code in modules.items()
        if {"urllib.request", "http.client"} & set(_imports(code))
    }
    ours = {name for name in asking if name.startswith("hanlin")}
    assert ours == set()
    assert {name.partition(".")[0] for name in asking} <= {
        "jaraco",
        "urllib",
        "http",
        "pygments",
        "xml",
        "logging",
    }


def test_the_window_holds_nothing_that_opens_foreign_files(program: Path) -> None:
    tops = {name.partition(".")[0] for name in _modules(program)}
    assert tops & {"PIL", "pypdfium2", "miniaudio", "tree_sitter", "jinja2"} == set()


@pytest.mark.parametrize("name", ["hanlin", "hanlin-child"])
def test_nothing_of_ours_runs_code_found_in_data(frozen: Path, program: Path, name: str) -> None:
    modules = _modules(program.with_name(program.name.replace("hanlin", name)))
    ours = {module: set(_imports(code)) for module, code in modules.items() if "hanlin" in module}
    assert ours
    for module, imports in ours.items():
        assert imports & {"pickle", "marshal", "shelve", "multiprocessing"} == set(), module


def test_the_children_hold_neither_window_nor_database(frozen: Path, program: Path) -> None:
    child = program.with_name(program.name.replace("hanlin", "hanlin-child"))
    tops = {name.partition(".")[0] for name in _modules(child)}
    assert tops & {"PySide6", "hanlin_ui", "numpy", "keyring", "apsw", "pytest", "hf_xet"} == set()


@linux
@pytest.mark.timeout(600)
def test_only_the_modules_for_such_processors_use_avx512(frozen: Path) -> None:
    disassembler = shutil.which("objdump")
    if disassembler is None:
        pytest.skip("objdump (package binutils) is not installed")

    def uses_avx512(file: Path) -> bool:
        words = [disassembler, "-d", "--no-show-raw-insn", str(file)]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as listing:
            return any("%zmm" in line for line in listing.stdout or ())

    files = [
        file
        for file in frozen.rglob("*.so*")
        if not _AVX512.search(file.name)
        and not _ASK_FIRST.search(file.as_posix())
        and "libicudata" not in file.name  # data alone
    ]
    assert sum("libggml" in file.name for file in files) > _CPU_MODULES // 2
    with ThreadPoolExecutor(2) as pool:
        guilty = [
            file for file, bad in zip(files, pool.map(uses_avx512, files), strict=True) if bad
        ]
    assert guilty == [], "would crash on most computers"
