"""Whole conversations into the database and out of it, with every version of every message."""

from collections.abc import Iterator
from hashlib import blake2b
from typing import Final

from hanlin.domain.attachments import Attachment, AttachmentKind
from hanlin.domain.conversation import Message, PartKind, Role, Status
from hanlin.domain.ids import is_temporary, new_id
from hanlin.domain.transfer import (
    OURS,
    CarriedConversation,
    CarriedFile,
    CarriedMessage,
    Presence,
)
from hanlin.kernel.errors import KnownError
from hanlin.store import attachments
from hanlin.store.conversations import Store
from hanlin.store.database import Database
from hanlin.store.records import IN_ORDER, SELECT_MESSAGES, messages, storable

_ADD = """
    INSERT INTO conversations (id, title, created_at, updated_at, activity)
    VALUES (?, ?, ?, ?, (SELECT coalesce(max(activity), 0) + 1 FROM conversations))
"""
_ADD_MESSAGE = """
    INSERT INTO messages (id, conversation_id, parent_id, role, status, created_at, model)
    VALUES (?, ?, ?, ?, ?, ?, ?)
"""
_ADD_IMPORT = "INSERT INTO imports (conversation_id, source, messages) VALUES (?, ?, ?)"
_IMPORTS = """
    SELECT i.messages, c.deleted_at
    FROM imports i JOIN conversations c ON c.id = i.conversation_id
    WHERE i.source = ? ORDER BY c.deleted_at IS NOT NULL
"""
_DIGEST: Final = 16
"""Bytes."""


def presence(store: Store, carried: CarriedConversation) -> Presence:
    """Tell whether a conversation that comes from elsewhere is here; raises KnownError.

    It is as long as the one that came over before is not deleted for good, whatever was done
    to that one here.
    """
    source, marks = _marks(carried)
    known = [
        (_split(messages), deleted is not None)
        for messages, deleted in store.database.read(_IMPORTS, (source,))
    ]
    known += _itself(store, carried.source)
    for before, trashed in known:
        if marks <= before:
            return Presence.TRASHED if trashed else Presence.HERE
    return Presence.GROWN if known else Presence.NEW


def take_in(store: Store, carried: CarriedConversation, title: str) -> str:
    """Store a conversation that comes from elsewhere, all or nothing; return its new id."""
    now = store.database.clock.now_ms()
    created = carried.created_at or now
    identity = new_id(now)
    ids: dict[str, str] = {}
    with store.database.transaction() as connection:
        connection.execute(_ADD, (identity, storable(title), created, created))
        for message in carried.messages:
            ids[message.id] = new_id(now)
            connection.execute(
                _ADD_MESSAGE,
                (
                    ids[message.id],
                    identity,
                    ids.get(message.parent),
                    message.role,
                    Status.COMPLETE,
                    message.created_at or created,
                    storable(message.model) or None,
                ),
            )
            seq = connection.last_insert_rowid()
            for kind, text in (
                (PartKind.THINKING, message.thinking),
                (PartKind.TEXT, message.text),
            ):
                if text:
                    connection.execute(
                        "INSERT INTO parts (message_seq, kind, text) VALUES (?, ?, ?)",
                        (seq, kind, storable(text)),
                    )
        head = ids.get(carried.head) or (ids[carried.messages[-1].id] if carried.messages else None)
        connection.execute("UPDATE conversations SET head_id = ? WHERE id = ?", (head, identity))
        source, marks = _marks(carried)
        connection.execute(_ADD_IMPORT, (identity, source, b"".join(sorted(marks))))
    return identity


def take_out(store: Store, conversation_id: str, room: int = 0) -> CarriedConversation:
    """Return everything of a conversation that can be carried; raises KnownError.

    Pictures have their bytes as long as all together have at most ``room``.
    """
    conversation = store.conversation(conversation_id)
    database = store.database_of(conversation_id)
    rows = database.read(
        SELECT_MESSAGES + "WHERE m.conversation_id = ? AND m.deleted_at IS NULL" + IN_ORDER,
        (conversation_id,),
    )
    carried = list[CarriedMessage]()
    for one in messages(rows):
        if one.role not in (Role.USER, Role.ASSISTANT):
            continue
        files = tuple(_files(database, one, room))
        room -= sum(len(file.content) for file in files)
        carried.append(
            CarriedMessage(
                one.id,
                one.parent_id or "",
                one.role,
                one.text(),
                one.text(PartKind.THINKING),
                one.model or "",
                one.created_at,
                files,
            )
        )
    return CarriedConversation(
        conversation.title,
        tuple(carried),
        conversation.created_at,
        conversation.head_id or "",
        f"{OURS}:{conversation_id}",
    )


def _files(database: Database, message: Message, room: int) -> Iterator[CarriedFile]:
    for one in message.attachments():
        content = _picture(database, one) if room > 0 else b""
        if len(content) > room:
            content = b""
        room -= len(content)
        yield CarriedFile(one.name, one.size, one.mime, one.width, one.height, content)


def _picture(database: Database, about: Attachment) -> bytes:
    if about.kind is not AttachmentKind.PICTURE:
        return b""
    return attachments.content(database, about.hash) or b""


def _itself(store: Store, source: str) -> list[tuple[set[bytes], bool]]:
    """Return what the conversation has that ``source`` names, if it is one of this database."""
    program, _colon, identity = source.partition(":")
    if program != OURS or is_temporary(identity):
        return []
    try:
        conversation = store.conversation(identity)
        marks = _marks(take_out(store, identity))[1]
    except KnownError:
        return []  # it is of another computer, or deleted for good
    return [(marks, conversation.deleted_at is not None)]


def _marks(carried: CarriedConversation) -> tuple[str, set[bytes]]:
    """Return what tells a conversation from all others, and a digest of each of its messages.

    A digest is of all that was said up to there. What has no id where it comes from is known
    by how it began.
    """
    digests = {"": b""}
    for one in carried.messages:
        digest = blake2b(digests.get(one.parent, b""), digest_size=_DIGEST)
        digest.update(storable(f"{one.role}\0{one.said()}").encode())
        digests[one.id] = digest.digest()
    marks = list(digests.values())[1:]
    beginning = marks[0].hex() if marks else ""
    return storable(carried.source) or f"{carried.created_at}:{beginning}", set(marks)


def _split(packed: object) -> set[bytes]:
    whole = packed if isinstance(packed, bytes) else b""
    return {whole[place : place + _DIGEST] for place in range(0, len(whole), _DIGEST)}
