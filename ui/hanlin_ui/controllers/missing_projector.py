"""Why a model does not see that could: its projector is missing, or does not fit."""

import hanlin_resources
from hanlin.engine.base import LoadedModel
from hanlin.kernel.i18n import _
from hanlin_models.catalogue import Catalogue


def hint(loaded: LoadedModel) -> str:
    """Return what to do so that the model sees, "" when it never will."""
    if loaded.sees:
        return ""
    if loaded.senses_note:
        return loaded.senses_note
    entry = Catalogue(hanlin_resources.folder("catalogue")).of_file(loaded.path.name)
    if entry is None or entry.projector is None:
        return ""
    return _(
        "It sees with its projector: download {file} from {repository}, and put it into the"
        " folder of the model. Models… downloads both together."
    ).format(file=entry.projector.name, repository=entry.repository)
