"""Conversations on the disk: the repository that window, command line and services use.

Domain values go in and come out. What a message means, when an answer is saved
and what is sent to a model are the services' business.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import apsw

from hanlin.domain.conversation import Conversation, Message, Part, PartKind, Role, Status
from hanlin.domain.ids import new_id
from hanlin.kernel.clock import Clock
from hanlin.kernel.errors import KnownError
from hanlin.kernel.i18n import _
from hanlin.store.database import Database
from hanlin.store.records import (
    IN_ORDER,
    SELECT_CONVERSATIONS,
    SELECT_MESSAGES,
    conversation,
    messages,
    storable,
)

TRASH_DAYS = 30
TRASH_MS = TRASH_DAYS * 24 * 60 * 60 * 1000

_PATH = """
    WITH RECURSIVE path (seq, parent_id) AS (
        SELECT seq, parent_id FROM messages WHERE id = ?
        UNION
        SELECT m.seq, m.parent_id FROM messages m JOIN path ON m.id = path.parent_id
    )
"""
_ON_PATH = "WHERE m.seq IN (SELECT seq FROM path)"
_NEWEST_BELOW = """
    WITH RECURSIVE below (seq, conversation_id, id) AS (
        SELECT seq, conversation_id, id FROM messages WHERE id = ?
        UNION
        SELECT m.seq, m.conversation_id, m.id
        FROM messages m JOIN below
            ON m.conversation_id = below.conversation_id AND m.parent_id = below.id
    )
    SELECT id FROM below ORDER BY seq DESC LIMIT 1
"""
_SIBLINGS = """
    JOIN messages one ON one.id = ?
    WHERE m.conversation_id = one.conversation_id AND m.parent_id IS one.parent_id
"""
_ADD_CONVERSATION = """
    INSERT INTO conversations (id, title, created_at, updated_at, activity)
    VALUES (?, ?, ?, ?, (SELECT coalesce(max(activity), 0) + 1 FROM conversations))
"""
_TOUCH = """
    UPDATE conversations SET head_id = ?, updated_at = ?,
        activity = (SELECT coalesce(max(activity), 0) + 1 FROM conversations)
    WHERE id = ?
"""
_ADD_MESSAGE = """
    INSERT INTO messages (id, conversation_id, parent_id, role, status, created_at, model, writer)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_LAST_KIND = """
    SELECT m.seq, (SELECT kind FROM parts WHERE message_seq = m.seq ORDER BY seq DESC LIMIT 1)
    FROM messages m WHERE m.id = ?
"""


class Store:
    """All conversations of one data folder.

    Every method may be called from any thread and raises KnownError for what the world
    does: a full disk, a damaged file, a conversation that another window deleted. What a
    writing method was given is durable when it returns. Reading never waits for writing.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    @classmethod
    def open(cls, path: Path, key: bytes, clock: Clock) -> Self:
        """Open the database at ``path`` with the vault's ``key``; a missing one is begun."""
        return cls(Database(path, key, clock))

    def close(self) -> None:
        """Close the database. The store is of no use afterwards."""
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    # Conversations

    def conversations(self, *, trash: bool = False) -> list[Conversation]:
        """Return the conversations, or those in the trash, last used first."""
        rows = self.database.read(
            SELECT_CONVERSATIONS + "WHERE (deleted_at IS NOT NULL) = ? ORDER BY activity DESC",
            (trash,),
        )
        return [conversation(row) for row in rows]

    def conversation(self, conversation_id: str) -> Conversation:
        """Return one conversation."""
        rows = self.database.read(SELECT_CONVERSATIONS + "WHERE id = ?", (conversation_id,))
        if not rows:
            raise _gone()
        return conversation(rows[0])

    def create_conversation(self, title: str) -> Conversation:
        """Store a new, empty conversation."""
        now = self.database.clock.now_ms()
        created = Conversation(new_id(now), storable(title), created_at=now, updated_at=now)
        self.database.write(_ADD_CONVERSATION, (created.id, created.title, now, now))
        return created

    def rename(self, conversation_id: str, title: str) -> None:
        """Give the conversation another title. Its place in the list stays."""
        self._change(
            "UPDATE conversations SET title = ? WHERE id = ?", storable(title), conversation_id
        )

    def move_to_trash(self, conversation_id: str) -> None:
        """Put the conversation into the trash; it keeps everything."""
        now = self.database.clock.now_ms()
        self._change("UPDATE conversations SET deleted_at = ? WHERE id = ?", now, conversation_id)

    def restore(self, conversation_id: str) -> None:
        """Take the conversation out of the trash."""
        self._change("UPDATE conversations SET deleted_at = ? WHERE id = ?", None, conversation_id)

    def delete_forever(self, conversation_id: str) -> None:
        """Delete the conversation and all its messages for good. A missing one is no error."""
        self.database.write("DELETE FROM conversations WHERE id = ?", (conversation_id,))

    def purge_trash(self, older_than_ms: int = TRASH_MS) -> int:
        """Delete for good what lay in the trash for ``older_than_ms``; return how many."""
        before = self.database.clock.now_ms() - older_than_ms
        return self.database.write("DELETE FROM conversations WHERE deleted_at <= ?", (before,))

    def set_head(self, conversation_id: str, message_id: str) -> None:
        """Make the path to the message the visible one."""
        with self.database.transaction() as connection:
            _require_message(connection, conversation_id, message_id)
            connection.execute(
                "UPDATE conversations SET head_id = ? WHERE id = ?", (message_id, conversation_id)
            )

    # Reading messages

    def transcript(self, conversation_id: str) -> list[Message]:
        """Return the visible path of the conversation, its root first."""
        head = self.conversation(conversation_id).head_id
        return [] if head is None else self.path_to(head)

    def path_to(self, message_id: str) -> list[Message]:
        """Return the messages from the root to this one, itself included."""
        return self._messages(_PATH + SELECT_MESSAGES + _ON_PATH, message_id)

    def message(self, message_id: str) -> Message:
        """Return one message."""
        return self._messages(SELECT_MESSAGES + "WHERE m.id = ?", message_id)[0]

    def siblings(self, message_id: str) -> list[Message]:
        """Return the versions of the message, itself included, oldest first."""
        return self._messages(SELECT_MESSAGES + _SIBLINGS, message_id)

    def newest_leaf(self, message_id: str) -> str:
        """Return the id of the message written last among this one and all below it."""
        rows = self.database.read(_NEWEST_BELOW, (message_id,))
        if not rows:
            raise _gone()
        return str(rows[0][0])

    # Writing messages

    def add_message(
        self,
        conversation_id: str,
        parent_id: str | None,
        role: Role,
        status: Status,
        parts: Sequence[Part],
        *,
        model: str | None = None,
    ) -> Message:
        """Store a message below ``parent_id`` and make it the conversation's head.

        A streaming message belongs to this program until it is finished or the program ends.
        """
        now = self.database.clock.now_ms()
        kept = tuple(Part(part.kind, storable(part.text)) for part in parts)
        message = Message(new_id(now), conversation_id, parent_id, role, status, now, kept, model)
        writer = self.database.writer.id if status is Status.STREAMING else None
        with self.database.transaction() as connection:
            if parent_id is not None:
                _require_message(connection, conversation_id, parent_id)
            # This also proves that the conversation exists; the new head follows it.
            connection.execute(_TOUCH, (message.id, now, conversation_id))
            if not connection.changes():
                raise _gone()
            connection.execute(
                _ADD_MESSAGE,
                (message.id, conversation_id, parent_id, role, status, now, model, writer),
            )
            seq = connection.last_insert_rowid()
            for part in kept:
                connection.execute(
                    "INSERT INTO parts (message_seq, kind, text) VALUES (?, ?, ?)",
                    (seq, part.kind, part.text),
                )
        return message

    def append_to_message(self, message_id: str, kind: PartKind, text: str) -> None:
        """Append ``text`` to the message's last part, or as a new one when that is of another kind.

        Earlier text is never written again. A notice is always a part of its own.
        """
        with self.database.transaction() as connection:
            row = connection.execute(_LAST_KIND, (message_id,)).fetchone()
            if row is None:
                raise _gone()
            seq, last_kind = row
            continues = kind is not PartKind.NOTICE and last_kind == kind
            connection.execute(
                "INSERT INTO parts (message_seq, kind, continues, text) VALUES (?, ?, ?, ?)",
                (seq, kind, continues, storable(text)),
            )

    def set_model(self, message_id: str, model: str) -> None:
        """Name the model that writes the message."""
        self._change("UPDATE messages SET model = ? WHERE id = ?", model, message_id)

    def add_notice(self, message_id: str, text: str) -> None:
        """Append a sentence of the program's own to the message."""
        self.append_to_message(message_id, PartKind.NOTICE, text)

    def finish_message(self, message_id: str, status: Status) -> None:
        """Give the message its final status; nobody is writing it any more."""
        self._change(
            "UPDATE messages SET status = ?, writer = NULL WHERE id = ?", status, message_id
        )

    def mark_leftovers_interrupted(self) -> int:
        """Mark streaming messages whose program is gone as interrupted; return how many."""
        writer = self.database.writer
        count = 0
        with self.database.transaction() as connection:
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

    # Inside

    def _change(self, statement: str, value: str | int | None, identity: str) -> None:
        if not self.database.write(statement, (value, identity)):
            raise _gone()

    def _messages(self, select: str, identity: str) -> list[Message]:
        found = messages(self.database.read(select + IN_ORDER, (identity,)))
        if not found:
            raise _gone()
        return found


def _require_message(connection: apsw.Connection, conversation_id: str, message_id: str) -> None:
    found = connection.execute(
        "SELECT 1 FROM messages WHERE id = ? AND conversation_id = ?",
        (message_id, conversation_id),
    )
    if found.fetchone() is None:
        raise _gone()


def _gone() -> KnownError:
    return KnownError(
        _("Not found"),
        _("This conversation is not there any more."),
        _("It may have been deleted in another window."),
    )
