"""What the starter model's card tells the window: its sentence, its refusals, its figures.

Reading the card as a model is the library's work (``hanlin_models.starter``).
"""

import functools
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from hanlin.domain.models import Model, Origin
from hanlin.kernel import jsonfile
from hanlin.kernel.i18n import _, in_language
from hanlin_resources import folder

_log = logging.getLogger(__name__)
_WORDS: Final[Mapping[str, Callable[[], str]]] = {
    "parameters": lambda: _("parameters"),
    "bytes": lambda: _("size in bytes"),
    "trained context": lambda: _("trained on texts up to (tokens)"),
    "trained date": lambda: _("trained on"),
    "trained hours": lambda: _("hours of training"),
    "trained tokens": lambda: _("tokens of training"),
    "trained seed": lambda: _("seed"),
    "trained machine": lambda: _("machine"),
    "generated": lambda: _("Tests made by rules (right / asked)"),
    "handwritten": lambda: _("Tests written by hand (right / asked)"),
    "second set": lambda: _("second set"),
    "third set": lambda: _("third set"),
    "guide": lambda: _("help with this program"),
    "smalltalk": lambda: _("small talk"),
    "identity": lambda: _("who it is"),
    "translate": lambda: _("translation"),
    "translate zh-en": lambda: _("Chinese to English"),
    "translate en-zh": lambda: _("English to Chinese"),
    "new wordings": lambda: _("new wordings"),
    "new synonyms": lambda: _("new synonyms"),
    "new combinations": lambda: _("new combinations"),
    "new wrappers": lambda: _("new ways to ask"),
    "glossary": lambda: _("with a glossary"),
    "functions": lambda: _("small functions"),
    "task": lambda: _("small tasks"),
    "tool calls": lambda: _("tool calls"),
    "tools not needed": lambda: _("tools not needed"),
    "small sums": lambda: _("small sums"),
    "decline": lambda: _("saying that it cannot"),
    "bad input": lambda: _("odd input"),
    "robust": lambda: _("odd input"),
    "answer language": lambda: _("answering in the right language"),
    "thinking on (sample of all)": lambda: _("with thinking on"),
    "fill in the middle": lambda: _("filling a gap in code"),
    "at the end of a long conversation": lambda: _("at the end of a long conversation"),
    "tool results": lambda: _("telling a tool's result"),
    "pictures": lambda: _("Pictures drawn by rules (right / asked)"),
    "new pictures": lambda: _("new pictures"),
    "held-out combinations": lambda: _("new combinations of colour, shape and number"),
    "other things": lambda: _("pictures of other things, refused"),
    "zh": lambda: _("asked in Chinese"),
    "en": lambda: _("asked in English"),
    "in range": lambda: _("within its range"),
    "not refused": lambda: _("not refused"),
    "beyond it": lambda: _("beyond it"),
    "refused": lambda: _("refused"),
}
"""The words of the card as people read them. A word it does not hold is shown as it is."""


@dataclass(frozen=True, slots=True)
class StarterCard:
    """Empty when the program came without a starter."""

    names: Mapping[str, str] = field(default_factory=dict)
    """What it is called, for ``in_language``."""
    sentence: Mapping[str, str] = field(default_factory=dict)
    """One sentence that says what it is for, for ``in_language``."""
    refusals: tuple[str, ...] = ()
    """Sentences with which it says that something is beyond it."""
    figures: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)


def read() -> StarterCard:
    """Return the card of the starter in the box."""
    try:
        card = jsonfile.parse((folder("starter") / "card.json").read_bytes())
    except FileNotFoundError:
        return StarterCard()
    except (OSError, ValueError) as error:
        _log.warning("the starter's card cannot be read: %r", error)
        return StarterCard()
    figures, refusals = card.get("figures"), card.get("refusal_sentences")
    return StarterCard(
        names=_by_language(card.get("name")),
        sentence=_by_language(card.get("sentence")),
        refusals=tuple(map(str, refusals)) if isinstance(refusals, list) else (),
        figures=figures if isinstance(figures, dict) else {},
        facts=_facts(card),
    )


def name_now(name: str) -> str:
    """Return the name of a model in the interface's language of now: the starter has several.

    A model is named when it is looked at, an answer's for good when it is written.
    """
    names = _names()
    if name not in names.values():
        return name
    return in_language(names) or name


def named_now(model: Model) -> Model:
    """Return ``model`` with the name it has in the interface's language of now."""
    own = model.origin is Origin.STARTER
    return replace(model, name=name_now(model.name)) if own else model


@functools.cache
def _names() -> Mapping[str, str]:
    return read().names


def _by_language(words: object) -> Mapping[str, str]:
    return {key: str(said) for key, said in words.items()} if isinstance(words, dict) else {}


def lines(figures: Mapping[str, Any], indent: int = 0) -> Iterator[str]:
    """Yield the figures as readable lines in the interface's language, whatever their nesting."""
    for name, value in figures.items():
        label = _in_words(str(name))
        if isinstance(value, Mapping) and set(value) == {"right", "total"}:
            yield f"{'  ' * indent}{label}: {_written(value['right'])} / {_written(value['total'])}"
        elif isinstance(value, Mapping):
            yield f"{'  ' * indent}{label}:"
            yield from lines(value, indent + 1)
        else:
            shown = f"{value:.3g}" if isinstance(value, float) else _written(value)
            yield f"{'  ' * indent}{label}: {shown}"


def _written(value: object) -> str:
    return f"{value:,}" if type(value) is int else str(value)


def _in_words(name: str) -> str:
    parts = name.replace("_", " ").split(": ")
    return ": ".join(_WORDS[part]() if part in _WORDS else part for part in parts)


def _facts(card: Mapping[str, Any]) -> Mapping[str, str]:
    keys = ("parameters", "bytes", "trained_context", "sha256")
    facts = {key: _written(card[key]) for key in keys if key in card}
    trained = card.get("trained")
    if isinstance(trained, dict):
        told = {
            key: str(said) if key == "seed" else _written(said) for key, said in trained.items()
        }
        facts.update({f"trained {key}": said for key, said in told.items()})
    return facts
