"""Reading the calls of tools that models write into their answers, each family in its own way.

``SPELLINGS`` is the table of the ways. A call becomes JSON of the one form that
``hanlin.engine.tooling`` takes apart. Pure logic; finding the tags in the stream
belongs to ``stream``.
"""

import ast
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

Called = tuple[str, dict[str, Any], dict[str, str]]
"""A tool's name, its arguments of known type, and those written as mere text."""
Reader = Callable[[str], list[Called]]
"""Read what stood between the tags; [] when it is no call."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """A way to write calls: what begins and ends them, and how the rest is read."""

    opener: str
    closer: str
    read: Reader
    to_the_end: bool = False
    """Whether the end of the answer may stand for the closer ("": only that ends it)."""


def read_calls(text: str, spelling: Spelling) -> list[str]:
    """Return the calls in ``text``, which stood between the tags, as JSON; [] when it is none.

    Each is an object with ``name``, ``arguments`` (an object) and, where the family
    writes values without a type, ``texts`` (an object of strings).
    """
    try:
        return [
            json.dumps(
                {"name": name, "arguments": arguments} | ({"texts": texts} if texts else {}),
                ensure_ascii=False,
            )
            for name, arguments, texts in spelling.read(text)
        ]
    except (ValueError, TypeError, RecursionError, SyntaxError, MemoryError):
        return []  # Python's sets, for example, are no arguments


# Values with their types: JSON, or a Python call.

_NAMES: Final = ("name", "tool_name")
_ARGUMENTS: Final = ("arguments", "parameters")


def _json(text: str) -> list[Called]:
    """Read one call, a list of calls, or one call after the other."""
    values: list[Any] = []
    decoder = json.JSONDecoder()
    text = text.strip()
    while text:
        value, end = decoder.raw_decode(text)
        values += value if isinstance(value, list) else [value]
        text = text[end:].lstrip()
    return _all([_object(value) for value in values])


def _object(value: Any) -> Called | None:  # noqa: ANN401 - JSON
    if not isinstance(value, dict):
        return None
    name = next((value[key] for key in _NAMES if key in value), None)
    if name is None and len(value) == 1:  # {"name": {...}}, as Apertus writes it
        [(name, arguments)] = value.items()
    else:
        arguments = next((value[key] for key in _ARGUMENTS if key in value), {})
    return _typed(name, arguments)


def _typed(name: object, arguments: object) -> Called | None:
    if isinstance(arguments, str):  # some write the object as a string
        arguments = json.loads(arguments)
    if not isinstance(name, str) or not name or not isinstance(arguments, dict):
        return None
    return name, arguments, {}


def _all(called: Sequence[Called | None]) -> list[Called]:
    found = [call for call in called if call is not None]
    return found if len(found) == len(called) else []


def _python(text: str) -> list[Called]:
    tree = ast.parse(text.strip(), mode="eval").body
    called: list[Called] = []
    for call in tree.elts if isinstance(tree, ast.List) else [tree]:
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or call.args:
            return []
        arguments = {str(word.arg): ast.literal_eval(word.value) for word in call.keywords}
        called.append((call.func.id, arguments, {}))
    return called


def _named(pattern: str) -> Reader:
    """Return a reader of calls with a name, a separator and a JSON object."""
    expression = re.compile(pattern, re.DOTALL)

    def read(text: str) -> list[Called]:
        found = list(expression.finditer(text))
        if not found or expression.sub("", text).strip():
            return []
        return _all([_typed(each["name"], json.loads(each["json"])) for each in found])

    return read


_GEMMA: Final = re.compile(r"\s*call:([\w.-]+)(\{.*\})\s*", re.DOTALL)
_GEMMA_QUOTE: Final = '<|"|>'


def _gemma(text: str) -> list[Called]:
    found = _GEMMA.fullmatch(text)
    if found is None:
        return []
    pieces = found[2].split(_GEMMA_QUOTE)
    for number, piece in enumerate(pieces):
        if number % 2:
            pieces[number] = json.dumps(piece)
        else:
            named = re.sub(r"([{,]\s*)([\w.-]+)\s*:", r'\1"\2":', piece)
            pieces[number] = re.sub(r"\bNone\b", "null", named)
    return _all([_typed(found[1], json.loads("".join(pieces)))])


# Values as text between tags.

_FUNCTION: Final = re.compile(r"\s*<function=([^>\s]+)>(.*)</function>\s*", re.DOTALL)
_PARAMETER: Final = re.compile(r"<parameter=([^>\s]+)>\n?(.*?)\n?</parameter>", re.DOTALL)
_KEYED: Final = re.compile(
    r"\s*([\w.-]+)\s*(?:<tool_sep>\s*)?((?:<arg_key>.*</arg_value>\s*)?)", re.DOTALL
)
_ARGUMENT: Final = re.compile(r"<arg_key>(.*?)</arg_key>\s*<arg_value>(.*?)</arg_value>", re.DOTALL)
_TOOL_CALL: Final = re.compile(r"<tool_call>(.*?)</tool_call>", re.DOTALL)
_MINICPM: Final = re.compile(r'\s*([^">]+)">(.*)', re.DOTALL)
_PARAM: Final = re.compile(
    r'<param name="([^"]+)">(?:<!\[CDATA\[(.*?)\]\]>|(.*?))</param>', re.DOTALL
)
_INVOKE: Final = re.compile(
    r'<(?P<p>[^\s<>]*)invoke name="(?P<name>[^"]+)">(?P<body>.*?)</(?P=p)invoke>', re.DOTALL
)
_INVOKED: Final = re.compile(
    r'<(?P<p>[^\s<>]*)parameter name="(?P<key>[^"]+)"(?: string="(?P<text>true|false)")?>'
    r"(?P<value>.*?)</(?P=p)parameter>",
    re.DOTALL,
)


def _tagged(text: str) -> list[Called]:
    """Read what stands in ``<tool_call>``: Qwen3-Coder's way, JSON, or GLM's way."""
    if found := _FUNCTION.fullmatch(text):
        return _function(found[1], found[2])
    if text.lstrip().startswith("{"):
        return _json(text)
    if found := _KEYED.fullmatch(text):
        pairs = _ARGUMENT.findall(found[2])
        return [(found[1], {}, {key.strip(): value for key, value in pairs})]
    return []


def _function(name: str, body: str) -> list[Called]:
    if body.lstrip().startswith("{"):  # functionary, and Llama told to
        return _all([_typed(name, json.loads(body))])
    return [(name, {}, dict(_PARAMETER.findall(body)))]


def _bare_function(text: str) -> list[Called]:
    """Read ``f>...`` as the rest of ``<function=f>...``."""
    name, _, body = text.partition(">")
    return _function(name, body) if name and not re.search(r"\s", name) else []


def _many(text: str) -> list[Called]:
    """Read a list in JSON, or calls each in tags of their own (Hunyuan marks its tags)."""
    text = text.replace(":opensource>", ">")
    if "<tool_call>" not in text:
        return _json(text)
    bodies = _TOOL_CALL.findall(text)
    called = [_tagged(body) for body in bodies]
    return [call for each in called for call in each] if all(called) else []


def _minicpm(text: str) -> list[Called]:
    found = _MINICPM.fullmatch(text)
    if found is None:
        return []
    values = {key: quoted or plain for key, quoted, plain in _PARAM.findall(found[2])}
    return [(found[1], {}, values)]


def _invoked(text: str) -> list[Called]:
    called: list[Called] = []
    for found in _INVOKE.finditer(text):
        arguments: dict[str, Any] = {}
        texts: dict[str, str] = {}
        for each in _INVOKED.finditer(found["body"]):
            if each["text"] is None:
                texts[each["key"]] = each["value"]
            else:
                value = each["value"]
                arguments[each["key"]] = value if each["text"] == "true" else json.loads(value)
        called.append((found["name"], arguments, texts))
    return called


_MISTRAL: Final = re.compile(
    r"\s*(?P<name>[\w.-]+)(?:\[CALL_ID\]\w+)?\[ARGS\](?P<json>.*)", re.DOTALL
)


def _mistral(text: str) -> list[Called]:
    if text.lstrip().startswith("["):
        return _json(text)
    called = [_MISTRAL.fullmatch(piece) for piece in text.split("[TOOL_CALLS]")]
    return _all([each and _typed(each["name"], json.loads(each["json"])) for each in called])


SPELLINGS: Final = (
    # Qwen, MiMo, Hermes, Granite 4: JSON; Qwen3-Coder, Qwen3.5, StepFun: <function=;
    # GLM, Ling, Spark, Laguna: <arg_key>.
    Spelling("<tool_call>", "</tool_call>", _tagged),
    Spelling("<seed:tool_call>", "</seed:tool_call>", _tagged),
    Spelling("<tool_calls:opensource>", "</tool_calls:opensource>", _many, to_the_end=True),
    # Hunyuan without its mark, MiniMax-M1, Apriel.
    Spelling("<tool_calls>", "</tool_calls>", _many),
    Spelling('<function name="', "</function>", _minicpm),
    Spelling("<function=", "</function>", _bare_function),
    Spelling(
        "<｜tool▁calls▁begin｜>",
        "<｜tool▁calls▁end｜>",
        _named(
            r"<｜tool▁call▁begin｜>(?:function<｜tool▁sep｜>)?(?P<name>[^<\n]+?)"
            r"(?:<｜tool▁sep｜>|\n```json\n)(?P<json>\{.*?\})(?:\n```)?<｜tool▁call▁end｜>"
        ),
        to_the_end=True,
    ),
    Spelling("<｜DSML｜tool_calls>", "</｜DSML｜tool_calls>", _invoked, to_the_end=True),
    Spelling("<｜DSML｜function_calls>", "</｜DSML｜function_calls>", _invoked, to_the_end=True),
    Spelling("<minimax:tool_call>", "</minimax:tool_call>", _invoked),
    Spelling(
        "<|tool_calls_section_begin|>",
        "<|tool_calls_section_end|>",
        _named(
            r"<\|tool_call_begin\|>\s*(?:functions\.)?(?P<name>[\w.-]+?)(?::\d+)?\s*"
            r"<\|tool_call_argument_begin\|>\s*(?P<json>\{.*?\})\s*<\|tool_call_end\|>"
        ),
        to_the_end=True,
    ),
    Spelling("<|tool_call>", "<tool_call|>", _gemma),
    Spelling("<|tool_call_start|>", "<|tool_call_end|>", _python),
    Spelling("<|START_ACTION|>", "<|END_ACTION|>", _json),
    Spelling("<|tools_prefix|>", "<|tools_suffix|>", _json),
    Spelling("<TOOLCALL>", "</TOOLCALL>", _json),
    Spelling("<|tool_call|>", "", _json, to_the_end=True),
    Spelling("<|function_call|>", "", _json, to_the_end=True),
    Spelling(
        "<|tool_calls|>",
        "",
        _named(
            r"<\|tool_call:begin\|>[^<]*<\|tool_call:name\|>(?P<name>[^<]+)"
            r"<\|tool_call:args\|>(?P<json>\{.*?\})<\|tool_call:end\|>"
        ),
        to_the_end=True,
    ),
    # gpt-oss: the recipient stands before or behind the channel.
    Spelling(
        "to=functions.",
        "",
        _named(r"(?P<name>[\w.-]+)[^{]*<\|message\|>(?P<json>\{.*\})"),
        to_the_end=True,
    ),
    Spelling("[TOOL_CALLS]", "", _mistral, to_the_end=True),
)

WITHIN: Final = (
    *("<tool_sep>", "<arg_key>", "</arg_key>", "<arg_value>", "</arg_value>"),
    *("<tool_call:opensource>", "</tool_call:opensource>", "<tool_sep:opensource>"),
    *("<arg_key:opensource>", "</arg_key:opensource>"),
    *("<arg_value:opensource>", "</arg_value:opensource>"),
    *("<｜tool▁call▁begin｜>", "<｜tool▁sep｜>", "<｜tool▁call▁end｜>", "｜DSML｜"),
    *("<|tool_call_begin|>", "<|tool_call_argument_begin|>", "<|tool_call_end|>"),
    *("<|tool_call:begin|>", "<|tool_call:name|>", "<|tool_call:args|>", "<|tool_call:end|>"),
    *(_GEMMA_QUOTE, "[CALL_ID]", "[ARGS]", "<|start|>", "<|channel|>", "<|message|>"),
)
"""Texts inside of calls that are control tokens in some vocabularies."""
