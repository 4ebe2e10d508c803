"""Graphics drivers of the tests: real modules for llama.cpp, compiled here, mostly broken ones."""

import importlib.util
import shutil
import subprocess
import sys
from enum import IntEnum
from pathlib import Path

from hanlin.engine.backends import Backend

_SOURCE = Path(__file__).with_name("driver.c")


class Behaves(IntEnum):
    """What a driver does; the numbers are driver.c's."""

    WORKS = 0
    ABORTS = 1
    """As soon as it is loaded."""
    HANGS = 2
    ERRORS = 3
    NO_DEVICE = 4
    NO_MEMORY = 5
    WRONG = 6
    DIES_LATER = 7
    """After its trial, while it computes."""
    HANGS_LATER = 8
    FAILS = 9
    """Every computation reports an error."""
    MISSING = 100
    """The library it needs is not on this computer."""


def why_not() -> str:
    """Return why none can be compiled here, "" when they can."""
    if not sys.platform.startswith("linux"):
        return "the drivers of the tests are written for Linux"
    if _compiler() is None:
        return "no C compiler"
    return "" if (_site() / "include/ggml-backend.h").exists() else "no headers of llama.cpp"


def build(folder: Path, behaves: Behaves) -> Backend:
    """Compile the driver into ``folder``; call it only when ``why_not`` says nothing."""
    target = folder / "libggml-fake.so"
    words = [str(_SOURCE), f"-DBEHAVES={int(behaves) % 100}"]
    words += [f"-I{_site() / 'include'}", f"-L{_site() / 'lib'}", "-lggml", "-lggml-base"]
    missing = folder / "libnothere.so"
    if behaves is Behaves.MISSING:
        stub = folder / "nothere.c"
        stub.write_text("void nothere(void) {}\n")
        _compile([str(stub), "-o", str(missing)])
        words += [f"-L{folder}", "-Wl,--no-as-needed", "-lnothere"]
    _compile([*words, "-o", str(target)])
    missing.unlink(missing_ok=True)
    return Backend("fake", target)


def _compile(words: list[str]) -> None:
    compiler = _compiler()
    assert compiler is not None
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", *words], check=True)


def _compiler() -> str | None:
    return shutil.which("cc") or shutil.which("gcc")


def _site() -> Path:
    spec = importlib.util.find_spec("llama_cpp")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parents[1]
