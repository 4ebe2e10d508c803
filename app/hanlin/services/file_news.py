"""What happened to models' files behind our back: gone, changed, there again; told once.

Which files there are is known to ``known_models``; what follows for the loaded model is the
session's decision.
"""

import threading
from collections.abc import Sequence
from typing import Protocol

from hanlin.domain.models import Model
from hanlin.kernel.errors import join_sentences
from hanlin.kernel.events import EventBus
from hanlin.kernel.i18n import Said, _
from hanlin.services.events import ModelsChanged, NoticeCause, NoticePosted
from hanlin.services.known_models import KnownModels


class ToldBefore(Protocol):
    """What of this is remembered between two runs of the program."""

    missed_models: str
    """What was told of files that are gone or changed, with blanks between them."""


class FileNews:
    """May be asked from any thread; blocks as long as disks do."""

    def __init__(self, known: KnownModels, memory: ToldBefore, bus: EventBus) -> None:
        self._known = known
        self._memory = memory
        self._bus = bus
        self._lock = threading.Lock()

    def look(self) -> None:
        """Look at every file, and tell what is new."""
        with self._lock:
            before = {_stand(model) for model in self._known.models()}
            models = self._known.look()
            if before != {_stand(model) for model in models}:
                self._bus.publish(ModelsChanged())
            told = set(self._memory.missed_models.split())
            trouble = {
                f"{model.id}:{'gone' if model.missing else 'changed'}": model
                for model in models
                if model.missing or model.changed
            }
            news = [model for key, model in trouble.items() if key not in told]
            if told != set(trouble):
                self._memory.missed_models = " ".join(sorted(trouble))
        if news:
            self._bus.publish(NoticePosted(Said(lambda: _missed(news)), NoticeCause.FILES))


def _stand(model: Model) -> tuple[str, bool, bool]:
    """Return what a person would want to hear a change of."""
    return model.id, model.missing, model.changed


def _missed(models: Sequence[Model]) -> str:
    """Return what happened to the files of ``models``."""
    gone = _(", ").join(model.name for model in models if model.missing)
    changed = _(", ").join(model.name for model in models if not model.missing)
    told = []
    if gone:
        told.append(_("These models' files are gone: {names}.").format(names=gone))
    if changed:
        told.append(
            _(
                "These models' files have changed: {names}. Verify them in the models window."
            ).format(names=changed)
        )
    return join_sentences(*told)
