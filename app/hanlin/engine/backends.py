"""The modules that let llama.cpp compute on graphics cards, found without loading one.

A driver is foreign code: it may crash or hang when it is looked at. So the program only
looks at files here, and a throw-away process tries a module out (``trials``).
"""

import hashlib
import importlib.util
import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_MODULE: Final = re.compile(r"(?:lib)?ggml-(\w+?)\.(?:so|dll|dylib)")
_NO_BACKENDS: Final = frozenset({"base", "cpu", "rpc", "blas"})
_PREFERRED: Final = ("cuda", "hip", "metal", "sycl", "vulkan")
"""The maker's own way before the general one."""
_DRIVER_LISTS: Final = ("VK_DRIVER_FILES", "VK_ICD_FILENAMES")
_CHOOSERS: Final = ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "GGML_VK_VISIBLE_DEVICES")
_DRIVER_FOLDERS: Final = (Path("/usr/share/vulkan/icd.d"), Path("/etc/vulkan/icd.d"))
_VERSION_FILES: Final = (Path("/proc/driver/nvidia/version"), Path("/sys/module/amdgpu/version"))
_LIBRARY_FOLDERS: Final = ("/usr/lib", "/usr/lib64", "/lib")
_LARGEST_LIST: Final = 65_536


@dataclass(frozen=True, slots=True)
class Backend:
    """A module that computes on something else than the processor; ``name`` such as vulkan."""

    name: str
    path: Path


def folders() -> tuple[Path, ...]:
    """Return where llama.cpp's modules may lie; nothing where it is not installed."""
    spec = importlib.util.find_spec("llama_cpp")
    if spec is None or not spec.submodule_search_locations:
        return ()
    package = Path(next(iter(spec.submodule_search_locations)))
    return (package / "lib", package.parent / "bin", package.parent / "lib")


def find(places: Iterable[Path] | None = None) -> tuple[Backend, ...]:
    """Return the modules in ``places`` (by default where llama.cpp is), the best kind first."""
    found: dict[str, Backend] = {}
    for folder in folders() if places is None else places:
        if not folder.is_dir():
            continue
        for file in sorted(folder.iterdir()):
            match = _MODULE.fullmatch(file.name)
            if match and match[1].partition("-")[0] not in _NO_BACKENDS:
                found.setdefault(match[1], Backend(match[1], file))
    order = {name: number for number, name in enumerate(_PREFERRED)}
    return tuple(sorted(found.values(), key=lambda each: order.get(each.name, len(order))))


def driver_files() -> tuple[Path, ...]:
    """Return the drivers that a person named by environment variables, with their libraries."""
    return tuple(_with_libraries(_named_lists()))


def fingerprint(backend: Backend) -> str:
    """Return what changes when the module, its driver or the choice of devices changes."""
    import platform  # noqa: PLC0415 - the worker only asks for folders, and starts faster so

    digest = hashlib.sha256()
    lists = [*_named_lists(), *(file for folder in _DRIVER_FOLDERS for file in _listed(folder))]
    for path in (backend.path, *_with_libraries(lists)):
        digest.update(f"{path}:{_age(path)}\n".encode())
    for path in _VERSION_FILES:
        digest.update(_text(path).encode())
    for name in (*_CHOOSERS, *_DRIVER_LISTS):
        digest.update(f"{name}={os.environ.get(name, '')}\n".encode())
    digest.update(platform.release().encode())
    return digest.hexdigest()[:32]


def _named_lists() -> list[Path]:
    values = (os.environ.get(name, "") for name in _DRIVER_LISTS)
    return [Path(each) for value in values for each in value.split(os.pathsep) if each]


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.glob("*.json"))
    except OSError:
        return []


def _with_libraries(lists: Iterable[Path]) -> Iterator[Path]:
    """Yield each list of a Vulkan driver, and the library it names."""
    for path in lists:
        yield path
        try:
            library = Path(str(json.loads(_text(path))["ICD"]["library_path"]))
        except (ValueError, KeyError, TypeError):
            continue
        if library.is_absolute():
            yield library
        elif library.name != str(library):  # a path beside the list, not a name for the loader
            yield path.parent / library
        else:
            places = (Path(folder, each) for folder in _LIBRARY_FOLDERS for each in _machines())
            yield from (place / library for place in places if (place / library).exists())


def _machines() -> tuple[str, ...]:
    import platform  # noqa: PLC0415 - as above

    return (".", f"{platform.machine()}-linux-gnu")


def _age(path: Path) -> str:
    try:
        facts = path.stat()
    except OSError:
        return ""
    return f"{facts.st_size}:{facts.st_mtime_ns}"


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST_LIST).decode("utf-8", "replace")
    except OSError:
        return ""
