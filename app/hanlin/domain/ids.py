"""Identifiers that sort by the time they were made (UUID version 7, RFC 9562)."""

import os
import threading
from typing import Final

_TEMPORARY: Final = "t"
_lock = threading.Lock()
_last = 0


def new_id(now_ms: int) -> str:
    """Return a new identifier: 32 hexadecimal digits, greater than every one before it.

    Within one millisecond, and when the clock jumps back, the order is kept by
    counting on from the last identifier of this process.
    """
    global _last  # noqa: PLW0603 - the order holds for the process, not for a caller
    random = int.from_bytes(os.urandom(10), "big")
    value = (now_ms & (2**48 - 1)) << 80
    value |= 0x7 << 76
    value |= (random >> 4) & ((1 << 76) - 1)
    value = (value & ~(0b11 << 62)) | (0b10 << 62)
    with _lock:
        if value <= _last:
            value = _last + 1
        _last = value
    return f"{value:032x}"


def temporary_id(now_ms: int) -> str:
    """Return a new identifier of something that must never reach a disk."""
    return _TEMPORARY + new_id(now_ms)


def is_temporary(identity: str) -> bool:
    """Tell whether what ``identity`` names must never reach a disk."""
    return identity.startswith(_TEMPORARY)
