"""A conversation piece by piece: the end of its path, what is above, what surrounds a place.

A window shows a screenful; reading ten thousand messages for it takes a third of a second.
"""

from dataclasses import dataclass

from hanlin.domain.conversation import Message
from hanlin.kernel.errors import KnownError
from hanlin.store.conversations import Store


@dataclass(frozen=True, slots=True)
class Page:
    """Messages that follow each other on the visible path. The first one's parent is above."""

    messages: list[Message]
    more: bool = False
    """Others follow behind the last one."""


class Paging:
    """Safe to use from any thread; raises KnownError."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def end(self, conversation_id: str, most: int, since: str | None = None) -> Page:
        """Return the last ``most`` messages, or as many as it takes to go back to ``since``."""
        head = self._store.conversation(conversation_id).head_id
        if head is None:
            return Page([])
        if since is not None:
            ids = self._store.path_ids(conversation_id)
            most = len(ids) - ids.index(since) if since in ids else most
        return Page(self._store.path_to(head, most))

    def above(self, message: Message, most: int) -> list[Message]:
        """Return the ``most`` messages before ``message``; none when they cannot be read."""
        if message.parent_id is None:
            return []
        try:
            return self._store.path_to(message.parent_id, most)
        except KnownError:  # a damaged file: what can be read is shown
            return []

    def around(self, conversation_id: str, message_id: str, most: int) -> Page:
        """Return about ``most`` messages on both sides of one; empty when it is not visible."""
        return self._page(conversation_id, message_id, most // 2, most)

    def behind(self, conversation_id: str, message_id: str, most: int) -> Page:
        """Return the ``most`` messages that follow the one."""
        return self._page(conversation_id, message_id, most, most)

    def _page(self, conversation_id: str, message_id: str, behind: int, most: int) -> Page:
        ids = self._store.path_ids(conversation_id)
        if message_id not in ids:
            return Page([])
        place = ids.index(message_id)
        last = min(place + behind, len(ids) - 1)
        count = min(most, last - place) if behind == most else most
        more = last < len(ids) - 1
        return Page(self._store.path_to(ids[last], count) if count else [], more)
