"""Models that other programs on this computer already hold: found, so that nobody copies them.

LM Studio, Ollama, Jan and the Hub's own cache are known. Nothing of theirs is changed; a
file that has no telling name (Ollama keeps blobs) gets one by a link in our folder.
"""

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hanlin.kernel.errors import KnownError, from_os_error
from hanlin_models import gguf, names
from hanlin_models.names import PART, Kind

_OLLAMA_MODEL: Final = "application/vnd.ollama.image.model"
_OLLAMA_PROJECTOR: Final = "application/vnd.ollama.image.projector"
_LARGEST_MANIFEST: Final = 1 << 20
_MOST: Final = 10_000
"""Files that are looked at in one program's folder."""


@dataclass(frozen=True, slots=True)
class FoundModel:
    """A model of another program. ``name`` is what it is called there.

    ``projector`` is named where it does not lie beside the model.
    """

    program: str
    name: str
    path: Path
    bytes: int
    projector: Path | None = None


def find(home: Path) -> list[FoundModel]:
    """Return the models that other programs keep below ``home``, each once, if it can be read."""
    return _each_once(_candidates(home))


def in_folder(folder: Path) -> list[FoundModel]:
    """Return the models in ``folder`` and below it, each once, if it can be read."""
    return _each_once(_files_in("", folder))


def named_path(model: FoundModel, folder: Path) -> Path:
    """Return a path to ``model`` that ends in .gguf: its own, or a link to it below ``folder``.

    Raises KnownError when the link cannot be made.
    """
    if model.path.suffix.lower() == ".gguf":
        return model.path
    plain = "".join(letter if letter.isalnum() or letter in "._-" else "-" for letter in model.name)
    link = folder / model.program.lower() / f"{plain}.gguf"
    if model.projector is not None:  # beside others it would be theirs, too
        link = link.with_suffix("") / link.name
        _link(link.with_name(f"mmproj-{link.name}"), model.projector)
    _link(link, model.path)
    return link


def _link(link: Path, target: Path) -> None:
    """Have ``link`` lead to ``target``. Raises KnownError."""
    try:
        link.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not link.is_symlink():
            link.symlink_to(target)
    except OSError as error:
        raise from_os_error(error, str(link)) from error


def _candidates(home: Path) -> Iterator[FoundModel]:
    for program, folders in _folders(home).items():
        for folder in folders:
            if program == "Ollama":
                yield from _of_ollama(folder)
            else:
                yield from _files_in(program, folder)


def _folders(home: Path) -> dict[str, tuple[Path, ...]]:
    hub = os.environ.get("HF_HUB_CACHE") or os.environ.get("HF_HOME", "")
    ollama = os.environ.get("OLLAMA_MODELS", "")
    return {
        "LM Studio": (home / ".lmstudio" / "models", home / ".cache" / "lm-studio" / "models"),
        "Ollama": (
            *((Path(ollama),) if ollama else ()),
            home / ".ollama" / "models",
            Path("/usr/share/ollama/.ollama/models"),
        ),
        "Jan": (
            home / "jan" / "models",
            home / ".local" / "share" / "Jan" / "data" / "llamacpp" / "models",
            home / "AppData" / "Roaming" / "Jan" / "data" / "llamacpp" / "models",
            home / "Library" / "Application Support" / "Jan" / "data" / "llamacpp" / "models",
        ),
        "Hugging Face": (
            *((Path(hub),) if hub else ()),
            home / ".cache" / "huggingface" / "hub",
            home / ".cache" / "llama.cpp",
        ),
    }


def _files_in(program: str, folder: Path) -> Iterator[FoundModel]:
    for number, path in enumerate(folder.rglob("*.gguf") if folder.is_dir() else ()):
        if number >= _MOST:
            return
        matched = PART.fullmatch(path.name)
        if names.kind_of(path.name) is not Kind.MODEL or (matched and int(matched["part"]) != 1):
            continue
        try:
            size = sum(part.stat().st_size for part in _parts(path))
        except OSError:
            continue
        # Jan calls every file model.gguf; the folder has the name.
        name = path.parent.name if path.stem == "model" else path.stem
        yield FoundModel(program, name, path, size)


def _parts(path: Path) -> list[Path]:
    matched = PART.fullmatch(path.name)
    if matched is None:
        return [path]
    return sorted(path.parent.glob(f"{matched['stem']}-*-of-{matched['parts']}.gguf"))


def _of_ollama(folder: Path) -> Iterator[FoundModel]:
    manifests = folder / "manifests"
    for path in manifests.rglob("*") if manifests.is_dir() else ():
        try:
            if not path.is_file() or path.stat().st_size > _LARGEST_MANIFEST:
                continue
            layers = json.loads(path.read_bytes())["layers"]
            blobs = {str(one["mediaType"]): _blob(folder, str(one["digest"])) for one in layers}
            blob, projector = blobs[_OLLAMA_MODEL], blobs.get(_OLLAMA_PROJECTOR)
            size = blob.stat().st_size
            if projector is not None:
                size += projector.stat().st_size
        except (OSError, ValueError, KeyError, TypeError):
            continue
        yield FoundModel("Ollama", f"{path.parent.name}-{path.name}", blob, size, projector)


def _blob(folder: Path, digest: str) -> Path:
    """Return where Ollama keeps what ``digest`` names. Raises ValueError for a path."""
    if "/" in digest or "\\" in digest:
        raise ValueError(digest)
    return folder / "blobs" / digest.replace(":", "-")


def _is_model(path: Path) -> bool:
    try:
        info = gguf.read(path)
    except KnownError:
        return False
    return info.kind == "model" and not info.is_projector and info.part == 0


def _each_once(candidates: Iterable[FoundModel]) -> list[FoundModel]:
    seen: set[Path] = set()
    found = []
    for model in candidates:
        real = model.path.resolve()
        if real not in seen and _is_model(model.path):
            seen.add(real)
            found.append(model)
    return found
