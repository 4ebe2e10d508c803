"""Order among conversations, told to the window: pins, folders, tags and drafts."""

from collections.abc import Sequence

from hanlin.kernel.events import EventBus
from hanlin.services.events import ConversationsChanged
from hanlin.store.filing import Filing


class FilingService:
    """Methods wait for the disk and may be called from any thread; raise KnownError."""

    def __init__(self, filing: Filing, bus: EventBus) -> None:
        self._filing = filing
        self._bus = bus

    def pin(self, conversation_id: str, *, pinned: bool) -> None:
        """Keep the conversation above the others, or no longer."""
        self._filing.pin(conversation_id, pinned=pinned)
        self._bus.publish(ConversationsChanged())

    def move(self, conversation_id: str, folder: str) -> None:
        """Put the conversation into ``folder``, "" into none."""
        self._filing.move(conversation_id, folder)
        self._bus.publish(ConversationsChanged())

    def rename_folder(self, folder: str, name: str) -> None:
        """Call the folder ``name``; "" takes everything out of it."""
        self._filing.rename_folder(folder, name)
        self._bus.publish(ConversationsChanged())

    def tag(self, conversation_id: str, tags: Sequence[str]) -> None:
        """Let the conversation have these tags and no others."""
        self._filing.tag(conversation_id, tags)
        self._bus.publish(ConversationsChanged())

    def keep_draft(self, conversation_id: str, text: str) -> None:
        """Keep what is written and not sent; "" is a new conversation."""
        self._filing.keep_draft(conversation_id, text)

    def drafts(self) -> dict[str, str]:
        """Return what is written and not sent, by conversation."""
        return self._filing.drafts()
