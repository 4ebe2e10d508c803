"""A model's weights in huge pages, where a token's way through them is shorter. Linux only.

llama.cpp maps the file, which makes loading short; but each token then walks through
hundreds of thousands of small pages. While there is nothing else to do, the mapping is
replaced bit by bit with a copy in huge pages at the same addresses: 7 to 10 % less time
for a token of a 400 MB model. What llama.cpp computes with them is not known here.
"""

import ctypes
import mmap
import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

_HUGE: Final = 2 * 2**20
_STEP: Final = 4 * _HUGE
"""Bytes copied at once: about 5 ms, after which anything else goes first."""
_SMALL_PAGE: Final = 4096
_LEAST: Final = 2 * _HUGE
_ROOM: Final = 2
"""As many times the weights must be free: the file's own pages may go only if others need room."""
_MOVE: Final = 1 | 2
"""MREMAP_MAYMOVE | MREMAP_FIXED"""
_FAILED: Final = ctypes.c_void_p(-1).value
_MAPPING: Final = re.compile(r"([0-9a-f]+)-([0-9a-f]+) r--\S \S+ \S+ (\d+) ")
"""Only what is read and no more: a library on another disk may have the same number."""


class Pages:
    """The mapped files of a model. Belongs to the engine's thread, while nothing computes."""

    def __init__(self, files: Iterable[Path]) -> None:
        self._spans: list[tuple[int, int]] = []
        self._tried = False
        if sys.platform != "linux" or mmap.PAGESIZE != _SMALL_PAGE:
            return
        self._libc = _libc()
        try:
            found = list(_mappings({file.stat().st_ino for file in files}))
            if _ROOM * sum(end - start for start, end in found) <= _available():
                self._spans = found
        except (OSError, ValueError, IndexError):  # no /proc, or one unlike ours
            return

    @property
    def left(self) -> int:
        """How many bytes are still to be moved."""
        return sum(end - start for start, end in self._spans)

    def move_some(self) -> bool:
        """Move the next bit; return whether there was one. Whatever refuses ends it all."""
        if not self._spans:
            return False
        start, end = self._spans[0]
        stop = min((start + _STEP) // _HUGE * _HUGE, end)
        if not self._move(start, stop - start) or not self._worth_it():
            self._spans.clear()
        elif stop == end:
            del self._spans[0]
        else:
            self._spans[0] = (stop, end)
        return True

    def _move(self, start: int, size: int) -> bool:
        libc = self._libc
        kind = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
        room = libc.mmap(None, size + _HUGE, mmap.PROT_READ | mmap.PROT_WRITE, kind, -1, 0)
        if room == _FAILED:
            return False
        # Only what lies in a huge page as it will lie afterwards is moved as one.
        new = room + (start - room) % _HUGE
        libc.madvise(new, size, mmap.MADV_HUGEPAGE)
        ctypes.memmove(new, start, size)
        libc.mprotect(new, size, mmap.PROT_READ)
        moved = bool(libc.mremap(new, size, size, _MOVE, start) == start)
        before, after = new - room, room + _HUGE - new
        if before:
            libc.munmap(room, before)
        if after:
            libc.munmap(new + size, after)
        return moved

    def _worth_it(self) -> bool:
        """Look once whether the system gave huge pages at all."""
        if not self._tried:
            self._tried = True
            return _field("/proc/self/smaps_rollup", "AnonHugePages") > 0
        return True


def _mappings(inodes: set[int]) -> Iterable[tuple[int, int]]:
    with open("/proc/self/maps", "rb") as lines:  # noqa: PTH123 - Path.open would decode names
        for line in lines:
            found = _MAPPING.match(os.fsdecode(line))
            if found is None or int(found[3]) not in inodes:
                continue
            start, end = int(found[1], 16), int(found[2], 16)
            if end - start >= _LEAST:
                yield start, end


def _available() -> int:
    return _field("/proc/meminfo", "MemAvailable")


def _field(file: str, name: str) -> int:
    """Return a field of a /proc file that counts in kB, in bytes; 0 when it is not there."""
    for line in Path(file).read_text("ascii", "replace").splitlines():
        if line.startswith(f"{name}:"):
            return 1024 * int(line.split()[1])
    return 0


def _libc() -> Any:  # noqa: ANN401 - a C library
    libc = ctypes.CDLL(None, use_errno=True)
    address, size, number = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int
    libc.mmap.restype = libc.mremap.restype = address
    libc.mmap.argtypes = [address, size, number, number, number, ctypes.c_long]
    libc.mremap.argtypes = [address, size, size, number, address]
    libc.munmap.argtypes = [address, size]
    libc.madvise.argtypes = libc.mprotect.argtypes = [address, size, number]
    return libc
