"""Conversations on the disk: the repository that window, command line and services use.

Domain values go in and come out. What a message means, when an answer is saved
and what is sent to a model are the services' business.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

import apsw

from hanlin.domain.conversation import Conversation, Message, Part, Role, Status
from hanlin.domain.ids import new_id
from hanlin.kernel.clock import Clock
from hanlin.store.database import Database
from hanlin.store.growth import Growth, gone
from hanlin.store.records import (
    IN_ORDER,
    SELECT_CONVERSATIONS,
    SELECT_MESSAGES,
    conversation,
    messages,
    storable,
)

TRASH_DAYS = 30
_DAY_MS = 24 * 60 * 60 * 1000
TRASH_MS = TRASH_DAYS * _DAY_MS

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
_LAST_USE = "SELECT max(max(updated_at, coalesce(deleted_at, 0))) FROM conversations"
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


class Store:
    """All conversations of one data folder.

    Every method may be called from any thread and raises KnownError for what the world
    does: a full disk, a damaged file, a conversation that another window deleted. What a
    writing method was given is durable when it returns. Reading never waits for writing.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self._growth = Growth(database)

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
            raise gone()
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
        """Delete for good what lay in the trash for ``older_than_ms``; return how many.

        Time passes only as far as the last use of the store and a day: a clock that is set
        to next year empties no trash.
        """
        rows = self.database.read(_LAST_USE)
        last_use = rows[0][0] if rows and isinstance(rows[0][0], int) else 0
        now = min(self.database.clock.now_ms(), last_use + _DAY_MS)
        return self.database.write(
            "DELETE FROM conversations WHERE deleted_at <= ?", (now - older_than_ms,)
        )

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
            raise gone()
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
        kept = tuple(replace(part, text=storable(part.text)) for part in parts)
        message = Message(new_id(now), conversation_id, parent_id, role, status, now, kept, model)
        writer = None
        if status is Status.STREAMING:
            writer = self.database.writer.id
            self._growth.take_room()
        with self.database.transaction() as connection:
            if parent_id is not None:
                _require_message(connection, conversation_id, parent_id)
            # This also proves that the conversation exists; the new head follows it.
            connection.execute(_TOUCH, (message.id, now, conversation_id))
            if not connection.changes():
                raise gone()
            connection.execute(
                _ADD_MESSAGE,
                (message.id, conversation_id, parent_id, role, status, now, model, writer),
            )
            seq = connection.last_insert_rowid()
            for part in kept:
                connection.execute(
                    "INSERT INTO parts (message_seq, kind, text, milliseconds) VALUES (?, ?, ?, ?)",
                    (seq, part.kind, part.text, part.milliseconds),
                )
        return message

    def extend_message(
        self, message_id: str, parts: Sequence[Part], status: Status | None = None
    ) -> None:
        """Append all of ``parts``, and with a final ``status`` finish the message, or do nothing.

        Earlier text is never written again: a part of the last one's kind continues it, but
        a notice is always a part of its own. What was put aside is then no longer needed.
        """
        self._growth.extend(message_id, parts, status)

    def put_aside(self, message_id: str, parts: Sequence[Part], status: Status | None) -> bool:
        """Keep what the disk refused to append; return whether it survives the program's end.

        Replaces what was put aside of the message before. It is read with the message at
        once, and stored by ``extend_message`` or at the next start. Never raises.
        """
        return self._growth.put_aside(message_id, parts, status)

    def set_model(self, message_id: str, model: str) -> None:
        """Name the model that writes the message."""
        self._change("UPDATE messages SET model = ? WHERE id = ?", model, message_id)

    def mark_leftovers_interrupted(self) -> int:
        """Mark streaming messages whose program is gone as interrupted; return how many.

        What their program had put aside is stored first.
        """
        return self._growth.adopt_leftovers()

    # Inside

    def _change(self, statement: str, value: str | int | None, identity: str) -> None:
        if not self.database.write(statement, (value, identity)):
            raise gone()

    def _messages(self, select: str, identity: str) -> list[Message]:
        found = messages(self.database.read(select + IN_ORDER, (identity,)))
        if not found:
            raise gone()
        return [self._growth.whole(message) for message in found]


def _require_message(connection: apsw.Connection, conversation_id: str, message_id: str) -> None:
    found = connection.execute(
        "SELECT 1 FROM messages WHERE id = ? AND conversation_id = ?",
        (message_id, conversation_id),
    )
    if found.fetchone() is None:
        raise gone()
