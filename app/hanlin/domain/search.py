"""What a search finds: places in conversations, with the words that were looked for marked."""

from dataclasses import dataclass

from hanlin.domain.conversation import Role


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of text; ``marks`` are the places found in it, as beginnings and ends."""

    text: str
    marks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """One place. Without a ``message_id`` it is the conversation's title."""

    conversation_id: str
    title: Snippet
    snippet: Snippet
    created_at: int
    message_id: str | None = None
    role: Role | None = None


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found, titles first, then messages with the newest first."""

    query: str
    hits: tuple[Hit, ...] = ()
    more: bool = False
    """There are more than these."""
    unindexed: int = 0
    """Messages that could not be searched yet."""

    def by_conversation(self) -> list[tuple[Hit, list[Hit]]]:
        """Return each conversation's first hit with its messages, in the order found."""
        groups: dict[str, tuple[Hit, list[Hit]]] = {}
        for hit in self.hits:
            _first, found = groups.setdefault(hit.conversation_id, (hit, []))
            if hit.message_id is not None:
                found.append(hit)
        return list(groups.values())
