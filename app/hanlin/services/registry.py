"""The models of this computer: listed, found, added, moved, forgotten; what each is used for.

Which one is loaded is the session's decision, and which files exist is the library's.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from hanlin.domain.models import Model, ModelDefaults, Purpose
from hanlin.kernel.errors import KnownError
from hanlin.kernel.events import EventBus
from hanlin.kernel.i18n import _
from hanlin.services import purposes
from hanlin.services.events import ModelsChanged, NoticeCause, NoticePosted
from hanlin.services.file_news import FileNews, ToldBefore
from hanlin.services.known_models import KnownModels, ModelLibrary
from hanlin.services.own_models import OwnMemory, OwnModels
from hanlin.services.purposes import KeptModels

_MOST_RECENT = 50


class RegistryMemory(ToldBefore, OwnMemory, Protocol):
    """What of this is remembered between two runs of the program."""

    last_model: str
    """The id of the model that was loaded last, or ""."""
    recent_models: str
    """Ids, the last used first, with blanks between them."""


class ModelRegistry:
    """Methods may be called from any thread.

    ``on_removed`` hears of a model that is no more in the library, ``on_defaults`` of a
    person's choices for one; both before the bus hears that the list changed.
    """

    def __init__(
        self,
        library: ModelLibrary,
        memory: RegistryMemory,
        kept: KeptModels,
        bus: EventBus,
        on_removed: Callable[[str], object],
        on_defaults: Callable[[str, ModelDefaults], object],
    ) -> None:
        self._library = library
        self._known = KnownModels(library)
        self._memory = memory
        self._kept = kept
        self._bus = bus
        self._on_removed = on_removed
        self._on_defaults = on_defaults
        self._news = FileNews(self._known, memory, bus)
        self.own = OwnModels(memory)
        """What was chosen by hand in which conversation."""

    def models(self) -> list[Model]:
        """Return every model that can be chosen, the starter first, as last looked at."""
        return self._known.models()

    def look(self) -> list[Model]:
        """Look at every file and return the models as they are now. Blocks as long as disks do."""
        return self._known.look()

    def recent(self) -> list[Model]:
        """Return every model that can be chosen, the last used first."""
        order = {name: place for place, name in enumerate(self._memory.recent_models.split())}
        return sorted(self.models(), key=lambda model: order.get(model.id, len(order)))

    def model_for(self, purpose: Purpose) -> Model | None:
        """Return the model to use for ``purpose``; see ``purposes.choose``. Loads nothing."""
        last = self._memory.last_model
        return purposes.choose(purpose, self._known.sure(), self._kept, last)

    def kept(self, purpose: Purpose) -> Model | None:
        """Return the model that a person keeps for ``purpose``, if its file was there."""
        return self.usable(purposes.kept_id(purpose, self._kept))

    def usable(self, model_id: str) -> Model | None:
        """Return the model of this id, if there is one and its file was there."""
        known = self._known.models()
        return next((one for one in known if one.id == model_id and not one.missing), None)

    def find(self, id_or_path: str) -> Model | None:
        """Return the model with this id, name or path, its file looked at."""
        return self._library.find(id_or_path)

    def resolve(self, id_or_path: str) -> Model:
        """Return the model with this id, name or path; raises KnownError when there is none."""
        model = self.find(id_or_path)
        if model is None:
            raise KnownError(
                _("No such model"),
                _("There is no model called “{name}” here.").format(name=id_or_path),
                _("Settings → Model, or “hanlin models list”, shows the models of this computer."),
            )
        return model

    def present(self, model_id: str) -> Model:
        """Return the model as ``resolve`` does; raises KnownError also when its file is gone."""
        model = self.resolve(model_id)
        if model.missing:
            self._list_changed()
            raise KnownError(
                _("The model's file is gone"),
                _("{path} does not exist any more.").format(path=model.path),
                _("Put the file back, or add it again from its new place."),
            )
        return model

    def notice_files(self) -> None:
        """Look whether models' files vanished, changed or came back, and tell it once.

        Blocks as long as disks do.
        """
        self._news.look()

    def used(self, model_id: str) -> None:
        """Hear that conversations go by this model now."""
        self._memory.last_model = model_id
        others = [one for one in self._memory.recent_models.split() if one != model_id]
        self._memory.recent_models = " ".join([model_id, *others][:_MOST_RECENT])

    def set_defaults(self, model_id: str, defaults: ModelDefaults) -> None:
        """Keep a person's choices for a model, which are followed at once if it is in use.

        Raises KnownError.
        """
        self._library.keep_defaults(model_id, defaults)
        self._on_defaults(model_id, defaults)
        self._list_changed()

    def add(self, path: Path) -> Model:
        """Add the model file at ``path`` to the library; raises KnownError."""
        model = self._library.add(path)
        self._list_changed()
        if (reason := self._library.too_big(model)) is not None:
            self._bus.publish(NoticePosted(reason, NoticeCause.ADDED))
        return model

    def relocate(self, model: Model, path: Path) -> Model:
        """Know a model by the new place of its file; what was chosen for it goes along.

        Raises KnownError.
        """
        last, recent = self._memory.last_model, self._memory.recent_models
        self.remove(model.id)
        moved = self.add(path)
        if model.defaults != ModelDefaults():
            self.set_defaults(moved.id, model.defaults)
        if last == model.id:
            self._memory.last_model = moved.id
        self.own.rename(model.id, moved.id)
        names = (moved.id if one == model.id else one for one in recent.split())
        self._memory.recent_models = " ".join(names)
        return moved

    def remove(self, model_id: str) -> None:
        """Forget a model that was added; its file stays. Raises KnownError."""
        self._library.remove(model_id)
        self._on_removed(model_id)
        self._list_changed()

    def _list_changed(self) -> None:
        self._known.look()
        self._bus.publish(ModelsChanged())


def no_model() -> KnownError:
    """Return the sentence for a question that nobody could answer."""
    return KnownError(
        _("No model is chosen"),
        _("There is no model that could answer."),
        _("Choose one with Settings → Model, or add a model file there."),
    )
