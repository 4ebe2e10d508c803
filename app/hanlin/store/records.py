"""From rows to domain values and back, in such a way that one bad row spoils only itself."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from hanlin.domain.conversation import Conversation, Message, Part, PartKind, Role, Status
from hanlin.kernel.i18n import _
from hanlin.store.database import Row

# Text is read as bytes: the library refuses a whole row when one text is not UTF-8.
SELECT_CONVERSATIONS = """
    SELECT
        id, CAST(title AS BLOB), created_at, updated_at, head_id, deleted_at,
        pinned, CAST(folder AS BLOB),
        (SELECT CAST(group_concat(tag, char(31)) AS BLOB) FROM tags WHERE conversation_id = id)
    FROM conversations
"""
SELECT_MESSAGES = """
    SELECT
        m.seq, m.id, m.conversation_id, m.parent_id,
        CAST(m.role AS BLOB), CAST(m.status AS BLOB), m.created_at, CAST(m.model AS BLOB),
        CAST(p.kind AS BLOB), p.continues, CAST(p.text AS BLOB), p.milliseconds
    FROM messages m LEFT JOIN parts p ON p.message_seq = m.seq
"""
IN_ORDER = " ORDER BY m.seq, p.seq"
_MESSAGE_WIDTH = 8
# By their bytes, as the columns above give them; what is not here is unreadable.
_ROLES = {role.value.encode(): role for role in Role}
_STATUSES = {status.value.encode(): status for status in Status}
_KINDS = {kind.value.encode(): kind for kind in PartKind}


def storable(text: str) -> str:
    """Return ``text`` as it can be stored: half characters, as a broken paste has, are replaced."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def conversation(row: Row) -> Conversation:
    """Return the conversation of a row of SELECT_CONVERSATIONS."""
    identity, title, created_at, updated_at, head_id, deleted_at, pinned, folder, tags = row
    return Conversation(
        id=_text(identity),
        title=_text(title),
        created_at=_number(created_at),
        updated_at=_number(updated_at),
        head_id=None if head_id is None else _text(head_id),
        deleted_at=None if deleted_at is None else _number(deleted_at),
        pinned=bool(_number(pinned)),
        folder=_text(folder),
        tags=() if tags is None else tuple(_text(tags).split("\x1f")),
    )


def messages(rows: Iterable[Row]) -> list[Message]:
    """Return the messages of rows of SELECT_MESSAGES that are IN_ORDER."""
    return [
        _message(head, (row[_MESSAGE_WIDTH:] for row in group))
        for head, group in groupby(rows, key=lambda row: row[:_MESSAGE_WIDTH])
    ]


def _message(head: Row, parts: Iterable[Row]) -> Message:
    _seq, identity, conversation_id, parent_id, role, status, created_at, model = head
    known_role = _ROLES.get(_bytes(role))
    known_parts = tuple(_parts(parts))
    return Message(
        id=_text(identity),
        conversation_id=_text(conversation_id),
        parent_id=None if parent_id is None else _text(parent_id),
        # Words of nobody we know are shown on the program's side and never sent to a model.
        role=known_role or Role.ASSISTANT,
        status=_STATUSES.get(_bytes(status), Status.INTERRUPTED),
        created_at=_number(created_at),
        parts=known_parts if known_role else (_unreadable(),),
        model=None if model is None else _text(model),
    )


def _parts(rows: Iterable[Row]) -> Iterator[Part]:
    """Yield the parts, each joined from the row that begins it and those that continue it."""
    kind: PartKind | None = None
    texts: list[str] = []
    spent = 0
    for stored_kind, continues, text, milliseconds in rows:
        if stored_kind is None:
            continue  # a message without parts
        if not (continues and texts and kind is not None):
            if texts:
                yield _part(kind, texts, spent)
            kind, texts, spent = _KINDS.get(_bytes(stored_kind)), [], 0
        texts.append(_text(text))
        spent += _number(milliseconds)
    if texts:
        yield _part(kind, texts, spent)


def _part(kind: PartKind | None, texts: list[str], spent: int) -> Part:
    return _unreadable() if kind is None else Part(kind, "".join(texts), spent)


def _unreadable() -> Part:
    return Part(PartKind.NOTICE, _("A part of this message could not be read."))


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else b""


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
