"""The program's own engine, asked one prompt after another, greedy.

Chats and tools go through the model's template as in the window. Fill-in-the-middle, which no
template carries, is given to the same engine as a ready prompt.
"""

import json
import queue
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TypeAlias

from hanlin.domain.attachments import Media
from hanlin.domain.conversation import PartKind, Role
from hanlin.domain.generation import GenerationOptions, Sampling, StopReason, Turn
from hanlin.domain.prompt import Prompt, Segment
from hanlin.domain.tools import Tool, ToolCall
from hanlin.engine.base import Delta, EngineEvent, Failed, Finished, Loaded, LoadOptions
from hanlin.engine.client import EngineClient
from hanlin.templates.client import TemplateClient

Offered: TypeAlias = tuple[Tool, ...]

LIMIT = 512
PATIENCE = 120.0


@dataclass(frozen=True)
class Answer:
    """What came back, whether it ended by itself, and the milliseconds to its first token."""

    text: str
    thought: str
    ended: bool
    tokens: int
    first_ms: float
    dropped: int


class Prompts(TemplateClient):
    """The template client, with a way to hand the next prompt over ready-made."""

    def __init__(self) -> None:
        super().__init__()
        self.ready: Prompt | None = None

    def prompt(self, turns: Sequence[Turn], options: GenerationOptions) -> Prompt:
        """Return the ready prompt if there is one, else what the template makes of the turns."""
        ready, self.ready = self.ready, None
        return ready or super().prompt(turns, options)


class Asker:
    """A context manager around one loaded model."""

    def __init__(self, path: Path, eyes: Path | None = None) -> None:
        self._path, self._eyes = path, eyes
        self._prompts = Prompts()
        self._events: queue.SimpleQueue[EngineEvent] = queue.SimpleQueue()
        self._engine = EngineClient(self._prompts)

    def __enter__(self) -> "Asker":
        self._engine.subscribe(self._events.put)
        request = self._engine.load(self._path, LoadOptions(context=4096, projector=self._eyes))
        while True:
            event = self._events.get(timeout=PATIENCE)
            if isinstance(event, Failed) and event.request == request:
                raise event.error
            if isinstance(event, Loaded):
                return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._engine.close()

    def ask(
        self,
        prompt: str,
        *,
        system: str = "",
        thinking: bool = False,
        history: Sequence[Turn] = (),
        shown: tuple[Media, ...] = (),
    ) -> Answer:
        """Return the answer to one question in a chat, before which pictures may be shown."""
        opening = (Turn(Role.SYSTEM, system),) if system else ()
        asked = Turn(Role.USER, prompt, media=shown)
        return self._run((*opening, *history, asked), thinking=thinking)

    def ask_with_result(self, prompt: str, call: ToolCall, result: str, tools: Offered) -> Answer:
        """Return the sentence with which a tool's result is told."""
        called = Turn(Role.ASSISTANT, "", calls=(call,))
        turns = (Turn(Role.USER, prompt), called, Turn(Role.TOOL, result))
        return self._run(turns, thinking=False, tools=tools)

    def ask_with_tools(self, entry: Mapping[str, object]) -> Answer:
        """Return the answer to a question with the entry's tools; a call stands in its text."""
        opening = (Turn(Role.SYSTEM, str(entry["system"])),) if "system" in entry else ()
        turns = (*opening, Turn(Role.USER, str(entry["prompt"])))
        return self._run(turns, thinking=False, tools=tools_of(entry))

    def complete(self, prefix: str, suffix: str) -> Answer:
        """Return what fits between the two texts."""
        parts = (
            ("<|fim_prefix|>", True),
            (prefix, False),
            ("<|fim_suffix|>", True),
            (suffix, False),
            ("<|fim_middle|>", True),
        )
        self._prompts.ready = Prompt(
            tuple(Segment(text, control) for text, control in parts if text)
        )
        return self._run((Turn(Role.USER, prefix),), thinking=False)

    def _run(self, turns: Sequence[Turn], *, thinking: bool, tools: Offered = ()) -> Answer:
        greedy = Sampling(temperature=0.0)
        options = GenerationOptions(greedy, LIMIT, thinking=thinking, tools=tools)
        started = time.monotonic()
        request = self._engine.generate(turns, options)
        texts = dict.fromkeys(PartKind, "")
        first = 0.0
        while True:
            event = self._events.get(timeout=PATIENCE)
            if isinstance(event, Delta) and event.request == request:
                first = first or 1000 * (time.monotonic() - started)
                texts[event.kind] += event.text
            elif isinstance(event, Failed) and event.request == request:
                if not event.engine_alive:
                    raise event.error
                # What the window would show: a question that no context holds, for example.
                return Answer(event.error.message, "", ended=True, tokens=0, first_ms=0, dropped=0)
            elif isinstance(event, Finished) and event.request == request:
                call = texts[PartKind.TOOL_CALL].strip()
                return Answer(
                    f"<tool_call>\n{call}\n</tool_call>" if call else texts[PartKind.TEXT].strip(),
                    texts[PartKind.THINKING].strip(),
                    event.reason is StopReason.END,
                    event.usage.completion_tokens,
                    first,
                    event.dropped_turns,
                )


def tools_of(entry: Mapping[str, object]) -> tuple[Tool, ...]:
    """Return the tools of an entry as the program offers them."""
    listed = entry["tools"]
    if not isinstance(listed, list):
        raise TypeError("tools must be a list")
    functions = [tool["function"] for tool in listed]
    return tuple(
        Tool(body["name"], body["description"], json.dumps(body["parameters"]))
        for body in functions
    )
