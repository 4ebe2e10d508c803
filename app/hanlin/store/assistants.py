"""The person's own assistants, and which assistant a conversation goes by.

A conversation keeps a copy: it goes on as it began when the assistant is changed or deleted.
"""

import json

from hanlin.domain.assistants import Assistant, from_json, to_json
from hanlin.store.conversations import Store
from hanlin.store.database import Row
from hanlin.store.growth import gone


class Assistants:
    """Safe to use from any thread; raises KnownError."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def own(self) -> list[Assistant]:
        """Return the person's own assistants, the newest last; an unreadable one is left out."""
        rows = self._store.database.read("SELECT CAST(body AS BLOB) FROM assistants ORDER BY seq")
        return [found for row in rows if (found := _assistant(row)) is not None]

    def save(self, assistant: Assistant) -> None:
        """Keep a new assistant, or another state of one."""
        body = json.dumps(to_json(assistant), ensure_ascii=False)
        self._store.database.write(
            "INSERT INTO assistants (id, body) VALUES (?1, ?2)"
            " ON CONFLICT (id) DO UPDATE SET body = ?2",
            (assistant.id, body),
        )

    def delete(self, identity: str) -> None:
        """Delete an assistant; conversations that go by it keep their copy."""
        self._store.database.write("DELETE FROM assistants WHERE id = ?", (identity,))

    def of(self, conversation_id: str) -> Assistant | None:
        """Return what the conversation goes by, None for nothing."""
        rows = self._store.database_of(conversation_id).read(
            "SELECT CAST(assistant AS BLOB) FROM conversations WHERE id = ?", (conversation_id,)
        )
        return _assistant(rows[0]) if rows else None

    def choose(self, conversation_id: str, assistant: Assistant | None) -> None:
        """Let the conversation go by ``assistant`` from now on."""
        body = json.dumps(to_json(assistant), ensure_ascii=False) if assistant else ""
        changed = self._store.database_of(conversation_id).write(
            "UPDATE conversations SET assistant = ? WHERE id = ?", (body, conversation_id)
        )
        if not changed:
            raise gone()


def _assistant(row: Row) -> Assistant | None:
    body = row[0]
    try:
        return from_json(json.loads(body)) if isinstance(body, bytes) and body else None
    except (ValueError, RecursionError):
        return None
