"""What a conversation is: a tree of messages made of typed parts.

Pure values without identity rules, storage or drawing. Regenerating and editing
add siblings; nothing is overwritten. The visible conversation is the path from
a root to the conversation's head.
"""

from dataclasses import dataclass
from enum import StrEnum

from hanlin.domain.attachments import Attachment
from hanlin.domain.ids import is_temporary


class Role(StrEnum):
    """Who speaks."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"
    """A tool the model called; speaks in turns only, never in a conversation's tree."""


class Status(StrEnum):
    """How far a message came."""

    STREAMING = "streaming"
    COMPLETE = "complete"
    STOPPED = "stopped"
    """The person stopped it."""
    TRUNCATED = "truncated"
    """The token limit or the context's end cut it."""
    INTERRUPTED = "interrupted"
    """The program or the engine ended while it was being written."""
    FAILED = "failed"
    """The engine refused it; no text, or a partial one, is kept."""


class PartKind(StrEnum):
    """What a part holds."""

    TEXT = "text"
    THINKING = "thinking"
    TOOL_CALL = "tool-call"
    """A call of a tool that was offered: JSON with ``name`` and ``arguments``."""
    TOOL_RESULT = "tool-result"
    """What came of the first call that has no result yet: JSON, see ``ToolResult``."""
    NOTICE = "notice"
    """A sentence of the program's own, never sent to a model."""
    ATTACHMENT = "attachment"
    """A picture, document or sound: JSON, see ``Attachment``; its bytes lie beside."""
    SUMMARY = "summary"
    """What a model is told instead of this message and all before it."""

    @property
    def grows(self) -> bool:
        """Whether a part of this kind is continued by the next one of the same kind."""
        return self in (PartKind.TEXT, PartKind.THINKING, PartKind.SUMMARY)


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a message: text to read, a thought to fold, a notice."""

    kind: PartKind
    text: str
    milliseconds: int = 0
    """How long it took to write; kept of thoughts, 0 where it is not known."""


@dataclass(frozen=True, slots=True)
class Message:
    """One node of the tree. ``created_at`` is milliseconds since 1970, UTC."""

    id: str
    conversation_id: str
    parent_id: str | None
    role: Role
    status: Status
    created_at: int
    parts: tuple[Part, ...] = ()
    model: str | None = None
    """The name of the model that wrote it."""

    def text(self, kind: PartKind = PartKind.TEXT) -> str:
        """Return the joined text of all parts of ``kind``."""
        return "".join(part.text for part in self.parts if part.kind is kind)

    def attachments(self) -> tuple[Attachment, ...]:
        """Return what is attached to it."""
        texts = (part.text for part in self.parts if part.kind is PartKind.ATTACHMENT)
        return tuple(one for one in map(Attachment.read, texts) if one is not None)

    def milliseconds(self, kind: PartKind) -> int:
        """Return how long all parts of ``kind`` took to write, 0 where it is not known."""
        return sum(part.milliseconds for part in self.parts if part.kind is kind)


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation's own facts. ``head_id`` is the visible leaf; ``deleted_at`` marks trash."""

    id: str
    title: str
    created_at: int
    updated_at: int
    head_id: str | None = None
    deleted_at: int | None = None
    pinned: bool = False
    folder: str = ""
    """The folder it lies in, "" for none. A folder is there as long as something lies in it."""
    tags: tuple[str, ...] = ()

    @property
    def temporary(self) -> bool:
        """Whether it is in memory only and ends with the program."""
        return is_temporary(self.id)
