"""Puts the OCR pack into its folder, from wheels that were carried in: no network, no pip.

A pack is a zip of wheels (``dev.py build ocr`` makes one), wheels one by one, or a folder of
them. Each must be one that this version of the program knows by its hash. They are unpacked
beside the pack's place and tried on a picture in the closed child; only then do they take it.
"""

import hashlib
import io
import re
import shutil
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path, PurePosixPath
from typing import Final

from hanlin.documents.recogniser import Recogniser, folder_of
from hanlin.kernel import archives
from hanlin.kernel.errors import KnownError, from_os_error
from hanlin.kernel.i18n import _

_MOST: Final = 2 * 2**30
"""Bytes that the wheels may have, packed and unpacked."""
_NAME: Final = re.compile(r"^([A-Za-z0-9][\w.-]*)==([^\s;\\]+)")
_HASH: Final = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_LIBRARIES: Final = ("purelib", "platlib")
_SHOWN: Final = "42"
"""What stands in the picture on which a pack is tried."""


def known(lock: str) -> Mapping[str, str]:
    """Return what a lock file pins: for each hash the name and version it belongs to."""
    found: dict[str, str] = {}
    name = ""
    for line in lock.splitlines():
        if match := _NAME.match(line):
            name = f"{match.group(1)} {match.group(2)}"
        found |= dict.fromkeys(_HASH.findall(line), name)
    return found


def install(chosen: Sequence[Path], data: Path, pinned: Mapping[str, str], picture: bytes) -> None:
    """Install the pack from the ``chosen`` files and folders; blocks.

    ``pinned`` says which wheels are known (see ``known``), ``picture`` is what they are tried
    on. What was installed before stays when anything fails. Raises KnownError.
    """
    stage = data / "packs" / "ocr.unpacking"
    target = folder_of(data)
    try:
        shutil.rmtree(stage, ignore_errors=True)
        folder = folder_of(stage)
        folder.mkdir(parents=True)
        for name, content in _wheels(chosen):
            _unpack(name, content, folder, pinned)
        if not any(folder.iterdir()):
            raise KnownError(
                _("There is no pack in it"),
                _("No wheel (.whl) was found in what you chose."),
                _("Choose the pack’s file (.zip), its wheels, or the folder they are in."),
            )
        _try(stage, picture)
        old = target.with_name("ocr.old")
        shutil.rmtree(old, ignore_errors=True)
        if target.exists():
            target.rename(old)
        folder.rename(target)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        raise from_os_error(error, str(target)) from error
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _wheels(chosen: Sequence[Path]) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the bytes of each wheel."""
    for path in chosen:
        if path.is_dir():
            for wheel in sorted(path.glob("*.whl")):
                yield wheel.name, wheel.read_bytes()
        elif path.suffix.lower() == ".whl":
            yield path.name, path.read_bytes()
        else:
            yield from _wheels_in(path)


def _wheels_in(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the bytes of each wheel in an archive. Raises KnownError."""
    with path.open("rb") as file:
        try:
            archive = zipfile.ZipFile(file)
            entries = [one for one in archive.infolist() if one.filename.endswith(".whl")]
        except archives.DAMAGED as error:
            raise _damaged(path.name) from error
        for entry in entries:
            name = PurePosixPath(entry.filename).name
            if entry.file_size > _MOST:
                raise _damaged(name)
            try:
                content = archive.read(entry)
            except archives.DAMAGED as error:
                raise _damaged(name) from error
            yield name, content


def _unpack(name: str, content: bytes, folder: Path, pinned: Mapping[str, str]) -> None:
    """Unpack a wheel that is known. Raises KnownError."""
    if hashlib.sha256(content).hexdigest() not in pinned:
        raise KnownError(
            _("A file is not the one that is known"),
            _("{name} is damaged, or another version than this program was tried with.").format(
                name=name
            ),
            _("Download it again as “hanlin ocr list” says. Nothing was installed."),
        )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as wheel:
            if sum(entry.file_size for entry in wheel.infolist()) > _MOST:
                raise _damaged(name)
            for entry in wheel.infolist():
                place = _place(entry.filename)
                if place is not None and not entry.is_dir():
                    path = folder / place
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(wheel.read(entry))
    except zipfile.BadZipFile as error:
        raise _damaged(name) from error


def _place(name: str) -> PurePosixPath | None:
    """Return where a wheel's file belongs, None for scripts and what would leave the folder."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name:
        return None
    if path.parts and path.parts[0].endswith(".data"):
        return PurePosixPath(*path.parts[2:]) if path.parts[1] in _LIBRARIES else None
    return path


def _try(data: Path, picture: bytes) -> None:
    """Have a picture read by the pack in ``data``. Raises KnownError."""
    with closing(Recogniser(data)) as recogniser:
        text = recogniser.text("42.png", picture)
    if _SHOWN not in text:
        raise KnownError(
            _("The pack that reads pictures does not work"),
            _("It did not read the number in the picture it was tried on."),
            _("Download it again as “hanlin ocr list” says. Nothing was installed."),
        )


def _damaged(name: str) -> KnownError:
    return KnownError(
        _("The pack cannot be read"),
        _("{name} is damaged or no archive.").format(name=name),
        _("Copy or download it again. Nothing was installed."),
    )
