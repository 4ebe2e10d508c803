"""Guesses at the next tokens from what was written before, checked in one step.

Edits, code and quotations repeat what stands in the prompt. A guess is right only if
the sampler, asked in the usual order, chooses that very token: what a model writes
stays its own. A guess that is wrong is taken out of its memory again. How that is
done belongs to ``memory``; when an answer ends, to ``session``.
"""

import ctypes
import math
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from hanlin.engine.protocol import Code
from hanlin.engine.worker.memory import Memory, Return
from hanlin.engine.worker.model import RefusedError

_SIZES: Final = (4, 6, 10, 15, 31, 63)
"""Tokens guessed at once. What a batch of them costs rises by jumps, other ones on every
processor: 8 tokens may take 2 steps or 7, and 64 less than 48, because from there on
llama.cpp's attention computes in tiles."""
MOST: Final = _SIZES[-1]
LAST: Final = -1
"""Where the sampler looks after a usual step."""
_WORDS: Final = 3
"""Tokens that must be the same for what followed them to be guessed again."""
_CREDIT, _MOST_CREDIT = 1.0, 6.0
_INCOME: Final = 0.01
"""A wrong guess in 100 steps, in texts that go on without a right one."""
_FORESEEN: Final = 0.25
"""For each token of a row that would have been guessed rightly while guessing did not pay."""
_MOST_LOST: Final = -1.5
_FADING: Final = 0.995
"""By so much what a size took seems less at each guess, until it is tried again: something
else may have held it up, and of the one that is tried most the luckiest time is known."""
_FADING_OF_ANSWERS: Final = 0.9
"""The same at each new answer: what held a size up may be over."""
_LONGEST_SECONDS: Final = 4.0
"""What would last longer is not guessed at once: an answer that stands still reads as one that
is stuck, however much comes then."""
_LONG_SECONDS: Final = 0.1
"""What would last longer if each guess took a usual step must be possible to stop."""


class Lookup:
    """Finds what followed the last few tokens the last time. Pure bookkeeping."""

    def __init__(self) -> None:
        self._places: dict[tuple[int, ...], int] = {}
        self._known = 0

    def guess(self, tokens: Sequence[int], token: int, most: int) -> list[int]:
        """Return ``most`` tokens that may follow ``tokens`` and ``token``, [] without an idea.

        ``tokens`` only ever grows, by ``token`` first.
        """
        places, length = self._places, len(tokens)
        if self._known <= length:
            for end in range(max(self._known, _WORDS), length + 1):
                places[tuple(tokens[end - _WORDS : end])] = end
        last = (*tokens[1 - _WORDS :], token)
        place = places.get(last)
        places[last] = length + 1
        self._known = length + 2
        return [] if place is None else self._following(tokens, token, place, most)

    @staticmethod
    def _following(tokens: Sequence[int], token: int, place: int, most: int) -> list[int]:
        length = len(tokens)
        found: list[int] = []
        for at in range(place, place + most):
            if at < length:
                found.append(tokens[at])
            elif at == length:
                found.append(token)
            else:  # a loop shorter than the guess goes round again
                found.append(found[at - length - 1])
        return found


class Costs:
    """What checking a guess of each size takes with this model here, as far as is remembered.

    It outlives answers: what a first one found out the next ones need not. Pure bookkeeping.
    """

    def __init__(self) -> None:
        self._seconds: dict[int, float] = {}

    def remember(self, size: int, seconds: float) -> None:
        """Note what a guess of that size took: quicker at once, slower only bit by bit."""
        if size not in _SIZES:
            return
        self._fade(_FADING)
        known = self._seconds.get(size, seconds)
        self._seconds[size] = min(seconds, (known + seconds) / 2)

    def begin(self) -> None:
        """Note that an answer begins."""
        self._fade(_FADING_OF_ANSWERS)

    def best(self, most: int) -> int:
        """Return the size up to ``most`` that makes most tokens a second when all are right.

        Of those that were not tried it is the shortest; the shortest of all if ``most`` is less.
        """
        return max([size for size in _SIZES if size <= most] or _SIZES[:1], key=self._pace)

    def _fade(self, share: float) -> None:
        for each in self._seconds:
            self._seconds[each] *= share

    def _pace(self, size: int) -> float:
        seconds = self._seconds.get(size, 0)
        if seconds > _LONGEST_SECONDS:
            return 0
        return (size + 1) / seconds if seconds else math.inf


class Account:
    """Whether guessing pays here, reckoned in usual steps, and how much. Pure bookkeeping.

    Guesses live on what they have earned, and on a small part of every usual step: a text
    that never repeats loses no more than that, however short it is. Where none are made,
    those that would have been right bring them back.
    """

    def __init__(self, costs: Costs) -> None:
        self._costs = costs
        costs.begin()
        self.step = 0.0
        """Seconds of a usual step; 0 before there was one."""
        self._credit = _CREDIT
        self._row = 0
        """Tokens that were foreseen one after the other, up to here."""
        self._size = _SIZES[0]
        self.pays = False
        """Whether to guess now."""

    def usual(self, seconds: float, *, foreseen: bool = False) -> None:
        """Note a step without a guess; ``foreseen``: it would have been a right one."""
        self.step = 0.9 * self.step + 0.1 * seconds if self.step else seconds
        if foreseen or self._row:
            self._note(self._row + 1 if foreseen else 0)
        # In prose a token or two are foreseen now and then: that is no repetition.
        self._earn(_FORESEEN if self._row > _WORDS else _INCOME)

    def guessed(self, count: int, right: int, seconds: float) -> None:
        """Note a step that checked ``count`` guesses, of which ``right`` were."""
        if not self.step:
            return
        self._costs.remember(count, seconds)
        self._note(self._row + right + 1 if right == count else right)
        # A step that something else held up says little: no guess loses more than that.
        self._earn(max(right + 1 - seconds / self.step, _MOST_LOST))

    def size(self, most: int) -> int:
        """Return how many tokens to guess next where no more than ``most`` are of use."""
        return self._size if self._size <= most else min(self._costs.best(most), most)

    def _note(self, row: int) -> None:
        """Note how many were foreseen up to here; no more are likely to be from here on."""
        self._row = row
        self._size = self._costs.best(row)  # not at each step: Python is cold between two

    def _earn(self, steps: float) -> None:
        self._credit = min(self._credit + steps, _MOST_CREDIT)
        self.pays = self._credit >= 0


class Steps:
    """The steps of one answer: evaluates what was chosen, with guesses where they pay.

    ``decode`` evaluates a batch and returns llama.cpp's status; ``failed`` is told of one
    that is not 0, and raises. ``several`` evaluates one that lasts, and returns whether it was
    let: else it is forgotten. ``guesses`` False: one token in each step, which makes an answer
    repeatable to the last digit; True only where nothing else is read meanwhile. At most ``most``
    tokens are written, and no more than there is room for in ``context`` positions. Belongs to
    the engine's thread.
    """

    def __init__(
        self,
        memory: Memory,
        decode: Callable[[Any], int],
        failed: Callable[[int, Any], object],
        several: Callable[[Any], bool],
        costs: Costs,
        context: int,
        most: int | None,
        *,
        guesses: bool,
    ) -> None:
        self._memory = memory
        self._decode = decode
        self._failed = failed
        self._several = several
        self.context = context
        """How many positions there are."""
        room = context - len(memory)
        self.most = room if most is None else min(room, most)
        """How many tokens may be written."""
        self._end = len(memory) + self.most
        self._lookup = Lookup()
        self._account = Account(costs)
        self._guesses = guesses
        self._tokens = (ctypes.c_int32 * (MOST + 1))()
        self._wanted = (ctypes.c_int8 * (MOST + 1))(*([1] * (MOST + 1)))
        self._one = memory.batch(self._tokens, 1)
        self._move = memory.mover
        self._held = memory.tokens
        self._add = self._held.append if guesses else memory.add
        self.place = LAST
        """Where the sampler finds what follows the last token."""
        self._open: list[int] = []
        self._right = 0
        self._return: Return | None = None
        self._started: float | None = None
        self._foreseen: int | None = None
        self.guessed = self.right = 0
        """How many tokens were guessed in all, and how many rightly."""

    @property
    def length(self) -> int:
        """How many tokens are evaluated and certain."""
        return len(self._memory) - len(self._open) + self._right

    def go_on(self, token: int) -> bool:
        """Take in the token that was chosen, and have it evaluated unless it is already.

        False when that was cancelled: then nothing more may follow.
        """
        if self._open and self._confirms(token):
            return True
        if self._guesses and (guess := self._guess(token)):
            return self._try(token, guess)
        one = self._one
        self._tokens[0] = token
        if self._move is not None:
            self._move(one)
        if status := self._decode(one):
            self._failed(status, one)
        self._add(token)
        return True

    def _confirms(self, token: int) -> bool:
        """Return whether ``token`` is the next of the guesses; those that are left, forget."""
        if self._right < len(self._open) and self._open[self._right] == token:
            self._right += 1
            self.place = self._right
            return True
        self.settle()
        return False

    def _guess(self, token: int) -> list[int]:
        """Return what may follow ``token``, when it pays and can be taken back."""
        now, account = time.monotonic(), self._account
        if self._started is not None:
            account.usual(now - self._started, foreseen=token == self._foreseen)
        self._started = now
        # What is chosen behind the last guess is the last token that may be written.
        most = account.size(self._end - len(self._held) - 2) if account.pays else 1
        guess = self._lookup.guess(self._held, token, most)
        self._foreseen = guess[0] if guess else None
        return guess if account.pays and self._possible(guess) else []

    def _possible(self, guess: list[int]) -> bool:
        """Return whether ``guess`` could be written, and taken back: then that is prepared."""
        if not guess or min(guess) < 0:  # a picture cannot be written
            return False
        self._return = self._memory.way_back(1 + len(guess))
        return self._return is not None

    def _try(self, token: int, guess: list[int]) -> bool:
        """Have ``token`` evaluated, and the guess behind it; False when that was cancelled."""
        self._tokens[: 1 + len(guess)] = [token, *guess]
        batch = self._memory.batch(self._tokens, 1 + len(guess))
        batch.logits = self._wanted
        if self._account.step * len(guess) > _LONG_SECONDS:
            if not self._several(batch):
                return False
        elif status := self._decode(batch):
            self._failed(status, batch)
        self._memory.extend([token, *guess])
        self._open, self._right, self.place = guess, 0, 0
        return True

    def settle(self) -> None:
        """Forget the guesses that were not right. Raises RefusedError."""
        guess, right = self._open, self._right
        self._open, self._right, self.place = [], 0, LAST
        if not guess or self._return is None:
            self._started = None
            return
        self.guessed += len(guess)
        self.right += right
        if right < len(guess):
            length = len(self._memory) - len(guess) + right
            again = self._memory.go_back(self._return, length)
            if again:
                array = (ctypes.c_int32 * len(again))(*again)
                batch = self._memory.batch(array, len(again))
                if status := self._decode(batch):
                    self._failed(status, batch)
                self._memory.extend(again)
            if len(self._memory) != length:
                raise RefusedError(Code.COMPUTE, "the guesses could not be taken back")
        if self._started is not None:
            self._account.guessed(len(guess), right, time.monotonic() - self._started)
            self._started = None
