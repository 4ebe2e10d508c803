"""Tools that a model may call: pure values.

What a tool does and whether the person allowed it belongs to the services.
"""

from dataclasses import dataclass


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
