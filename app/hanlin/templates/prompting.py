"""From turns to segments: what a template is given and what of its output is believed.

Each body (what a person or a model wrote) goes into the template as an
unguessable mark and is put in its place afterwards, as text in which no control
token is recognised. So what a person types never becomes a control token, and
chats never enter the process that runs the template. Only a template that loses
a mark (it cuts or rewrites what it is given) is given the words themselves; then
the control tokens in them are marked instead.

Pure logic over a ``Render`` function; processes and deadlines do not belong here.
"""

import contextlib
import json
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from hanlin.domain.conversation import Role
from hanlin.domain.generation import GenerationOptions, Turn
from hanlin.domain.prompt import Prompt, Segment, TokenTexts
from hanlin.domain.tools import Tool, ToolCall

Message = dict[str, object]
Variables = dict[str, object]
Render = Callable[[Sequence[Message], Variables], str]
"""Render messages with variables; raises RenderFailed."""

# What makers call their switch: a word its template then contains, how it is off, how on.
_SWITCHES: tuple[tuple[str, Variables, Variables], ...] = (
    ("enable_thinking", {"enable_thinking": False}, {"enable_thinking": True}),
    ("thinking", {"thinking": False}, {"thinking": True}),
    ("no_think", {"reasoning_effort": "no_think"}, {"reasoning_effort": "high"}),
    ("thinking_budget", {"thinking_budget": 0}, {"thinking_budget": -1}),
)
_NONE: Variables = {}
_EFFORTS = ("minimal", "low", "medium", "high", "xhigh", "max")
_USUAL_EFFORTS = ("low", "medium", "high")
_JOINED = (Role.SYSTEM, Role.USER, Role.ASSISTANT)
_QUESTION = (Turn(Role.USER, "u"),)
_ABOUT_THE_FORM = frozenset({"error", "raised"})
"""Failures that another form of message may cure; time and memory are not among them."""
_SIGNS = re.compile(r'[^\w\s"\\]+')
_GROWTH_LIMIT = 1 << 20
"""Characters a prompt may have beyond four times its bodies."""
_REPEATS = 4
"""How often a template may repeat a body, on average."""


class RenderFailed(Exception):
    """``code`` is a key of ``hanlin.templates.reasons``; ``detail`` is for the log."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Template:
    """A template that was tried out, and how it wants to be used."""

    render: Render
    tokens: TokenTexts
    thinking_off: Variables | None
    thinking_on: Variables | None
    takes_system: bool
    takes_tools: bool
    efforts: tuple[str, ...]
    takes_budget: bool
    in_parts: bool
    """Bodies are lists of typed parts instead of strings."""

    @property
    def thinking_switch(self) -> bool:
        """Whether thoughts can be turned off."""
        return self.thinking_off is not None

    def prompt(self, turns: Sequence[Turn], options: GenerationOptions) -> Prompt:
        """Return the prompt that asks for the answer to the last of ``turns``.

        Raises RenderFailed when the template cannot take these turns.
        """
        variables = {**self._variables(options), **_tool_variables(options.tools)}
        merged = _merged(turns if self.takes_system else _system_folded(turns))
        try:
            return self._render(merged, variables, _Bodies())
        except _Lost:
            try:
                return self._render(merged, variables, _GuardedBodies(self.tokens.control))
            except _Lost:
                raise RenderFailed("lost") from None

    def _render(self, turns: Sequence[Turn], variables: Variables, marks: "_Marks") -> Prompt:
        messages = [_message(turn, marks, in_parts=self.in_parts) for turn in turns]
        return Prompt(marks.segments(self.render(messages, variables)))

    def _variables(self, options: GenerationOptions) -> Variables:
        wishes = {True: self.thinking_on, False: self.thinking_off, None: None}
        chosen = dict(wishes[options.thinking] or {})
        if options.thinking is not False:
            if options.effort in self.efforts:
                chosen["reasoning_effort"] = options.effort
            if self.takes_budget and options.thinking_budget is not None:
                chosen["thinking_budget"] = options.thinking_budget
        return {**_token_variables(self.tokens), **chosen}


def try_out(source: str, tokens: TokenTexts, render: Render) -> Template:
    """Find out by rendering what ``source`` (compiled behind ``render``) can do.

    Raises RenderFailed when it cannot even render one question.
    """
    probe = _Probe(render, _token_variables(tokens))
    probe.choose_form()
    off, on = probe.switch(source)
    return Template(
        render=render,
        tokens=tokens,
        thinking_off=off,
        thinking_on=on,
        takes_system=probe.keeps_system(),
        takes_tools=probe.shows_tools(),
        efforts=probe.efforts(source, on),
        takes_budget=probe.tells({"thinking_budget": 333}),
        in_parts=probe.in_parts,
    )


class _Lost(Exception):
    """A mark that must be in the output is not."""


@dataclass(slots=True)
class _Probe:
    """Tries what a template does with a question."""

    render: Render
    variables: Variables
    in_parts: bool = False

    def choose_form(self) -> None:
        """Find the form of message the template can read. Raises RenderFailed."""
        try:
            self._prompt(_QUESTION)
        except _Lost:
            self._check_that_words_matter()
        except RenderFailed as failure:
            if failure.code not in _ABOUT_THE_FORM:
                raise
            self.in_parts = True
            try:
                self._prompt(_QUESTION)
            except (RenderFailed, _Lost):
                raise failure from None

    def switch(self, source: str) -> tuple[Variables | None, Variables | None]:
        """Return the variables that turn thoughts off and on, if any do."""
        for word, off, on in _SWITCHES:
            if word in source:
                try:
                    differs = self._prompt(_QUESTION, off) != self._prompt(_QUESTION, on)
                except (RenderFailed, _Lost):
                    continue
                if differs:
                    return off, on
        return None, None

    def efforts(self, source: str, on: Variables | None) -> tuple[str, ...]:
        """Return the words for how much to think that make different prompts, with ``on``."""
        if "reasoning_effort" not in source:
            return ()
        told: list[tuple[str, Prompt]] = []
        for word in _EFFORTS:
            if word in _USUAL_EFFORTS or re.search(rf"""['"]{word}['"]""", source):
                with contextlib.suppress(RenderFailed, _Lost):
                    prompt = self._prompt(_QUESTION, {**(on or {}), "reasoning_effort": word})
                    if all(prompt != other for _, other in told):
                        told.append((word, prompt))
        return tuple(word for word, _ in told) if len(told) > 1 else ()

    def tells(self, variables: Variables) -> bool:
        """Return whether ``variables`` change the prompt."""
        try:
            return self._prompt(_QUESTION, variables) != self._prompt(_QUESTION)
        except (RenderFailed, _Lost):
            return False

    def keeps_system(self) -> bool:
        """Return whether a system turn reaches the prompt."""
        try:
            self._prompt([Turn(Role.SYSTEM, "s"), *_QUESTION])
        except (RenderFailed, _Lost):
            return False
        return True

    def shows_tools(self) -> bool:
        """Return whether a tool that is offered reaches the prompt."""
        probe = _Bodies()
        name = f"t{probe.nonce}"
        tool = Tool(name, "d", '{"type": "object", "properties": {}}')
        messages = [_message(turn, probe, in_parts=self.in_parts) for turn in _QUESTION]
        try:
            rendered = self.render(messages, {**self.variables, **_tool_variables([tool])})
        except RenderFailed:
            return False
        return name in rendered

    def _prompt(self, turns: Sequence[Turn], variables: Mapping[str, object] = _NONE) -> Prompt:
        marks = _Bodies()
        messages = [_message(turn, marks, in_parts=self.in_parts) for turn in turns]
        return Prompt(marks.segments(self.render(messages, {**self.variables, **variables})))

    def _check_that_words_matter(self) -> None:
        first, second = (
            self.render([{"role": "user", "content": text}], self.variables) for text in "ab"
        )
        if first == second:
            raise RenderFailed("lost", "the question does not change the prompt")


@dataclass(slots=True)
class _Marks:
    """Gives out marks and finds them again."""

    nonce: str = field(default_factory=lambda: "m" + secrets.token_hex(8))
    texts: list[str] = field(default_factory=list)
    required: set[int] = field(default_factory=set)
    size: int = 0
    calls: int = 0
    results: int = 0

    def body(self, text: str, *, required: bool) -> str:
        """Return what the template is given in the place of ``text``."""
        raise NotImplementedError

    def mark(self, text: str, *, required: bool) -> str:
        if required:
            self.required.add(len(self.texts))
        self.texts.append(text)
        return f"{self.nonce}{len(self.texts) - 1}z"

    def value(self, value: object) -> object:
        """Return ``value``, of JSON, with its signs as marks: control tokens begin with signs.

        Quotes and backslashes stay, because a template may write the value as JSON.
        """
        if isinstance(value, str):
            return _SIGNS.sub(lambda found: self.mark(found.group(), required=False), value)
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, dict):
            return {str(self.value(key)): self.value(item) for key, item in value.items()}
        return value

    def segments(self, rendered: str) -> tuple[Segment, ...]:
        """Put the texts back. Raises _Lost, or RenderFailed when the prompt explodes."""
        pieces = re.split(rf"{self.nonce}(\d+)z", rendered)
        segments: list[Segment] = []
        seen: set[int] = set()
        room = _GROWTH_LIMIT + 4 * self.size
        if len(pieces) // 2 > _REPEATS * len(self.texts):
            raise RenderFailed("output", "the template repeats what was written")
        for position, piece in enumerate(pieces):
            if position % 2 and int(piece) >= len(self.texts):
                raise RenderFailed("lost", "a mark that was never given out")
            text = self.texts[int(piece)] if position % 2 else piece
            if position % 2:
                seen.add(int(piece))
            room -= len(text)
            if room < 0:
                raise RenderFailed("output", "the prompt grows beyond its bodies")
            if text:
                segments.append(Segment(text, control=position % 2 == 0))
        if not self.required <= seen:
            raise _Lost
        return tuple(segments)


class _Bodies(_Marks):
    """Whole bodies are marks. White space around one stays outside, where templates strip it."""

    def body(self, text: str, *, required: bool) -> str:
        self.size += len(text)
        core = text.strip()
        if not core:
            return text
        start = text.index(core)
        return text[:start] + self.mark(core, required=required) + text[start + len(core) :]


class _GuardedBodies(_Marks):
    """Bodies go in as they are, only the control tokens written in them are marks."""

    def __init__(self, control: Sequence[str]) -> None:
        super().__init__()
        longest_first = sorted(filter(None, control), key=len, reverse=True)
        self._control = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")

    def body(self, text: str, *, required: bool) -> str:
        self.size += len(text)
        return self._control.sub(lambda found: self.mark(found.group(), required=required), text)


def _message(turn: Turn, marks: _Marks, *, in_parts: bool) -> Message:
    body = marks.body(turn.text, required=True)
    message: Message = {
        "role": str(turn.role),
        "content": [{"type": "text", "text": body}] if in_parts else body,
    }
    if turn.thinking:  # whether an old thought is shown again is the template's decision
        message["reasoning_content"] = marks.body(turn.thinking, required=False)
    if turn.calls:
        message["tool_calls"] = [_called(call, marks) for call in turn.calls]
    if turn.role is Role.TOOL:  # the results come in the order of the calls
        marks.results += 1
        message["tool_call_id"] = _call_id(marks.results)
    return message


def _called(call: ToolCall, marks: _Marks) -> Variables:
    marks.calls += 1
    return {
        "type": "function",
        "id": _call_id(marks.calls),
        "function": {
            "name": marks.value(call.name),
            "arguments": marks.value(json.loads(call.arguments)),
        },
    }


def _call_id(number: int) -> str:
    return f"call{number:05}"  # nine letters and digits: Mistral's templates insist


def _tool_variables(tools: Sequence[Tool]) -> Variables:
    if not tools:
        return {}
    return {
        "tools": [
            {
                "type": "function",
                "function": {
                    "name": tool.name,
                    "description": tool.description,
                    "parameters": json.loads(tool.parameters),
                },
            }
            for tool in tools
        ]
    }


def _token_variables(tokens: TokenTexts) -> Variables:
    return {"bos_token": tokens.bos, "eos_token": tokens.eos}


def _system_folded(turns: Sequence[Turn]) -> list[Turn]:
    """Let the system's words begin the first question, for templates without a system role."""
    system = "\n\n".join(turn.text for turn in turns if turn.role is Role.SYSTEM)
    rest = [turn for turn in turns if turn.role is not Role.SYSTEM]
    return [Turn(Role.USER, system), *rest] if system else rest


def _merged(turns: Sequence[Turn]) -> list[Turn]:
    """Join neighbours of one role: templates that insist on alternation then accept them."""
    merged: list[Turn] = []
    for turn in turns:
        if merged and merged[-1].role is turn.role and turn.role in _JOINED and not turn.calls:
            before = merged.pop()
            merged.append(Turn(turn.role, f"{before.text}\n\n{turn.text}", turn.thinking))
        else:
            merged.append(turn)
    return merged
