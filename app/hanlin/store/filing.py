"""Keeping order among conversations: pins, folders, tags, and what was written and not sent.

The repository of what a person arranges; what conversations hold is the other one's.
"""

from collections.abc import Sequence

from hanlin.domain.ids import is_temporary
from hanlin.store.conversations import Store
from hanlin.store.growth import gone
from hanlin.store.records import storable

_KEEP_DRAFT = """
    INSERT INTO drafts (conversation_id, text) VALUES (?, ?)
    ON CONFLICT (conversation_id) DO UPDATE SET text = excluded.text
"""


class Filing:
    """Safe to use from any thread. Raises KnownError; what was given is durable on return."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def pin(self, conversation_id: str, *, pinned: bool) -> None:
        """Keep the conversation above the others, or no longer."""
        self._change("UPDATE conversations SET pinned = ? WHERE id = ?", pinned, conversation_id)

    def move(self, conversation_id: str, folder: str) -> None:
        """Put the conversation into ``folder``, "" into none."""
        self._change(
            "UPDATE conversations SET folder = ? WHERE id = ?", _name(folder), conversation_id
        )

    def rename_folder(self, folder: str, name: str) -> None:
        """Call the folder ``name``; "" takes everything out of it."""
        self._store.database.write(
            "UPDATE conversations SET folder = ? WHERE folder = ?", (_name(name), folder)
        )

    def tag(self, conversation_id: str, tags: Sequence[str]) -> None:
        """Let the conversation have these tags and no others."""
        database = self._store.database_of(conversation_id)
        named = sorted({name for tag in tags if (name := _name(tag))})
        with database.transaction() as connection:
            found = connection.execute(
                "SELECT 1 FROM conversations WHERE id = ?", (conversation_id,)
            )
            if found.fetchone() is None:
                raise gone()
            connection.execute("DELETE FROM tags WHERE conversation_id = ?", (conversation_id,))
            connection.executemany(
                "INSERT INTO tags (conversation_id, tag) VALUES (?, ?)",
                [(conversation_id, name) for name in named],
            )

    def keep_draft(self, conversation_id: str, text: str) -> None:
        """Keep what is written and not sent; "" is a new conversation.

        A temporary conversation's is not kept.
        """
        if is_temporary(conversation_id):
            return
        database = self._store.database
        if text:
            database.write(_KEEP_DRAFT, (conversation_id, storable(text)))
        else:
            database.write("DELETE FROM drafts WHERE conversation_id = ?", (conversation_id,))

    def drafts(self) -> dict[str, str]:
        """Return what is written and not sent, by conversation."""
        rows = self._store.database.read("SELECT conversation_id, CAST(text AS BLOB) FROM drafts")
        return {
            str(identity): text.decode("utf-8", "replace")
            for identity, text in rows
            if isinstance(text, bytes)
        }

    def _change(self, statement: str, value: str | int, conversation_id: str) -> None:
        database = self._store.database_of(conversation_id)
        if not database.write(statement, (value, conversation_id)):
            raise gone()


def _name(text: str) -> str:
    return storable(" ".join(text.replace("\x1f", " ").split()))
