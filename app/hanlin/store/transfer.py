"""Whole conversations into the database and out of it, with every version of every message."""

from hanlin.domain.conversation import PartKind, Role, Status
from hanlin.domain.ids import new_id
from hanlin.domain.transfer import CarriedConversation, CarriedMessage
from hanlin.store.conversations import Store
from hanlin.store.records import IN_ORDER, SELECT_MESSAGES, messages, storable

_ADD = """
    INSERT INTO conversations (id, title, created_at, updated_at, activity)
    VALUES (?, ?, ?, ?, (SELECT coalesce(max(activity), 0) + 1 FROM conversations))
"""
_ADD_MESSAGE = """
    INSERT INTO messages (id, conversation_id, parent_id, role, status, created_at, model)
    VALUES (?, ?, ?, ?, ?, ?, ?)
"""


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
    return identity


def take_out(store: Store, conversation_id: str) -> CarriedConversation:
    """Return everything of a conversation that can be carried; raises KnownError."""
    conversation = store.conversation(conversation_id)
    rows = store.database_of(conversation_id).read(
        SELECT_MESSAGES + "WHERE m.conversation_id = ? AND m.deleted_at IS NULL" + IN_ORDER,
        (conversation_id,),
    )
    carried = tuple(
        CarriedMessage(
            one.id,
            one.parent_id or "",
            one.role,
            "\n".join([*(f"[{name.name}]" for name in one.attachments()), one.text()]),
            one.text(PartKind.THINKING),
            one.model or "",
            one.created_at,
        )
        for one in messages(rows)
        if one.role in (Role.USER, Role.ASSISTANT)
    )
    return CarriedConversation(
        conversation.title, carried, conversation.created_at, conversation.head_id or ""
    )
