"""What llama.cpp lends by a pointer: used by one thread alone, and never once it was freed.

A context that two threads ask aborts the process, and what was freed answers garbage
without an error (two rows of the crash table, packaging/design.md 4). Both are mistakes of
ours, and neither gets as far as C: whoever makes one hears of it, and the worker lives.
"""

import threading
from collections.abc import Callable
from typing import Any


class MisuseError(Exception):
    """Something of llama.cpp's was used after it was freed, or by another thread than its own."""


class Handle:
    """A pointer of llama.cpp's, which belongs to the thread that makes this.

    ``free`` is the C function that gives it back, ``name`` what it is called in an error.
    """

    __slots__ = ("_free", "_name", "_pointer", "_thread")

    def __init__(self, name: str, pointer: Any, free: Callable[[Any], object]) -> None:  # noqa: ANN401 - a C pointer
        self._name = name
        self._pointer = pointer
        self._free = free
        self._thread = threading.get_ident()

    @property
    def pointer(self) -> Any:  # noqa: ANN401 - a C pointer
        """The pointer, for a call that is made at once. Raises MisuseError."""
        if threading.get_ident() != self._thread:
            raise MisuseError(f"the {self._name} belongs to another thread")
        self.check()
        return self._pointer

    def check(self) -> None:
        """Raise MisuseError when it was freed; what never changes may be read by any thread."""
        if self._pointer is None:
            raise MisuseError(f"the {self._name} was freed")

    def free(self) -> None:
        """Give it back; it cannot be used any more, nor freed again. Raises MisuseError."""
        pointer, self._pointer = self.pointer, None
        self._free(pointer)
