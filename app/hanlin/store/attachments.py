"""The bytes of what is attached to messages: kept once for all messages that show them.

Rows come with the message that brings them and go with the last one that has them; the
database's own trigger sees to that.
"""

import json
import struct
from collections.abc import Iterable, Sequence

import apsw

from hanlin.domain.attachments import Attachment, Prepared, Thumbnail
from hanlin.domain.conversation import Part, PartKind
from hanlin.store.database import Database

_KEEP = """
    INSERT INTO attachments (hash, content, thumbnail, pages) VALUES (?, ?, ?, ?)
    ON CONFLICT (hash) DO NOTHING
"""
_LINK = """
    INSERT INTO message_attachments (message_seq, hash)
    SELECT ?1, hash FROM attachments WHERE hash = ?2
    ON CONFLICT DO NOTHING
"""
_COPY_LINKS = """
    INSERT INTO message_attachments (message_seq, hash)
    SELECT ?, a.hash FROM message_attachments a JOIN messages m ON m.seq = a.message_seq
    WHERE m.id = ?
"""
_HAS_TEXT = """
    SELECT 1 FROM message_attachments l
    CROSS JOIN messages m ON m.seq = l.message_seq
    CROSS JOIN attachments a ON a.hash = l.hash
    WHERE m.conversation_id = ? AND length(a.pages) > length('[]') LIMIT 1
"""
"""The attachments of all conversations are fewer than the messages of a long one."""
_HAS_PICTURES = """
    SELECT 1 FROM message_attachments l
    CROSS JOIN messages m ON m.seq = l.message_seq
    CROSS JOIN attachments a ON a.hash = l.hash
    WHERE m.conversation_id = ? AND length(a.pages) <= length('[]') AND length(a.thumbnail) > 0
    LIMIT 1
"""
"""A document has pages, a sound has no small picture."""
_SIZES = struct.Struct("<HH")


def keep(connection: apsw.Connection, prepared: Iterable[Prepared]) -> None:
    """Store the bytes; in the transaction that stores the message they belong to."""
    for one in prepared:
        connection.execute(
            _KEEP,
            (
                one.attachment.hash,
                one.content,
                _packed(one.thumbnail),
                json.dumps(one.pages, ensure_ascii=False).encode("utf-8", "replace"),
            ),
        )


def link(connection: apsw.Connection, message_seq: int, parts: Sequence[Part]) -> None:
    """Say which attachments a message has."""
    for part in parts:
        if part.kind is PartKind.ATTACHMENT and (one := Attachment.read(part.text)) is not None:
            connection.execute(_LINK, (message_seq, one.hash))


def copy_links(connection: apsw.Connection, message_id: str, message_seq: int) -> None:
    """Give a copied message the attachments of its original."""
    connection.execute(_COPY_LINKS, (message_seq, message_id))


def content(database: Database, digest: str) -> bytes | None:
    """Return the bytes that are kept, None when they are gone."""
    return _one(database, "content", digest)


def thumbnail(database: Database, digest: str) -> Thumbnail | None:
    """Return the small picture of an attachment, None when it has none."""
    packed = _one(database, "thumbnail", digest) or b""
    if len(packed) < _SIZES.size:
        return None
    width, height = _SIZES.unpack_from(packed)
    pixels = packed[_SIZES.size :]
    return Thumbnail(width, height, pixels) if len(pixels) == 3 * width * height else None


def pages(database: Database, digest: str) -> tuple[str, ...] | None:
    """Return a document's text page by page, None when it is gone."""
    stored = _one(database, "pages", digest)
    try:
        return None if stored is None else tuple(str(page) for page in json.loads(stored))
    except ValueError:
        return None


def has_text(database: Database, conversation_id: str) -> bool:
    """Tell whether a document with text is attached anywhere in the conversation."""
    return bool(database.read(_HAS_TEXT, (conversation_id,)))


def has_pictures(database: Database, conversation_id: str) -> bool:
    """Tell whether a picture is attached anywhere in the conversation."""
    return bool(database.read(_HAS_PICTURES, (conversation_id,)))


def _one(database: Database, column: str, digest: str) -> bytes | None:
    rows = database.read(f"SELECT {column} FROM attachments WHERE hash = ?", (digest,))  # noqa: S608 - ours
    found = rows[0][0] if rows else None
    return found if isinstance(found, bytes) else None


def _packed(small: Thumbnail | None) -> bytes:
    return _SIZES.pack(small.width, small.height) + small.pixels if small else b""
