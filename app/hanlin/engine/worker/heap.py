"""Large blocks of memory that go back to the system when nobody needs them. Linux with glibc only.

Copies of conversations come and go, of 5 to 500 MB. After the first of them glibc takes
such blocks from its heap, and whatever small lands in the hole that one leaves keeps the
next from fitting: after some switches the worker held a hundred megabytes of holes. Other
C libraries, macOS and Windows map large blocks apart by themselves.
"""

import ctypes
import sys
from typing import Final

_LARGE: Final = 8 * 2**20
"""Bytes; what a token's choice takes from the heap, 12 for each word it knows, stays there."""
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Of mallopt."""


def keep_large_blocks_apart() -> None:
    """Have each large block from now on be a mapping of its own, which ends with it."""
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, _LARGE)
        # Else the heap would be cut after each token, and its pages made anew for the next.
        mallopt(_TRIM_THRESHOLD, 2 * _LARGE)
