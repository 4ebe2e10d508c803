"""How fast a model will write here: from what a token reads and what this computer reaches.

Writing a token reads every active weight once. How many bytes a second that is was
measured by ``probe``, or is guessed from the cores until it was.
"""

import math
import re
from dataclasses import dataclass
from typing import Final

from hanlin.domain.catalogue import FitEstimate
from hanlin.engine import processors
from hanlin.kernel.i18n import _, ngettext
from hanlin_models.gguf import Header

COMFORT: Final = 8.0
"""Tokens a second from which a model is pleasant to talk to."""
SLOW: Final = 3.0
"""Tokens a second below which people wait for each sentence."""
_PER_CORE: Final = 5e9
_MOST: Final = 30e9
"""Bytes a second of usual memory, whatever the number of cores. Both are cautious guesses."""
_CARD: Final = 100e9
"""Bytes a second of a graphics card with memory of its own; the slowest of them reach more."""
_CHARACTERS_PER_TOKEN: Final = 1.6
"""Chinese; an English token is about four letters."""
_SIZE: Final = re.compile(r"([\d.]+)B(?:-A([\d.]+)B)?")
_IN_EXPERTS: Final = 0.95
"""The share of a mixture's weights that lies in its experts: 0.951 in Qwen3-30B-A3B."""


@dataclass(frozen=True, slots=True)
class Speed:
    """Bytes of weights a second, of the processor and of the ``card``; measured or guessed."""

    bytes_per_second: float
    measured: bool
    card: float = _CARD
    card_measured: bool = False

    def tokens(self, estimate: FitEstimate) -> float:
        """Return the tokens a second of such a model: each part at the pace of its place."""
        active = max(estimate.active, 1)
        on_card = active * estimate.on_card
        return 1 / ((active - on_card) / self.bytes_per_second + on_card / self.card)

    def words(self, estimate: FitEstimate) -> str:
        """Return in words how fast such a model will write here."""
        number = self._characters(estimate)
        if self._known(estimate):
            text = ngettext(
                "about {number} character a second on this computer",
                "about {number} characters a second on this computer",
                number,
            )
        else:
            text = ngettext(
                "perhaps {number} character a second on this computer",
                "perhaps {number} characters a second on this computer",
                number,
            )
        return text.format(number=f"{number:,}")

    def label(self, estimate: FitEstimate) -> str:
        """Return the same in as few words as a card has room for."""
        number = self._characters(estimate)
        if self._known(estimate):
            return _("about {number} characters/s").format(number=f"{number:,}")
        return _("perhaps {number} characters/s").format(number=f"{number:,}")

    def _characters(self, estimate: FitEstimate) -> int:
        return max(round(self.tokens(estimate) * _CHARACTERS_PER_TOKEN), 1)

    def _known(self, estimate: FitEstimate) -> bool:
        """Return whether all that computes such a model was measured."""
        processor = self.measured or estimate.on_card >= 1
        return processor and (self.card_measured or not estimate.on_card)


def of_this_computer(measured: float, card: float = 0) -> Speed:
    """Return the speeds that were measured, or a guess for what is 0."""
    return Speed(
        measured or min(processors.performance_cores() * _PER_CORE, _MOST),
        measured > 0,
        card or _CARD,
        card > 0,
    )


def active_of_name(parameters: str, weights: int) -> int:
    """Return how many of a model's bytes are read for one token.

    ``parameters`` is its size as its maker writes it: of a ``30B-A3B`` a tenth is active.
    """
    whole, active = _sizes(parameters)
    return round(weights * active / whole) if whole else weights


def ability(parameters: str) -> float:
    """Return how much may be expected of a model of this size; to compare with others.

    A mixture stands between what it holds and what it uses at a time.
    """
    whole, active = _sizes(parameters)
    return math.sqrt(whole * active)


def _sizes(parameters: str) -> tuple[float, float]:
    """Return the thousand millions of parameters it has and those that a token reads."""
    named = _SIZE.match(parameters)
    if named is None:
        return 0.0, 0.0
    whole = float(named[1])
    return whole, float(named[2]) if named[2] else whole


def active_of_header(header: Header, weights: int) -> int:
    """Return how many of a file's bytes are read for one token."""
    experts, used = header.of_model("expert_count"), header.of_model("expert_used_count")
    if not isinstance(experts, int) or not isinstance(used, int) or not 0 < used < experts:
        return weights
    return round(weights * (1 - _IN_EXPERTS + _IN_EXPERTS * used / experts))
