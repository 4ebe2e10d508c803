"""The messages above those of a column that have their views: which are built next.

What is seen at first is due without being asked for. That may take several turns of the
event loop, so it is estimated how tall it will be: the newest message stands at the end of
the column from the first moment on.
"""

from collections.abc import Sequence
from typing import Final

from hanlin.domain.conversation import Message
from hanlin_ui.chat.segments import estimated_height

_MOST_DUE: Final = 16
"""Messages that are due at most…"""
_LEAST_DUE: Final = 1.4
"""… and at least, in heights of what is seen."""
_AROUND: Final = 80
"""Pixels of a message that are not its text."""


class Above:
    """Messages that have no views yet; the last one is built next."""

    def __init__(self) -> None:
        self._messages: list[Message] = []
        self._due: list[int] = []
        """Of the last messages, as far as they are due: about how tall their texts are."""
        self.first: Message | None = None
        """The first one that was given: what is above it has to be asked for."""

    def hold(self, messages: Sequence[Message]) -> None:
        """Take ``messages`` in the place of others; none are above the beginning."""
        self._messages = list(messages)
        self._due.clear()
        self.first = messages[0] if messages else None

    def make_due(self, room: int, width: int) -> None:
        """Have the last ones built, in a column ``width`` wide: surely more than ``room`` shows."""
        left = round(room * _LEAST_DUE)
        for message in reversed(self._messages[-_MOST_DUE:]):
            self._due.insert(0, estimated_height(message.text(), width))
            left -= self._due[0]
            if left <= 0:
                return

    def take(self) -> Message:
        """Return the last one, which is above no more."""
        if self._due:
            self._due.pop()
        return self._messages.pop()

    def count(self) -> int:
        """Return how many there are."""
        return len(self._messages)

    def count_due(self) -> int:
        """Return how many of them are to be built without being asked for."""
        return len(self._due)

    def height_due(self) -> int:
        """Return about how tall those will be together."""
        return sum(self._due) + _AROUND * len(self._due)

    def has_more(self) -> bool:
        """Tell whether anything is above, here or to be asked for."""
        return bool(self._messages) or (self.first is not None and self.first.parent_id is not None)

    def first_id(self) -> str | None:
        """Return the id of the uppermost one."""
        return self._messages[0].id if self._messages else None

    def holds(self, message_id: str) -> bool:
        """Tell whether the message is one of them."""
        return any(one.id == message_id for one in self._messages)
