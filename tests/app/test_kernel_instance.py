"""Locks between processes: one owner, and none after its death."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hanlin.kernel.instance import FileLock

HOLDER = """
import sys
from pathlib import Path
from hanlin.kernel.instance import FileLock
lock = FileLock(Path(sys.argv[1]))
print("held" if lock.try_acquire() else "taken", flush=True)
sys.stdin.read()
"""


def start(path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def end(process: subprocess.Popen[str]) -> None:
    process.communicate(timeout=30)


def test_one_lock_has_one_owner(tmp_path: Path) -> None:
    one, two = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    assert one.try_acquire()
    assert one.try_acquire()
    assert not two.try_acquire()
    assert (one.held, two.held) == (True, False)
    one.release()
    one.release()
    assert two.try_acquire()
    two.release()


def test_waiting_ends_at_the_deadline(tmp_path: Path) -> None:
    with FileLock(tmp_path / "lock") as one:
        assert one.try_acquire()
        assert not FileLock(tmp_path / "lock").acquire(0.05)
    with FileLock(tmp_path / "lock") as two:
        assert two.acquire(0.05)


def test_a_removed_file_does_not_leave_two_owners(tmp_path: Path) -> None:
    one = FileLock(tmp_path / "lock")
    assert one.try_acquire()
    one.release(remove=True)
    assert not (tmp_path / "lock").exists()
    assert one.try_acquire()
    assert not FileLock(tmp_path / "lock").try_acquire()
    one.release()


def test_a_folder_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        FileLock(tmp_path / "nowhere" / "lock").try_acquire()


def test_of_programs_started_at_once_one_owns_and_its_death_frees_the_lock(
    tmp_path: Path,
) -> None:
    path = tmp_path / "lock"
    for _round in range(3):
        programs = [start(path) for _number in range(4)]
        answers = [said(program) for program in programs]
        assert sorted(answers) == ["held", "taken", "taken", "taken"]
        owner = programs[answers.index("held")]
        owner.kill()
        assert owner.wait(30) == -signal.SIGKILL if os.name == "posix" else owner.wait(30)
        mine = FileLock(path)
        assert mine.acquire(5)
        mine.release()
        for program in programs:
            end(program)
