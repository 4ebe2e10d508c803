"""Which model translates, and between which languages it can."""

from collections.abc import Iterable

from hanlin.domain.models import Model
from hanlin.domain.translation import Direction
from hanlin.kernel.errors import KnownError
from hanlin.kernel.i18n import _
from hanlin.services.translation import converting, detecting, prompts
from hanlin.services.translation.prompts import Family

_BY_CHARACTERS = frozenset({"zh-Hant"})
"""Languages that a model which knows ``zh`` is helped to by converting characters."""


def translates(model: Model) -> bool:
    """Tell whether the model is offered for translation."""
    return prompts.family_of(model) is not Family.NONE


def best_of(wanted: Model | None, models: Iterable[Model]) -> Model | None:
    """Return ``wanted`` if it translates, else the first model that does: the starter."""
    if wanted is not None and translates(wanted):
        return wanted
    return next((one for one in models if not one.missing and translates(one)), None)


def sources(family: Family) -> tuple[str, ...]:
    """Return the codes of the languages that can be translated from."""
    return _with_converted(prompts.sources_of(family))


def targets(family: Family) -> tuple[str, ...]:
    """Return the codes of the languages that can be translated into."""
    return _with_converted(prompts.targets_of(family))


def require(model: Model, direction: Direction) -> None:
    """Raise KnownError when the model cannot translate in this direction."""
    family = prompts.family_of(model)
    if family is Family.NONE:
        raise KnownError(
            _("This model does not translate"),
            _("No good way is known to ask {name} for translations.").format(name=model.name),
            _("Choose Hy-MT2, or a general chat model."),
        )
    if converting.converts(direction):
        return
    if direction.source not in sources(family) or direction.target not in targets(family):
        raise KnownError(
            _("The model does not know this language"),
            _("{name} does not translate from {source} to {target}.").format(
                name=model.name, source=direction.source, target=direction.target
            ),
            _("Choose another language, or a model such as Hy-MT2, which knows 38."),
        )


def direction_for(text: str, source: str, target: str, interface: str = "zh") -> Direction:
    """Return the direction of a text: "" is found out, and stands for the likely target.

    What is in Chinese goes into English, everything else into the interface's language.
    """
    found = source or detecting.detect(text, "en")
    if not target:
        home = "zh" if interface.startswith("zh") else "en"
        chinese = found in ("zh", "zh-Hant", "yue")
        target = "en" if chinese else (home if found != home else "zh")
    return Direction(found, target)


def _with_converted(codes: tuple[str, ...]) -> tuple[str, ...]:
    if "zh" in codes and "zh-Hant" not in codes:
        return (*codes, *_BY_CHARACTERS)
    return codes
