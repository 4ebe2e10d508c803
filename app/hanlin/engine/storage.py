"""What the engine asks of whoever keeps a worker's work on disk: states and embeddings.

A contract that ``hanlin.store.states`` fulfils: how a file looks, and what is too much, is the
store's business. When something is written and read is decided in ``keeping`` and ``showing``.
"""

from typing import Protocol


class Writer(Protocol):
    """A state that is being written. Methods raise OSError."""

    def add(self, piece: bytes) -> None:
        """Write the next bytes."""
        ...

    def commit(self) -> None:
        """Put the state in its place."""
        ...

    def abandon(self) -> None:
        """Leave nothing of it."""
        ...


class Reader(Protocol):
    """A state of ``size`` bytes that is being read."""

    @property
    def size(self) -> int:
        """Its bytes."""
        ...

    def next(self) -> bytes:
        """Return the next piece; raises an exception when the file is damaged."""
        ...

    def close(self) -> None:
        """Give the file back."""
        ...


class States(Protocol):
    """Where states are kept, each under a name: a conversation's, or a medium's."""

    def write(self, conversation: str, fingerprint: str, size: int) -> Writer | None:
        """Begin a state; None when there is no room for it."""
        ...

    def read(self, conversation: str, fingerprint: str) -> Reader | None:
        """Open a state; None when there is none for use with ``fingerprint``."""
        ...

    def forget(self, conversation: str) -> None:
        """Remove the state of the conversation."""
        ...
