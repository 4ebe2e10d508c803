"""The frozen program, started as a person starts it: ``dev.py build`` runs these."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

_START_SECONDS = 60


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


def test_a_child_refuses_what_it_is_not(frozen: Path) -> None:
    done = _run(frozen / "hanlin-child", "nothing")
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
