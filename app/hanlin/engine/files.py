"""Which files make up a model, and whether they fit into memory."""

import re
from pathlib import Path
from typing import Final

_PART: Final = re.compile(r"(.*)-(\d{5})-of-(\d{5})\.gguf", re.IGNORECASE)
_RESERVE: Final = 256 * 2**20
"""Memory the system and the engine itself need beside the model."""


def parts(path: Path) -> tuple[Path, ...]:
    """Return the files of the model: ``path``, or all parts of a split one."""
    found = _PART.fullmatch(path.name)
    if found is None:
        return (path,)
    stem, _number, count = found.groups()
    return tuple(
        path.with_name(f"{stem}-{number:05}-of-{count}{path.suffix}")
        for number in range(1, min(int(count), 1000) + 1)
    )


def size(path: Path) -> int:
    """Return the bytes of all parts that exist."""
    return sum(part.stat().st_size for part in parts(path) if part.is_file())


def free_memory() -> int:
    """Return the bytes that can be used without pushing others out of memory."""
    import psutil  # noqa: PLC0415 - the worker asks only for parts, and starts faster without it

    return int(psutil.virtual_memory().available)


def fits(path: Path, free: int) -> bool:
    """Return whether the model's weights can be in ``free`` bytes of memory."""
    return size(path) + _RESERVE <= free
