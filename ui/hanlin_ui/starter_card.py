"""What the starter model's card tells the window: its sentence, its refusals, its figures.

Reading the card as a model is the library's work (``hanlin_models.starter``).
"""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from hanlin.kernel import jsonfile
from hanlin_resources import folder

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StarterCard:
    """Empty when the program came without a starter."""

    sentence: Mapping[str, str] = field(default_factory=dict)
    """One sentence that says what it is for, by language ``zh`` and ``en``."""
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
    sentence, refusals = card.get("sentence"), card.get("refusal_sentences")
    figures = card.get("figures")
    return StarterCard(
        sentence={k: str(v) for k, v in sentence.items()} if isinstance(sentence, dict) else {},
        refusals=tuple(map(str, refusals)) if isinstance(refusals, list) else (),
        figures=figures if isinstance(figures, dict) else {},
        facts=_facts(card),
    )


def lines(figures: Mapping[str, Any], indent: int = 0) -> Iterator[str]:
    """Yield the figures as readable lines, whatever their nesting."""
    for name, value in figures.items():
        label = str(name).replace("_", " ")
        if isinstance(value, Mapping):
            yield f"{'  ' * indent}{label}:"
            yield from lines(value, indent + 1)
        else:
            shown = f"{value:.3g}" if isinstance(value, float) else str(value)
            yield f"{'  ' * indent}{label}: {shown}"


def _facts(card: Mapping[str, Any]) -> Mapping[str, str]:
    keys = ("parameters", "bytes", "trained_context", "sha256")
    facts = {key: str(card[key]) for key in keys if key in card}
    trained = card.get("trained")
    if isinstance(trained, dict):
        facts.update({f"trained {key}": str(value) for key, value in trained.items()})
    return facts
