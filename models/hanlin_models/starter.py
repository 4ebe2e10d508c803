"""The model in the box: reads its card. How it is made stands in ``models/starter``."""

import logging
from dataclasses import fields
from pathlib import Path

from hanlin.domain.generation import Sampling
from hanlin.domain.models import Model, Origin
from hanlin.kernel import jsonfile
from hanlin.kernel.i18n import in_language

CARD = "card.json"
_log = logging.getLogger(__name__)


def starter(folder: Path) -> Model | None:
    """Return the starter model of ``folder``, or None when the program came without one."""
    try:
        card = jsonfile.parse((folder / CARD).read_bytes())
        path = folder / str(card["file"])
        return Model(
            id=str(card["id"]),
            name=_named(card["name"]),
            path=path,
            origin=Origin.STARTER,
            bytes=_whole(card.get("bytes")) or 0,
            architecture="qwen3",
            context_length=_whole(card.get("trained_context")),
            trained_context=_whole(card.get("trained_context")),
            sampling=_sampling(card.get("sampling")),
            missing=not path.is_file(),
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError) as error:
        _log.warning("the starter's card cannot be read: %r", error)
        return None


def _named(name: object) -> str:
    said = str(in_language(name) if isinstance(name, dict) else name)
    if not said:
        raise ValueError(name)
    return said


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and value > 0 else None


def _sampling(value: object) -> Sampling | None:
    if not isinstance(value, dict):
        return None
    known = {field.name for field in fields(Sampling)}
    return Sampling(**{key: number for key, number in value.items() if key in known})
