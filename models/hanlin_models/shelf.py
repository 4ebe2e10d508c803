"""What can be done with the files of models on this computer, put together. Never connects.

Calls block as long as disks do; they belong on a thread of their own. Which models there
are is the library's business.
"""

import contextlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hanlin.domain.catalogue import Described, FitEstimate, Memory
from hanlin.domain.models import USUAL_CONTEXT, Model, ModelDefaults
from hanlin.kernel import jsonfile
from hanlin.kernel.errors import KnownError
from hanlin.kernel.jsonfile import JsonObject
from hanlin.kernel.paths import Paths
from hanlin.settings import travelling
from hanlin_models import adoption, carry, fit, gguf, housekeeping, installers, verification
from hanlin_models.adoption import FoundModel
from hanlin_models.carry import Progress
from hanlin_models.catalogue import Catalogue
from hanlin_models.loading import prospect
from hanlin_models.verification import Checksums, Verified

_LICENCE: Final = "general.license"


@dataclass(frozen=True, slots=True)
class Taken:
    """A model that came from a stick: the file to load, and what was chosen for it there."""

    path: Path
    defaults: ModelDefaults


class ModelFiles:
    """The files of models of one data folder; the catalogue knows some checksums from the start.

    ``memory`` returns what this computer has now.
    """

    def __init__(self, paths: Paths, catalogue: Catalogue, memory: Callable[[], Memory]) -> None:
        self._paths = paths
        self._catalogue = catalogue
        self._memory = memory
        self._checksums = Checksums(paths.data / "checksums.json", catalogue.checksums())

    def describe(self, model: Model) -> Described:
        """Return what is known of a model beside what the list of models says; reads its header."""
        entry = self._catalogue.of_file(model.path.name)
        licence = entry.licence.name if entry is not None else ""
        try:
            header = gguf.read_header(model.path)
            problem = prospect(header).problem
            licence = licence or str(header.facts.get(_LICENCE, ""))
        except KnownError as error:
            problem = error.message
        sha256 = self._checksums.known(model.path)
        return Described(entry, self._repository(model.path), sha256, licence, problem)

    def _repository(self, path: Path) -> str:
        """Return where a file that was fetched came from, read off its folders."""
        if not path.is_relative_to(self._paths.models):
            return ""
        owner, *rest = path.relative_to(self._paths.models).parts
        return f"{owner}/{rest[0]}" if len(rest) > 1 and owner != carry.OWNER else ""

    def verify(self, model: Model, progressed: Callable[[int], None]) -> list[Verified]:
        """Compare every byte of a model; see ``verification``."""
        return self._checksums.verify(model, progressed)

    def duplicates(self, models: Iterable[Model]) -> list[list[Model]]:
        """Return the models that are here twice, as far as they were verified."""
        return verification.duplicates(models, self._checksums)

    def export(
        self,
        models: Sequence[Model],
        folder: Path,
        progressed: Progress,
        *,
        installer: Path | None = None,
    ) -> Path:
        """Write models and the settings that may travel to a stick; see ``carry``.

        The program's installer goes along: the given one, else the one that is at hand.
        """
        installer = installer or installers.at_hand()
        settings = travelling.chosen(jsonfile.read(self._paths.settings, mend=False).content)
        return carry.export(models, folder, progressed, settings=settings, installer=installer)

    def beside(self, folder: Path) -> list[Path]:
        """Return what else was written with models into ``folder``."""
        return carry.beside(folder)

    def settings_in(self, folder: Path) -> JsonObject:
        """Return the settings that were written with models into ``folder``, {} without any."""
        return carry.settings_of(folder)

    def take_in(self, folder: Path, progressed: Progress) -> list[Taken]:
        """Take in what a stick holds and keep its checksums."""
        loaded = carry.take_in(folder, self._paths.models, progressed)
        carried = carry.contents(folder)
        for path, model in zip(loaded, carried, strict=True):
            for file in model.files:
                self._checksums.keep(path.with_name(file.name), file.sha256)
        return [Taken(path, one.defaults) for path, one in zip(loaded, carried, strict=True)]

    def move(self, model: Model, folder: Path, progressed: Progress) -> Path:
        """Move a model to another disk, compared; see ``housekeeping``."""
        moved = housekeeping.move(model, folder, progressed)
        self._drop_folders(model.path)
        return moved

    def delete(self, model: Model) -> int:
        """Delete all files of a model; return the bytes that were freed."""
        freed = housekeeping.delete(model)
        self._drop_folders(model.path)
        return freed

    def _drop_folders(self, gone: Path) -> None:
        """Delete the folders that were made for the file that was at ``gone``, if none is left."""
        for folder in gone.parents:
            if self._paths.models not in folder.parents:
                break
            with contextlib.suppress(OSError):
                folder.rmdir()

    def files_of(self, model: Model) -> list[Path]:
        """Return all files of a model, its projectors too."""
        return verification.files_of(model)

    def estimate(self, model: Model, context: int = 0) -> FitEstimate | None:
        """Return how a model suits this computer, by its header; None if it cannot be read.

        ``context`` is how many tokens it is to keep in mind, 0 the usual number.
        """
        try:
            header = gguf.read_header(model.path)
            total = sum(path.stat().st_size for path in verification.files_of(model))
        except (KnownError, OSError):
            return None
        context = context or USUAL_CONTEXT
        context = min(model.trained_context or context, context)
        return fit.estimate_file(header, total, self._memory(), context)

    def models_in(self, folder: Path) -> list[FoundModel]:
        """Return the models in a folder and the folders inside it."""
        return adoption.in_folder(folder)

    def found_elsewhere(self) -> list[FoundModel]:
        """Return the models that other programs keep on this computer."""
        return adoption.find(Path.home())

    def named_path(self, model: FoundModel) -> Path:
        """Return a path to another program's model that the library can take."""
        return adoption.named_path(model, self._paths.models)
