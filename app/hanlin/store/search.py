"""The search over all conversations: an index of words inside the encrypted database.

The index follows what is stored, a batch at a time, so that no answer waits for it: what a
message's row says of being indexed is part of the transaction that indexes it. Which words
a text has is ``store.words``; when batches are indexed is the services' business.
"""

import json
import re
import threading
from collections.abc import Iterator, Sequence
from itertools import islice

import apsw

from hanlin.domain.conversation import PartKind, Role, Status
from hanlin.domain.search import Findings, Hit, Snippet
from hanlin.store.connection import translated
from hanlin.store.database import Database, Row
from hanlin.store.words import LONGEST_TEXT, Query, composed, indexed, parse

MOST_HITS = 50
_CANDIDATES = 300
"""Some of them lie in the trash."""
_AT_ONCE = MOST_HITS + 1
"""Messages that are read together."""
_BEFORE, _AFTER = 24, 110
"""Characters of a snippet around the first word found."""
_LONGEST_TITLE = 400
_SIGNS = re.compile(r"\*\*|`+|(?<!\S)#+\s|(?<!\S)>+\s|\|[-| :]+\|")
"""Markdown that would only disturb in a snippet."""
_BATCH_CHARACTERS = 20_000

_TEXT = f"""
    (SELECT CAST(group_concat(text, '') AS BLOB) FROM
        (SELECT CASE kind WHEN '{PartKind.TEXT.value}' THEN text
                ELSE iif(json_valid(text), json_extract(text, '$.name') || char(10), '') END AS text
         FROM parts WHERE message_seq = m.seq
             AND kind IN ('{PartKind.TEXT.value}', '{PartKind.ATTACHMENT.value}')
         ORDER BY seq))
"""  # noqa: S608 - a word of our own
_FOUND = f"""
    SELECT m.seq, m.id, m.role, m.created_at, c.id, CAST(c.title AS BLOB), {_TEXT}
    FROM messages m JOIN conversations c ON c.id = m.conversation_id
    WHERE c.deleted_at IS NULL AND m.seq IN (SELECT value FROM json_each(?))
"""  # noqa: S608
# Few are deleted: going through them is nothing beside going through all.
_WITH_DELETED = """
    SELECT conversation_id FROM messages INDEXED BY messages_deleted WHERE deleted_at IS NOT NULL
"""
# A message goes with the one above it that was deleted.
_DELETED = """
    WITH RECURSIVE above (parent_id, deleted_at) AS (
        SELECT parent_id, deleted_at FROM messages WHERE id = ?
        UNION
        SELECT p.parent_id, p.deleted_at FROM messages p JOIN above ON p.id = above.parent_id
    )
    SELECT 1 FROM above WHERE deleted_at IS NOT NULL LIMIT 1
"""
_TO_INDEX = f"""
    SELECT m.seq, {_TEXT} FROM messages m
    WHERE m.indexed = 0 AND m.status <> '{Status.STREAMING.value}' ORDER BY m.seq DESC LIMIT ?
"""  # noqa: S608
_TITLES_TO_INDEX = """
    SELECT seq, CAST(title AS BLOB) FROM conversations WHERE indexed = 0 LIMIT ?
"""
_REMAINING = """
    SELECT count(*) FROM messages WHERE indexed = 0 AND status <> 'streaming'
"""
_MESSAGES = (
    "SELECT rowid FROM found_messages WHERE found_messages MATCH ? ORDER BY rowid DESC LIMIT ?"
)
_TITLES = "SELECT rowid FROM found_titles WHERE found_titles MATCH ? ORDER BY rowid DESC LIMIT ?"


class SearchIndex:
    """The index of one open database. Safe to use from any thread; raises KnownError."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._reading: apsw.Connection | None = None

    def close(self) -> None:
        """Give the connection back; before the database is closed."""
        with self._lock:
            if self._reading is not None:
                self._reading.close()
                self._reading = None

    def remaining(self) -> int:
        """Return how many messages are not in the index yet."""
        with self._lock, translated(self._database.path):
            rows = self._connection().execute(_REMAINING).fetchall()
        return _number(rows[0][0])

    def index_some(self, most: int = 200) -> int:
        """Index up to ``most`` messages and titles, the newest first; return how many there were.

        One transaction. A long message comes alone, so that nobody waits long for the disk.
        """
        titles = self._read(_TITLES_TO_INDEX, most)
        messages, characters = [], 0
        for seq, text in self._read(_TO_INDEX, most):
            messages.append((seq, text))
            characters += len(_text(text))
            if characters > _BATCH_CHARACTERS:
                break
        # Words are found outside the transaction: others want to write meanwhile.
        found_titles = [(seq, indexed(_text(title))) for seq, title in titles]
        found_messages = [(seq, indexed(_text(text))) for seq, text in messages]
        if not found_titles and not found_messages:
            return 0
        with self._database.transaction() as connection:
            for table, kind, found in (
                ("found_titles", "conversations", found_titles),
                ("found_messages", "messages", found_messages),
            ):
                for seq, words in found:
                    connection.execute(f"DELETE FROM {table} WHERE rowid = ?", (seq,))  # noqa: S608
                    connection.execute(
                        f"UPDATE {kind} SET indexed = 1 WHERE seq = ?",  # noqa: S608
                        (seq,),
                    )
                    if connection.changes():  # not deleted meanwhile
                        connection.execute(
                            f"INSERT INTO {table} (rowid, words, readings, initials)"  # noqa: S608
                            " VALUES (?, ?, ?, ?)",
                            (seq, words.words, words.readings, words.initials),
                        )
        return len(found_titles) + len(found_messages)

    def search(self, text: str, most: int = MOST_HITS) -> Findings:
        """Return what is found for a person's ``text``: titles first, then the newest messages.

        What is written so comes before what only sounds so.
        """
        query = parse(text)
        if not query.terms:
            return Findings(text)
        with self._lock, translated(self._database.path):
            connection = self._connection()
            titles = self._matching(connection, _TITLES, query.questions(titles=True))
            shown = (self._title_hit(connection, query, seq) for seq in titles)
            hits = list(islice((hit for hit in shown if hit is not None), most))
            found = self._matching(connection, _MESSAGES, query.questions(titles=False))
            messages = list(islice(self._message_hits(connection, query, found), most + 1))
            unindexed = _number(connection.execute(_REMAINING).fetchall()[0][0])
        return Findings(text, (*hits, *messages[:most]), len(messages) > most, unindexed=unindexed)

    def _matching(
        self, connection: apsw.Connection, select: str, questions: Sequence[str]
    ) -> list[int]:
        found: dict[int, None] = {}
        for question in questions:
            if len(found) >= _CANDIDATES:
                break
            rows = connection.execute(select, (question, _CANDIDATES))
            found.update((int(row[0]), None) for row in rows)
        return list(found)

    def _title_hit(self, connection: apsw.Connection, query: Query, seq: int) -> Hit | None:
        rows = connection.execute(
            "SELECT id, CAST(title AS BLOB), updated_at FROM conversations"
            " WHERE seq = ? AND deleted_at IS NULL",
            (seq,),
        ).fetchall()
        if not rows:
            return None
        identity, title, updated_at = rows[0]
        marked = _whole(query, _text(title))
        return Hit(str(identity), marked, marked, _number(updated_at))

    def _message_hits(
        self, connection: apsw.Connection, query: Query, found: Sequence[int]
    ) -> Iterator[Hit]:
        """Yield the hits in the order found; what is deleted is left out."""
        with_deleted = {row[0] for row in connection.execute(_WITH_DELETED)}
        titled: dict[object, Snippet] = {}
        for first in range(0, len(found), _AT_ONCE):
            some = found[first : first + _AT_ONCE]
            rows = {row[0]: row[1:] for row in connection.execute(_FOUND, (json.dumps(some),))}
            for seq in some:
                if seq not in rows:
                    continue
                identity, role, created_at, conversation_id, title, text = rows[seq]
                if conversation_id in with_deleted and (
                    connection.execute(_DELETED, (identity,)).fetchone() is not None
                ):
                    continue
                if conversation_id not in titled:
                    titled[conversation_id] = _whole(query, _text(title))
                yield Hit(
                    str(conversation_id),
                    titled[conversation_id],
                    snippet(query, _text(text)),
                    _number(created_at),
                    str(identity),
                    Role.USER if role == Role.USER.value else Role.ASSISTANT,
                )

    def _read(self, sql: str, most: int) -> list[Row]:
        with self._lock, translated(self._database.path):
            return self._connection().execute(sql, (most,)).fetchall()

    def _connection(self) -> apsw.Connection:
        """Return a connection of the search's own: the window's reading waits for nobody."""
        if self._reading is None:
            self._reading = self._database.reader()
        return self._reading


def snippet(query: Query, text: str) -> Snippet:
    """Return the part of ``text`` around the first place found, on one line."""
    whole = composed(text[:LONGEST_TEXT])
    first = query.first(whole)
    start = max(first - _BEFORE, 0)
    end = min(first + _AFTER, len(whole))
    piece = " ".join(_SIGNS.sub("", whole[start:end]).split())
    piece = ("…" if start else "") + piece + ("…" if end < len(whole) else "")
    return Snippet(piece, query.marks(piece))


def _whole(query: Query, title: str) -> Snippet:
    title = composed(title[:_LONGEST_TITLE])
    return Snippet(title, query.marks(title))


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value or "")


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
