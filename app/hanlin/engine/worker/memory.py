"""What llama.cpp remembers of the conversation being read, and every way back in it.

Attention can forget its newest tokens; recurrent layers cannot, and sliding windows only
while they still hold what lies before. For those, marks are copied aside on the way and
put back when a prompt differs behind them. Whole conversations are parked in memory when
another one is read. After a failed step nothing of the latter kind is trusted: a mark is
put back or everything is forgotten. What is read, and when, belongs to ``session``.
"""

import ctypes
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hanlin.engine.protocol import Code
from hanlin.engine.worker.handles import Handle
from hanlin.engine.worker.model import Model, RefusedError
from hanlin.engine.worker.shelf import NEAR, Blob, Held, Mark, Marks, Parked, Shelf, common_length

_WHOLE: Final = 0
_PARTIAL: Final = 1
"""LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY: what cannot be wound back, and nothing else."""
_LONG_READ: Final = 512
"""Tokens between two marks on a long way, at the most."""
_SHORT_READ: Final = 64
"""Tokens between two marks, at the least: a processor reads fewer at once more slowly."""
_MARKS_ON_THE_WAY: Final = 8
"""About so many marks on a way of medium length."""
_WORTH_COPYING: Final = 32
"""Tokens; fewer are read again sooner than their state is copied."""
_SHARE_OF_MEMORY: Final = 0.15
_MOST_BYTES: Final = 2 * 2**30
_MARKS_SHARE: Final = 2
_PARKED_MARKS_SHARE: Final = 8
"""Another conversation's whole state is worth more than close marks in one."""
_ANOTHER: Final = sys.maxsize
"""A token that is no model's."""


@dataclass(frozen=True, slots=True)
class Return:
    """A way back to where ``position`` tokens were held; ``data`` None: forgetting is enough."""

    position: int
    data: Blob | None


class Memory:
    """One sequence of a llama.cpp context. Belongs to the engine's thread.

    ``free_memory``: bytes of which a small part may be used to keep states. ``several``:
    positions have several coordinates, and llama.cpp would guess those of text wrongly.
    ``quick``: reading costs so little that a long way back is a short time.
    """

    def __init__(
        self,
        model: Model,
        context: Handle,
        free_memory: int,
        sequence: int = 0,
        *,
        several: bool = False,
        quick: bool = False,
    ) -> None:
        self.sequence = sequence
        self._several = several
        self.neighbour: Memory | None = None
        """The other sequence, which steps aside when there is no room for both."""
        self._aside: list[int] | None = None
        self._c = model.c
        self._context = context
        self._memory = model.c.llama_get_memory(context.pointer)
        # Recurrent layers cannot go back at all, windows freely while nothing has left them.
        self._window = model.window if model.keeps_positions else 0
        self.can_forget = model.can_forget
        """Whether the newest tokens can be forgotten, wherever they end."""
        # Windows hold more than they show: what follows a mark can often be kept as well.
        self._close = not quick and not self._window
        self._free = 0 if not model.keeps_positions else model.window or sys.maxsize
        room = min(int(free_memory * _SHARE_OF_MEMORY), _MOST_BYTES)
        self._marks_room = room // _MARKS_SHARE
        self._parked_room = room // _PARKED_MARKS_SHARE
        self._shelf = Shelf(room)
        self._held = self._nothing()

    def __len__(self) -> int:
        """Return how many tokens it holds."""
        return len(self._held.tokens)

    def batch(self, tokens: Any, count: int) -> Any:  # noqa: ANN401 - C structures
        """Return the batch that reads the ``count`` tokens of a ctypes array behind the others."""
        batch = self._c.llama_batch_get_one(tokens, count)
        if self._several:
            batch.pos = (ctypes.c_int32 * count)(*range(len(self), len(self) + count))
        if self.sequence:  # llama.cpp takes the first one by itself
            one = (ctypes.c_int32 * 1)(self.sequence)
            pointer = ctypes.POINTER(ctypes.c_int32)
            batch.n_seq_id = (ctypes.c_int32 * count)(*[1] * count)
            batch.seq_id = (pointer * count)(*[ctypes.cast(one, pointer)] * count)
        return batch

    @property
    def mover(self) -> Callable[[Any], None] | None:
        """What gives a batch of one token its place behind the others; None: llama.cpp does."""
        return self._move if self._several else None

    def _move(self, batch: Any) -> None:  # noqa: ANN401 - C structures
        batch.pos[0] = len(self)

    def step_aside(self) -> bool:
        """Leave the context to another sequence; return whether that made room."""
        tokens = self._held.tokens
        if not tokens:
            return False
        self._park()
        self.forget()
        self._aside = tokens
        return True

    def come_back(self, following: int) -> list[int]:
        """After stepping aside, hold what can be had again; return what must be read again.

        ``following`` is the token that is read next.
        """
        tokens, self._aside = self._aside, None
        if tokens is None:
            return []
        return tokens[self.begin([*tokens, following], self._held.name) :]

    def begin(self, prompt: list[int], name: str = "", *, fresh: bool = False) -> int:
        """Make it hold a beginning of ``prompt``, as long as can be had; return its length.

        From now on it is the conversation ``name``. ``fresh``: nothing that was computed before.
        """
        self._aside = None
        here = 0 if fresh else self._held.usable(prompt, self._least())
        parked = None if fresh else self._shelf.take(prompt, here + _WORTH_COPYING)
        lost = len(self) - common_length(self._held.tokens, prompt)
        # Regenerating the end of a long conversation is no reason to copy all of it, and who
        # has it all read anew has no use for what was read before.
        wanted = not fresh or name != self._held.name
        if wanted and lost >= _WORTH_COPYING and 4 * lost >= len(self):
            self._park()
        if parked is not None and self._unpark(parked):
            here = self._held.usable(prompt, self._least())
        self._wind_back(min(here, len(self)))
        self._held.name = name
        return len(self)

    def holds(self, prompt: list[int], certain: int) -> bool:
        """Return whether the first ``certain`` tokens need not be read for what begins with them.

        ``prompt`` goes on as it is likely to: what is held beyond those tokens is of use as far
        as it is the same, or can be forgotten.
        """
        return self._held.usable([*prompt, _ANOTHER], self._least()) >= certain

    def copy_of(self, name: str) -> Parked | None:
        """Return the conversation ``name``; None when it is not here, short, or too big to copy."""
        if self._held.name != name:
            return self._shelf.named(name)
        if len(self) < _WORTH_COPYING or (data := self._copy_whole()) is None:
            return None
        return Parked(self._held.copy(self._parked_room), data)

    def adopt(self, name: str, tokens: list[int], marks: Sequence[Mark], data: Blob) -> bool:
        """Hold a conversation that was kept elsewhere; False, and nothing is held, if it fails."""
        if len(self) >= _WORTH_COPYING:
            self._park()
        held = Held(self._free, Marks(self._marks_room), tokens, name)
        for mark in marks:
            held.marks.add(mark)
        return self._unpark(Parked(held, data))

    def extend(self, tokens: list[int]) -> None:
        """Note that ``tokens`` were evaluated behind the others."""
        self._held.tokens += tokens

    def add(self, token: int) -> None:
        """Note that ``token`` was evaluated behind the others."""
        self._held.tokens.append(token)

    @property
    def tokens(self) -> list[int]:
        """The tokens it holds: the same list until a step fails or another prompt begins.

        Whoever evaluates one more token may append it here, as ``add`` does.
        """
        return self._held.tokens

    def way_back(self, ahead: int) -> Return | None:
        """Return what leads back here from ``ahead`` tokens on; None when nothing does."""
        # No batch overwrites what a window shows its first token.
        if self._window or len(self) + ahead <= self._held.free:
            return Return(len(self), None)
        data = self._copy(_PARTIAL)
        return None if data is None else Return(len(self), data)

    def go_back(self, way: Return, length: int) -> list[int]:
        """Forget all but ``length`` tokens; return those of them to evaluate once more."""
        if way.data is None:
            self._cut(length)
            return []
        again = self._held.tokens[way.position : length]
        self._put_back(Mark(way.position, way.data))
        return again

    def stops(self, start: int, total: int, wanted: tuple[int, ...]) -> list[int]:
        """Return where reading from ``start`` to ``total`` should pause for a ``mark``."""
        if self.can_forget:
            return []
        usual = range(start, total, self._spacing(total - start))
        return sorted({where for where in (*usual, *wanted) if max(start, 1) <= where < total})

    def _spacing(self, length: int) -> int:
        """Return how many tokens lie between two marks on a way of ``length``."""
        if not self._close:
            return _LONG_READ
        even = length // _MARKS_ON_THE_WAY // _SHORT_READ * _SHORT_READ
        return max(_SHORT_READ, min(even, _LONG_READ))

    def mark(self, *, between: bool) -> None:
        """Remember this place, unless one close before it is remembered.

        ``between``: neither a question nor an answer begins here.
        """
        marks = self._held.marks
        behind_picture = min(self._held.tokens[-1:], default=0) < 0  # which is dear to read
        near = 0 if behind_picture else NEAR
        served = marks.serve(len(self), between=between, near=near)
        if not served and (mark := self.here(between=between)):
            marks.add(mark)

    def here(self, *, between: bool) -> Mark | None:
        """Return this place as a mark; None when it cannot be copied."""
        data = self._copy(_PARTIAL)
        return None if data is None else Mark(len(self), data, between)

    def mark_before(self, length: int) -> Mark | None:
        """Return the last mark that stands behind no more than ``length`` tokens."""
        return self._held.marks.before(length)

    def gap(self, within: range) -> range | None:
        """Return where a way back is missing, in steps from one mark to the next; None: nowhere."""
        size = self._c.llama_state_seq_get_size_ext(self._context.pointer, self.sequence, _PARTIAL)
        end = min(within.stop, self._least())
        return self._held.marks.gap(range(within.start, end), size)

    def follow(self, other: "Memory", length: int) -> None:
        """Hold what another sequence did at its mark at ``length``, or 0. Raises RefusedError."""
        self.forget()
        mark = other.mark_before(length)
        if mark is None:
            return
        self._c.llama_memory_seq_cp(self._memory, other.sequence, self.sequence, 0, length)
        self._held.tokens = other.tokens[:length]
        if not self._restore(mark.data, _PARTIAL):
            self.forget()
            raise RefusedError(Code.COMPUTE, "a mark could not be put back")

    def take_mark(self, other: "Memory", question: range) -> None:
        """Remember a place that another sequence has read to; those in ``question`` go last."""
        if (mark := other.here(between=True)) is not None:
            self._held.marks.add(mark, question)

    def recover(self) -> None:
        """Make it trustworthy after a step that failed: as before it, or less, or empty."""
        if self.can_forget:
            self._cut(len(self))
        else:
            self._put_back(self._held.marks.before(len(self)))

    def _wind_back(self, length: int) -> None:
        """Forget what follows the first ``length`` tokens, which must be possible."""
        if length == len(self):
            return
        if length >= self._least():
            self._cut(length)
        else:
            self._put_back(self._held.marks.before(length))

    def _least(self) -> int:
        """Return down to how many tokens the newest ones can be forgotten.

        A sliding layer needs all that its window shows the next token. llama.cpp overwrites
        what no window shows any more, and then forgets whatever is older: no holes stay.
        """
        least = self._held.least
        if not least or not self._window:
            return least
        first = int(self._c.llama_memory_seq_pos_min(self._memory, self.sequence))
        return least if first < 0 else min(least, first + self._window) if first else 0

    def _put_back(self, mark: Mark | None) -> None:
        """Go back to a mark; to nothing without one."""
        if mark is not None and self._restore(mark.data, _PARTIAL):
            self._cut(mark.position)
        else:
            self.forget()

    def _cut(self, length: int) -> None:
        if self._c.llama_memory_seq_rm(self._memory, self.sequence, length, -1):
            del self._held.tokens[length:]
            self._held.marks.forget_after(length)
        else:
            self.forget()

    def forget(self) -> None:
        """Hold nothing."""
        self._c.llama_memory_seq_rm(self._memory, self.sequence, -1, -1)
        self._held = self._nothing()

    def _nothing(self) -> Held:
        return Held(self._free, Marks(self._marks_room))

    def _park(self) -> None:
        """Put a copy of the whole conversation on the shelf, if there is room."""
        if (data := self._copy_whole()) is not None:
            self._shelf.put(Parked(self._held.copy(self._parked_room), data))

    def _unpark(self, parked: Parked) -> bool:
        """Take a conversation back; False, and nothing is held, when that fails."""
        self.forget()
        restored = self._restore(parked.data, _WHOLE)
        if not restored and self.neighbour is not None and self.neighbour.step_aside():
            self.forget()
            restored = self._restore(parked.data, _WHOLE)
        if not restored:
            self.forget()
            return False
        self._held = parked.held
        self._held.marks.room = self._marks_room
        return True

    def _copy_whole(self) -> Blob | None:
        context = self._context.pointer
        size = self._c.llama_state_seq_get_size_ext(context, self.sequence, _WHOLE)
        return self._copy(_WHOLE) if size <= self._shelf.room else None

    def _copy(self, flags: int) -> Any:  # noqa: ANN401 - a ctypes array, or None
        c, context, sequence = self._c, self._context.pointer, self.sequence
        size = c.llama_state_seq_get_size_ext(context, sequence, flags)
        try:
            data = (ctypes.c_uint8 * size)()
        except MemoryError:  # a way back is worth less than what is being done
            return None
        copied = c.llama_state_seq_get_data_ext(context, data, size, sequence, flags)
        return data if 0 < copied <= size else None

    def _restore(self, data: Any, flags: int) -> bool:  # noqa: ANN401 - a ctypes array
        read = self._c.llama_state_seq_set_data_ext(
            self._context.pointer, data, len(data), self.sequence, flags
        )
        return bool(read == len(data))
