"""Giving the arguments of a call the types that the tool's own schema asks for.

Half of the families write values as mere text; what ``12`` is, only the schema can
say. How a call is found in an answer belongs to the worker.
"""

import ast
import json
from collections.abc import Sequence
from typing import Any, Final

from hanlin.domain.tools import Tool

_PYTHON: Final = ("array", "object", "boolean", "null", None)
"""Types whose values some templates write, and so their models, as Python does."""


def typed_call(call: str, tools: Sequence[Tool]) -> str:
    """Return a call of the worker's as JSON with ``name`` and ``arguments``, in their types.

    What does not fit the schema is left as it was written: whoever runs the tool checks.
    """
    told: dict[str, Any] = json.loads(call)
    name, arguments = told["name"], told["arguments"]
    properties = next((_properties(tool) for tool in tools if tool.name == name), {})
    for key, text in told.get("texts", {}).items():
        arguments[key] = _value(text, _type(properties.get(key)))
    return json.dumps({"name": name, "arguments": arguments}, ensure_ascii=False)


def _properties(tool: Tool) -> dict[str, Any]:
    schema = json.loads(tool.parameters)
    properties = schema.get("properties") if isinstance(schema, dict) else None
    return properties if isinstance(properties, dict) else {}


def _type(schema: object) -> str | None:
    kind = schema.get("type") if isinstance(schema, dict) else None
    return kind if isinstance(kind, str) else None


def _value(text: str, kind: str | None) -> object:
    if kind == "string":
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    if kind in _PYTHON and text[:1] in ("[", "{", "T", "F", "N"):
        try:
            value = ast.literal_eval(text.strip())
            json.dumps(value)
        except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
            return text
        return value
    return text
