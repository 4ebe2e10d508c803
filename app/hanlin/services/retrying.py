"""Questions whose answer came in the wrong language, which are asked once more.

Which language it should be is the assistant's, when the other answer is written the queue's
business.
"""

from hanlin.domain.conversation import Message, PartKind, Role, Status
from hanlin.services.assistants import AssistantService
from hanlin.services.growing import GrowingAnswer
from hanlin.store.conversations import Store


class LanguageRetries:
    """Belongs to the queue of answers, which locks around every call."""

    def __init__(self, store: Store, assistants: AssistantService) -> None:
        self._store = store
        self._assistants = assistants
        self._questions: set[str | None] = set()
        """Those whose answer came in the wrong language once."""

    def is_one(self, answer: GrowingAnswer) -> bool:
        """Tell whether the answer's question was asked once more."""
        return answer.message.parent_id in self._questions

    def is_due(self, answer: GrowingAnswer) -> bool:
        """Tell whether the answer, or its thought, is in the wrong language for the first time."""
        message = answer.message
        if self.is_one(answer):
            return False
        return any(
            self._assistants.misses_language(
                message.conversation_id,
                "".join(part.text for part in answer.parts if part.kind is kind),
            )
            for kind in (PartKind.TEXT, PartKind.THINKING)
        )

    def begin(self, old: Message) -> Message:
        """Store the other answer's beginning, a version beside the old one; raises KnownError."""
        self._questions.add(old.parent_id)
        return self._store.add_message(
            old.conversation_id,
            old.parent_id,
            Role.ASSISTANT,
            Status.STREAMING,
            (),
            model=old.model,
        )
