"""Models on a USB stick: written out in pieces that any disk can hold, taken in verified.

A carried folder holds a manifest with the checksum of every file and piece. Both ways go
on where they were stopped: a piece that is there and right is not written again, and what
was taken in is kept by the same journal that downloads use.
"""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from hanlin.domain.models import Model, ModelDefaults
from hanlin.kernel import files, jsonfile
from hanlin.kernel.errors import KnownError, from_os_error
from hanlin.kernel.i18n import _
from hanlin.kernel.units import size
from hanlin_models import model_defaults, names
from hanlin_models.part import Part, digest
from hanlin_models.verification import files_of

MANIFEST: Final = "hanlin-carry.json"
_SETTINGS: Final = "settings.json"
_LONGEST_SETTINGS: Final = 2**20
PIECE: Final = 4_000_000_000
"""Bytes of a piece: below what FAT32 can hold."""
_CHUNK: Final = 4 * 2**20
_BLOCK: Final = 64 * 2**20
_VERSION: Final = 1
_LONGEST_STEM: Final = 80
OWNER: Final = "carried"
_CHECKSUM: Final = re.compile("[0-9a-f]{64}")

Progress = Callable[[int, int], None]
"""Hears how many bytes of how many are done."""


@dataclass(frozen=True, slots=True)
class CarriedFile:
    """One file of a carried folder and its pieces (name, size, checksum)."""

    name: str
    size: int
    sha256: str
    pieces: tuple[tuple[str, int, str], ...]


@dataclass(frozen=True, slots=True)
class CarriedModel:
    """One model of a carried folder; the first file is the one to load.

    ``defaults`` are what was chosen for it on the other computer.
    """

    name: str
    files: tuple[CarriedFile, ...]
    defaults: ModelDefaults


def export(
    models: Sequence[Model],
    folder: Path,
    progressed: Progress,
    *,
    settings: jsonfile.JsonObject | None = None,
    installer: Path | None = None,
    piece_bytes: int = PIECE,
) -> Path:
    """Write ``models`` with all their files into ``folder``; return the manifest's path.

    Models that were written there before stay. Also writes the settings and copies the
    installer when given. Raises KnownError.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        total = sum(path.stat().st_size for model in models for path in files_of(model))
        _check_room(folder, total, models, piece_bytes)
        done = _Counter(total, progressed)
        carried = [_export_model(model, folder, done, piece_bytes) for model in models]
        carried = [*_others(folder, carried), *carried]
        extra = [] if installer is None else [_copy(installer, folder)]
        if settings is not None:
            content = json.dumps(settings, indent=1).encode("ascii")
            files.write_atomically(folder / _SETTINGS, content)
            extra.insert(0, _SETTINGS)
        listed = {"version": _VERSION, "models": carried, "beside": extra}
        manifest = folder / MANIFEST
        text = json.dumps(listed, indent=1, ensure_ascii=False)
        files.write_atomically(manifest, text.encode("utf-8"))
    except OSError as error:
        raise from_os_error(error, str(folder)) from error
    return manifest


def contents(folder: Path) -> list[CarriedModel]:
    """Return what a carried folder says it holds. Raises KnownError."""
    manifest = folder / MANIFEST
    try:
        found = jsonfile.parse(manifest.read_bytes())
        return _models_of(found)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise KnownError(
            _("There are no exported models here"),
            _("{path} does not exist.").format(path=manifest),
            _("Choose the folder that “Export to USB” wrote; this file lies in it."),
        ) from error
    except OSError as error:
        raise from_os_error(error, str(manifest)) from error
    except (ValueError, KeyError, TypeError) as error:
        raise KnownError(
            _("This folder cannot be taken in"),
            _("{path} is damaged or was written by a newer version.").format(path=manifest),
            _("Export the models again on the other computer."),
        ) from error


def beside(folder: Path) -> list[Path]:
    """Return what else was written into a carried folder: settings, the program's installer."""
    try:
        listed = jsonfile.parse((folder / MANIFEST).read_bytes()).get("beside")
    except (OSError, ValueError):
        return []
    named = listed if isinstance(listed, list) else []
    return [folder / name for name in named if isinstance(name, str) and Path(name).name == name]


def settings_of(folder: Path) -> jsonfile.JsonObject:
    """Return the settings that were written into a carried folder, {} without readable ones."""
    path = next((one for one in beside(folder) if one.name == _SETTINGS), None)
    try:
        if path is None or path.stat().st_size > _LONGEST_SETTINGS:
            return {}
        return jsonfile.parse(path.read_bytes())
    except (OSError, ValueError):
        return {}


def take_in(folder: Path, models: Path, progressed: Progress) -> list[Path]:
    """Copy everything in a carried folder into ``models``, verified; return what to load.

    Goes on where it was stopped. Raises KnownError; nothing wrong is ever left under its
    own name.
    """
    carried = contents(folder)
    total = sum(file.size for model in carried for file in model.files)
    done = _Counter(total, progressed)
    loaded = []
    try:
        for model in carried:
            targets = [names.target(models, _folder_of(model), file.name) for file in model.files]
            for file, target in zip(model.files, targets, strict=True):
                _take_in_file(folder, file, target, done)
            loaded.append(targets[0])
    except OSError as error:
        raise from_os_error(error, str(models)) from error
    return loaded


class _Counter:
    """Adds up the bytes of many files."""

    def __init__(self, total: int, progressed: Progress) -> None:
        self._total = total
        self._progressed = progressed
        self._done = 0

    def add(self, count: int) -> None:
        self._done += count
        self._progressed(self._done, self._total)


def _export_model(
    model: Model, folder: Path, done: _Counter, piece_bytes: int
) -> jsonfile.JsonObject:
    listed = [_export_file(path, folder, done, piece_bytes) for path in files_of(model)]
    chosen = model_defaults.to_json(model.defaults)
    return {"name": model.name, "files": listed, "defaults": chosen}


def _others(folder: Path, written: Sequence[jsonfile.JsonObject]) -> list[jsonfile.JsonObject]:
    """Return what the manifest lists beside ``written``, as far as its pieces are all there."""
    try:
        before = jsonfile.parse((folder / MANIFEST).read_bytes())
        listed = [one for one in _objects(before["models"]) if _is_there(folder, _carried(one))]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    new = {piece[0] for one in written for piece in _first_file(one)["pieces"]}
    return [one for one in listed if new.isdisjoint(p[0] for p in _first_file(one)["pieces"])]


def _first_file(model: jsonfile.JsonObject) -> dict[str, Any]:
    return _objects(model["files"])[0]


def _is_there(folder: Path, model: CarriedModel) -> bool:
    return all(
        Path(name).name == name and (folder / name).is_file()
        for file in model.files
        for name, _length, _sha256 in file.pieces
    )


def _piece(path: Path, number: int) -> str:
    """Return what piece ``number`` of a file is called: in letters that FAT can hold.

    It holds a checksum of the file's place, so that two files of one name are two.
    """
    mark = hashlib.sha256(os.fsencode(path)).hexdigest()[:8]
    return f"{_storable(path.stem)[:_LONGEST_STEM].strip('. ')}-{mark}.{number + 1:03}"


def _storable(name: str) -> str:
    """Return a file's name in letters that every system, and FAT, can hold."""
    return "".join(one if one.isalnum() or one in "._-+ ()" else "-" for one in name)


def _export_file(path: Path, folder: Path, done: _Counter, piece_bytes: int) -> jsonfile.JsonObject:
    """Write one file in pieces."""
    total = path.stat().st_size
    whole = hashlib.sha256()
    pieces: list[list[object]] = []
    with path.open("rb") as source:
        for number in range(max(-(-total // piece_bytes), 1)):
            target = folder / _piece(path, number)
            length = min(piece_bytes, total - number * piece_bytes)
            sha256 = _write_piece(source, target, length, whole, done)
            pieces.append([target.name, length, sha256])
    name = _storable(path.name)
    return {"name": name, "size": total, "sha256": whole.hexdigest(), "pieces": pieces}


def _write_piece(
    source: BinaryIO, target: Path, length: int, whole: "hashlib._Hash", done: _Counter
) -> str:
    """Copy ``length`` bytes; what is there already and the same is not written again."""
    there = target.is_file() and target.stat().st_size == length
    hasher = hashlib.sha256()
    unfinished = target.with_name(f".{target.name}.new")
    start = source.tell()
    if there:
        for chunk in _chunks(source, length):
            hasher.update(chunk)
        there = digest(target, lambda _count: None) == hasher.hexdigest()
        source.seek(start)
    hasher = hashlib.sha256()
    output = None if there else unfinished.open("wb")
    try:
        for chunk in _chunks(source, length):
            hasher.update(chunk)
            whole.update(chunk)
            if output is not None:
                output.write(chunk)
            done.add(len(chunk))
        if output is not None:
            output.flush()
            os.fsync(output.fileno())
    finally:
        if output is not None:
            output.close()
    if output is not None:
        files.replace(unfinished, target)
    return hasher.hexdigest()


def _take_in_file(folder: Path, file: CarriedFile, target: Path, done: _Counter) -> None:
    same_size = target.is_file() and target.stat().st_size == file.size
    if same_size and digest(target, lambda _count: None) == file.sha256:
        done.add(file.size)
        return
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = Part(target, file.size, file.sha256)
    part.open()
    done.add(part.done)
    with part.path.open("rb+") as output:
        output.seek(part.done)
        for block in _blocks(folder, file, part.done):
            output.write(block)
            output.flush()
            os.fsync(output.fileno())
            part.note(len(block), hashlib.sha256(block).hexdigest(), OWNER)
            done.add(len(block))
    if not part.is_whole(lambda _count: None):
        part.discard()
        raise _damaged(file.name)
    part.publish()


def _blocks(folder: Path, file: CarriedFile, start: int) -> Iterator[bytes]:
    """Yield the bytes of a file from ``start`` on, out of its pieces."""
    before = 0
    for name, length, _sha256 in file.pieces:
        if Path(name).name != name:
            raise _damaged(name)
        if start < before + length:
            path = folder / name
            if not path.is_file() or path.stat().st_size != length:
                raise _damaged(name)
            with path.open("rb") as source:
                source.seek(max(start - before, 0))
                while block := source.read(_BLOCK):
                    yield block
        before += length


def _chunks(source: BinaryIO, length: int) -> Iterator[bytes]:
    while length > 0 and (chunk := source.read(min(length, _CHUNK))):
        length -= len(chunk)
        yield chunk


def _models_of(content: jsonfile.JsonObject) -> list[CarriedModel]:
    """Return what a manifest lists. Raises ValueError, KeyError or TypeError."""
    if content["version"] != _VERSION:
        raise ValueError(content["version"])
    return [_carried(one) for one in _objects(content["models"])]


def _carried(one: dict[str, Any]) -> CarriedModel:
    listed = tuple(map(_carried_file, _objects(one["files"])))
    if not listed or len({file.name.casefold() for file in listed}) < len(listed):
        raise ValueError(one)
    return CarriedModel(str(one["name"]), listed, model_defaults.from_json(one.get("defaults")))


def _carried_file(file: dict[str, Any]) -> CarriedFile:
    pieces = tuple((str(name), _count(length), str(sha)) for name, length, sha in file["pieces"])
    found = CarriedFile(str(file["name"]), _count(file["size"]), str(file["sha256"]), pieces)
    if found.size != sum(length for _name, length, _sha in pieces):
        raise ValueError(file)
    if not _CHECKSUM.fullmatch(found.sha256):
        raise ValueError(found.sha256)
    return found


def _count(value: object) -> int:
    if not isinstance(value, int) or value < 0:
        raise ValueError(value)
    return value


def _objects(value: object) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise TypeError(value)
    return value


def _folder_of(model: CarriedModel) -> str:
    """Return the folder for a model that comes in: never that of another one of its name."""
    return f"{OWNER}/{_plain(model.name)}-{model.files[0].sha256[:8]}"


def _plain(name: str) -> str:
    """Return a model's name as a folder may be called on every system."""
    kept = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in name)
    return kept.strip("-")[:80] or "model"


def _copy(path: Path, folder: Path) -> str:
    shutil.copyfile(path, folder / path.name)
    return path.name


def _check_room(folder: Path, total: int, models: Sequence[Model], piece_bytes: int) -> None:
    targets = (
        folder / _piece(path, number)
        for model in models
        for path in files_of(model)
        for number in range(path.stat().st_size // piece_bytes + 1)
    )
    there = sum(one.stat().st_size for one in targets if one.is_file())
    free = shutil.disk_usage(folder).free + there
    if free < total:
        raise KnownError(
            _("There is not enough room"),
            _("{count} models need {needed}, and {free} are free in {folder}.").format(
                count=len(models), needed=size(total), free=size(free), folder=folder
            ),
            _("Take a larger stick, or fewer models."),
        )


def _damaged(name: str) -> KnownError:
    return KnownError(
        _("The carried folder is damaged"),
        _("{name} is missing or not what was written.").format(name=name),
        _("Export the models again on the other computer, or try another USB port."),
    )
