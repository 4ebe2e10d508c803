"""Just enough of JSON Schema to check the catalogue's: the words that schema uses, no others."""

import re
from collections.abc import Iterator
from typing import Any

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "null": (type(None),),
}
_WORDS = """
$schema $defs $ref title description type additionalProperties required properties const
pattern items anyOf enum
"""
_KNOWN = frozenset(_WORDS.split())


def complaints(
    value: object, schema: dict[str, Any], root: dict[str, Any], at: str
) -> Iterator[str]:
    """Yield what in ``value`` the schema does not allow."""
    if unknown := set(schema) - _KNOWN:
        yield f"{at}: the schema uses {unknown}"
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/$defs/")
        yield from complaints(value, root["$defs"][name], root, at)
        return
    if "anyOf" in schema:
        tries = [list(complaints(value, one, root, at)) for one in schema["anyOf"]]
        if all(tries):
            yield from min(tries, key=len)
        return
    yield from _simple(value, schema, at)
    if isinstance(value, dict):
        yield from _of_object(value, schema, root, at)
    if isinstance(value, list) and "items" in schema:
        for number, one in enumerate(value):
            yield from complaints(one, schema["items"], root, f"{at}[{number}]")


def _simple(value: object, schema: dict[str, Any], at: str) -> Iterator[str]:
    if "type" in schema:
        kinds = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
        allowed = tuple(one for kind in kinds for one in _TYPES[kind])
        if not isinstance(value, allowed) or (isinstance(value, bool) and bool not in allowed):
            yield f"{at}: {value!r} is no {kinds}"
    if "const" in schema and value != schema["const"]:
        yield f"{at}: {value!r}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: {value!r}"
    if "pattern" in schema and isinstance(value, str) and not re.search(schema["pattern"], value):
        yield f"{at}: {value!r}"


def _of_object(
    value: dict[str, Any], schema: dict[str, Any], root: dict[str, Any], at: str
) -> Iterator[str]:
    for name in schema.get("required", []):
        if name not in value:
            yield f"{at}: {name} is missing"
    others = schema.get("additionalProperties", True)
    for name, one in value.items():
        if name in schema.get("properties", {}):
            yield from complaints(one, schema["properties"][name], root, f"{at}.{name}")
        elif others is False:
            yield f"{at}: {name} is not known"
        elif isinstance(others, dict):
            yield from complaints(one, others, root, f"{at}.{name}")
