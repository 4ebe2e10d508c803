"""A model's memory in huge pages, where a token's way through it is shorter. Linux only.

llama.cpp maps the file, which makes loading short; but each token then walks through
hundreds of thousands of small pages. While there is nothing else to do, what the model has
read of the mapping is replaced bit by bit with a copy in huge pages at the same addresses:
7 to 10 % less time for a token of a 400 MB model. What it does not read, because llama.cpp
keeps it in another format or because no token needed it yet, stays the file's and takes no
memory. Linux 6.18 fetches beside a page all that it keeps together with it, which can be much
more: what is known not to be read is given back. Where it keeps the file in huge pages by
itself, nothing is moved: a copy would be one that it cannot take back. The cache and what else
llama.cpp allocated becomes huge where it is. Not before: some virtual machines take a second
and a half for 500 MB of new huge pages, and 0.4 s for small ones. What llama.cpp computes with
them is not known here.
"""

import collections
import ctypes
import itertools
import mmap
import operator
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_HUGE: Final = 2 * 2**20
_MOST_BITS: Final = 4096
"""Each becomes a mapping of its own, and a process may have 65,530."""
_SMALL_PAGE: Final = 4096
_LEAST: Final = 2 * _HUGE
_ROOM: Final = 2
"""As many times the weights must be free: the file's own pages may go only if others need room."""
_MOVE: Final = 1 | 2
"""MREMAP_MAYMOVE | MREMAP_FIXED"""
_COLLAPSE: Final = 25
"""MADV_COLLAPSE, of Linux 6.1; before that the kernel gathers small pages in its own time."""
_SCAN: Final = 0xC0606610
"""PAGEMAP_SCAN, of Linux 6.7"""
_IS_HUGE: Final = 1 << 6
_FAILED: Final = ctypes.c_void_p(-1).value
_MAPPING: Final = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (r--\S|rw-p) ([0-9a-f]+) \S+ (\d+) +(.*)")
_ALL: Final = 0.9
_ENTRY: Final = 8
"""Bytes for a page in the table of pages; the highest bit tells whether it is in our memory."""
_ABSENT: Final = bytes(range(0x80))
_ALLOCATED: Final = ("", "[heap]")


@dataclass(frozen=True, slots=True)
class _Bit:
    """What is moved at once, after which anything else goes first."""

    start: int
    end: int
    of_file: bool


@dataclass(frozen=True, slots=True)
class _Mapped:
    """A part of the ``file``-th file, from its byte ``offset`` on."""

    start: int
    end: int
    file: int
    offset: int

    def addresses(self, within: Iterable[range]) -> Iterator[range]:
        """Yield where bytes of the file lie, as far as they do."""
        for each in within:
            start, stop = (at - self.offset + self.start for at in (each.start, each.stop))
            yield range(max(start, self.start), min(stop, self.end))


class Pages:
    """The memory of a loaded model. Belongs to the engine's thread, while nothing computes.

    ``table``: the descriptor of /proc/self/pagemap. Without one a file moves if all of it
    was read. ``unread`` returns the bytes of each file that will not be read, and is called
    once, when something else was.
    """

    def __init__(
        self,
        files: Iterable[Path],
        table: int | None = None,
        unread: Callable[[], Sequence[Iterable[range]]] | None = None,
    ) -> None:
        self._waiting: collections.deque[_Bit] = collections.deque()
        self._unread: list[_Bit] = []
        self._given = False
        self._table = table
        self._find_unread: Callable[[], Sequence[Iterable[range]]] | None = unread
        self._mapped: list[_Mapped] = []
        self._unused: list[range] = []
        """The pages that will not be read, by their addresses."""
        if sys.platform != "linux" or mmap.PAGESIZE != _SMALL_PAGE:
            return
        self._libc = _libc()
        try:
            inodes = [file.stat().st_ino for file in files]
            self._mapped, own = _mappings(inodes) if inodes else ([], [])
            weights = [(each.start, each.end) for each in self._mapped]
            total = sum(end - start for start, end in weights)
            for start, end in weights:  # the model will fetch what it reads
                self._libc.madvise(start, end - start, mmap.MADV_DONTNEED)
            if _ROOM * total <= _available():
                self._unread = [_Bit(*bit, of_file=True) for bit in _cut(weights)]
            self._waiting.extend(_Bit(*bit, of_file=False) for bit in _cut(map(_whole, own)))
        except (OSError, ValueError, IndexError):  # no /proc, or one unlike ours
            return

    @property
    def left(self) -> int:
        """How many bytes of the file were not moved."""
        bits = (*self._waiting, *self._unread)
        return sum(bit.end - bit.start for bit in bits if bit.of_file)

    def look_again(self) -> None:
        """Look through all that is left: the model has read more of it."""
        if self._table is None and _field("/proc/self/status", "RssFile") < _ALL * self.left:
            return
        self._waiting.extend(self._unread)
        self._unread.clear()

    def move_some(self) -> bool:
        """Look at the next bit and move it if it was read; return whether there was one."""
        if not self._waiting:
            return False
        bit = self._waiting.popleft()
        if bit.of_file:
            self._look_at_file(bit)
        elif self._is_written(bit):
            for advice in (mmap.MADV_HUGEPAGE, _COLLAPSE):  # as it was where that is refused
                self._libc.madvise(bit.start, bit.end - bit.start, advice)
        else:
            self._unread.append(bit)
        return True

    def _look_at_file(self, bit: _Bit) -> None:
        if self._find_unread is not None:
            self._unused = list(self._pages_of(self._find_unread()))
            self._find_unread = None
        if self._is_huge(bit):  # a copy would be one that the system cannot take back
            self._unread.append(bit)
        elif not self._is_read(bit):
            for unused in _within(bit, self._unused):
                self._libc.madvise(unused.start, len(unused), mmap.MADV_DONTNEED)
            self._unread.append(bit)
        elif not self._move(bit.start, bit.end - bit.start):
            self._unread += [bit, *self._waiting]  # until the next look
            self._waiting.clear()

    def _pages_of(self, bytes_of_files: Sequence[Iterable[range]]) -> Iterator[range]:
        """Yield the small pages that hold nothing else, by their addresses."""
        found = (each.addresses(bytes_of_files[each.file]) for each in self._mapped)
        for start, stop in _joined(itertools.chain(*found)):
            yield range(-(-start // _SMALL_PAGE) * _SMALL_PAGE, stop // _SMALL_PAGE * _SMALL_PAGE)

    def _is_read(self, bit: _Bit) -> bool:
        """Whether half of a bit's small pages are in our memory and used, as far as we may know."""
        if self._table is None:
            return True
        try:
            return _is_mapped(bit, self._table, self._unused)
        except OSError:
            self._table = None
            return False

    def _is_huge(self, bit: _Bit) -> bool:
        """Whether half of a bit lies in huge pages of the file's, as far as the system tells."""
        if self._table is None:
            return False
        region = (ctypes.c_uint64 * 3)()
        scan = (ctypes.c_uint64 * 12)()
        scan[0], scan[2], scan[3] = ctypes.sizeof(scan), bit.start, bit.end
        scan[5], scan[6] = ctypes.addressof(region), 1
        scan[9] = scan[11] = _IS_HUGE
        found = self._libc.ioctl(self._table, _SCAN, scan)
        return bool(found == 1 and 2 * (region[1] - region[0]) >= bit.end - bit.start)

    def _is_written(self, bit: _Bit) -> bool:
        count = (bit.end - bit.start) // _SMALL_PAGE
        flags = (ctypes.c_ubyte * count)()
        self._libc.mincore(bit.start, bit.end - bit.start, flags)
        return 2 * sum(map((1).__and__, flags)) >= count

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
        if not (self._gives_huge() and libc.mremap(new, size, size, _MOVE, start) == start):
            libc.munmap(room, size + _HUGE)
            return False
        before, after = new - room, room + _HUGE - new
        if before:
            libc.munmap(room, before)
        if after:
            libc.munmap(new + size, after)
        return True

    def _gives_huge(self) -> bool:
        """Whether the system gave any huge page yet; now and then it has none left."""
        self._given = self._given or _field("/proc/self/smaps_rollup", "AnonHugePages") > 0
        return self._given


def _mappings(inodes: Sequence[int]) -> tuple[list[_Mapped], list[tuple[int, int]]]:
    """Return where the files are mapped, and what this process has allocated."""
    weights: list[_Mapped] = []
    own: list[tuple[int, int]] = []
    with open("/proc/self/maps", "rb") as lines:  # noqa: PTH123 - Path.open would decode names
        for line in lines:
            found = _MAPPING.match(os.fsdecode(line))
            if found is None:
                continue
            start, end = int(found[1], 16), int(found[2], 16)
            if end - start < _LEAST:
                continue
            if found[3] != "rw-p" and int(found[5]) in inodes:
                weights.append(_Mapped(start, end, inodes.index(int(found[5])), int(found[4], 16)))
            elif found[3] == "rw-p" and found[6] in _ALLOCATED:
                own.append((start, end))
    return weights, own


def _joined(spans: Iterable[range]) -> Iterator[tuple[int, int]]:
    """Yield where each of the longest gapless ways through spans begins and ends."""
    start = end = 0
    for each in sorted(filter(None, spans), key=operator.attrgetter("start")):
        if each.start > end:
            yield start, end
            start = each.start
        end = max(end, each.stop)
    yield start, end


def _whole(span: tuple[int, int]) -> tuple[int, int]:
    """Return the huge pages that lie in a span."""
    start, end = span
    return -(-start // _HUGE) * _HUGE, end // _HUGE * _HUGE


def _cut(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the bits of spans, each a huge page, or several where there are very many.

    A mapping begins anywhere on some file systems. What is less than half a huge page there
    goes with the next one: alone it could be nothing but the little that is never read.
    """
    found = list(spans)
    step = -(-sum(end - start for start, end in found) // (_MOST_BITS * _HUGE)) * _HUGE
    for start, end in found:
        at = start
        while at < end:
            stop = min((at + step + _HUGE // 2) // _HUGE * _HUGE, end)
            yield at, stop
            at = stop


def _within(bit: _Bit, spans: Iterable[range]) -> Iterator[range]:
    """Yield what of spans lies in a bit."""
    for each in spans:
        if each.start < bit.end and bit.start < each.stop:
            yield range(max(each.start, bit.start), min(each.stop, bit.end))


def _is_mapped(bit: _Bit, table: int, unused: Iterable[range]) -> bool:
    count = (bit.end - bit.start) // _SMALL_PAGE
    entries = os.pread(table, count * _ENTRY, bit.start // _SMALL_PAGE * _ENTRY)
    flags = bytearray(entries[_ENTRY - 1 :: _ENTRY])
    for each in _within(bit, unused):
        first, last = ((at - bit.start) // _SMALL_PAGE for at in (each.start, each.stop))
        flags[first:last] = bytes(last - first)
    return 2 * len(flags.translate(None, _ABSENT)) >= count


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
    libc.mincore.argtypes = [address, size, ctypes.POINTER(ctypes.c_ubyte)]
    libc.ioctl.argtypes = [number, ctypes.c_ulong, address]
    libc.madvise.argtypes = libc.mprotect.argtypes = [address, size, number]
    return libc
