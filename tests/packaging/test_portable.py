"""The frozen program, started as a person starts it: ``dev.py build portable`` runs these."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

_START_SECONDS = 60
_CPU_MODULES = 14


@pytest.fixture
def portable() -> Path:
    folder = os.environ.get("HANLIN_PORTABLE")
    if not folder:
        pytest.skip("no frozen program was named: `dev.py build portable` makes one and runs this")
    return Path(folder)


@pytest.fixture
def program(portable: Path) -> Path:
    return portable / ("hanlin.exe" if sys.platform == "win32" else "hanlin")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return a data folder of the kind people have."""
    return tmp_path / "张 三" / "资料 夹"


def _run(program: Path, *words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(program), *map(str, words)], capture_output=True, encoding="utf-8", check=False
    )


def test_it_prints_on_a_terminal(program: Path) -> None:
    done = _run(program, "--version")
    assert done.returncode == 0
    assert re.fullmatch(r"hanlin \d+\.\d+\.\d+\n", done.stdout)


def test_it_finds_itself_complete(program: Path, data: Path) -> None:
    done = _run(program, "--data-dir", data, "--self-test")
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_answers_a_question(program: Path, data: Path) -> None:
    done = _run(program, "--data-dir", data, "ask", "--json", "--max-tokens", 24, "你好")
    assert done.returncode == 0, done.stdout + done.stderr
    last = json.loads(done.stdout.splitlines()[-1])
    assert last["event"] == "done"
    assert last["timings"]["decode_tokens"] > 0


def test_a_child_refuses_what_it_is_not(portable: Path) -> None:
    done = _run(portable / "hanlin-child", "nothing")
    assert done.returncode == 1
    assert "nothing" in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="the window is watched through X11")
def test_its_window_opens_and_quits(program: Path, data: Path) -> None:
    xdotool = shutil.which("xdotool")
    if xdotool is None or not os.environ.get("DISPLAY"):
        pytest.skip("there is no X display, or xdotool is not installed")
    with subprocess.Popen(
        [str(program), "--data-dir", str(data)], stderr=subprocess.PIPE, encoding="utf-8"
    ) as window:
        try:
            number = _wait_for_window(window, xdotool)
            subprocess.run([xdotool, "windowfocus", number, "key", "ctrl+q"], check=True)
            _, said = window.communicate(timeout=_START_SECONDS)
        finally:
            window.kill()
    assert window.returncode == 0, said
    assert "Traceback" not in said


def _wait_for_window(window: subprocess.Popen[str], xdotool: str) -> str:
    query = [xdotool, "search", "--onlyvisible", "--pid", str(window.pid)]
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        assert window.poll() is None, window.communicate()[1]
        if found := subprocess.run(query, capture_output=True, text=True, check=False).stdout:
            return found.split()[0]
        time.sleep(0.1)
    raise AssertionError("no window came")


def test_llama_cpp_is_inside_once_with_all_its_modules(portable: Path) -> None:
    files = [file for file in portable.rglob("lib*.so*") if not file.is_symlink()]
    names = Counter(file.name.split(".so")[0] for file in files)
    assert [names[name] for name in ("libllama", "libggml", "libggml-base", "libmtmd")] == [1] * 4
    assert sum(name.startswith("libggml-cpu-") for name in names) == _CPU_MODULES


def test_what_nobody_needs_is_not_inside(portable: Path) -> None:
    names = {path.name for path in portable.rglob("*")}
    unwanted = {"numpy", "hf_xet", "setuptools", "tls", "libqgtk3.so", "libstdc++.so.6"}
    assert names & unwanted == set()


def test_only_the_modules_for_such_processors_use_avx512(portable: Path) -> None:
    disassembler = shutil.which("objdump")
    if disassembler is None:
        pytest.skip("objdump (package binutils) is not installed")
    for name in ("libllama", "libggml", "libggml-base", "libggml-cpu-x64", "libggml-cpu-haswell"):
        file = next(f for f in portable.rglob(f"{name}.so*") if not f.is_symlink())
        code = subprocess.run(
            [disassembler, "-d", "--no-show-raw-insn", str(file)],
            capture_output=True,
            text=True,
            check=True,
        )
        assert "%zmm" not in code.stdout, f"{name} would crash on most computers"
