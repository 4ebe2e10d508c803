"""From a message with calls of tools to the turns that a chat template sees.

A message is one answer to the reader. To a model it is as many as there were rounds: what
it said and called, what came back, what it said then.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from hanlin.domain.conversation import Part, PartKind, Role
from hanlin.domain.generation import Turn
from hanlin.domain.tools import ToolCall, ToolResult

BETWEEN_ROUNDS = "\n\n"
"""What an answer that goes on after a call begins its text, or its thought, with."""
_NOT_RUN = "Error: the call was not run."


def rounds(parts: Iterable[Part], *, keep_last: bool = False) -> list[Turn]:
    """Return the turns of an answer with ``parts``; notices and summaries are no part of it.

    ``keep_last``: the answer is to go on, so its last turn stays although it says nothing.
    """
    found = [_Round()]
    for part in parts:
        if part.kind is PartKind.TOOL_RESULT:
            found[-1].results.append(ToolResult.read(part.text).text)
        elif part.kind in (PartKind.TEXT, PartKind.THINKING, PartKind.TOOL_CALL):
            if found[-1].results:
                found.append(_Round())
            found[-1].take(part)
    turns = [turn for number, one in enumerate(found) for turn in one.turns(first=number == 0)]
    if not turns and keep_last:
        turns.append(Turn(Role.ASSISTANT, "", "".join(found[0].thoughts)))
    return turns


def begins_round(parts: Sequence[Part], kind: PartKind) -> bool:
    """Tell whether a new piece of ``kind`` goes on, after a call, with what was said before it."""
    if kind not in (PartKind.TEXT, PartKind.THINKING) or not parts or parts[-1].kind is kind:
        return False
    kinds = [part.kind for part in parts]
    if kind not in kinds or PartKind.TOOL_RESULT not in kinds:
        return False
    return kinds[::-1].index(PartKind.TOOL_RESULT) < kinds[::-1].index(kind)


@dataclass
class _Round:
    texts: list[str] = field(default_factory=list)
    thoughts: list[str] = field(default_factory=list)
    calls: list[ToolCall] = field(default_factory=list)
    results: list[str] = field(default_factory=list)

    def take(self, part: Part) -> None:
        if part.kind is PartKind.TOOL_CALL:
            self.calls.append(ToolCall.read(part.text))
        elif part.kind is PartKind.TEXT:
            self.texts.append(part.text)
        else:
            self.thoughts.append(part.text)

    def turns(self, *, first: bool) -> Iterable[Turn]:
        text, thought = "".join(self.texts), "".join(self.thoughts)
        if not first:  # the blank line between rounds is for the reader
            text, thought = text.removeprefix(BETWEEN_ROUNDS), thought.removeprefix(BETWEEN_ROUNDS)
        if not text and not self.calls:
            return
        if self.calls:
            text = text.strip()
        yield Turn(Role.ASSISTANT, text, thought, tuple(self.calls))
        # Templates insist on a result for every call.
        missing = [_NOT_RUN] * (len(self.calls) - len(self.results))
        for result in (*self.results, *missing)[: len(self.calls)]:
            yield Turn(Role.TOOL, result)
