"""One chip of the composer and what it stands for. Where chips are kept is the tray's business."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from hanlin.domain.attachments import Prepared
from hanlin.kernel.errors import HanlinError
from hanlin_ui.chat.attachments.chip import AttachmentChip


@dataclass(eq=False)
class AttachmentItem:
    """One chip: what it was made of, and what of that is sent."""

    number: int
    chip: AttachmentChip
    text: str = ""
    """What it was pasted as, if it was."""
    original: Prepared | None = None
    prepared: Prepared | None = None
    again: Callable[[], object] | None = None
    """Reads it from the beginning, in a chip of its own."""
    awaited: bool = False
    """Whether it is to be looked at as soon as it is read, if the keyboard is still at it."""


class Tray(Protocol):
    """Keeps the items of each conversation, in the order of their chips. GUI thread only."""

    def put(self, item: AttachmentItem, prepared: Prepared) -> None:
        """Let ``prepared`` be what is sent of the item."""
        ...

    def has(self, item: AttachmentItem) -> bool:
        """Return whether the item still stands: neither removed nor sent."""
        ...

    def hold(self, item: AttachmentItem) -> Prepared | None:
        """Take back what is sent of the item while something else is made of it; return it."""
        ...

    def insert(self, after: AttachmentItem | None = None) -> AttachmentItem:
        """Return a new item, that says that it is being read."""
        ...

    def remove(self, item: AttachmentItem) -> None:
        """Let go of an item."""
        ...

    def fail(self, item: AttachmentItem, error: HanlinError) -> None:
        """Let go of an item that could not be read, and say why."""
        ...

    def progress(self, item: AttachmentItem, done: int, total: int) -> None:
        """Show how far an item is read. From any thread."""
        ...
