"""Which files make up a model, and whether they fit into memory."""

import re
from pathlib import Path
from typing import Final

_PART: Final = re.compile(r"(.*)-(\d{5})-of-(\d{5})\.gguf", re.IGNORECASE)
_EYES: Final = "mmproj"
_OF_NO_MATTER: Final = re.compile(
    rf"{_EYES}|-\d{{5}}-of-\d{{5}}|[-_.](bf16|f16|f32|fp16|i?q\d\w*|ud)(?=[-_.]|$)|[^a-z0-9]+"
)
"""What names of a model and of its projector do not have in common."""
_BEST_FIRST: Final = ("f16", "bf16", "q8", "f32")
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


def projector(path: Path) -> Path | None:
    """Return the projector that lies beside a model and belongs to it, None without one.

    In a folder of one model it is any projector, else the one whose name begins like it.
    """
    own = {part.name for part in parts(path)}
    try:
        beside = [each for each in path.parent.iterdir() if each.suffix.lower() == ".gguf"]
    except OSError:
        return None
    eyes = [each for each in beside if _EYES in each.name.lower()]
    others = [each for each in beside if each not in eyes and each.name not in own]
    if others:
        wanted = _core(path.name)
        eyes = [each for each in eyes if (core := _core(each.name)) and wanted.startswith(core)]
    return min(eyes, key=_preference, default=None)


def _core(name: str) -> str:
    return _OF_NO_MATTER.sub("", name.lower().removesuffix(".gguf"))


def _preference(path: Path) -> tuple[int, str]:
    """Half precision first, as every engine reads it."""
    name = path.name.lower()
    places = (at for at, word in enumerate(_BEST_FIRST) if word in name)
    return next(places, len(_BEST_FIRST)), name


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
