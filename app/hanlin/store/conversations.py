"""Conversations on the disk: the repository that window, command line and services use.

Domain values go in and come out. What a message means, when an answer is saved
and what is sent to a model are the services' business.
"""

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

import apsw

from hanlin.domain.attachments import Prepared
from hanlin.domain.conversation import Conversation, Message, Part, PartKind, Role, Status
from hanlin.domain.ids import is_temporary, new_id, temporary_id
from hanlin.kernel.clock import Clock
from hanlin.store import attachments, trees
from hanlin.store.database import Database
from hanlin.store.growth import Growth, gone
from hanlin.store.memory import MemoryDatabase
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

# Counted, so that the end of a long path is read without the rest, and a path that a damaged
# file bends into a circle ends all the same.
_PATH = """
    WITH RECURSIVE path (seq, id, parent_id, place) AS (
        SELECT seq, id, parent_id, 1 FROM messages WHERE id = ?
        UNION ALL
        SELECT m.seq, m.id, m.parent_id, path.place + 1
        FROM messages m JOIN path ON m.id = path.parent_id WHERE path.place < ?
    )
"""
_LONGEST_PATH = 1_000_000
_COUNT = "SELECT count(*) FROM path"
_IDS = "SELECT id FROM path ORDER BY place DESC"
_PATH_END = """
    WITH RECURSIVE path (seq, parent_id, characters) AS (
        SELECT seq, parent_id, 0 FROM messages WHERE id = ?
        UNION ALL
        SELECT m.seq, m.parent_id, path.characters + 1 + (
            SELECT coalesce(sum(length(text)), 0) FROM parts WHERE message_seq = path.seq
        )
        FROM messages m JOIN path ON m.id = path.parent_id WHERE path.characters < ?
    )
"""
_ON_PATH = "WHERE m.seq IN (SELECT seq FROM path)"
_SIBLINGS = """
    JOIN messages one ON one.id = ?
    WHERE m.conversation_id = one.conversation_id AND m.parent_id IS one.parent_id
        AND (m.deleted_at IS NULL OR m.id = one.id)
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
_COPY_CHOICES = """
    UPDATE conversations SET (folder, assistant) = (
        SELECT folder, assistant FROM conversations WHERE id = ?1
    ) WHERE id = ?2
"""
_COPY_TAGS = """
    INSERT INTO tags (conversation_id, tag) SELECT ?2, tag FROM tags WHERE conversation_id = ?1
"""
_REOPEN = "UPDATE messages SET status = ?, writer = ? WHERE id = ?"
_DROP_NOTICES = """
    DELETE FROM parts
    WHERE kind = ? AND message_seq = (SELECT seq FROM messages WHERE id = ?)
"""
_KEEP_REPORT = """
    INSERT INTO reports (message_seq, report) SELECT seq, ?1 FROM messages WHERE id = ?2
    ON CONFLICT (message_seq) DO UPDATE SET report = ?1
"""
_READ_REPORT = """
    SELECT CAST(r.report AS BLOB) FROM reports r JOIN messages m ON m.seq = r.message_seq
    WHERE m.id = ?
"""
_ADD_MESSAGE = """
    INSERT INTO messages (id, conversation_id, parent_id, role, status, created_at, model, writer)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""


class Store:
    """All conversations of one data folder, and those that are temporary.

    Every method may be called from any thread and raises KnownError for what the world
    does: a full disk, a damaged file, a conversation that another window deleted. What a
    writing method was given is durable when it returns. Reading never waits for writing.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        """The one on the disk."""
        self._growth = Growth(database)
        self._lock = threading.Lock()
        self._temporary: tuple[Database, Growth] | None = None

    @classmethod
    def open(cls, path: Path, key: bytes, clock: Clock) -> Self:
        """Open the database at ``path`` with the vault's ``key``; a missing one is begun."""
        return cls(Database(path, key, clock))

    def close(self) -> None:
        """Close the database. The store is of no use afterwards."""
        self.database.close()
        if self._temporary is not None:
            self._temporary[0].close()

    def database_of(self, identity: str) -> Database:
        """Return where the conversation or message ``identity`` is: on the disk or in memory."""
        return self._home(identity)[0]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    # Conversations

    def conversations(self, *, trash: bool = False) -> list[Conversation]:
        """Return the conversations, or those in the trash, last used first."""
        databases = [self._temporary[0]] if self._temporary else []
        select = SELECT_CONVERSATIONS + "WHERE (deleted_at IS NOT NULL) = ? ORDER BY activity DESC"
        return [
            conversation(row)
            for database in (*databases, self.database)
            for row in database.read(select, (trash,))
        ]

    def conversation(self, conversation_id: str) -> Conversation:
        """Return one conversation."""
        database = self.database_of(conversation_id)
        rows = database.read(SELECT_CONVERSATIONS + "WHERE id = ?", (conversation_id,))
        if not rows:
            raise gone()
        return conversation(rows[0])

    def is_listed(self, conversation_id: str) -> bool:
        """Tell whether the conversation is there, and not in the trash."""
        select = "SELECT 1 FROM conversations WHERE id = ? AND deleted_at IS NULL"
        return bool(self.database_of(conversation_id).read(select, (conversation_id,)))

    def create_conversation(self, title: str, *, temporary: bool = False) -> Conversation:
        """Store a new, empty conversation; a ``temporary`` one in memory only."""
        now = self.database.clock.now_ms()
        identity = temporary_id(now) if temporary else new_id(now)
        created = Conversation(identity, storable(title), created_at=now, updated_at=now)
        database = self.database_of(identity)
        database.write(_ADD_CONVERSATION, (created.id, created.title, now, now))
        return created

    def branch(self, message_id: str) -> Conversation:
        """Store a copy of everything up to the message as a conversation of its own.

        It goes by the same assistant, has the same folder and tags, and a number behind its title.
        """
        path = self.path_to(message_id)
        before = self.conversation(path[-1].conversation_id)
        now = self.database.clock.now_ms()
        identity = temporary_id(now) if before.temporary else new_id(now)
        with self.database_of(identity).transaction() as connection:
            title = trees.title_of_copy(connection, before.title)
            connection.execute(_ADD_CONVERSATION, (identity, title, now, now))
            connection.execute(_COPY_CHOICES, (before.id, identity))
            connection.execute(_COPY_TAGS, (before.id, identity))
            head = trees.copy_path(connection, path, identity, now)
            connection.execute(_TOUCH, (head, now, identity))
        return self.conversation(identity)

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
        database = self.database_of(conversation_id)
        database.write("DELETE FROM conversations WHERE id = ?", (conversation_id,))

    def purge_trash(self, older_than_ms: int = TRASH_MS) -> int:
        """Delete for good what lay in the trash for ``older_than_ms``; return how many.

        Messages that were deleted as long ago go too. Time passes only as far as the last use
        of the store and a day: a clock that is set to next year empties no trash.
        """
        rows = self.database.read(_LAST_USE)
        last_use = rows[0][0] if rows and isinstance(rows[0][0], int) else 0
        now = min(self.database.clock.now_ms(), last_use + _DAY_MS)
        with self.database.transaction() as connection:
            trees.purge(connection, now - older_than_ms)
            connection.execute(
                "DELETE FROM conversations WHERE deleted_at <= ?", (now - older_than_ms,)
            )
            return connection.changes()

    def set_head(self, conversation_id: str, message_id: str) -> None:
        """Make the path to the message the visible one."""
        with self.database_of(conversation_id).transaction() as connection:
            _require_message(connection, conversation_id, message_id)
            connection.execute(
                "UPDATE conversations SET head_id = ? WHERE id = ?", (message_id, conversation_id)
            )

    # Reading messages

    def transcript(self, conversation_id: str) -> list[Message]:
        """Return the visible path of the conversation, its root first."""
        head = self.conversation(conversation_id).head_id
        return [] if head is None else self.path_to(head)

    def path_to(self, message_id: str, most: int = _LONGEST_PATH) -> list[Message]:
        """Return the last ``most`` messages from the root to this one, itself included."""
        return self._messages(_PATH + SELECT_MESSAGES + _ON_PATH, message_id, most)

    def path_end(self, message_id: str, characters: int) -> list[Message]:
        """Return the end of the path to this one, with ``characters`` of text or a little more."""
        return self._messages(_PATH_END + SELECT_MESSAGES + _ON_PATH, message_id, characters)

    def depth(self, message_id: str) -> int:
        """Return how many messages the path to this one has, itself included."""
        rows = self.database_of(message_id).read(_PATH + _COUNT, (message_id, _LONGEST_PATH))
        return rows[0][0] if isinstance(rows[0][0], int) else 0

    def path_ids(self, conversation_id: str) -> list[str]:
        """Return the ids of the visible path, its root first."""
        head = self.conversation(conversation_id).head_id
        if head is None:
            return []
        rows = self.database_of(head).read(_PATH + _IDS, (head, _LONGEST_PATH))
        return [str(row[0]) for row in rows]

    def message(self, message_id: str) -> Message:
        """Return one message."""
        return self._messages(SELECT_MESSAGES + "WHERE m.id = ?", message_id)[0]

    def siblings(self, message_id: str) -> list[Message]:
        """Return the versions of the message, itself included, oldest first."""
        return self._messages(SELECT_MESSAGES + _SIBLINGS, message_id)

    def newest_leaf(self, message_id: str) -> str:
        """Return the id of the message written last among this one and all below it."""
        rows = self.database_of(message_id).read(trees.NEWEST_BELOW, (message_id,))
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
        attached: Sequence[Prepared] = (),
    ) -> Message:
        """Store a message below ``parent_id`` and make it the conversation's head.

        ``attached`` is what its parts of kind ATTACHMENT speak of and is not stored yet.

        A streaming message belongs to this program until it is finished or the program ends.
        """
        now = self.database.clock.now_ms()
        message = _made(conversation_id, parent_id, role, status, parts, now, model)
        self._insert(conversation_id, (message,), attached)
        return message

    def add_exchange(
        self,
        conversation_id: str,
        parent_id: str | None,
        parts: Sequence[Part],
        *,
        model: str | None = None,
        attached: Sequence[Prepared] = (),
    ) -> tuple[Message, Message]:
        """Store a question as ``add_message`` does, and below it the answer of ``model`` begun.

        Both or none, and with half the writing of two transactions.
        """
        now = self.database.clock.now_ms()
        question = _made(conversation_id, parent_id, Role.USER, Status.COMPLETE, parts, now, None)
        answer = _made(
            conversation_id, question.id, Role.ASSISTANT, Status.STREAMING, (), now, model
        )
        self._insert(conversation_id, (question, answer), attached)
        return question, answer

    def _insert(
        self, conversation_id: str, added: Sequence[Message], attached: Sequence[Prepared]
    ) -> None:
        """Store messages, each below the one before; the last is the conversation's head."""
        database = self.database_of(conversation_id)
        streams = any(message.status is Status.STREAMING for message in added)
        writer = self._take_writer(database) if streams else None
        with database.transaction() as connection:
            if added[0].parent_id is not None:
                _require_message(connection, conversation_id, added[0].parent_id)
            # This also proves that the conversation exists; the new head follows it.
            connection.execute(_TOUCH, (added[-1].id, added[-1].created_at, conversation_id))
            if not connection.changes():
                raise gone()
            attachments.keep(connection, attached)
            for message in added:
                streaming = message.status is Status.STREAMING
                connection.execute(
                    _ADD_MESSAGE,
                    (
                        message.id,
                        conversation_id,
                        message.parent_id,
                        message.role,
                        message.status,
                        message.created_at,
                        message.model,
                        writer if streaming else None,
                    ),
                )
                seq = connection.last_insert_rowid()
                for part in message.parts:
                    connection.execute(
                        "INSERT INTO parts (message_seq, kind, text, milliseconds)"
                        " VALUES (?, ?, ?, ?)",
                        (seq, part.kind, part.text, part.milliseconds),
                    )
                attachments.link(connection, seq, message.parts)

    def extend_message(
        self, message_id: str, parts: Sequence[Part], status: Status | None = None
    ) -> None:
        """Append all of ``parts``, and with a final ``status`` finish the message, or do nothing.

        Earlier text is never written again: a part of the last one's kind continues it, but
        a notice is always a part of its own. What was put aside is then no longer needed.
        """
        self._home(message_id)[1].extend(message_id, parts, status)

    def put_aside(self, message_id: str, parts: Sequence[Part], status: Status | None) -> bool:
        """Keep what the disk refused to append; return whether it survives the program's end.

        Replaces what was put aside of the message before. It is read with the message at
        once, and stored by ``extend_message`` or at the next start. Never raises.
        """
        return self._home(message_id)[1].put_aside(message_id, parts, status)

    def reopen_message(self, message_id: str) -> Message:
        """Let a final answer grow again, as one of this program's; its notices are over."""
        database = self.database_of(message_id)
        writer = self._take_writer(database)
        with database.transaction() as connection:
            connection.execute(_REOPEN, (Status.STREAMING, writer, message_id))
            if not connection.changes():
                raise gone()
            connection.execute(_DROP_NOTICES, (PartKind.NOTICE, message_id))
        return self.message(message_id)

    def delete_message(self, message_id: str) -> str | None:
        """Take the message out of sight with all below it; return the head there was before.

        ``bring_back`` undoes it, until it is purged like what lies in the trash.
        """
        with self.database_of(message_id).transaction() as connection:
            return trees.delete(connection, message_id, self.database.clock.now_ms())

    def bring_back(self, message_id: str, head: str | None) -> None:
        """Undo the deletion of the message, which returned ``head``."""
        with self.database_of(message_id).transaction() as connection:
            trees.bring_back(connection, message_id, head)

    def keep_report(self, message_id: str, report: str) -> None:
        """Keep with an answer what it was asked with and what it took."""
        self.database_of(message_id).write(_KEEP_REPORT, (storable(report), message_id))

    def report(self, message_id: str) -> str:
        """Return what was kept with an answer, "" when nothing was."""
        rows = self.database_of(message_id).read(_READ_REPORT, (message_id,))
        found = rows[0][0] if rows else None
        return found.decode("utf-8", "replace") if isinstance(found, bytes) else ""

    def set_model(self, message_id: str, model: str) -> None:
        """Name the model that writes the message."""
        self._change("UPDATE messages SET model = ? WHERE id = ?", model, message_id)

    def take_room(self) -> None:
        """Take the room for what a full disk refuses, unless that is done."""
        self._growth.take_room()

    def mark_leftovers_interrupted(self) -> int:
        """Mark streaming messages whose program is gone as interrupted; return how many.

        What their program had put aside is stored first.
        """
        return self._growth.adopt_leftovers()

    # Inside

    def _change(self, statement: str, value: str | int | None, identity: str) -> None:
        if not self.database_of(identity).write(statement, (value, identity)):
            raise gone()

    def _home(self, identity: str) -> tuple[Database, Growth]:
        if not is_temporary(identity):
            return self.database, self._growth
        with self._lock:
            if self._temporary is None:
                memory = MemoryDatabase(self.database.clock)
                self._temporary = memory, Growth(memory)
            return self._temporary

    def _take_writer(self, database: Database) -> str | None:
        """Return the sign of who streams into the database, with room for what it may refuse."""
        if not database.on_disk:
            return None
        self.take_room()
        return database.writer.id

    def _messages(self, select: str, identity: str, *values: int) -> list[Message]:
        database, growth = self._home(identity)
        found = messages(database.read(select + IN_ORDER, (identity, *values)))
        if not found:
            raise gone()
        return [growth.whole(message) for message in found]


def _made(
    conversation_id: str,
    parent_id: str | None,
    role: Role,
    status: Status,
    parts: Sequence[Part],
    now: int,
    model: str | None,
) -> Message:
    identity = temporary_id(now) if is_temporary(conversation_id) else new_id(now)
    kept = tuple(replace(part, text=storable(part.text)) for part in parts)
    return Message(identity, conversation_id, parent_id, role, status, now, kept, model)


def _require_message(connection: apsw.Connection, conversation_id: str, message_id: str) -> None:
    found = connection.execute(
        "SELECT 1 FROM messages WHERE id = ? AND conversation_id = ?",
        (message_id, conversation_id),
    )
    if found.fetchone() is None:
        raise gone()
