"""What can be done to a tree of messages besides growing it: branching off, deleting, taking back.

Functions over one open transaction; who calls them is the repository.
"""

import re
from collections.abc import Sequence
from itertools import count
from typing import Final

import apsw

from hanlin.domain.conversation import Message, Status
from hanlin.domain.ids import is_temporary, new_id, temporary_id
from hanlin.store import attachments
from hanlin.store.growth import gone

_NUMBER: Final = re.compile(r" \(\d+\)$")
NEWEST_BELOW = """
    WITH RECURSIVE below (seq, conversation_id, id) AS (
        SELECT seq, conversation_id, id FROM messages WHERE id = ?
        UNION
        SELECT m.seq, m.conversation_id, m.id
        FROM messages m JOIN below
            ON m.conversation_id = below.conversation_id AND m.parent_id = below.id
        WHERE m.deleted_at IS NULL
    )
    SELECT id FROM below ORDER BY seq DESC LIMIT 1
"""
_ON_THE_WAY_TO_THE_HEAD = """
    WITH RECURSIVE path (id, parent_id) AS (
        SELECT m.id, m.parent_id FROM messages m JOIN conversations c ON m.id = c.head_id
        WHERE c.id = ?
        UNION
        SELECT m.id, m.parent_id FROM messages m JOIN path ON m.id = path.parent_id
    )
    SELECT 1 FROM path WHERE id = ?
"""
_SISTER = """
    SELECT id FROM messages
    WHERE conversation_id = ? AND parent_id IS ? AND deleted_at IS NULL
    ORDER BY seq DESC LIMIT 1
"""
_COPY_MESSAGE = """
    INSERT INTO messages (id, conversation_id, parent_id, role, status, created_at, model)
    SELECT ?, ?, ?, role, CASE status WHEN ? THEN ? ELSE status END, created_at, model
    FROM messages WHERE id = ?
"""
_COPY_PARTS = """
    INSERT INTO parts (message_seq, kind, continues, text, milliseconds)
    SELECT ?, p.kind, p.continues, p.text, p.milliseconds
    FROM parts p JOIN messages m ON m.seq = p.message_seq WHERE m.id = ? ORDER BY p.seq
"""
_COPY_REPORT = """
    INSERT INTO reports (message_seq, report)
    SELECT ?, r.report FROM reports r JOIN messages m ON m.seq = r.message_seq WHERE m.id = ?
"""
_PURGE = """
    WITH RECURSIVE gone (seq, conversation_id, id) AS (
        SELECT seq, conversation_id, id FROM messages WHERE deleted_at <= ?
        UNION
        SELECT m.seq, m.conversation_id, m.id FROM messages m JOIN gone
            ON m.conversation_id = gone.conversation_id AND m.parent_id = gone.id
    )
    DELETE FROM messages WHERE seq IN (SELECT seq FROM gone) AND conversation_id NOT IN (
        SELECT c.id FROM conversations c WHERE c.head_id IN (SELECT id FROM gone)
    )
"""


def newest_leaf(connection: apsw.Connection, message_id: str) -> str:
    """Return the id of the message written last among this one and all below it."""
    row = connection.execute(NEWEST_BELOW, (message_id,)).fetchone()
    if row is None:
        raise gone()
    return str(row[0])


def delete(connection: apsw.Connection, message_id: str, now: int) -> str | None:
    """Take the message out of sight with all below it; return the head there was before.

    The head moves to the newest of its versions that are left, else to the message before.
    """
    row = connection.execute(
        "SELECT m.conversation_id, m.parent_id, c.head_id"
        " FROM messages m JOIN conversations c ON c.id = m.conversation_id WHERE m.id = ?",
        (message_id,),
    ).fetchone()
    if row is None:
        raise gone()
    conversation_id, parent_id, head = row
    visible = connection.execute(_ON_THE_WAY_TO_THE_HEAD, (conversation_id, message_id)).fetchone()
    connection.execute("UPDATE messages SET deleted_at = ? WHERE id = ?", (now, message_id))
    if visible is not None:
        sister = connection.execute(_SISTER, (conversation_id, parent_id)).fetchone()
        left = parent_id if sister is None else newest_leaf(connection, str(sister[0]))
        connection.execute(
            "UPDATE conversations SET head_id = ? WHERE id = ?", (left, conversation_id)
        )
    return None if head is None else str(head)


def bring_back(connection: apsw.Connection, message_id: str, head: str | None) -> None:
    """Undo :func:`delete`, which returned ``head``."""
    connection.execute("UPDATE messages SET deleted_at = NULL WHERE id = ?", (message_id,))
    if not connection.changes():
        raise gone()
    connection.execute(
        "UPDATE conversations SET head_id = ?"
        " WHERE id = (SELECT conversation_id FROM messages WHERE id = ?)",
        (head, message_id),
    )


def purge(connection: apsw.Connection, older_than: int) -> None:
    """Delete for good what was deleted at ``older_than`` (ms since 1970) or before."""
    connection.execute(_PURGE, (older_than,))


def title_of_copy(connection: apsw.Connection, title: str) -> str:
    """Return ``title`` with the first number that no conversation has behind it."""
    if not title:
        return ""
    base = _NUMBER.sub("", title)
    alike = connection.execute(
        "SELECT title FROM conversations WHERE substr(title, 1, ?) = ?", (len(base), base)
    )
    taken = {text for (text,) in alike}
    return next(one for number in count(2) if (one := f"{base} ({number})") not in taken)


def copy_path(
    connection: apsw.Connection, path: Sequence[Message], conversation_id: str, now: int
) -> str:
    """Copy ``path`` into the conversation; return the id of the last copy."""
    make = temporary_id if is_temporary(conversation_id) else new_id
    copied: str | None = None
    for message in path:
        parent, copied = copied, make(now)
        connection.execute(
            _COPY_MESSAGE,
            (copied, conversation_id, parent, Status.STREAMING, Status.STOPPED, message.id),
        )
        seq = connection.last_insert_rowid()
        connection.execute(_COPY_PARTS, (seq, message.id))
        connection.execute(_COPY_REPORT, (seq, message.id))
        attachments.copy_links(connection, message.id, seq)
    if copied is None:
        raise gone()
    return copied
