"""Messages survive the wire, and what is none of them is refused."""

import json

import pytest

from hanlin.domain.conversation import PartKind
from hanlin.domain.generation import Form, Sampling, StopReason, Timings, TokenBias, Usage
from hanlin.domain.prompt import Segment, Token
from hanlin.engine.commands import (
    AnswerNow,
    Cancel,
    Command,
    Count,
    Describe,
    Generate,
    Load,
    Next,
    ReadAhead,
    Restore,
    Snapshot,
    Split,
    StatePiece,
)
from hanlin.engine.events import (
    Answered,
    Counted,
    Described,
    Device,
    Event,
    HasRead,
    LoadProgress,
    Looping,
    ModelLoaded,
    Pieces,
    Prefill,
    Refused,
    Restored,
    Revisited,
    SnapshotPiece,
    Taken,
    Text,
    TooLong,
)
from hanlin.engine.protocol import Code
from hanlin.engine.wire import (
    MalformedMessage,
    command_from_wire,
    command_to_wire,
    event_from_wire,
    event_to_wire,
)

COMMANDS: list[Command] = [
    Load(1, "/模型/a.gguf", 0, 0, 2, 1 << 40),
    Generate(2, (Segment("a", control=True), Segment("你", control=False)), Sampling(seed=3), 512),
    Generate(2, (), Sampling(temperature=0, min_p=0.05), 1, max_tokens=7, stop=("x",)),
    Generate(2, (), Sampling(bias=(TokenBias(7, -100.0),)), 1, form=Form(grammar='root ::= "a"')),
    Count(3, ("a", "")),
    Split(3, ("a", "<s>"), (False, True), 7),
    Cancel(4),
    AnswerNow(4),
    Generate(2, (), Sampling(), 1, thinking_budget=0, calls=True),
    Describe(5),
    Generate(2, (), Sampling(), 1, conversation="c", beside=True),
    ReadAhead(6, "c", (Segment("a", control=True),), 8),
    Snapshot(7, "c"),
    Next(7),
    Restore(8, "c", 1 << 40),
    StatePiece(8),
    Load(1, "/a", 0, 0, 2, 9, parts=("/a", "/b")),
]
EVENTS: list[Event] = [
    LoadProgress(1, 0.5),
    LoadProgress(1, 1),
    ModelLoaded(1, "qwen3", "n", 5, 512, 1024, "b", "e", ("c",), "{{t}}", "CPU", "zen4"),
    ModelLoaded(1, "a", "n", 5, 2, 4, "", "", (), "", "CPU", "", Sampling(dry=0.8)),
    Prefill(2, 1, 9),
    Text(2, PartKind.THINKING, "想\x00"),
    Looping(2),
    Answered(2, StopReason.END, Usage(1, 2, 3), Timings(1, 2.5, 3, 4), 6),
    HasRead(6, 9),
    Revisited(0, 9),
    SnapshotPiece(7, 1 << 40),
    Taken(8),
    Restored(8, 0),
    TooLong(2, 9, 8),
    Counted(3, (1, 0)),
    Pieces(3, (Token(7, "a"), Token(1, "<s>"))),
    Described(5, "zen4", (Device("cpu", "CPU", "d", 1 << 40),), "AVX"),
    Refused(1, Code.DAMAGED, "d"),
]


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_survive_the_wire(command: Command) -> None:
    assert command_from_wire(json.loads(json.dumps(command_to_wire(command)))) == command


@pytest.mark.parametrize("event", EVENTS)
def test_events_survive_the_wire(event: Event) -> None:
    assert event_from_wire(json.loads(json.dumps(event_to_wire(event)))) == event


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"event": "Load", "id": 1},
        {"event": None},
        {"event": "Prefill", "id": 1, "done": 1},
        {"event": "Prefill", "id": 1, "done": 1, "total": 2, "more": 3},
        {"event": "Prefill", "id": "1", "done": 1, "total": 2},
        {"event": "Prefill", "id": True, "done": 1, "total": 2},
        {"event": "Prefill", "id": 1.0, "done": 1, "total": 2},
        {"event": "LoadProgress", "id": 1, "fraction": "0.5"},
        {"event": "Text", "id": 1, "kind": "shout", "text": "a"},
        {"event": "Text", "id": 1, "kind": "text", "text": ["a"]},
        {"event": "Counted", "id": 1, "counts": [1, None]},
        {"event": "Counted", "id": 1, "counts": {"0": 1}},
        {
            "event": "Answered",
            "id": 1,
            "reason": "end",
            "usage": [],
            "timings": {},
            "context_used": 1,
        },
        {"event": "Refused", "id": 1, "code": "because"},
    ],
)
def test_what_is_no_event_is_refused(message: dict[str, object]) -> None:
    with pytest.raises(MalformedMessage):
        event_from_wire(message)
