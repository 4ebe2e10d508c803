"""Which cores count: fast ones, once each, among those this process may use."""

import sys
from pathlib import Path

import pytest

from hanlin.engine import processors

sys_devices = pytest.mark.skipif(sys.platform == "win32", reason="Linux's files")


def computer(folder: Path, siblings: dict[int, str], **files: str) -> Path:
    for cpu, text in siblings.items():
        topology = folder / f"system/cpu/cpu{cpu}/topology"
        topology.mkdir(parents=True)
        (topology / "thread_siblings_list").write_text(text + "\n")
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")
    return folder


@sys_devices
def test_two_threads_of_a_core_are_one(tmp_path: Path) -> None:
    root = computer(tmp_path, {0: "0,2", 1: "1,3", 2: "0,2", 3: "1,3"})
    assert processors.fast_cores_of(root, {0, 1, 2, 3}) == 2
    assert processors.fast_cores_of(root, {0, 2}) == 1


@sys_devices
def test_efficient_cores_of_intel_do_not_count(tmp_path: Path) -> None:
    siblings = {0: "0-1", 1: "0-1", 2: "2-3", 3: "2-3", **{n: str(n) for n in range(4, 12)}}
    root = computer(tmp_path, siblings, cpu_core__cpus="0-3", cpu_atom__cpus="4-11")
    assert processors.fast_cores_of(root, range(12)) == 2
    assert processors.fast_cores_of(root, range(4, 12)) == 8  # nothing else is allowed


@sys_devices
def test_small_cores_of_arm_do_not_count(tmp_path: Path) -> None:
    root = computer(tmp_path, {n: str(n) for n in range(8)})
    for cpu, capacity in enumerate([400] * 4 + [870] * 3 + [1024]):
        (root / f"system/cpu/cpu{cpu}/cpu_capacity").write_text(f"{capacity}\n")
    assert processors.fast_cores_of(root, range(8)) == 4


def test_without_files_every_thread_is_a_core(tmp_path: Path) -> None:
    assert processors.fast_cores_of(tmp_path, {0, 1, 2}) == 3


def test_windows_answer_is_read() -> None:
    def core(kind: int) -> bytes:
        body = bytes([0, kind]) + bytes(22)
        return (0).to_bytes(4, "little") + (8 + len(body)).to_bytes(4, "little") + body

    cache = (2).to_bytes(4, "little") + (16).to_bytes(4, "little") + bytes(8)
    assert processors.fast_cores_in(core(1) * 6 + cache + core(0) * 8) == 6
    assert processors.fast_cores_in(core(0) * 4) == 4
    assert processors.fast_cores_in(b"") == 0
    assert processors.fast_cores_in(bytes(64)) == 0  # a size of nothing must not loop


def test_this_computer_has_cores() -> None:
    assert processors.performance_cores() >= 1
    assert processors.usable_threads() >= 1
