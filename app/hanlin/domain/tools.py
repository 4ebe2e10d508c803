"""Tools that a model may call: pure values.

What a tool does and whether the person allowed it belongs to the services.
"""

import json
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool as a model is told of it. ``parameters`` is a JSON schema of an object."""

    name: str
    description: str
    parameters: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """What a model asks for. ``arguments`` is a JSON object, whose values nobody has checked."""

    name: str
    arguments: str

    @classmethod
    def read(cls, text: str) -> "ToolCall":
        """Return the call of a part's text; nonsense becomes a call of nothing."""
        name, arguments = _fields(text, "name", "arguments")
        if not isinstance(arguments, dict):
            arguments = {}
        return cls(str(name or ""), json.dumps(arguments, ensure_ascii=False))


class Outcome(StrEnum):
    """How a call came out."""

    DONE = "done"
    REFUSED = "refused"
    """The person did not allow it."""
    FAILED = "failed"
    """It could not be run, or found nothing to tell; the text says why."""


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What came of a call. ``text`` is for the model, and for whoever wants to look."""

    outcome: Outcome
    text: str

    def written(self) -> str:
        """Return the text of the part that keeps it."""
        fields = {"outcome": str(self.outcome), "text": self.text}
        return json.dumps(fields, ensure_ascii=False)

    @classmethod
    def read(cls, text: str) -> "ToolResult":
        """Return the result of a part's text; nonsense becomes a failure."""
        outcome, said = _fields(text, "outcome", "text")
        known = next((one for one in Outcome if one == outcome), Outcome.FAILED)
        return cls(known, said if isinstance(said, str) else "")


class Decision(StrEnum):
    """What the person says to a call."""

    ONCE = "once"
    CONVERSATION = "conversation"
    """This one, and all of this tool in this conversation."""
    REFUSE = "refuse"


def _fields(text: str, *names: str) -> list[object]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    return [value.get(name) if isinstance(value, dict) else None for name in names]
