"""Large blocks end with what they held; the heap keeps no holes of their size."""

import subprocess
import sys

import pytest

LARGE = 16 * 2**20
PROGRAM = f"""
import ctypes, sys
from pathlib import Path
from hanlin.engine.worker import heap
if sys.argv[1:]:
    heap.keep_large_blocks_apart()
block = (ctypes.c_uint8 * {LARGE})()
del block  # from now on glibc takes such blocks from its heap
block = (ctypes.c_uint8 * {LARGE})()
for line in Path("/proc/self/maps").read_text().splitlines():
    start, end = (int(place, 16) for place in line.split()[0].split("-"))
    if start <= ctypes.addressof(block) < end:
        print(line.endswith("[heap]"))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's heap")
@pytest.mark.parametrize(("words", "in_heap"), [((), "True"), (("apart",), "False")])
def test_a_large_block_is_no_part_of_the_heap(words: tuple[str, ...], in_heap: str) -> None:
    command = [sys.executable, "-c", PROGRAM, *words]
    said = subprocess.run(
        command, capture_output=True, text=True, check=True, env={"PYTHONPATH": ":".join(sys.path)}
    )
    assert said.stdout.split() == [in_heap]
