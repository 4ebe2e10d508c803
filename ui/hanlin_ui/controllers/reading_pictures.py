"""One click for the letters of a picture: a model's trained prompts, else the OCR pack."""

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path, PurePath

import hanlin_resources
from hanlin.documents.recogniser import Recogniser
from hanlin.domain.attachments import Prepared
from hanlin.engine.base import LoadedModel
from hanlin.kernel.errors import KnownError
from hanlin.kernel.i18n import _
from hanlin.services import attaching
from hanlin_models.catalogue import Catalogue


def prompts(loaded: LoadedModel | None) -> Mapping[str, str]:
    """Return what the loaded model was trained to be asked, by what it reads; {} for nothing."""
    if loaded is None or not loaded.sees:
        return {}
    catalogue = Catalogue(hanlin_resources.folder("catalogue"))
    return catalogue.reading(loaded.path.name, loaded.architecture)


def labels() -> dict[str, str]:
    """Return what reading is called, by what is read."""
    return {
        "text": _("Read the text"),
        "table": _("Read the table"),
        "formula": _("Read the formula"),
    }


def recognised(data: Path, picture: Prepared) -> Prepared:
    """Return the text of a picture as a document, by the OCR pack. Blocks; raises KnownError."""
    name = picture.attachment.name
    with closing(Recogniser(data)) as recogniser:
        text = recogniser.text(name, picture.content)
    if not text.strip():
        raise KnownError(
            _("No text was found"),
            _("{name} shows no letters that could be read.").format(name=name),
            _("Crop it to the text, or take a larger picture of it."),
        )
    return attaching.take(f"{PurePath(name).stem}.txt", text.encode())
