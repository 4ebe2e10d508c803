"""The models of this computer as they were last looked at, for who may not wait for a disk.

A file may lie on a disk that sleeps or on a network that is gone: asking for its date can
take minutes. So the window reads this list, and the background looks.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from hanlin.domain.models import Model, ModelDefaults


class Listing(Protocol):
    """Who knows the models (implemented by ``hanlin_models``)."""

    def models(self) -> Sequence[Model]:
        """Return every known model, the starter first, each file looked at."""
        ...

    def listed(self) -> Sequence[Model]:
        """Return the same without a look at the files: none is said to be gone or changed."""
        ...


class ModelLibrary(Listing, Protocol):
    """The models on this computer (implemented by ``hanlin_models``)."""

    def add(self, path: Path) -> Model:
        """Remember the file at ``path``, which stays where it is; raises KnownError."""
        ...

    def remove(self, model_id: str) -> None:
        """Forget a model that was added; its file stays. Raises KnownError."""
        ...

    def find(self, id_or_path: str) -> Model | None:
        """Return the model with this id, name or path."""
        ...

    def keep_defaults(self, model_id: str, defaults: ModelDefaults) -> None:
        """Remember a person's choices for a model. Raises KnownError."""
        ...

    def too_big(self, model: Model) -> str | None:
        """Return why the model does not fit into the memory that is free now, or None."""
        ...


class KnownModels:
    """Methods may be called from any thread; only ``look`` waits for disks."""

    def __init__(self, library: Listing) -> None:
        self._library = library
        self._known: tuple[Model, ...] | None = None
        self.looked = False
        """Whether the files were ever looked at."""

    def models(self) -> list[Model]:
        """Return the models, the starter first, as they were when they were last looked at."""
        if self._known is None:
            self._known = tuple(self._library.listed())
        return list(self._known)

    def look(self) -> list[Model]:
        """Look at every file and return the models as they are now."""
        self._known = tuple(self._library.models())
        self.looked = True
        return list(self._known)

    def sure(self) -> list[Model]:
        """Return the models of the last look; looks if there was none yet."""
        return self.models() if self.looked else self.look()
