"""What can be done with the files of models on this computer, put together. Never connects.

Calls block as long as disks do; they belong on a thread of their own. Which models there
are is the library's business.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from hanlin.domain.catalogue import FitEstimate, Memory
from hanlin.domain.models import Model
from hanlin.kernel.errors import KnownError
from hanlin.kernel.paths import Paths
from hanlin_models import adoption, carry, fit, gguf, housekeeping, verification
from hanlin_models.adoption import FoundModel
from hanlin_models.carry import Progress
from hanlin_models.verification import Checksums, Verified


class ModelFiles:
    """The files of models of one data folder; ``shipped`` are checksums known from the start.

    ``memory`` returns what this computer has now.
    """

    def __init__(
        self, paths: Paths, shipped: Mapping[str, str], memory: Callable[[], Memory]
    ) -> None:
        self._paths = paths
        self._memory = memory
        self._checksums = Checksums(paths.data / "checksums.json", shipped)

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
        """Write models and the settings to a stick; see ``carry``."""
        settings = self._paths.settings if self._paths.settings.is_file() else None
        return carry.export(models, folder, progressed, settings=settings, installer=installer)

    def take_in(self, folder: Path, progressed: Progress) -> list[Path]:
        """Take in what a stick holds and keep its checksums; return what to load."""
        loaded = carry.take_in(folder, self._paths.models, progressed)
        for path, model in zip(loaded, carry.contents(folder), strict=True):
            for file in model.files:
                self._checksums.keep(path.with_name(file.name), file.sha256)
        return loaded

    def move(self, model: Model, folder: Path, progressed: Progress) -> Path:
        """Move a model to another disk, compared; see ``housekeeping``."""
        return housekeeping.move(model, folder, progressed)

    def delete(self, model: Model) -> int:
        """Delete all files of a model; return the bytes that were freed."""
        return housekeeping.delete(model)

    def files_of(self, model: Model) -> list[Path]:
        """Return all files of a model, its projectors too."""
        return verification.files_of(model)

    def estimate(self, model: Model) -> FitEstimate | None:
        """Return how a model suits this computer, by its header; None if it cannot be read."""
        try:
            header = gguf.read_header(model.path)
            total = sum(path.stat().st_size for path in verification.files_of(model))
        except (KnownError, OSError):
            return None
        context = min(model.trained_context or fit.USUAL_CONTEXT, fit.USUAL_CONTEXT)
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
