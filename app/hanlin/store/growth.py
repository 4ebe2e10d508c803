"""Answers that grow: appended row by row, put aside when the disk is full, adopted after a crash.

An answer belongs to the program that writes it until it is final or the program is gone.
When an answer is saved is the services' business.
"""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import apsw

from hanlin.domain.conversation import Message, Part, Status
from hanlin.kernel.errors import HanlinError, KnownError, from_os_error
from hanlin.kernel.i18n import _
from hanlin.store.database import Database
from hanlin.store.overflow import Aside, left_behind
from hanlin.store.records import storable

_GROWING = """
    SELECT
        m.seq, m.status,
        (SELECT kind FROM parts WHERE message_seq = m.seq ORDER BY seq DESC LIMIT 1),
        (SELECT count(*) FROM parts WHERE message_seq = m.seq)
    FROM messages m WHERE m.id = ?
"""
_APPEND = """
    INSERT INTO parts (message_seq, kind, continues, text, milliseconds) VALUES (?, ?, ?, ?, ?)
"""
_FINISH = "UPDATE messages SET status = ?, writer = NULL WHERE id = ?"


class Growth:
    """The growing messages of one open database. Safe to use from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._asides: dict[str, Aside] = {}

    def extend(self, message_id: str, parts: Sequence[Part], status: Status | None) -> None:
        """Append ``parts`` durably and finish with ``status``, or do nothing and raise."""
        with self._database.transaction() as connection:
            seq, _status, last, _rows = _growing(connection, message_id)
            _append(connection, seq, last, parts)
            if status is not None:
                connection.execute(_FINISH, (status, message_id))
        with self._lock:
            if self._asides.pop(message_id, None) is not None:
                self._keep()

    def take_room(self) -> None:
        """See to it that there is room to put something aside."""
        with self._lock:
            self._database.overflow.take_room()

    def put_aside(self, message_id: str, parts: Sequence[Part], status: Status | None) -> bool:
        """Keep ``parts`` beside the database; return whether they survive the program's end."""
        try:
            found = self._database.read(_GROWING, (message_id,))
        except HanlinError:
            return False
        if not found:
            return False
        rows = found[0][3]
        kept = tuple(replace(part, text=storable(part.text)) for part in parts)
        with self._lock:
            self._asides[message_id] = Aside(
                message_id, rows if isinstance(rows, int) else 0, kept, status
            )
            return self._keep()

    def whole(self, message: Message) -> Message:
        """Return ``message`` with what was put aside of it."""
        with self._lock:
            aside = self._asides.get(message.id)
        if aside is None:
            return message
        parts = tuple(_joined((*message.parts, *aside.parts)))
        return replace(message, parts=parts, status=aside.status or message.status)

    def adopt_leftovers(self) -> int:
        """Finish the messages of programs that are gone; return how many were interrupted."""
        writer, count = self._database.writer, 0
        for path in writer.overflows():
            if writer.is_gone(path.stem):
                self._store_leftovers(path)
        with self._database.transaction() as connection:
            streaming = connection.execute(
                "SELECT DISTINCT writer FROM messages WHERE status = ?", (Status.STREAMING,)
            ).fetchall()
            for (name,) in streaming:
                if writer.is_gone(None if name is None else str(name)):
                    connection.execute(
                        "UPDATE messages SET status = ?, writer = NULL"
                        " WHERE status = ? AND writer IS ?",
                        (Status.INTERRUPTED, Status.STREAMING, name),
                    )
                    count += connection.changes()
        writer.sweep()
        return count

    def _store_leftovers(self, path: Path) -> None:
        """Store what a program that is gone had put aside. Doing so twice does no harm."""
        try:
            for aside in left_behind(path, self._database.key):
                with self._database.transaction() as connection:
                    _adopt(connection, aside)
            path.unlink(missing_ok=True)
        except FileNotFoundError:
            return  # another program was faster
        except OSError as error:
            raise from_os_error(error, str(path)) from error

    def _keep(self) -> bool:
        return self._database.overflow.keep(tuple(self._asides.values()))


def _adopt(connection: apsw.Connection, aside: Aside) -> None:
    found = connection.execute(_GROWING, (aside.message_id,)).fetchone()
    if found is None or found[1] != Status.STREAMING:
        return  # deleted, or final: stored before its program ended
    seq, _status, last, rows = found
    if rows == aside.rows:
        _append(connection, seq, last, aside.parts)
    connection.execute(_FINISH, (aside.status or Status.INTERRUPTED, aside.message_id))


def _growing(connection: apsw.Connection, message_id: str) -> tuple[int, str, str | None, int]:
    row = connection.execute(_GROWING, (message_id,)).fetchone()
    if row is None:
        raise gone()
    seq, status, last, rows = row
    return int(seq), str(status), last, int(rows)


def _append(connection: apsw.Connection, seq: int, last: str | None, parts: Iterable[Part]) -> None:
    for part in parts:
        continues = part.kind.grows and last == part.kind
        connection.execute(
            _APPEND, (seq, part.kind, continues, storable(part.text), part.milliseconds)
        )
        last = part.kind


def _joined(parts: Iterable[Part]) -> Iterable[Part]:
    """Join parts as they are joined when they are read from the database."""
    before: Part | None = None
    for part in parts:
        if before is not None and before.kind is part.kind and part.kind.grows:
            spent = before.milliseconds + part.milliseconds
            before = Part(part.kind, before.text + part.text, spent)
            continue
        if before is not None:
            yield before
        before = part
    if before is not None:
        yield before


def gone() -> KnownError:
    """Return the sentence for a conversation that is not there."""
    return KnownError(
        _("Not found"),
        _("This conversation is not there any more."),
        _("It may have been deleted in another window."),
    )
