"""When the program is killed with SIGKILL, no child of it lives on."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

import hanlin
from hanlin_fakes import doomed_parent

ROUNDS = 20
SECONDS = 20.0
"""A busy machine is late; how soon they end is the figure of the benchmark of kills."""


def test_no_child_outlives_a_killed_parent() -> None:
    lived_on: list[str] = []
    for number in range(ROUNDS):
        parent, children = start_parent()
        try:
            assert all(lives(pid) for pid in children.values())
        finally:
            parent.send_signal(signal.SIGKILL)
            parent.wait()
        lived_on += [f"round {number}: {mood}" for mood in survivors(children)]
    assert lived_on == [], f"{len(lived_on)} of {ROUNDS * len(doomed_parent.MOODS)} lived on"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to send")
def test_no_child_outlives_a_terminated_parent() -> None:
    parent, children = start_parent()
    parent.terminate()
    parent.wait()
    assert survivors(children) == []


def test_a_program_that_just_ends_waits_for_no_child_and_leaves_none() -> None:
    program = (
        "from hanlin.processes.process import ChildProcess\n"
        "from hanlin_fakes import scripted_child\n"
        "child = ChildProcess(scripted_child.command(), lambda _: None, lambda _: None)\n"
        "child.start()\n"
        "assert child.wait_hello(20)\n"
        "print(child.pid)\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", program], env=environment(), stdout=subprocess.PIPE, check=True
    ).stdout
    assert survivors({"idle": int(said)}) == []


def survivors(children: dict[str, int]) -> list[str]:
    """Return the moods of those that still run after all that time, and end them."""
    deadline = time.monotonic() + SECONDS
    while any(map(lives, children.values())) and time.monotonic() < deadline:
        time.sleep(0.005)
    left = {mood: pid for mood, pid in children.items() if lives(pid)}
    for pid in left.values():
        os.kill(pid, signal.SIGKILL)
    return list(left)


def start_parent() -> tuple["subprocess.Popen[bytes]", dict[str, int]]:
    """Return a parent and its children's numbers by mood."""
    parent = subprocess.Popen(
        [sys.executable, "-m", "hanlin_fakes.doomed_parent"],
        stdout=subprocess.PIPE,
        env=environment(),
    )
    assert parent.stdout is not None
    with parent.stdout as output:
        children: dict[str, int] = json.loads(output.readline())
    assert set(children) == set(doomed_parent.MOODS)
    return parent, children


def environment() -> dict[str, str]:
    """Return one in which a parent finds our packages."""
    roots = (Path(hanlin.__file__).parents[1], Path(doomed_parent.__file__).parents[1])
    return os.environ | {"PYTHONPATH": os.pathsep.join(map(str, roots))}


def lives(pid: int) -> bool:
    """Whether the process runs; a zombie that nobody has fetched yet does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
