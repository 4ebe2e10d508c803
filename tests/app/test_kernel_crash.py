"""What a crash leaves behind, and what a clean end does not."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hanlin.kernel.crash import earlier_crashes

PROGRAM = """
import ctypes, sys, threading
from pathlib import Path
from hanlin.kernel.crash import install

def told(error):
    print("told:", type(error).__name__, threading.current_thread().name, flush=True)

guard = install(Path(sys.argv[1]), told)
def fail():
    raise ValueError("unexpected")
"""


def run(folder: Path, rest: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM + rest, str(folder)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


def test_a_clean_end_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    assert run(folder, "guard.close(); guard.close()").returncode == 0
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no SIGSEGV to raise")
def test_a_native_crash_leaves_the_stacks_of_its_run(tmp_path: Path) -> None:
    for _run in range(2):
        done = run(tmp_path, "def deep():\n    ctypes.string_at(0)\ndeep()")
        assert done.returncode == -signal.SIGSEGV
    files = earlier_crashes(tmp_path)
    assert len(files) == 2
    assert all("in deep" in file.read_text() for file in files)


def test_an_exception_nobody_caught_is_told(tmp_path: Path) -> None:
    done = run(tmp_path, "fail()")
    assert done.stdout == "told: ValueError MainThread\n"
    assert done.returncode == 1
    assert earlier_crashes(tmp_path) == []


def test_an_exception_on_a_thread_is_told(tmp_path: Path) -> None:
    rest = "t = threading.Thread(target=fail, name='worker'); t.start(); t.join(); guard.close()"
    done = run(tmp_path, rest)
    assert done.stdout == "told: ValueError worker\n"
    assert done.returncode == 0


def test_ending_a_thread_or_the_program_by_hand_is_no_failure(tmp_path: Path) -> None:
    thread = "t = threading.Thread(target=sys.exit); t.start(); t.join()\n"
    done = run(tmp_path, thread + "raise KeyboardInterrupt")
    assert done.stdout == ""
    assert "KeyboardInterrupt" in done.stderr


def test_closing_gives_the_hooks_back(tmp_path: Path) -> None:
    rest = "guard.close()\nassert sys.excepthook is sys.__excepthook__\nfail()"
    done = run(tmp_path, rest)
    assert done.stdout == ""
    assert "ValueError: unexpected" in done.stderr


def test_a_folder_that_cannot_be_made_costs_only_the_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = run(tmp_path / "file" / "logs", "fail()")
    assert done.stdout == "told: ValueError MainThread\n"


def test_old_crashes_do_not_pile_up(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"crash-20200101-{number:06}-000000-1.txt").write_text("old")
    assert run(tmp_path, "guard.close()").returncode == 0
    assert len(earlier_crashes(tmp_path)) == 9


def test_the_end_is_clean_although_the_folder_went_with_its_stick(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    done = run(folder, "import shutil; shutil.rmtree(sys.argv[1]); guard.close()")
    assert (done.returncode, done.stderr) == (0, "")
