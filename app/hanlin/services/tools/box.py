"""The tools that are offered to a model: what each is called, takes and gives back.

Whether a call may run is decided in ``asking``; here it is checked against its schema and run,
within a time and with a bounded answer.
"""

import datetime
import json
import logging
import queue
import threading
import zoneinfo
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, Protocol

from hanlin.domain.conversation import Role
from hanlin.domain.generation import Turn
from hanlin.domain.tools import Outcome, Tool, ToolCall, ToolResult
from hanlin.kernel.i18n import _
from hanlin.services.attached import Passage
from hanlin.services.tools import calculator, reading, units

SECONDS: Final = 15.0
"""How long a tool may take."""
LONGEST_RESULT: Final = 20_000
"""Characters of a result that a model is told."""
_log = logging.getLogger(__name__)

Arguments = Mapping[str, Any]


class ToolError(Exception):
    """A tool found nothing to tell; the text says why, to the model and to the person."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a tool is called: what the answer answers, and in which conversation."""

    turns: Sequence[Turn]
    conversation_id: str = ""


class Documents(Protocol):
    """The documents of conversations, as far as a tool looks into them."""

    def has_text(self, conversation_id: str) -> bool:
        """Tell whether the conversation has a document with text."""
        ...

    def find(self, conversation_id: str, query: str) -> Sequence[Passage]:
        """Return the passages that have most of ``query``."""
        ...


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """One tool. ``run`` gets checked arguments and where it is called; raises ToolError."""

    tool: Tool
    run: Callable[[Arguments, Scene], str]
    offered: Callable[[Scene], bool] = lambda _scene: True


class Toolbox:
    """The tools there are. ``seconds`` is how long one may take."""

    def __init__(self, tools: Sequence[BuiltIn], seconds: float = SECONDS) -> None:
        self._tools = {one.tool.name: one for one in tools}
        self._seconds = seconds

    def offered(self, scene: Scene) -> tuple[Tool, ...]:
        """Return the tools that are of use there."""
        return tuple(one.tool for one in self._tools.values() if one.offered(scene))

    def known(self, names: Sequence[str]) -> tuple[Tool, ...]:
        """Return the tools with these names; one that is no more is left out."""
        return tuple(one.tool for name, one in self._tools.items() if name in names)

    def fault(self, call: ToolCall) -> str:
        """Return why the call cannot be run, "" when it can."""
        known = self._tools.get(call.name)
        if known is None:
            return _("There is no tool “{name}”.").format(name=call.name[:60])
        schema = json.loads(known.tool.parameters)
        arguments = json.loads(call.arguments)
        for name, kind in schema["properties"].items():
            value = arguments.get(name)
            if value is None or value == "":
                if name in schema.get("required", ()):
                    return _("The model left out “{name}”.").format(name=name)
            elif not isinstance(value, _TYPES[kind["type"]]) or isinstance(value, bool):
                return _("“{name}” is not what the tool takes.").format(name=name)
        return ""

    def run(self, call: ToolCall, scene: Scene) -> ToolResult:
        """Run a call without fault; returns within the time, whatever the tool does."""
        answers: queue.SimpleQueue[ToolResult] = queue.SimpleQueue()
        tool = self._tools[call.name]
        arguments = {k: v for k, v in json.loads(call.arguments).items() if v not in (None, "")}

        def work() -> None:
            try:
                text = tool.run(arguments, scene)
                answers.put(ToolResult(Outcome.DONE, _cut(text)))
            except ToolError as error:
                answers.put(ToolResult(Outcome.FAILED, _cut(str(error))))
            except Exception:  # noqa: BLE001 - a tool's fault must not end the answer
                _log.exception("the tool %s failed", call.name)
                answers.put(ToolResult(Outcome.FAILED, _("The tool failed.")))

        threading.Thread(target=work, name=f"tool-{call.name}", daemon=True).start()
        try:
            return answers.get(timeout=self._seconds)
        except queue.Empty:
            seconds = round(self._seconds)
            sentence = _("The tool gave no answer within {seconds} seconds.")
            return ToolResult(Outcome.FAILED, sentence.format(seconds=seconds))


_TYPES: Final[Mapping[str, tuple[type, ...]]] = {"string": (str,), "number": (int, float)}


def _cut(text: str) -> str:
    if len(text) <= LONGEST_RESULT:
        return text
    return f"{text[:LONGEST_RESULT]}\n[… {len(text) - LONGEST_RESULT} characters more]"


def built_in(documents: Documents) -> list[BuiltIn]:
    """Return the tools that come with the program; all work offline, and none writes."""
    return [
        BuiltIn(
            _tool("calculator", "Evaluates an arithmetic expression", expression="string"),
            _calculate,
        ),
        BuiltIn(
            _tool("get_time", "The date and time now", optional=("zone",), zone="string"),
            _tell_time,
        ),
        BuiltIn(
            _tool("convert_units", "Converts a value between units", **_CONVERSION),
            _convert,
        ),
        BuiltIn(
            _tool("read_file", "Reads a text file that the user named", path="string"),
            _read,
            lambda scene: bool(_named(scene)),
        ),
        BuiltIn(
            _tool(
                "search_documents",
                "Finds passages in the documents of this conversation",
                query="string",
            ),
            lambda arguments, scene: _search(documents, arguments, scene),
            lambda scene: documents.has_text(scene.conversation_id),
        ),
    ]


_CONVERSION: Final = {"value": "number", "from": "string", "to": "string"}


def _tool(name: str, description: str, optional: Sequence[str] = (), **kinds: str) -> Tool:
    schema = {
        "type": "object",
        "properties": {argument: {"type": kind} for argument, kind in kinds.items()},
        "required": [argument for argument in kinds if argument not in optional],
    }
    return Tool(name, description, json.dumps(schema))


def _calculate(arguments: Arguments, _scene: Scene) -> str:
    try:
        return calculator.calculate(arguments["expression"])
    except calculator.CalculationError as error:
        raise ToolError(f"Error: {error}") from error


def _tell_time(arguments: Arguments, _scene: Scene) -> str:
    now = datetime.datetime.now().astimezone()
    name = str(arguments.get("zone", ""))
    if name and name.lower() != "local":
        try:
            now = now.astimezone(datetime.UTC if name.upper() in _UTC else zoneinfo.ZoneInfo(name))
        except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
            name = f"{name[:40]}: not known here, so this is the time of this computer"
    return f"{now:%Y-%m-%d %H:%M:%S}, {_WEEKDAYS[now.weekday()]}, UTC{now:%z}" + (
        f" ({name})" if name else ""
    )


_UTC: Final = ("UTC", "GMT", "Z")
_WEEKDAYS: Final = (
    *("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
)


def _convert(arguments: Arguments, _scene: Scene) -> str:
    source, target = arguments["from"], arguments["to"]
    try:
        value = Fraction(str(arguments["value"]))
        result = units.convert(value, source, target)
        shown = calculator.calculate(f"({result.numerator})/({result.denominator})")
    except (units.UnknownUnitError, calculator.CalculationError, ValueError) as error:
        raise ToolError(f"Error: {error}") from error
    return f"{arguments['value']} {source} = {shown} {target}"


def _named(scene: Scene) -> frozenset[str]:
    return reading.named_files(turn.text for turn in scene.turns if turn.role is Role.USER)


def _read(arguments: Arguments, scene: Scene) -> str:
    path = arguments["path"]
    if not reading.is_named(path, _named(scene)):
        raise ToolError(_("Only files that you name yourself are read, with their whole path."))
    try:
        return reading.read_text(path)
    except reading.UnreadableError as error:
        raise ToolError(str(error)) from error


def _search(documents: Documents, arguments: Arguments, scene: Scene) -> str:
    found = documents.find(scene.conversation_id, arguments["query"])
    if not found:
        raise ToolError(_("The documents of this conversation say nothing of it."))
    return "\n\n".join(
        f"{passage.name}, {'page' if passage.paged else 'section'} {passage.page}:\n{passage.text}"
        for passage in found
    )
