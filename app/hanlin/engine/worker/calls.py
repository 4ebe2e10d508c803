"""Reading the calls of tools that models write between ``<tool_call>`` tags.

Three ways of writing one: Hermes (JSON: Qwen2.5, Qwen3, MiMo), Qwen3-Coder's (also
Qwen3.5) and GLM's. Values without a type stay strings, unless they are JSON. Pure
logic; finding the tags in the stream belongs to ``stream``.
"""

import json
import re
from typing import Final

OPENER: Final = "<tool_call>"
CLOSER: Final = "</tool_call>"
_FUNCTION: Final = re.compile(r"\s*<function=([^>\s]+)>(.*)</function>\s*", re.DOTALL)
_PARAMETER: Final = re.compile(r"<parameter=([^>\s]+)>\n?(.*?)\n?</parameter>", re.DOTALL)
_GLM: Final = re.compile(r"\s*([\w.-]+)\s*((?:<arg_key>.*</arg_value>\s*)?)", re.DOTALL)
_ARGUMENT: Final = re.compile(r"<arg_key>(.*?)</arg_key>\s*<arg_value>(.*?)</arg_value>", re.DOTALL)


def read_call(text: str) -> str | None:
    """Return the call in ``text``, which stood between the tags, as JSON; None when it is none.

    The JSON is an object with ``name`` (a string) and ``arguments`` (an object).
    """
    if found := _FUNCTION.fullmatch(text):
        return _written(found[1], _typed(_PARAMETER.findall(found[2])))
    if text.lstrip().startswith("{"):
        return _hermes(text)
    if found := _GLM.fullmatch(text):
        return _written(found[1], _typed(_ARGUMENT.findall(found[2])))
    return None


def _hermes(text: str) -> str | None:
    try:
        call = json.loads(text)
        arguments = call.get("arguments", {})
        if isinstance(arguments, str):  # some write the object as a string
            arguments = json.loads(arguments)
    except (ValueError, RecursionError):
        return None
    name = call.get("name")
    if not isinstance(name, str) or not isinstance(arguments, dict):
        return None
    return _written(name, arguments)


def _typed(pairs: list[tuple[str, str]]) -> dict[str, object]:
    return {name.strip(): _value(text) for name, text in pairs}


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _written(name: str, arguments: dict[str, object]) -> str:
    return json.dumps({"name": name, "arguments": arguments}, ensure_ascii=False)
