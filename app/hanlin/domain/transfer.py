"""Conversations on their way in and out of the program: pure values, of whichever program."""

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

from hanlin.domain.conversation import Role

OURS: Final = "Hanlin"
"""The program that conversations of this one come from."""


_PICTURES: Final = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}
"""What pictures are kept as, and how each begins."""


class Presence(Enum):
    """Whether a conversation that comes from elsewhere is here already."""

    NEW = auto()
    GROWN = auto()
    """It is, without messages that it has now."""
    HERE = auto()
    TRASHED = auto()
    """It is, in the trash."""


@dataclass(frozen=True, slots=True)
class CarriedFile:
    """What was attached to a message."""

    name: str
    size: int
    """Bytes of the file that was given."""
    mime: str = ""
    width: int = 0
    height: int = 0
    """Pixels of a picture."""
    content: bytes = field(default=b"", repr=False)
    """A picture's bytes; of anything else nothing is carried."""

    @property
    def shown(self) -> bool:
        """Whether its bytes are those of a picture, which a document can show."""
        beginning = _PICTURES.get(self.mime)
        sized = self.width > 0 and self.height > 0
        return beginning is not None and sized and self.content.startswith(beginning)


@dataclass(frozen=True, slots=True)
class CarriedMessage:
    """One message. ``parent`` is the id of the one it answers, "" for the first."""

    id: str
    parent: str
    role: Role
    text: str
    thinking: str = ""
    model: str = ""
    created_at: int = 0
    """Milliseconds since 1970, 0 when it is not known."""
    files: tuple[CarriedFile, ...] = ()

    def said(self) -> str:
        """Return the text below the names of what was attached to it."""
        return "\n".join([*(f"[{one.name}]" for one in self.files), self.text])


@dataclass(frozen=True, slots=True)
class CarriedConversation:
    """One conversation; ``messages`` stand behind those they answer."""

    title: str
    messages: tuple[CarriedMessage, ...]
    created_at: int = 0
    head: str = ""
    """The id of the last visible message, "" for the last one."""
    source: str = ""
    """Which one it is where it comes from: a program and its id there, "" when it has none."""

    def path(self) -> list[CarriedMessage]:
        """Return the visible messages, the first one first."""
        by_id = {message.id: message for message in self.messages}
        here = by_id.get(self.head) or (self.messages[-1] if self.messages else None)
        found: list[CarriedMessage] = []
        while here is not None and len(found) < len(self.messages):
            found.append(here)
            here = by_id.get(here.parent)
        return found[::-1]


@dataclass(slots=True)
class ImportReport:
    """What came over and what did not, in sentences for a person."""

    program: str = ""
    conversations: int = 0
    messages: int = 0
    grown: int = 0
    """Of the conversations: those of which an earlier state was here already."""
    here: int = 0
    """Conversations that were here already, and are not stored once more."""
    trashed: int = 0
    """Of those: how many lie in the trash."""
    problems: list[str] = field(default_factory=list)
    """Damaged records, by name."""
    left_out: dict[str, int] = field(default_factory=dict)
    """Kinds of things that cannot be carried, and how many of them there were."""

    def leave_out(self, kind: str) -> None:
        """Count one thing that cannot be carried."""
        self.left_out[kind] = self.left_out.get(kind, 0) + 1
