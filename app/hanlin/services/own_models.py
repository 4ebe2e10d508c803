"""The model that a person chose by hand in a conversation; kept over a restart.

Which model answers in the end is ``lending``'s decision.
"""

import threading
from typing import Final, Protocol

from hanlin.domain.ids import is_temporary

_MOST: Final = 200
"""Conversations whose choice is remembered, the newest choices."""


class OwnMemory(Protocol):
    """What of this is remembered between two runs of the program."""

    own_models: str
    """Ids of conversations and models as ``conversation=model``, with blanks between them."""


class OwnModels:
    """May be asked from any thread; waits for no disk but when something is chosen.

    The conversation "" is the next new one.
    """

    def __init__(self, memory: OwnMemory) -> None:
        self._memory = memory
        self._lock = threading.Lock()
        pairs = (one.partition("=") for one in memory.own_models.split())
        self._chosen = {name: model for name, _equals, model in pairs if name and model}

    def of(self, conversation_id: str) -> str:
        """Return the id of the model that was chosen in the conversation, "" for none."""
        return self._chosen.get(conversation_id, "")

    def choose(self, conversation_id: str, model_id: str) -> None:
        """Hear that a person chose a model while the conversation was open."""
        with self._lock:
            self._chosen.pop(conversation_id, None)
            self._chosen[conversation_id] = model_id
            self._keep()

    def begin(self, conversation_id: str) -> None:
        """Hear that the new conversation has this name now; "" that another one is begun."""
        with self._lock:
            chosen = self._chosen.pop("", "")
            if chosen and conversation_id:
                self._chosen[conversation_id] = chosen
                self._keep()

    def rename(self, old_id: str, new_id: str) -> None:
        """Know a model by another id."""
        with self._lock:
            for conversation_id, model_id in self._chosen.items():
                if model_id == old_id:
                    self._chosen[conversation_id] = new_id
            self._keep()

    def clear(self) -> None:
        """Forget every choice."""
        with self._lock:
            self._chosen.clear()
            self._keep()

    def _keep(self) -> None:
        for old in list(self._chosen)[:-_MOST]:
            del self._chosen[old]
        kept = (pair for pair in self._chosen.items() if pair[0] and not is_temporary(pair[0]))
        text = " ".join(f"{name}={model}" for name, model in kept)
        if text != self._memory.own_models:
            self._memory.own_models = text
