"""Whether the files of a model are still what they were: checksums kept, compared on demand.

A file's checksum is known from the catalogue, from the download that brought it, or from
the first time it was verified here.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from hanlin.domain.models import Model
from hanlin.kernel import jsonfile
from hanlin.kernel.errors import from_os_error
from hanlin.kernel.i18n import _
from hanlin_models.names import PART
from hanlin_models.part import digest

Progress = Callable[[int], None]


class Outcome(StrEnum):
    """What came out of comparing a file."""

    SAME = "same"
    FIRST = "first"
    """Nothing was known of it; its checksum is kept from now on."""
    CHANGED = "changed"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Verified:
    """One file, compared. ``sha256`` is what is on the disk now, "" when it is missing."""

    path: Path
    outcome: Outcome
    sha256: str = ""

    @property
    def right(self) -> bool:
        """Whether nothing speaks against it."""
        return self.outcome in (Outcome.SAME, Outcome.FIRST)

    @property
    def words(self) -> str:
        """Return the outcome for a person."""
        texts = {
            Outcome.SAME: lambda: _("every byte is right"),
            Outcome.FIRST: lambda: _("its checksum is kept from now on"),
            Outcome.CHANGED: lambda: _("it is not what it was: get it again"),
            Outcome.MISSING: lambda: _("the file is gone"),
        }
        return texts[self.outcome]()


class Checksums:
    """The checksums known of files here. Safe for several threads and programs at once."""

    def __init__(self, path: Path, shipped: Mapping[str, str] | None = None) -> None:
        self._path = path
        self._shipped = shipped or {}

    def known(self, file: Path) -> str:
        """Return the checksum a file must have, "" when nobody knows."""
        kept = jsonfile.read(self._path).content.get("files")
        value = kept.get(os.fspath(file)) if isinstance(kept, dict) else None
        where = "/".join(file.parts[-3:]).casefold()  # owner/repository/file, if it was fetched
        return value if isinstance(value, str) else self._shipped.get(where, "")

    def keep(self, file: Path, sha256: str) -> None:
        """Remember a file's checksum. Raises KnownError."""
        with jsonfile.changing(self._path) as found:
            kept = found.content.get("files")
            files = {**(kept if isinstance(kept, dict) else {}), os.fspath(file): sha256}
            found.content.update(version=1, files=files)

    def verify(self, model: Model, progressed: Progress) -> list[Verified]:
        """Read every file of ``model`` and compare; tells the bytes read. Raises KnownError."""
        before = 0
        found = []
        for path in files_of(model):

            def tell(count: int, start: int = before) -> None:
                progressed(start + count)

            found.append(self._verify(path, tell))
            before += path.stat().st_size if path.is_file() else 0
        return found

    def _verify(self, path: Path, progressed: Progress) -> Verified:
        if not path.is_file():
            return Verified(path, Outcome.MISSING)
        try:
            now = digest(path, progressed)
        except OSError as error:
            raise from_os_error(error, str(path)) from error
        known = self.known(path)
        if not known:
            self.keep(path, now)
            return Verified(path, Outcome.FIRST, now)
        return Verified(path, Outcome.SAME if known == now else Outcome.CHANGED, now)


def files_of(model: Model) -> list[Path]:
    """Return all files of a model: its parts, and the projectors of its own folder."""
    matched = PART.fullmatch(model.path.name)
    if matched is None:
        return [model.path, *_projectors(model.path)]
    count = int(matched["parts"])
    named = (f"{matched['stem']}-{n:05}-of-{count:05}.gguf" for n in range(1, count + 1))
    return [*(model.path.with_name(name) for name in named), *_projectors(model.path)]


def duplicates(models: Iterable[Model], checksums: Checksums) -> list[list[Model]]:
    """Return groups of models whose files are the same, as far as checksums are known."""
    groups: dict[tuple[int, str], list[Model]] = {}
    for model in models:
        if sha256 := checksums.known(model.path):
            groups.setdefault((model.bytes, sha256), []).append(model)
    return [group for group in groups.values() if len(group) > 1]


def _projectors(path: Path) -> list[Path]:
    """Return the projectors beside a model, if the folder holds this one model alone."""
    beside = sorted(path.parent.glob("*.gguf"))
    eyes = [file for file in beside if "mmproj" in file.name.lower()]
    others = [file for file in beside if file not in eyes and not PART.fullmatch(file.name)]
    return eyes if others == [path] else []
