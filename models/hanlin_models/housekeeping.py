"""Moving a model to another disk and deleting it, always with all its files.

Only on a person's word; the list of models is the library's business.
"""

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

from hanlin.domain.models import Model, Origin
from hanlin.kernel import files
from hanlin.kernel.errors import KnownError, from_os_error
from hanlin.kernel.i18n import _
from hanlin.kernel.units import size
from hanlin_models.part import digest
from hanlin_models.verification import files_of

_CHUNK: Final = 4 * 2**20


def move(model: Model, folder: Path, progressed: Callable[[int, int], None]) -> Path:
    """Copy all files of ``model`` to ``folder``, compare them there, then delete them here.

    Returns the first file's new path. Raises KnownError; the model is then where it was.
    """
    sources = _own_files(model)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        total = sum(path.stat().st_size for path in sources)
        free = shutil.disk_usage(folder).free
        if free < total:
            raise KnownError(
                _("There is not enough room"),
                _("{name} needs {needed}, and {free} are free in {folder}.").format(
                    name=model.name, needed=size(total), free=size(free), folder=folder
                ),
            )
        targets = [folder / path.name for path in sources]
        _refuse_overwriting(targets)
        done = 0
        for source, target in zip(sources, targets, strict=True):

            def tell(count: int, start: int = done) -> None:
                progressed(start + count, total)

            done += _copy(source, target, tell)
        for source in sources:
            source.unlink()
    except OSError as error:
        raise from_os_error(error, str(folder)) from error
    return targets[0]


def delete(model: Model) -> int:
    """Delete all files of ``model``; return the bytes that were freed. Raises KnownError."""
    freed = 0
    for path in _own_files(model):
        try:
            freed += 0 if path.is_symlink() else path.stat().st_size
            path.unlink()
        except OSError as error:
            raise from_os_error(error, str(path)) from error
    return freed


def _own_files(model: Model) -> list[Path]:
    if model.origin is Origin.STARTER:
        raise KnownError(
            _("The starter model stays"),
            _("{name} is part of the program.").format(name=model.name),
        )
    return [path for path in files_of(model) if path.exists() or path.is_symlink()]


def _refuse_overwriting(targets: list[Path]) -> None:
    there = next((path for path in targets if path.exists()), None)
    if there is not None:
        raise KnownError(
            _("A file of this name is there already"),
            _("{path} would be overwritten.").format(path=there),
            _("Choose another folder."),
        )


def _copy(source: Path, target: Path, progressed: Callable[[int], None]) -> int:
    """Copy one file, durably, under its name only once it is compared; return its size."""
    unfinished = target.with_name(f".{target.name}.new")
    hasher = hashlib.sha256()
    count = 0
    try:
        with source.open("rb") as reading, unfinished.open("wb") as writing:
            while chunk := reading.read(_CHUNK):
                hasher.update(chunk)
                writing.write(chunk)
                count += len(chunk)
                progressed(count)
            writing.flush()
            os.fsync(writing.fileno())
        if digest(unfinished, lambda _count: None) != hasher.hexdigest():
            raise KnownError(
                _("The copy is not what was written"),
                _("{path} differs from the original, which was not touched.").format(path=target),
                _("That disk may be failing. Use another one."),
            )
        files.replace(unfinished, target)
    finally:
        unfinished.unlink(missing_ok=True)
    files.sync_folder(target.parent)
    return count
