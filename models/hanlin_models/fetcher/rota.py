"""Whose turn it is: the sources of one file, and what is held against each of them.

Pure decisions over an injected time; nothing is opened here.
"""

from dataclasses import dataclass
from typing import Final

from hanlin_models.causes import LOCAL
from hanlin_models.fetcher.faults import Fault
from hanlin_models.orders import Source

_FIRST_WAIT: Final = 1.0
_LONGEST_WAIT: Final = 60.0


@dataclass(slots=True)
class _Standing:
    source: Source
    failures: int = 0
    not_before: float = 0.0
    excluded: Fault | None = None


class Rota:
    """The sources of one file, best first.

    A source that lied or refused is out for good; one that failed on the way waits
    longer each time, until a byte comes from it again.
    """

    def __init__(self, sources: tuple[Source, ...], persistence: float, now: float) -> None:
        self._standings = [_Standing(source) for source in sources]
        self._persistence = persistence
        self._last_progress = now
        self._last_fault: Fault | None = None
        self._alone: Source | None = None

    def turn(self, now: float) -> tuple[Source, float]:
        """Return the source to ask and the seconds to wait before.

        Raises the Fault that counts most when there is none left, or when nothing came
        for too long.
        """
        left = [one for one in self._standings if one.excluded is None]
        if not left:
            raise self._verdict()
        alone = [one for one in left if one.source == self._alone]
        first = min(alone or left, key=lambda one: max(one.not_before, now))
        wait = max(first.not_before - now, 0.0)
        if wait and self._last_fault and now + wait - self._last_progress > self._persistence:
            raise self._last_fault
        return first.source, wait

    def progressed(self, source: Source, now: float) -> None:
        """Hear that bytes came from ``source``."""
        self._last_progress = now
        self._standing(source).failures = 0

    def failed(self, source: Source, fault: Fault, now: float) -> None:
        """Hold ``fault`` against ``source``. Raises it when no other source can help."""
        if fault.cause in LOCAL:
            raise fault
        self._last_fault = fault
        standing = self._standing(source)
        if not fault.transient:
            standing.excluded = fault
            return
        standing.failures += 1
        wait = min(_FIRST_WAIT * 2 ** (standing.failures - 1), _LONGEST_WAIT)
        standing.not_before = now + max(wait, fault.wait)

    def ask_alone(self, keep: Source) -> None:
        """Turn to ``keep`` only, until it is out: so it shows who of several sources lied."""
        self._alone = keep

    def _verdict(self) -> Fault:
        """Return the fault of the best source: the others were only tried because of it."""
        faults = [one.excluded for one in self._standings if one.excluded is not None]
        return faults[0]

    def _standing(self, source: Source) -> _Standing:
        return next(one for one in self._standings if one.source == source)
