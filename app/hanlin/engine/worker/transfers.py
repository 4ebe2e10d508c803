"""States on their way out of the worker and into it, a piece with each command.

How a state becomes bytes is ``states``'s; what else waits for one is the handlers'.
"""

from collections.abc import Callable

from hanlin.engine.commands import Next, Restore, Snapshot, StatePiece
from hanlin.engine.events import Restored, SnapshotPiece, Taken
from hanlin.engine.worker.session import Session
from hanlin.engine.worker.states import Incoming, Outgoing, UnusableError


class Transfers:
    """At the most one state on each way; one whose transfer fails is not kept: it may be large."""

    def __init__(self) -> None:
        self._outgoing: dict[int, Outgoing] = {}
        self._incoming: dict[int, Incoming] = {}

    def give_out(self, command: Snapshot | Next, session: Session) -> tuple[SnapshotPiece, bytes]:
        """Return what is told of the next piece, and the piece."""
        if isinstance(command, Snapshot):
            self._outgoing.clear()  # nobody asks for the rest of the one before
            if (state := session.snapshot(command.conversation)) is not None:
                self._outgoing[command.id] = state
        outgoing = self._outgoing.pop(command.id, None)
        piece = outgoing.next() if outgoing else b""
        left = outgoing.left if outgoing else 0
        if outgoing and left:
            self._outgoing[command.id] = outgoing
        return SnapshotPiece(command.id, left), piece

    def take_in(
        self,
        command: Restore | StatePiece,
        payload: bytes,
        session: Session,
        before_restoring: Callable[[], None],
    ) -> Taken | Restored | None:
        """Take the next piece; return what is told of it, None if another state came in between."""
        if isinstance(command, Restore):
            self._incoming.clear()
            self._incoming[command.id] = Incoming(command.conversation, command.size)
        incoming = self._incoming.pop(command.id, None)
        if incoming is None:
            return None
        try:
            incoming.add(payload)
            if incoming.left:
                self._incoming[command.id] = incoming
                return Taken(command.id)
            before_restoring()
            tokens = session.restore(incoming.name, incoming.state())
        except UnusableError:
            tokens = 0
        return Restored(command.id, tokens)
