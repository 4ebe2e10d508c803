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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from hanlin.domain.conversation import Role
from hanlin.domain.generation import GenerationOptions, Turn
from hanlin.domain.prompt import Prompt, Segment, TokenTexts
from hanlin.domain.tools import Tool, ToolCall
from hanlin.templates.marks import Bodies, GuardedBodies, Lost, Marks
from hanlin.templates.reasons import RenderFailed

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
_SOFT_OFF, _SOFT_ON = "/no_think", "/think"
"""What some templates look for in the question itself."""
_OPEN_THOUGHT = re.compile(r"<([\w:]*think\w*|thought|reasoning)>\s*\Z", re.IGNORECASE)
"""At a prompt's end: the model begins with a thought, whatever it was told."""
_NONE: Variables = {}
_EFFORTS = ("minimal", "low", "medium", "high", "xhigh", "max")
_USUAL_EFFORTS = ("low", "medium", "high")
_JOINED = (Role.SYSTEM, Role.USER, Role.ASSISTANT)
_QUESTION = (Turn(Role.USER, "u"),)
_ABOUT_THE_FORM = frozenset({"error", "raised"})
"""Failures that another form of message may cure; time and memory are not among them."""


@dataclass(frozen=True, slots=True)
class Form:
    """How a template wants its messages."""

    in_parts: bool = False
    """Bodies are lists of typed parts instead of strings."""
    arguments_as_text: bool = False


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
    form: Form = Form()
    soft_switch: bool = False
    """Whether a word in the question turns thoughts off."""

    @property
    def thinking_switch(self) -> bool:
        """Whether thoughts can be turned off."""
        return self.thinking_off is not None or self.soft_switch

    def prompt(self, turns: Sequence[Turn], options: GenerationOptions) -> Prompt:
        """Return the prompt that asks for the answer to the last of ``turns``.

        When that is an answer, it is to be gone on with. Raises RenderFailed when the template
        cannot take these turns.
        """
        if len(turns) > 1 and turns[-1].role is Role.ASSISTANT and not turns[-1].calls:
            return _gone_on(self.prompt(turns[:-1], options), turns[-1])
        variables = {**self._variables(options), **_tool_variables(options.tools)}
        merged = _merged(turns if self.takes_system else _system_folded(turns))
        suffix = ""
        if self.soft_switch and options.thinking is not None:
            suffix = _SOFT_ON if options.thinking else _SOFT_OFF
        try:
            return self._render(merged, variables, self.form, suffix)
        except RenderFailed as failure:
            if failure.code not in _ABOUT_THE_FORM or not any(turn.calls for turn in turns):
                raise
            try:  # some take the arguments of calls as text only
                form = replace(self.form, arguments_as_text=True)
                return self._render(merged, variables, form, suffix)
            except RenderFailed:
                raise failure from None

    def _render(
        self, turns: Sequence[Turn], variables: Variables, form: Form, suffix: str
    ) -> Prompt:
        last = max((at for at, turn in enumerate(turns) if turn.role is Role.USER), default=-1)
        for marks in (Bodies(), GuardedBodies(self.tokens.control)):
            messages = [
                _message(turn, marks, form, suffix if at == last else "")
                for at, turn in enumerate(turns)
            ]
            with contextlib.suppress(Lost):
                return Prompt(marks.segments(self.render(messages, variables)))
        raise RenderFailed("lost")

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

    Raises RenderFailed when it cannot even render one question, or takes too long for anything.
    """
    probe = _Probe(render, _token_variables(tokens))
    try:
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
            form=probe.form,
            soft_switch=off is None and probe.heeds_words(source),
        )
    except _Endless:
        raise RenderFailed("time", "in one of the ways it was tried") from None


class _Endless(Exception):
    """A rendering took too long; nobody waits for another one as long."""


@dataclass(slots=True)
class _Probe:
    """Tries what a template does with a question."""

    unwatched: Render
    variables: Variables
    form: Form = Form()

    def render(self, messages: Sequence[Message], variables: Variables) -> str:
        """Return what the template makes of it. Raises RenderFailed, or _Endless."""
        try:
            return self.unwatched(messages, variables)
        except RenderFailed as failure:
            if failure.code == "time":
                raise _Endless from failure
            raise

    def choose_form(self) -> None:
        """Find the form of message the template can read. Raises RenderFailed."""
        try:
            self._prompt(_QUESTION)
        except Lost:
            self._check_that_words_matter()
        except RenderFailed as failure:
            if failure.code not in _ABOUT_THE_FORM:
                raise
            self.form = Form(in_parts=True)
            try:
                self._prompt(_QUESTION)
            except (RenderFailed, Lost):
                raise failure from None

    def switch(self, source: str) -> tuple[Variables | None, Variables | None]:
        """Return the variables that turn thoughts off and on, if any do."""
        for word, off, on in _SWITCHES:
            if word in source:
                try:
                    differs = self._prompt(_QUESTION, off) != self._prompt(_QUESTION, on)
                except (RenderFailed, Lost):
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
                with contextlib.suppress(RenderFailed, Lost):
                    prompt = self._prompt(_QUESTION, {**(on or {}), "reasoning_effort": word})
                    if all(prompt != other for _, other in told):
                        told.append((word, prompt))
        return tuple(word for word, _ in told) if len(told) > 1 else ()

    def tells(self, variables: Variables) -> bool:
        """Return whether ``variables`` change the prompt."""
        try:
            return self._prompt(_QUESTION, variables) != self._prompt(_QUESTION)
        except (RenderFailed, Lost):
            return False

    def keeps_system(self) -> bool:
        """Return whether a system turn reaches the prompt."""
        try:
            self._prompt([Turn(Role.SYSTEM, "s"), *_QUESTION])
        except (RenderFailed, Lost):
            return False
        return True

    def shows_tools(self) -> bool:
        """Return whether a tool that is offered reaches the prompt."""
        probe = Bodies()
        name = f"t{probe.nonce}"
        tool = Tool(name, "d", '{"type": "object", "properties": {}}')
        messages = [_message(turn, probe, self.form) for turn in _QUESTION]
        try:
            rendered = self.render(messages, {**self.variables, **_tool_variables([tool])})
        except RenderFailed:
            return False
        return name in rendered

    def heeds_words(self, source: str) -> bool:
        """Return whether a word in the question turns thoughts off, and is not shown itself."""
        if _SOFT_OFF not in source:
            return False
        try:
            plain, off = (self._prompt(_QUESTION, suffix=word) for word in ("", _SOFT_OFF))
        except (RenderFailed, Lost):
            return False
        return plain != off and not any(_SOFT_OFF in segment.text for segment in off.segments)

    def _prompt(
        self, turns: Sequence[Turn], variables: Mapping[str, object] = _NONE, suffix: str = ""
    ) -> Prompt:
        marks = Bodies()
        messages = [_message(turn, marks, self.form, suffix) for turn in turns]
        return Prompt(marks.segments(self.render(messages, {**self.variables, **variables})))

    def _check_that_words_matter(self) -> None:
        first, second = (
            self.render([{"role": "user", "content": text}], self.variables) for text in "ab"
        )
        if first == second:
            raise RenderFailed("lost", "the question does not change the prompt")


def _gone_on(prompt: Prompt, begun: Turn) -> Prompt:
    """Return ``prompt`` with the beginning of its answer, behind which the model goes on."""
    tail = prompt.segments[-1].text if prompt.segments and prompt.segments[-1].control else ""
    opened = _OPEN_THOUGHT.search(tail)
    before: tuple[Segment, ...] = ()
    if opened is not None:
        thought = Segment(begun.thinking, control=False)
        before = (thought, Segment(f"\n</{opened.group(1)}>\n\n", control=True))
    written = tuple(one for one in (*before, Segment(begun.text, control=False)) if one.text)
    return replace(prompt, segments=(*prompt.segments, *written))


def _message(turn: Turn, marks: Marks, form: Form, suffix: str = "") -> Message:
    shown = "".join(marks.medium(medium.hash) for medium in turn.media)
    body = shown + marks.body(turn.text, required=True)
    if suffix:
        body += f"\n{suffix}"
    message: Message = {
        "role": str(turn.role),
        "content": [{"type": "text", "text": body}] if form.in_parts else body,
    }
    if turn.thinking:  # whether an old thought is shown again is the template's decision
        message["reasoning_content"] = marks.body(turn.thinking, required=False)
    if turn.calls:
        message["tool_calls"] = [_called(call, marks, form) for call in turn.calls]
    if turn.role is Role.TOOL:  # the results come in the order of the calls
        marks.results += 1
        message["tool_call_id"] = _call_id(marks.results)
    return message


def _called(call: ToolCall, marks: Marks, form: Form) -> Variables:
    marks.calls += 1
    arguments = marks.value(json.loads(call.arguments))
    return {
        "type": "function",
        "id": _call_id(marks.calls),
        "function": {
            "name": marks.value(call.name),
            "arguments": json.dumps(arguments, ensure_ascii=False)
            if form.arguments_as_text
            else arguments,
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
                    "parameters": _described(json.loads(tool.parameters)),
                },
            }
            for tool in tools
        ]
    }


def _described(schema: Variables) -> Variables:
    """Give every parameter a description, and say which are required: templates read both."""
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return schema
    described = {
        name: {"description": "", **each} if isinstance(each, dict) else each
        for name, each in properties.items()
    }
    return {"required": [], **schema, "properties": described}


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
            text = "\n\n".join(part for part in (before.text, turn.text) if part)
            merged.append(Turn(turn.role, text, turn.thinking, media=(*before.media, *turn.media)))
        else:
            merged.append(turn)
    return merged
