"""Conversations on their way in and out of the program: pure values, of whichever program."""

from dataclasses import dataclass, field

from hanlin.domain.conversation import Role


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


@dataclass(frozen=True, slots=True)
class CarriedConversation:
    """One conversation; ``messages`` stand behind those they answer."""

    title: str
    messages: tuple[CarriedMessage, ...]
    created_at: int = 0
    head: str = ""
    """The id of the last visible message, "" for the last one."""

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
    problems: list[str] = field(default_factory=list)
    """Damaged records, by name."""
    left_out: dict[str, int] = field(default_factory=dict)
    """Kinds of things that cannot be carried, and how many of them there were."""

    def leave_out(self, kind: str) -> None:
        """Count one thing that cannot be carried."""
        self.left_out[kind] = self.left_out.get(kind, 0) + 1
