"""How much of a conversation a model could be given at all: the end of a long path.

Ten thousand messages are read and sent in seconds, a context's worth of them at once. What
exactly fits is counted by the engine.
"""

from dataclasses import dataclass
from typing import Final

from hanlin.domain.conversation import Message
from hanlin.services.session import ModelSession
from hanlin.store.conversations import Store

_CHARACTERS_A_TOKEN: Final = 16
"""More than texts have: what lies beyond so many does not fit in any case."""


@dataclass(frozen=True, slots=True)
class Reach:
    """The end of a path, and how many messages lie before it."""

    path: list[Message]
    before: int = 0


def within_reach(store: Store, session: ModelSession, message_id: str) -> Reach:
    """Return the end of the path to the message that the loaded model may have room for.

    Raises KnownError when the message is gone.
    """
    loaded = session.status().loaded
    if loaded is None:
        return Reach(store.path_to(message_id))
    path = store.path_end(message_id, loaded.context * _CHARACTERS_A_TOKEN)
    parent = path[0].parent_id
    return Reach(path, 0 if parent is None else store.depth(parent))
