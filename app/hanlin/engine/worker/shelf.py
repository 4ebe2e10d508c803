"""What can be gone back to: states of a conversation, kept by the tokens they stand for.

Pure bookkeeping over opaque bytes: which state serves a prompt best, and which is
given up when there are too many. Copying states in and out belongs to ``memory``.
"""

import bisect
import itertools
import math
import operator
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

Blob = Any
"""A ctypes array of bytes; only its length is looked at here."""

NEAR: Final = 8
"""Tokens that are rather read again than kept apart by a state of their own."""
_MOST_MARKS: Final = 256
_NEVER_DROPPED: Final = 2
"""The newest of turns: before the last question and before its answer."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What the layers that cannot be wound back held after ``position`` tokens."""

    position: int
    data: Blob
    between: bool = False
    """Whether neither a question nor an answer begins there."""


class Marks:
    """The marks along one conversation, oldest first, together at most ``room`` bytes.

    When there are too many, the one goes whose neighbours are closest to each other.
    The newest two of turns stay even when they are bigger than the room: without them
    every turn would be read from the start.
    """

    def __init__(self, room: int) -> None:
        self.room = room
        """Bytes they may take together."""
        self._marks: list[Mark] = []

    @property
    def size(self) -> int:
        """Return the bytes of all marks."""
        return sum(len(mark.data) for mark in self._marks)

    def before(self, position: int) -> Mark | None:
        """Return the newest mark at or before ``position``."""
        return next((m for m in reversed(self._marks) if m.position <= position), None)

    def serve(self, position: int, *, between: bool, near: int = NEAR) -> bool:
        """Return whether a mark lies so close before ``position`` that no other is needed.

        ``between``: for one that would be such; one of a turn needs one of a turn.
        """
        return any(
            0 <= position - mark.position <= near and (between or not mark.between)
            for mark in self._marks
        )

    def forget_after(self, position: int) -> None:
        """Forget the marks that lie behind ``position``."""
        self._marks = [mark for mark in self._marks if mark.position <= position]

    def add(self, mark: Mark, rather: range = range(0)) -> None:
        """Add a mark; when there are too many, others go before those in ``rather``."""
        bisect.insort(self._marks, mark, key=operator.attrgetter("position"))
        self._fit(rather)

    def gap(self, within: range, size: int) -> range | None:
        """Return the first way from a mark to the next that is longer than it need be.

        In steps that are as short as room for marks of ``size`` bytes each allows: half of it,
        or what turns elsewhere leave. None when there is no such way to any place ``within``.
        """
        count = min(_MOST_MARKS, self.room // max(size, 1))
        most = count - min(len(self.newest(count)) + 1, (count + 1) // 2)
        if most <= 0 or not within:
            return None
        apart = NEAR * math.ceil(len(within) / most / NEAR)
        start = self.before(within.start)
        inside = (mark.position for mark in self._marks if mark.position in within)
        places = [start.position if start else 0, *inside, within.stop]
        ways = (range(one, other, apart) for one, other in itertools.pairwise(places))
        return next((way for way in ways if len(way) > 1), None)

    def newest(self, count: int) -> list[Mark]:
        """Return the newest ``count`` marks of turns, oldest first."""
        return [mark for mark in self._marks if not mark.between][-count:]

    def copy(self, room: int) -> "Marks":
        """Return a list of its own over as many of the same marks as there is ``room`` for."""
        other = Marks(room)
        other._marks = list(self._marks)
        other._fit()
        return other

    def _fit(self, rather: range = range(0)) -> None:
        """Give up marks until the others have room; those in ``rather`` last."""
        while len(self._marks) > _MOST_MARKS or self.size > self.room:
            if (least := self._least_missed(rather)) is None:
                break
            del self._marks[least]

    def _least_missed(self, rather: range) -> int | None:
        """Return which mark to give up, None when all that are left must stay."""
        kept = [mark.position for mark in self.newest(_NEVER_DROPPED)]
        ends = [0, *(mark.position for mark in self._marks), self._marks[-1].position]
        candidates = (at for at, mark in enumerate(self._marks) if mark.position not in kept)

        def missed(at: int) -> tuple[bool, int]:
            return self._marks[at].position in rather, ends[at + 2] - ends[at]

        return min(candidates, key=missed, default=None)


@dataclass(slots=True)
class Held:
    """A conversation as far as it was read, and whose it is ("": nobody's in particular).

    While it has at most ``free`` tokens any of them can be forgotten; beyond, only the
    whole of it and its marks can be gone back to.
    """

    free: int
    marks: Marks
    tokens: list[int] = field(default_factory=list)
    name: str = ""

    @property
    def least(self) -> int:
        """Down to how many tokens its newest ones can be forgotten one by one."""
        return 0 if len(self.tokens) <= self.free else len(self.tokens)

    def copy(self, room: int) -> "Held":
        """Return a value that does not change with this one, with ``room`` for its marks."""
        return Held(self.free, self.marks.copy(room), list(self.tokens), self.name)

    def usable(self, prompt: Sequence[int], least: int | None = None) -> int:
        """Return how many of the prompt's first tokens need not be read again.

        Never all of them: the last one must be evaluated to have something to choose from.
        ``least``: what it is here, where more is known than that a window may have left them.
        """
        common = min(common_length(self.tokens, prompt), len(prompt) - 1)
        if common >= (self.least if least is None else least):
            return common
        mark = self.marks.before(common)
        return mark.position if mark else 0


@dataclass(frozen=True, slots=True)
class Parked:
    """A conversation whose whole state lies in ``data``."""

    held: Held
    data: Blob

    @property
    def size(self) -> int:
        """Return the bytes it takes."""
        return len(self.data) + self.held.marks.size


class Shelf:
    """Parked conversations, together at most ``room`` bytes; the longest unused goes first."""

    def __init__(self, room: int) -> None:
        self.room = room
        self._parked: list[Parked] = []

    def put(self, parked: Parked) -> None:
        """Keep a conversation; those that are a beginning of it are not needed any more."""
        tokens = parked.held.tokens
        self._parked = [
            other
            for other in self._parked
            if common_length(other.held.tokens, tokens) < len(other.held.tokens)
        ]
        self._parked.append(parked)
        while sum(each.size for each in self._parked) > self.room:
            del self._parked[0]

    def take(self, prompt: Sequence[int], at_least: int) -> Parked | None:
        """Remove and return the conversation that spares most of reading ``prompt``.

        None when no one spares ``at_least`` tokens.
        """
        best = max(self._parked, key=lambda parked: parked.held.usable(prompt), default=None)
        if best is None or best.held.usable(prompt) < at_least:
            return None
        self._parked.remove(best)
        return best

    def named(self, name: str) -> Parked | None:
        """Return the conversation of that name that was put here last."""
        return next((p for p in reversed(self._parked) if p.held.name == name), None)


def common_length(one: Sequence[int], other: Sequence[int]) -> int:
    """Return with how many equal tokens both begin, comparing at the speed of C."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
